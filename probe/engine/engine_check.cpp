#include "probe/engine/engine_check.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/hash.hpp"
#include "probe/base/json.hpp"
#include "probe/base/parallel.hpp"
#include "probe/engine/conditions/declared_defaults.hpp"
#include "probe/engine/judge.hpp"
#include "probe/engine/sources/modules_with_uses.hpp"
#include "probe/sources/package_files.hpp"

namespace fusegate::probe {
namespace {

// Conditions lead to modules whose conditions lead to others.
constexpr int round_limit = 8;

/// The uses of those modules; modules that these lead to are not read for that.
std::vector<Use> find_uses(const EngineSources& engine, EngineNames& names,
                           const std::string& package) {
  std::vector<Use> uses;
  for (const auto& name : engine.with_uses()) {
    const auto& module = *engine.tree().find(name);
    auto found = uses_in(module, names);
    std::erase_if(found, [&](const Use& use) { return first_name(use.symbol) != package; });
    std::move(found.begin(), found.end(), std::back_inserter(uses));
  }
  names.forget_wanted();
  return uses;
}

/// What tells where a use is, but not its line: stays when lines move.
std::string key_of(const Use& use) {
  return fmt::format("{}\n{}\n{}\n{}", use.module->source.name, use.function, use.symbol,
                     name_of(use.kind));
}

/// The ids of uses. They come from all that an engine has, since which of them are judged depends
/// on the library and the profile.
class UseIds {
 public:
  explicit UseIds(const std::vector<Use>& uses) {
    std::map<std::string, int> count;
    for (const auto& use : uses) {
      const auto key = key_of(use);
      const int number = ++count[key];
      ids_[{key, use.line}].push_back(
          new_id(number == 1 ? key : fmt::format("{}\n{}", key, number)));
    }
  }

  /// Each at most as often as there are uses of this kind in the line.
  std::string take(const Use& use) {
    auto& ids = ids_.at({key_of(use), use.line});
    auto id = std::move(ids.front());
    ids.pop_front();
    return id;
  }

 private:
  std::string new_id(const std::string& text) {
    constexpr std::size_t usual_length = 8;
    const auto hash = hash_text(text);
    auto length = usual_length;
    while (!taken_.insert(hash.substr(0, length)).second && length < hash.size()) ++length;
    return hash.substr(0, length);
  }

  std::map<std::pair<std::string, int>, std::deque<std::string>> ids_;  ///< by key and line
  std::set<std::string> taken_;
};

}  // namespace

EngineSources::EngineSources(const EngineLocation& location,
                             const std::vector<std::string>& tracked, const std::string& python)
    : location_(location),
      rules_(*location.rules),
      files_(open_folder(location.root, location.rules->import_name, {})),
      tree_(*files_, location.rules->import_name, tracked),
      store_(python) {
  for (const auto& file : rules_.default_files) {
    const auto text = files_->read(rules_.import_name + "/" + file, python_file_limit);
    if (!text) continue;
    for (auto& [name, value] : read_declared_defaults(*text)) rules_.defaults[name] = value;
  }
  with_uses_ = read_modules_with_uses(tree_, {tracked.begin(), tracked.end()}, store_);
}

const AttributeReport& EngineSources::attributes() {
  if (!attributes_) attributes_ = check_attributes(tree_, *files_, store_, rules_);
  return *attributes_;
}

bool EngineSources::has_anywhere(const std::string& word) const {
  std::vector<const SourceFile*> files;
  for (const auto& [name, module] : tree_.modules()) files.push_back(&module.source);
  std::atomic<bool> found = false;
  parallel_for(files.size(), [&](std::size_t index) {
    if (found) return;
    const auto text = files_->read(files[index]->name, python_file_limit);
    if (text && has_word(*text, word)) found = true;
  });
  return found;
}

EngineCheck check_engine(EngineSources& engine, const LibraryContract& library,
                         LoadedSurface& loaded, const Profile& profile,
                         LoadedSurface* written_for) {
  const auto& rules = engine.rules();
  EngineCheck check;
  UseResolver resolver(loaded, library.contracts, written_for);
  std::set<std::string> asked;
  EngineNames names(engine.tree(), {library.import_name});
  for (int round = 0; round < round_limit; ++round) {
    Activity activity(names, resolver, profile, rules);
    auto found = find_uses(engine, names, library.import_name);
    UseIds ids(found);
    check.uses = Judge(resolver, activity).judge(std::move(found));
    for (auto& judged : check.uses) judged.id = ids.take(judged.use);
    check.blast =
        blast_radius(check.uses, engine.tree(), engine.store(), activity, engine.files(), rules);
    const auto before = asked.size();
    asked.insert(names.wanted().begin(), names.wanted().end());
    if (asked.size() == before) break;
    engine.tree().read(names.wanted(), engine.store());
  }
  check.attributes = engine.attributes();
  check.problems = engine.tree().problems();
  const auto& more = check.attributes.problems;
  check.problems.insert(check.problems.end(), more.begin(), more.end());
  check.problems.insert(check.problems.end(), loaded.problems.begin(), loaded.problems.end());
  return check;
}

nlohmann::ordered_json to_json(const JudgedUse& judged) {
  const auto& use = judged.use;
  const auto& found = judged.resolution;
  return {{"id", judged.id},
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
  return {{"cause", cause.use->id},
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
