#include "tools/fusegate/sources.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "probe/library/locate.hpp"

namespace fusegate::tools {
namespace {

using probe::LibraryContract;

LibrarySources open_library(const std::string& argument, const std::string& python) {
  const auto contracts = probe::known_libraries();
  const auto request = probe::parse_library_argument(argument, contracts);
  const auto location = probe::locate_library(request, contracts, python);
  LibrarySources sources{find_contract(contracts, location.name), location.root.native(), "",
                         nullptr, nullptr};
  const auto& rules = sources.contract.surface;
  sources.tree = probe::open_folder(location.root, rules.package, rules.ignored);
  return sources;
}

bool holds(probe::GitHistory& history, const std::string& commit, const LibraryContract& contract) {
  return std::any_of(contract.package_markers.begin(), contract.package_markers.end(),
                     [&](const std::string& marker) {
                       const auto path =
                           fmt::format("{}:{}/{}", commit, contract.import_name, marker);
                       return history.file(path, 64u << 20).has_value();
                     });
}

}  // namespace

LibraryContract contract_of(probe::GitHistory& history, const std::string& commit,
                            const std::string& wanted) {
  auto contracts = probe::known_libraries();
  if (!wanted.empty()) return find_contract(contracts, wanted);
  const auto it = std::find_if(contracts.begin(), contracts.end(), [&](const auto& contract) {
    return holds(history, commit, contract);
  });
  if (it != contracts.end()) return std::move(*it);
  throw UsageError(fmt::format("--repo: {} at {} holds no known library ({})",
                               probe::shown(history.root()), commit.substr(0, 12),
                               join(names_of(contracts), ", ")));
}

std::string commit_of(probe::GitHistory& history, const std::string& revision) {
  if (auto commit = history.commit(revision)) return *commit;
  std::vector<std::string> names;
  for (const auto& tag : history.tags("*")) names.push_back(tag.name);
  throw UsageError(fmt::format("{} has no revision '{}'{}", probe::shown(history.root()),
                               probe::shown(revision), did_you_mean(revision, names)));
}

LibrarySources open_sources(const SourceOptions& options, const std::string& python) {
  if (options.repository.empty()) {
    if (!options.revision.empty()) throw UsageError("--rev needs --repo DIR");
    if (options.libraries.size() != 1) {
      throw UsageError(options.libraries.empty()
                           ? "which library? Give --library PATH, --library NAME to find it in the "
                             "environment of --python, or --repo DIR --rev REVISION"
                           : "give one --library");
    }
    return open_library(options.libraries.front(), python);
  }
  const std::string wanted = options.libraries.empty() ? "" : options.libraries.front();
  auto history = std::make_unique<probe::GitHistory>(options.repository);
  const std::string revision = options.revision.empty() ? "HEAD" : options.revision;
  const auto commit = commit_of(*history, revision);
  LibrarySources sources{contract_of(*history, commit, wanted), options.repository, revision,
                         std::move(history), nullptr};
  const auto& rules = sources.contract.surface;
  sources.tree = probe::open_commit(*sources.history, commit, rules.package, rules.ignored);
  return sources;
}

bool is_called(std::string_view symbol, std::string_view word) {
  if (!symbol.ends_with(word)) return false;
  return symbol.size() == word.size() || symbol[symbol.size() - word.size() - 1] == '.';
}

bool is_known(const std::vector<probe::Symbol>& symbols, std::string_view word) {
  return std::any_of(symbols.begin(), symbols.end(),
                     [&](const auto& symbol) { return is_called(symbol.name, word); });
}

std::vector<std::string> unknown_words(const std::vector<probe::Symbol>& symbols,
                                       const std::vector<std::string>& words) {
  std::vector<std::string> unknown;
  for (const auto& word : words) {
    if (is_known(symbols, word)) continue;
    std::vector<std::string> names;
    const bool is_dotted = word.find('.') != word.npos;
    for (const auto& symbol : symbols) {
      names.push_back(is_dotted ? symbol.name : symbol.name.substr(symbol.name.rfind('.') + 1));
    }
    unknown.push_back(
        fmt::format("there is no {}{}", probe::shown(word), did_you_mean(word, names)));
  }
  return unknown;
}

void print_problems(const Console& console, const std::vector<probe::Problem>& problems) {
  for (const auto& [where, what, fix] : problems) {
    console.insist(fmt::format("{}: {}{}", where, what, fix.empty() ? "" : " (" + fix + ")"));
  }
}

nlohmann::ordered_json to_json(const LibrarySources& sources) {
  nlohmann::ordered_json json{{"name", sources.contract.name},
                              {"path", probe::shown(sources.place)},
                              {"revision", nullptr}};
  if (!sources.revision.empty()) json["revision"] = probe::shown(sources.revision);
  return json;
}

}  // namespace fusegate::tools
