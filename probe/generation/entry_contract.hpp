#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fusegate::probe {

/// Releases in the order of PEP 440, both ends included.
struct ReleaseRange {
  std::string first;
  std::optional<std::string> last;  ///< nothing: the newest that is known, and later ones
};

/// One way in which an entry point is called.
struct Generation {
  std::string id;
  std::string module;     ///< that defines it
  std::string signature;  ///< as the source has it
  std::string binding;    ///< python, pybind_torch, pybind_develop, ctypes
  std::string returns;
  std::vector<std::string> outputs;
  std::optional<std::string> adapter;
  std::string note;
  std::vector<ReleaseRange> releases;
};

/// Something by which a defect shows: a text that a file has or lacks, or what a symbol looks like.
struct Feature {
  std::vector<std::string> files;  ///< below the library's root; the first that is there
  std::string has;
  std::string lacks;
  std::string symbol;  ///< dotted
  std::string has_parameter;
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
  std::vector<Feature> features;  ///< all of them together; empty: none is known
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

/// Whether a version is in one of the ranges.
[[nodiscard]] bool contains(const std::vector<ReleaseRange>& releases, std::string_view version);

}  // namespace fusegate::probe
