#pragma once

#include <string>
#include <vector>

#include "probe/engine/gates/engine_gates.hpp"
#include "tools/fusegate/options.hpp"

namespace fusegate::tools {

/// An engine whose gates are shown, and of it one release or all.
struct SelectedGates {
  const probe::EngineGates* engine = nullptr;
  std::string release;  ///< empty: all

  [[nodiscard]] bool has(const probe::GateRule& rule) const;
  [[nodiscard]] bool has(const std::string& one) const { return release.empty() || release == one; }
};

/// What --engine and --release say; without --engine, every engine that has the release. `known`
/// must outlive the result. Throws UsageError, with the nearest name, for what is not known.
[[nodiscard]] std::vector<SelectedGates> select_gates(const ContractGatesOptions& options,
                                                      const std::vector<probe::EngineGates>& known,
                                                      const CommonOptions& common);

}  // namespace fusegate::tools
