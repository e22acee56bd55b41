#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/library/contract.hpp"
#include "probe/surface/surface.hpp"

namespace fusegate::probe {

/// A tracked function or method that the library defines.
struct EntryPoint {
  std::string name;        ///< within its module: "function", "Class.method"
  std::string op;          ///< what it means (LibraryContract)
  std::string defined_in;  ///< the dotted module of the definition
  std::string kind;        ///< function, method
  std::string file;        ///< below the library's root
  int line = 0;
  std::string signature;
  std::string condition;  ///< under which it is defined, as "if A, else of B"; empty: always
};

/// {name, op, defined_in, kind, file, line, signature, condition}
[[nodiscard]] nlohmann::ordered_json to_json(const EntryPoint& entry_point);

/// The names that a contract tracks.
[[nodiscard]] std::vector<std::string> tracked_names(const LibraryContract& contract);

/// Where the modules that were read define the entry points of the contract; not in the folders
/// that it rules out. In the contract's order of names, then by module and line.
[[nodiscard]] std::vector<EntryPoint> find_entry_points(const LibraryContract& contract,
                                                        Surface& surface);

}  // namespace fusegate::probe
