// How cases become calls of C functions in a library's compiled module, as data: what
// `--calls=JSON` gives a worker.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace fusegate::kernels {

enum class CType { int32, int64, uint64, float32, float64 };

/// What an argument gives.
enum class CMeaning {
  address,     ///< of a tensor's first element
  rows,        ///< of a tensor
  columns,     ///< of a tensor: elements of a row
  row_stride,  ///< of a tensor, in elements
  dtype,       ///< of a tensor, by a code
  scalar,      ///< of the op
  constant,
  stream  ///< in which the function is to launch
};

struct CArgument {
  std::string name;  ///< for messages
  CType type = CType::int64;
  CMeaning meaning = CMeaning::constant;
  std::string of;      ///< the tensor or scalar of the op
  std::string before;  ///< address: a tensor whose elements are copied there before the call, or ""
  std::map<std::string, std::int64_t> codes;  ///< dtype: by element type
  double value = 0;                           ///< constant
};

struct CEntry {
  std::string op;
  std::string entry;  ///< its name for people
  std::string generation;
  std::string symbol;                ///< as the module exports it
  std::vector<CArgument> arguments;  ///< in order
};

struct CCallTable {
  std::string module;          ///< the shared library's file
  std::string version_symbol;  ///< int(): the version of its convention; not exported: 1
  std::string error_symbol;    ///< const char*(): what its last error was, or nullptr
  std::vector<CEntry> entries;
  std::map<std::string, std::string> lacking;  ///< by op why there is no entry
};

/// {module, version_symbol, error_symbol, entries[{op, entry, generation, symbol, arguments[{name,
/// type, meaning, of, codes{}, value}]}], lacking{}}, as probe/contracts/contract.schema.json has
/// `c_call`. Throws nlohmann::json::exception and std::invalid_argument.
[[nodiscard]] CCallTable parse_call_table(const std::string& text);

}  // namespace fusegate::kernels
