#include "probe/engine/engine_check.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/hash.hpp"
#include "probe/base/json.hpp"
#include "probe/engine/judge.hpp"

namespace fusegate::probe {
namespace {

// Conditions lead to modules whose conditions lead to others.
constexpr int round_limit = 8;

/// Those that mention a library, and packages that may hand on what these import.
std::set<std::string> modules_to_read(const EngineTree& tree) {
  std::set<std::string> names;
  for (const auto& [name, module] : tree.modules()) {
    if (module.mentions) names.insert(name);
  }
  const auto mentioning = names;
  for (const auto& [name, module] : tree.modules()) {
    if (!module.is_package) continue;
    const bool hands_on =
        std::any_of(module.imports.begin(), module.imports.end(), [&](const ScannedImport& import) {
          return mentioning.contains(EngineTree::absolute(module, import.level, import.module));
        });
    if (hands_on) names.insert(name);
  }
  return names;
}

/// The uses of all modules that were read; modules that these lead to are not read for that.
std::vector<Use> find_uses(const EngineTree& tree, EngineNames& names, const std::string& package) {
  std::vector<Use> uses;
  for (const auto& [name, module] : tree.modules()) {
    if (module.facts == nullptr) continue;
    auto found = uses_in(module, names);
    std::erase_if(found, [&](const Use& use) { return first_name(use.symbol) != package; });
    std::move(found.begin(), found.end(), std::back_inserter(uses));
  }
  names.forget_wanted();
  return uses;
}

}  // namespace

EngineSources::EngineSources(const EngineLocation& location,
                             const std::vector<std::string>& tracked, const std::string& python)
    : location_(location),
      files_(open_folder(location.root, location.rules->import_name, {})),
      tree_(*files_, location.rules->import_name, tracked),
      store_(python) {
  tree_.read(modules_to_read(tree_), store_);
}

EngineCheck check_engine(EngineSources& engine, const LibraryContract& library,
                         LoadedSurface& loaded, const Profile& profile) {
  const auto& rules = *engine.location().rules;
  EngineCheck check;
  UseResolver resolver(loaded, library.contracts);
  std::set<std::string> asked;
  for (int round = 0; round < round_limit; ++round) {
    EngineNames names(engine.tree(), {library.import_name});
    Activity activity(names, resolver, profile, rules);
    check.uses =
        Judge(resolver, activity).judge(find_uses(engine.tree(), names, library.import_name));
    check.blast =
        blast_radius(check.uses, engine.tree(), engine.store(), activity, engine.files(), rules);
    const auto before = asked.size();
    asked.insert(names.wanted().begin(), names.wanted().end());
    if (asked.size() == before) break;
    engine.tree().read(names.wanted(), engine.store());
  }
  check.problems = engine.tree().problems();
  check.problems.insert(check.problems.end(), loaded.problems.begin(), loaded.problems.end());
  return check;
}

std::string id_of(const JudgedUse& judged) {
  const auto& use = judged.use;
  const auto text = fmt::format("{}\n{}\n{}\n{}", use.module->source.name, use.function, use.symbol,
                                name_of(use.kind));
  return hash_text(text).substr(0, 8);
}

nlohmann::ordered_json to_json(const JudgedUse& judged) {
  const auto& use = judged.use;
  const auto& found = judged.resolution;
  return {{"id", id_of(judged)},
          {"where", place_of(use)},
          {"module", use.module->name},
          {"function", text_or_null(use.function)},
          {"symbol", use.symbol},
          {"kind", name_of(use.kind)},
          {"guard", text_or_null(text_of(use.guards))},
          {"when", use.at_import ? "import" : "call"},
          {"status", name_of(found.status)},
          {"consequence", name_of(judged.consequence)},
          {"detail", text_or_null(judged.detail)},
          {"moved_to", text_or_null(found.moved_to)},
          {"found", text_or_null(found.where)},
          {"contract", text_or_null(found.contract)},
          {"open", judged.open}};
}

nlohmann::ordered_json to_json(const BlastCause& cause) {
  auto swallowed = nlohmann::ordered_json::array();
  for (const auto& [module, file, line, handler] : cause.swallowed) {
    swallowed.push_back({{"module", module},
                         {"where", fmt::format("{}:{}", shown(file), line)},
                         {"handler", handler}});
  }
  return {{"cause", id_of(*cause.use)},
          {"where", place_of(cause.use->use)},
          {"symbol", cause.use->use.symbol},
          {"modules", cause.modules},
          {"models", cause.models},
          {"architectures", cause.architectures},
          {"swallowed", std::move(swallowed)},
          {"conditional", cause.conditional},
          {"log", text_or_null(cause.log)},
          {"symptom", text_or_null(cause.symptom)}};
}

}  // namespace fusegate::probe
