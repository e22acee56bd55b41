#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/library/contract.hpp"
#include "probe/library/python_facts.hpp"

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

/// Those of the definitions that are entry points of the contract: without type-checker overloads,
/// without what a later definition in the same module replaces, without the folders that the
/// contract rules out. In the contract's order of names, then by module and line.
[[nodiscard]] std::vector<EntryPoint> find_entry_points(const LibraryContract& contract,
                                                        const std::vector<Definition>& definitions);

/// "aiter/ops/norm.py" is aiter.ops.norm, "aiter/__init__.py" is aiter.
[[nodiscard]] std::string module_of(std::string_view file);

/// "if A, except ImportError"
[[nodiscard]] std::string condition_text(const std::vector<Condition>& conditions);

}  // namespace fusegate::probe
