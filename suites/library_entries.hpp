// Which of a library's entry points an implementation calls for each op.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "probe/library/identify.hpp"
#include "reference/policy.hpp"
#include "suites/implementation.hpp"

namespace fusegate::suites {

/// An op and the entry point for it, in the generation that the library has. The pointers are into
/// what it was chosen from.
struct LibraryEntry {
  std::string op;
  const probe::EntryContract* contract = nullptr;
  const probe::ContractRow* row = nullptr;
};

struct LibraryEntries {
  std::vector<LibraryEntry> entries;           ///< at most one for each op
  std::map<std::string, std::string> lacking;  ///< by op, why there is none
};

/// For each op of `chosen` the first of its contracts that the library has in a known generation
/// which can be called through the interface of `chosen`. Nothing of an unknown generation is.
[[nodiscard]] LibraryEntries choose_entries(const probe::LibraryImplementation& chosen,
                                            const probe::LibraryContract& contract,
                                            const probe::Identification& found);

/// By op, what the entries do otherwise than by default.
[[nodiscard]] std::map<std::string, reference::NumericPolicy> policies_of(
    const LibraryEntries& chosen);

/// By op, what the entries say that they do not take.
[[nodiscard]] std::map<std::string, DeclaredLimits> limits_of(const LibraryEntries& chosen);

/// The variables of `chosen`, with the folder `cache` filled in.
[[nodiscard]] std::map<std::string, std::string> environment_of(
    const probe::LibraryImplementation& chosen, const std::string& cache);

}  // namespace fusegate::suites
