#include "probe/engine/objects/attribute_contracts.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/hash.hpp"
#include "probe/base/json.hpp"
#include "probe/base/text.hpp"
#include "probe/engine/objects/engine_classes.hpp"
#include "probe/surface/names.hpp"

namespace fusegate::probe {
namespace {

using Strings = std::vector<std::string>;
using Classes = std::set<EngineClass>;

/// The modules that import or define one of the calls.
std::set<std::string> modules_calling(const EngineTree& tree, const EngineRules& rules) {
  std::set<std::string> modules;
  for (const auto& [name, module] : tree.modules()) {
    for (const auto& import : module.imports) {
      const bool is_named =
          std::any_of(rules.objects.begin(), rules.objects.end(),
                      [&](const ObjectCall& call) { return call.call == import.name; });
      if (!is_named) continue;
      modules.insert(name);
      modules.insert(EngineTree::absolute(module, import.level, import.module));
    }
  }
  return modules;
}

bool has_any(const std::set<std::string>& names, const Strings& alternatives) {
  return std::any_of(alternatives.begin(), alternatives.end(),
                     [&](const auto& name) { return names.contains(name); });
}

/// Finds the gaps of one engine.
class AttributeCheck {
 public:
  AttributeCheck(EngineClasses& classes, AttributeReport& report)
      : classes_(classes), report_(report) {}

  void judge(const EngineModule& module, const GivingCall& call, const AttributeRead& read,
             const ObjectCall& rule);

 private:
  const Strings* argument(const EngineModule& module, const GivingCall& call, std::size_t index);
  bool add_classes(const EngineModule& module, int line, const Strings& names, Classes& all);
  std::string narrow(const EngineModule& module, const AttributeRead& read, Classes& classes);
  void judge_class(const EngineModule& module, const AttributeRead& read, const EngineClass& one,
                   const std::string& doubt);
  void add(const EngineModule& module, const AttributeRead& read, AttributeGap gap);

