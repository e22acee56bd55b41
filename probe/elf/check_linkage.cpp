#include <algorithm>
#include <map>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include "probe/base/text.hpp"
#include "probe/elf/checks.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t listed_limit = 10;

BinaryFinding library_not_found(const std::string& name, const LinkedLibrary& library) {
  const bool found = !library.path.empty();
  return {
      FindingKind::library_not_found,
      shown(name),
      fmt::format("it needs {}, which {}", shown(library.name),
                  found ? "cannot be used" : "is in none of the folders where the loader looks"),
      {fmt::format("{} needs {}", shown(library.needed_by), shown(library.name)),
       found ? fmt::format("{} {}", shown(library.path), library.trouble)
             : fmt::format("no {} for this machine", shown(library.name))},
      "install that library, or put its folder on LD_LIBRARY_PATH"};
}

std::string symbol_text(const UnresolvedSymbol& symbol) {
  std::string text = shown(symbol.name);
  if (!symbol.version.empty()) text += "@" + shown(symbol.version);
  if (!symbol.library.empty()) {
    text += fmt::format(", which {} has, but not in this version", shown(symbol.library));
  }
  return text;
}

/// One of several runtimes, and who needs it.
struct Runtime {
  std::set<std::string> names;
  std::set<std::string> users;
};

std::string identity_of(const LinkedLibrary& library) {
  std::error_code error;
  const fs::path real = fs::canonical(library.path, error);
  return error ? library.path.native() : real.native();
}

std::string users_text(const std::set<std::string>& users) {
  std::vector<std::string> listed;
  for (const auto& user : users) {
    if (listed.size() < listed_limit) listed.push_back(shown(user));
  }
  const auto more = users.size() - listed.size();
  return join(listed, ", ") + (more > 0 ? fmt::format(" and {} more", more) : "");
}

BinaryFinding two_runtimes(const std::map<std::string, Runtime>& runtimes) {
  std::set<std::string> names;
  std::set<std::string> first_users;
  std::vector<std::string> evidence;
  for (const auto& [identity, runtime] : runtimes) {
    names.insert(runtime.names.begin(), runtime.names.end());
    first_users.insert(*runtime.users.begin());
    evidence.push_back(fmt::format("{}: {}", shown(identity), users_text(runtime.users)));
  }
  const char* what = names.size() > 1
                         ? "modules of one process need different HIP runtimes, side by side"
                         : "modules find different copies of the HIP runtime; the one that is "
                           "loaded first serves all of them";
  return {FindingKind::two_hip_runtimes, users_text(first_users), what, std::move(evidence),
          "install all of them for one ROCm release, and remove the other copy from the folders "
          "where the loader looks"};
}

}  // namespace

std::vector<BinaryFinding> check_linkage(const std::string& name, const Linkage& linkage) {
  std::vector<BinaryFinding> findings;
  for (const auto& library : linkage.libraries) {
    if (!library.trouble.empty()) findings.push_back(library_not_found(name, library));
  }
  const auto& unresolved = linkage.unresolved;
  if (unresolved.empty()) return findings;
  const auto more = unresolved.size() - 1;
  BinaryFinding finding{
      FindingKind::undefined_symbol,
      shown(name),
      fmt::format("it needs what none of its libraries has: {}{}", symbol_text(unresolved.front()),
                  more > 0 ? fmt::format("; and {} more", more) : ""),
      {},
      "build it anew against the libraries that are installed, or install those "
      "that it was built with"};
  for (const auto& symbol : unresolved) {
    if (finding.evidence.size() < listed_limit) finding.evidence.push_back(symbol_text(symbol));
  }
  findings.push_back(std::move(finding));
  return findings;
}

std::vector<BinaryFinding> check_runtimes(const std::vector<NamedLinkage>& linkages,
                                          const std::string& runtime) {
  std::map<std::string, Runtime> runtimes;
  for (const auto& [name, linkage] : linkages) {
    for (const auto& library : linkage->libraries) {
      const std::string leaf = fs::path(library.name).filename().native();
      if (!leaf.starts_with(runtime) || library.path.empty()) continue;
      auto& entry = runtimes[identity_of(library)];
      entry.names.insert(library.soname.empty() ? leaf : library.soname);
      entry.users.insert(name);
    }
  }
  if (runtimes.size() < 2) return {};
  return {two_runtimes(runtimes)};
}

}  // namespace fusegate::probe
