#include "probe/engine/blast_radius.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string_view>
#include <variant>

#include "probe/base/text.hpp"
#include "probe/engine/sources/import_graph.hpp"
#include "probe/sources/package_files.hpp"
#include "probe/surface/names.hpp"

namespace fusegate::probe {
namespace {

/// Whether an import may not happen, or its failure may go no further.
bool is_guarded(const ScannedImport& import) {
  return import.try_line > 0 || !import.around.empty();
}

/// The guards of an import that the scan found, as the facts have them; nothing where these have no
/// such import.
std::optional<std::vector<Guard>> guards_of(const EngineModule& module,
                                            const ScannedImport& import) {
  if (module.facts == nullptr) return std::nullopt;
  for (const auto& event : module.facts->events) {
    const bool is_import = std::holds_alternative<ImportEvent>(event.what) ||
                           std::holds_alternative<FromEvent>(event.what);
    if (is_import && event.line == import.line) return guards_of(*module.facts, event);
  }
  return std::nullopt;
}

/// Follows imports backwards from one use.
class Explosion {
 public:
  Explosion(const Importers& importers, EngineTree& tree, EngineFactsStore& store,
            Activity& activity)
      : importers_(importers), tree_(tree), store_(store), activity_(activity) {}

  void run(BlastCause& cause) {
    std::set<std::string> frontier{cause.use->use.module->name};
    while (!frontier.empty()) {
      stopped_.insert(frontier.begin(), frontier.end());
      const auto edges = edges_to(frontier);
      read_guarded(edges);
      frontier.clear();
      for (const auto& edge : edges) {
        if (reaches(edge, cause)) frontier.insert(edge.importer->name);
      }
    }
    const auto& own = cause.use->use.module->name;
    cause.modules.push_back(own);
    for (const auto& name : stopped_) {
      if (name != own) cause.modules.push_back(name);
    }
    for (const auto& name : conditional_) {
      if (!stopped_.contains(name)) cause.conditional.push_back(name);
    }
    std::erase_if(cause.swallowed,
                  [&](const SwallowedImport& s) { return stopped_.contains(s.module); });
  }

 private:
  std::vector<ImportEdge> edges_to(const std::set<std::string>& modules) const {
    std::vector<ImportEdge> edges;
    for (const auto& module : modules) {
      const auto it = importers_.find(module);
      if (it == importers_.end()) continue;
      for (const auto& edge : it->second) {
        if (!stopped_.contains(edge.importer->name)) edges.push_back(edge);
      }
    }
    return edges;
  }

  /// All at once: an interpreter takes longer to start than to read a file.
  void read_guarded(const std::vector<ImportEdge>& edges) {
    std::set<std::string> names;
    for (const auto& edge : edges) {
      if (edge.import != nullptr && is_guarded(*edge.import)) names.insert(edge.importer->name);
    }
    tree_.read(names, store_);
  }

  bool reaches(const ImportEdge& edge, BlastCause& cause) {
    if (edge.import == nullptr || !is_guarded(*edge.import)) return true;
    const auto guards = guards_of(*edge.importer, *edge.import);
    if (!guards) {
      conditional_.insert(edge.importer->name);
      return false;
    }
    std::vector<std::string> open;
    const auto happens = activity_.is_active(*edge.importer, *guards, open);
    if (happens == Truth::no) return false;
    if (const auto taken = taken_by(*guards); !taken.empty()) {
      cause.swallowed.push_back(
          {edge.importer->name, edge.importer->source.name, edge.import->line, taken});
      return false;
    }
    if (happens == Truth::open) conditional_.insert(edge.importer->name);
    return happens == Truth::yes;
  }

  static std::string taken_by(const std::vector<Guard>& guards) {
    for (auto it = guards.rbegin(); it != guards.rend(); ++it) {
      const bool is_try = it->condition->kind == EngineCondition::Kind::in_try;
      if (is_try && takes(*it->condition, Failure::import_error))
        return join(it->condition->caught, ", ");
    }
    return "";
  }

  const Importers& importers_;
  EngineTree& tree_;
  EngineFactsStore& store_;
  Activity& activity_;
  std::set<std::string> stopped_, conditional_;
};

/// The words of a text, in their order.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const auto begin =
        std::find_if(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), is_word);
    const auto end = std::find_if_not(begin, text.end(), is_word);
    if (begin != end) words.emplace_back(begin, end);
    at = static_cast<std::size_t>(end - text.begin());
  }
  return words;
}

