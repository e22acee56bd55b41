#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace fusegate::probe {

/// Releases in the order of PEP 440, both ends included.
struct ReleaseRange {
  std::string first;
  std::optional<std::string> last;  ///< nothing: the newest that is known, and later ones
};

/// What an entry point's own checks let through; an empty list or no number: it does not check.
struct Limits {
  struct Range {
    std::optional<std::int64_t> min, max, multiple_of;
    std::vector<std::int64_t> one_of;
  };
  std::vector<std::string> dtypes, out_dtypes;
  std::vector<std::int64_t> ranks;
  Range hidden, tokens;
  std::vector<std::int64_t> group_sizes, world_sizes;
  std::vector<std::string> architectures;
  std::vector<std::string> contiguous;          ///< tensors whose rows follow one another
  std::vector<std::string> same_stride;         ///< tensors whose rows are equally far apart
  std::optional<std::int64_t> alignment_bytes;  ///< of the beginning of each row
  std::string source;
};

/// How a case of an op becomes a call (contracts/contract.schema.json explains it).
struct Adapter {
  /// What each parameter gets: a tensor or scalar of the op by its name, or "x -> out".
  std::vector<std::pair<std::string, std::string>> arguments;
  std::vector<std::string> returns;  ///< the outputs that are returned
};

/// What an argument of a C function gives (contracts/contract.schema.json, `c_argument`).
struct CArgument {
  std::string name;     ///< the parameter's in the signature
  std::string type;     ///< int32, int64, uint64, float, double
  std::string meaning;  ///< address, rows, columns, row_stride, dtype, scalar, constant, stream
  std::string of;       ///< a tensor or scalar of the op, or "x -> out"; empty: of none
  std::map<std::string, std::int64_t> codes;  ///< dtype: by element type
  double value = 0;                           ///< constant
};

/// How a case of an op becomes a call of the C function behind a function bound by ctypes.
struct CCall {
  std::vector<CArgument> arguments;  ///< in order
  std::string source;                ///< where the C function stands
};

/// One way in which an entry point is called.
struct Generation {
  std::string id;
  std::string module;     ///< that defines it
  std::string signature;  ///< as the source has it
  std::string binding;    ///< python, pybind_torch, pybind_develop, ctypes
  std::string returns;
  std::vector<std::string> outputs;
  std::optional<Adapter> adapter;
  std::optional<CCall> c_call;
  bool norms_rounded_sum = false;  ///< x + residual is rounded to its type before it is normalised
  bool rounds_before_weight = false;  ///< what is normalised is rounded before the weight comes
  std::string note;
  std::optional<Limits> limits;
  std::vector<ReleaseRange> releases;
};

/// Something by which a defect shows: a text that a file has or lacks, or what a symbol looks like.
struct Feature {
  std::vector<std::string> files;  ///< below the library's root; the first that is there
  std::string has;
  std::string lacks;
  std::string symbol;  ///< dotted
  std::string has_parameter;
  int at_place = 0;  ///< of has_parameter: the how manieth it is, from 1; 0: any
  std::string lacks_parameter;
  std::string under;  ///< how one of the symbol's conditions begins
};

struct Defect {
  std::string id;
  std::string summary;
  std::string consequence;
  std::string when;
  std::string source;
  std::vector<std::string> generations;  ///< empty: all
  std::vector<ReleaseRange> releases;
  std::vector<Feature> features;   ///< all of them together; empty: none is known
  std::vector<std::string> cases;  ///< that show it, as fusegate check takes them
};

/// What is known of one entry point of a library (contracts/contract.schema.json explains each).
struct EntryContract {
  std::string name;
  std::string op;
  std::string summary;
  std::string symbol;                ///< "function", "Class.method", "CONSTANT"
  std::vector<std::string> modules;  ///< whose definition this is; empty: any
  std::vector<Generation> generations;
  std::vector<Defect> defects;
};

/// Reads one file. Throws nlohmann::json::exception on one that breaks the schema: these files are
/// part of the program.
[[nodiscard]] EntryContract parse_entry_contract(std::string_view json);

/// {dtypes[], out_dtypes[], ranks[], hidden{min, max, multiple_of, one_of[]}, tokens{min, max},
/// group_sizes[], world_sizes[], architectures[], source}; what is not checked is left out.
[[nodiscard]] nlohmann::ordered_json to_json(const Limits& limits);

/// {arguments{parameter: what}, returns[]}
[[nodiscard]] nlohmann::ordered_json to_json(const Adapter& adapter);

/// [{name, type, meaning, of, codes{}, value}], as the contracts have it.
[[nodiscard]] nlohmann::ordered_json to_json(const std::vector<CArgument>& arguments);

/// Whether a version is in one of the ranges.
[[nodiscard]] bool contains(const std::vector<ReleaseRange>& releases, std::string_view version);

}  // namespace fusegate::probe
