#pragma once

#include <algorithm>
#include <string>

#include "probe/library/contract.hpp"

namespace fusegate::suites {

/// The contract of that name, which has to be there.
inline const probe::EntryContract& contract_named(const probe::LibraryContract& library,
                                                  const std::string& name) {
  return *std::find_if(library.contracts.begin(), library.contracts.end(),
                       [&](const auto& contract) { return contract.name == name; });
}

}  // namespace fusegate::suites