/// The names that a module gives a variable at the beginning of a line: `V = A`, `V = [A, B]`.
std::vector<std::string> assigned_names(std::string_view text, const std::string& variable) {
  std::vector<std::string> names;
  for (auto at = text.find(variable); at != text.npos; at = text.find(variable, at + 1)) {
    const bool begins_line = at == 0 || text[at - 1] == '\n';
    const auto equals = text.find_first_not_of(" \t", at + variable.size());
    if (!begins_line || equals == text.npos || text[equals] != '=') continue;
    const auto begin = text.find_first_not_of(" \t", equals + 1);
    if (begin == text.npos) break;
    const bool is_list = text[begin] == '[' || text[begin] == '(';
    const auto end = text.find_first_of(is_list ? "])" : "\n#", begin + 1);
    for (const auto line : split(text.substr(begin, end - begin), '\n')) {
      const auto code = line.substr(0, line.find('#'));
      for (auto& word : words_of(code)) names.push_back(std::move(word));
    }
  }
  return names;
}

/// The architectures of `"Architecture": ("module", "Class")` for one module, wherever a text has
/// such entries.
std::vector<std::string> listed_architectures(std::string_view text, const std::string& module,
                                              const ModelRegistry& registry) {
  std::vector<std::string> found;
  std::string_view line_key;
  // A string literal at a time: a key stands before a colon, a module after a bracket.
  for (auto at = text.find('"'); at != text.npos;) {
    const auto end = text.find('"', at + 1);
    if (end == text.npos) break;
    const auto word = text.substr(at + 1, end - at - 1);
    const auto next = text.find_first_not_of(" \t\n", end + 1);
    const char follows = next == text.npos ? '\0' : text[next];
    if (follows == ':') {
      line_key = word;
    } else if (follows == ',' && !line_key.empty()) {
      const bool is_absolute =
          !registry.absolute_prefix.empty() && word.starts_with(registry.absolute_prefix);
      const auto name =
          is_absolute ? std::string(word) : registry.package + "." + std::string(word);
      if (name == module) found.emplace_back(line_key);
      line_key = {};
    }
    at = text.find('"', end + 1);
  }
  return found;
}

}  // namespace

std::vector<std::string> architectures_of(const std::string& module, const ModelRegistry& registry,
                                          const EngineTree& tree, SourceTree& sources) {
  std::vector<std::string> found;
  if (!registry.variable.empty()) {
    const auto* file = tree.find(module);
    const auto text = file ? sources.read(file->source.name, python_file_limit) : std::nullopt;
    if (text) found = assigned_names(*text, registry.variable);
  }
  const auto* loader = tree.find(registry.loader);
  if (registry.tables.empty() || loader == nullptr) return found;
  const auto text = sources.read(loader->source.name, python_file_limit);
  if (!text) return found;
  auto listed = listed_architectures(*text, module, registry);
  std::move(listed.begin(), listed.end(), std::back_inserter(found));
  return found;
}

std::vector<BlastCause> blast_radius(const std::vector<JudgedUse>& uses, EngineTree& tree,
                                     EngineFactsStore& store, Activity& activity,
                                     SourceTree& sources, const EngineRules& rules) {
  std::vector<BlastCause> causes;
  const auto importers = importers_of(tree);
  std::set<const EngineModule*> seen;
  for (const auto& use : uses) {
    if (use.consequence != Consequence::stops_import) continue;
    // The first break of a module is the one that is seen.
    if (!seen.insert(use.use.module).second) continue;
    BlastCause cause;
    cause.use = &use;
    Explosion(importers, tree, store, activity).run(cause);
    for (const auto& registry : rules.models) {
      for (const auto& module : cause.modules) {
        const bool is_model = module.starts_with(registry.package + ".") &&
                              module.find('.', registry.package.size() + 1) == module.npos;
        if (!is_model) continue;
        auto names = architectures_of(module, registry, tree, sources);
        if (names.empty()) continue;
        cause.models.push_back(module);
        cause.architectures.insert(cause.architectures.end(), names.begin(), names.end());
        cause.log = registry.logs;
        cause.symptom = registry.symptom;
      }
    }
    std::sort(cause.architectures.begin(), cause.architectures.end());
    causes.push_back(std::move(cause));
  }
  return causes;
}

}  // namespace fusegate::probe