  EngineClasses& classes_;
  AttributeReport& report_;
};

/// What a call gives for a parameter; nullptr: nothing.
const Strings* AttributeCheck::argument(const EngineModule& module, const GivingCall& call,
                                        std::size_t index) {
  if (index < call.arguments.size()) return &call.arguments[index];
  if (call.keywords.empty()) return nullptr;
  for (const auto& origin : classes_.origins(module, call.line, call.callee)) {
    if (origin.kind != Origin::Kind::definition) continue;
    const auto& parameters =
        origin.module->facts->scopes[static_cast<std::size_t>(origin.scope)].parameters;
    if (index >= parameters.size()) continue;
    const auto it = std::find_if(call.keywords.begin(), call.keywords.end(),
                                 [&](const auto& one) { return one.first == parameters[index]; });
    if (it != call.keywords.end()) return &it->second;
  }
  return nullptr;
}

/// Adds the classes of those names and all below them; whether that are all.
bool AttributeCheck::add_classes(const EngineModule& module, int line, const Strings& names,
                                 Classes& all) {
  bool is_known = true;
  for (const auto& name : names) {
    const auto found = classes_.named(module, line, name);
    is_known = is_known && found.is_known && found.elsewhere.empty();
    for (const auto& one : found.classes) {
      const auto& below = classes_.subclasses(one);
      all.insert(below.begin(), below.end());
    }
  }
  return is_known;
}

/// Leaves the classes that the tests leave; what of the tests is not known.
std::string AttributeCheck::narrow(const EngineModule& module, const AttributeRead& read,
                                   Classes& classes) {
  std::string doubt;
  for (const auto& test : read.tests) {
    Classes named;
    if (!add_classes(module, read.line, test.classes, named)) {
      doubt = fmt::format("which objects are {} is not known", join(test.classes, " or "));
      if (test.is_instance) continue;
    }
    std::erase_if(classes,
                  [&](const auto& one) { return named.contains(one) != test.is_instance; });
  }
  return doubt;
}

void AttributeCheck::judge(const EngineModule& module, const GivingCall& call,
                           const AttributeRead& read, const ObjectCall& rule) {
  if (read.kind != AttributeRead::Kind::required) return;
  const auto* names = argument(module, call, rule.class_argument);
  Classes classes;
  const bool is_known = names != nullptr && add_classes(module, call.line, *names, classes);
  const auto given = names == nullptr ? "" : join(*names, ", ");
  if (!is_known) {
    AttributeGap gap;
    gap.status = AttributeStatus::unresolved;
    gap.detail =
        fmt::format("{} of what {} gives: which classes these are is not known{}",
                    join(read.alternatives, " or "), rule.call, given.empty() ? "" : ": " + given);
    add(module, read, std::move(gap));
  }
  auto doubt = narrow(module, read, classes);
  if (rule.filter_argument) {
    const auto* filter = argument(module, call, *rule.filter_argument);
    if (filter != nullptr && *filter != Strings{""} && *filter != Strings{"None"}) {
      doubt = fmt::format("only some objects are asked for: {}", join(*filter, ", "));
    }
  }
  for (const auto& one : classes) judge_class(module, read, one, doubt);
}

/// Why a class may have what nothing in its sources sets.
Strings reasons_for(const InstanceAttributes& attributes, const Strings& alternatives,
                    const std::string& doubt) {
  Strings reasons;
  for (const auto& name : alternatives) {
    if (attributes.declared.contains(name)) reasons.push_back(name + " is declared only");
  }
  for (const auto& reason : {attributes.open_because, doubt}) {
    if (!reason.empty()) reasons.push_back(reason);
  }
  return reasons;
}

void AttributeCheck::judge_class(const EngineModule& module, const AttributeRead& read,
                                 const EngineClass& one, const std::string& doubt) {
  const auto& attributes = classes_.attributes(one);
  if (!attributes.abstract.empty()) return;  // what there are objects of are the classes below it
  if (has_any(attributes.names, read.alternatives)) {
    ++report_.ok;
    return;
  }
  AttributeGap gap;
  gap.class_name = one.facts->name;
  gap.class_where = fmt::format("{}:{}", shown(one.module->source.name), one.facts->line);
  gap.detail = fmt::format("{} of {} ({}): nothing sets it", join(read.alternatives, " or "),
                           gap.class_name, gap.class_where);
  const Strings names(attributes.names.begin(), attributes.names.end());
  for (const auto& name : read.alternatives) {
    const auto near = nearest_name(name, names);
    if (!near.empty()) gap.detail += fmt::format("; it has {}", near);
  }
  for (const auto& reason : reasons_for(attributes, read.alternatives, doubt)) {
    gap.status = AttributeStatus::unresolved;
    gap.detail += "; " + reason;
  }
  add(module, read, std::move(gap));
}

void AttributeCheck::add(const EngineModule& module, const AttributeRead& read, AttributeGap gap) {
  gap.alternatives = read.alternatives;
  gap.file = module.source.name;
  gap.line = read.line;
  gap.function = read.function;
  report_.gaps.push_back(std::move(gap));
}

/// What order and equality go by.
auto key_of(const AttributeGap& gap) {
  return std::tie(gap.file, gap.line, gap.alternatives, gap.class_where, gap.status);
}

}  // namespace

const char* name_of(AttributeStatus status) {
  return status == AttributeStatus::missing ? "missing" : "unresolved";
}

AttributeReport check_attributes(EngineTree& tree, SourceTree& sources, EngineFactsStore& store,
                                 const EngineRules& rules) {
  AttributeReport report;
  if (rules.objects.empty()) return report;
  EngineClasses classes(tree, sources, store, rules);
  AttributeCheck check(classes, report);
  const auto modules = modules_calling(tree, rules);
  classes.read(modules);
  for (const auto& name : modules) {
    const auto* module = tree.find(name);
    const auto* facts = module == nullptr ? nullptr : classes.facts_of(*module);
    if (facts == nullptr) continue;
    for (const auto& read : facts->reads) {
      const auto& call = facts->calls[read.call];
      for (const auto& rule : rules.objects) {
        if (last_name(call.callee) == rule.call) check.judge(*module, call, read, rule);
      }
    }
  }
  auto& gaps = report.gaps;
  std::sort(gaps.begin(), gaps.end(),
            [](const auto& a, const auto& b) { return key_of(a) < key_of(b); });
  gaps.erase(std::unique(gaps.begin(), gaps.end(),
                         [](const auto& a, const auto& b) { return key_of(a) == key_of(b); }),
             gaps.end());
  report.problems = classes.problems();
  return report;
}

std::string id_of(const AttributeGap& gap) {
  const auto class_file = gap.class_where.substr(0, gap.class_where.rfind(':'));
  const Strings parts{gap.file, gap.function, class_file, gap.class_name,
                      join(gap.alternatives, ",")};
  return hash_text(join(parts, "\n")).substr(0, 8);
}

nlohmann::ordered_json to_json(const AttributeGap& gap) {
  return {{"id", id_of(gap)},
          {"class", text_or_null(gap.class_name)},
          {"attribute", gap.alternatives.front()},
          {"alternatives", gap.alternatives},
          {"where", fmt::format("{}:{}", shown(gap.file), gap.line)},
          {"function", text_or_null(gap.function)},
          {"class_where", text_or_null(gap.class_where)},
          {"status", name_of(gap.status)},
          {"detail", gap.detail}};
}

}  // namespace fusegate::probe
