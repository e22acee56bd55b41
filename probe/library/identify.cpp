#include "probe/library/identify.hpp"

#include <algorithm>
#include <future>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/json.hpp"
#include "probe/base/text.hpp"
#include "probe/base/version.hpp"
#include "probe/sources/paths.hpp"

namespace fusegate::probe {
namespace {

using nlohmann::ordered_json;

constexpr std::uintmax_t note_limit = 4096;

/// The names that a contract's files speak of, as far as they are looked for in the sources.
std::vector<std::string> names_to_read(const LibraryContract& contract) {
  std::set<std::string> names;
  for (const auto& entry : contract.contracts) {
    names.insert(entry.symbol);
    for (const auto& defect : entry.defects) {
      for (const auto& feature : defect.features) {
        for (const auto part : split(feature.symbol, '.')) names.emplace(part);
      }
    }
  }
  names.erase("");
  return {names.begin(), names.end()};
}

std::string install_mode_of(const std::filesystem::path& root, const InstallMode& mode) {
  if (mode.path.empty()) return "";
  const auto text = read_bounded(root / mode.path, note_limit);
  return text ? printable(trim(*text), 40) : mode.absent;
}

std::vector<const Module*> tracked_modules(const std::vector<ContractRow>& rows,
                                           const Surface& surface) {
  std::set<std::string> names;
  for (const auto& row : rows) {
    if (!row.module.empty()) names.insert(row.module);
  }
  std::vector<const Module*> modules;
  for (const auto& name : names) modules.push_back(surface.find_module(name));
  return modules;
}

/// Whether the version is one of those whose generations were found; nothing where it is not known,
/// or where neither it nor the generations are of a known release.
std::optional<bool> agreement(const Identification& found,
                              const std::vector<std::string>& releases) {
  const auto& version = found.identity.version;
  if (version.empty()) return std::nullopt;
  const bool is_known_release =
      std::any_of(releases.begin(), releases.end(),
                  [&](const std::string& release) { return same_version(release, version); });
  if (found.fits.empty() && !is_known_release) return std::nullopt;
  return contains(found.fits, version);
}

/// What is known before a source is read.
Identification identity_of(const LibraryLocation& location, const LibraryContract& contract,
                           const SourceTree& tree) {
  Identification found;
  found.location = location;
  found.identity = identify_library(location, contract);
  for (const auto& sibling : contract.siblings) {
    if (is_folder(location.root / sibling)) found.siblings.push_back(sibling);
  }
  found.install_mode = install_mode_of(location.root, contract.install_mode);
  found.sources_fingerprint = fingerprint_of(tree);
  found.problems = found.identity.problems;
  found.problems.insert(found.problems.end(), tree.problems().begin(), tree.problems().end());
  return found;
}

/// Adds what the sources tell.
Identification with_contracts(Identification found, const LibraryContract& contract,
                              SourceTree& tree, LoadedSurface& loaded) {
  const auto& rules = contract.surface;
  const Subject subject{loaded, tree, rules, contract.not_entry_points, found.identity.version};
  found.contracts = match_contracts(contract.contracts, subject);
  found.fits = fitting_releases(contract.contracts, found.contracts, contract.releases);
  found.fingerprint =
      fingerprint_of(tracked_modules(found.contracts, loaded.surface), loaded, rules);
  found.version_agrees = agreement(found, contract.releases);
  found.problems.insert(found.problems.end(), loaded.problems.begin(), loaded.problems.end());
  return found;
}

}  // namespace

Identification identify(const LibraryLocation& location, const LibraryContract& contract,
                        FactsStore& store) {
  const auto& rules = contract.surface;
  const auto tree = open_folder(location.root, rules.package, rules.ignored);
  // git looks for changed files while Python reads the sources: each takes some tenths of a second.
  const auto identity = std::async(std::launch::async, [&] {
                          return identity_of(location, contract, std::as_const(*tree));
                        }).share();
  try {
    auto loaded = load_surface_of(names_to_read(contract), *tree, store, rules);
    return with_contracts(identity.get(), contract, *tree, loaded);
  } catch (const CannotRun& error) {
    Identification found = identity.get();
    found.failure = error.what();
    found.problems.push_back({shown(location.root), found.failure, ""});
    return found;
  }
}

Identification identify(const LibraryLocation& location, const LibraryContract& contract,
                        SourceTree& tree, LoadedSurface& loaded) {
  return with_contracts(identity_of(location, contract, tree), contract, tree, loaded);
}

std::string releases_text(const std::vector<ReleaseRange>& ranges) {
  std::vector<std::string> texts;
  for (const auto& [first, last] : ranges) {
    if (!last) {
      texts.push_back(first + " or later");
    } else {
      texts.push_back(first == *last ? first : fmt::format("{} .. {}", first, *last));
    }
  }
  return texts.empty() ? "no known release" : join(texts, ", ");
}

ordered_json to_json(const Identification& found) {
  const auto& identity = found.identity;
  auto fits = ordered_json::array();
  for (const auto& range : found.fits) {
    fits.push_back({{"first", range.first}, {"last", nullptr}});
    if (range.last) fits.back()["last"] = *range.last;
  }
  return {{"name", found.location.name},
          {"path", shown(found.location.root)},
          {"kind", name_of(found.location.kind)},
          {"siblings", found.siblings},
          {"install_mode", text_or_null(found.install_mode)},
          {"distribution", text_or_null(identity.distribution)},
          {"distributions", list_of(identity.distributions)},
          {"version", text_or_null(identity.version)},
          {"version_source", text_or_null(identity.version_source)},
          {"version_agrees",
           found.version_agrees ? ordered_json(*found.version_agrees) : ordered_json(nullptr)},
          {"fits", std::move(fits)},
          {"revision", text_or_null(identity.revision)},
          {"fingerprint", text_or_null(found.fingerprint)},
          {"sources_fingerprint", found.sources_fingerprint},
          {"contracts", list_of(found.contracts)},
          {"problems", to_json(found.problems)}};
}

}  // namespace fusegate::probe
