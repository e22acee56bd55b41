#include "probe/library/library.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/json.hpp"
#include "probe/sources/facts_store.hpp"
#include "probe/sources/paths.hpp"
#include "probe/sources/source_tree.hpp"
#include "probe/surface/load.hpp"

namespace fusegate::probe {
namespace {

using nlohmann::ordered_json;

void append(std::vector<Problem>& all, std::vector<Problem> more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

}  // namespace

LibraryFacts survey_library(const LibraryRequest& request, const std::string& python,
                            const std::vector<LibraryContract>& contracts) {
  LibraryFacts facts;
  facts.location = locate_library(request, contracts, python);
  const auto& contract = find_contract(contracts, facts.location.name);
  const auto& root = facts.location.root;
  facts.identity = identify_library(facts.location, contract);
  facts.problems = facts.identity.problems;
  for (const auto& sibling : contract.siblings) {
    if (is_folder(root / sibling)) facts.siblings.push_back(sibling);
  }
  const auto tree = open_folder(root, contract.import_name, contract.surface.ignored);
  facts.fingerprint = fingerprint_of(*tree);
  FactsStore store(python);
  append(facts.problems, tree->problems());
  try {
    auto loaded = load_surface_of(tracked_names(contract), *tree, store, contract.surface);
    facts.entry_points = find_entry_points(contract, loaded.surface);
    append(facts.problems, std::move(loaded.problems));
  } catch (const CannotRun& error) {
    facts.problems.push_back({shown(root), error.what(), ""});
  }
  return facts;
}

LibraryFacts survey_library(const LibraryRequest& request, const std::string& python) {
  return survey_library(request, python, known_libraries());
}

ordered_json to_json(const LibraryFacts& facts) {
  const auto& identity = facts.identity;
  return {{"name", facts.location.name},
          {"path", shown(facts.location.root)},
          {"kind", name_of(facts.location.kind)},
          {"distribution", text_or_null(identity.distribution)},
          {"version", text_or_null(identity.version)},
          {"version_source", text_or_null(identity.version_source)},
          {"revision", text_or_null(identity.revision)},
          {"fingerprint", facts.fingerprint},
          {"siblings", facts.siblings},
          {"distributions", list_of(identity.distributions)},
          {"entry_points", list_of(facts.entry_points)},
          {"problems", to_json(facts.problems)}};
}

}  // namespace fusegate::probe
