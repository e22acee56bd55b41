#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/generation/entry_contract.hpp"
#include "probe/sources/source_tree.hpp"
#include "probe/surface/definitions.hpp"

namespace fusegate::probe {

enum class ContractStatus { known, unknown, missing };

/// A defect that a library has, or may have.
struct FoundDefect {
  Defect defect;
  bool is_certain = false;  ///< by its features; otherwise by the version alone, or not at all
  std::string evidence;     ///< how it was told
};

/// Which generation of an entry point a library has.
struct ContractRow {
  std::string contract;
  std::string op;
  ContractStatus status = ContractStatus::missing;
  std::string generation;  ///< of a known one
  std::string module;      ///< that defines it
  std::string where;       ///< file:line
  std::string signature;
  std::string binding;
  std::string compiled_module;          ///< behind it; empty: none, or known only when it runs
  std::string compiled_symbol;          ///< the function's name there
  std::vector<std::string> names;       ///< by which it is reached, the shortest first
  std::string condition;                ///< under which the first of them is there; empty: always
  std::string nearest;                  ///< of an unknown one, the generation that is most like it
  std::vector<std::string> difference;  ///< from that one
  std::string reason;                   ///< of a missing one, and of one that could not be read
  std::vector<FoundDefect> defects;
  const Generation* known = nullptr;  ///< in the contract
};

/// What of a library is looked at: its surface, read as far as the contracts' symbols need it, and
/// its files; the folders whose definitions are no entry points, and the version, where known.
struct Subject {
  LoadedSurface& loaded;
  SourceTree& tree;
  const SurfaceRules& rules;
  const std::vector<std::string>& not_entry_points;  ///< below the package's folder
  std::string version;
};

/// A row for each contract, in their order. A generation is recognised by its module, signature and
/// binding; the version plays no part.
[[nodiscard]] std::vector<ContractRow> match_contracts(const std::vector<EntryContract>& contracts,
                                                       const Subject& subject);

/// The ranges among `releases` (all that are known, in order) whose generations are the ones that
/// were found; empty: none fits in every row. No release fits an unknown one, nor what could not be
/// read.
[[nodiscard]] std::vector<ReleaseRange> fitting_releases(
    const std::vector<EntryContract>& contracts, const std::vector<ContractRow>& rows,
    const std::vector<std::string>& releases);

/// {contract, op, status, generation, module, where, signature, binding, compiled_module, names[],
/// condition, nearest, difference[], reason, returns, outputs[], adapter, note, limits, defects[]}
[[nodiscard]] nlohmann::ordered_json to_json(const ContractRow& row);

[[nodiscard]] const char* name_of(ContractStatus status);

}  // namespace fusegate::probe
