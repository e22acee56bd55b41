#include "probe/surface/names.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "probe/base/text.hpp"

namespace fusegate::probe {
namespace {

constexpr std::size_t most_alternatives = 64;

/// What a condition's text is at run time, where that never changes.
std::optional<bool> constant_truth(std::string_view text) {
  constexpr std::string_view negation = "not ";
  const bool is_negated = text.starts_with(negation);
  if (is_negated) text.remove_prefix(negation.size());
  const bool is_name = text.find_first_of(" ([") == text.npos;
  // Of typing, under whatever name that is imported.
  if (text == "TYPE_CHECKING" || (is_name && text.ends_with(".TYPE_CHECKING"))) return is_negated;
  if (text == "__name__ == \"__main__\"" || text == "__name__ == '__main__'") return is_negated;
  if (text == "False" || text == "0") return is_negated;
  if (text == "True" || text == "1") return !is_negated;
  return std::nullopt;
}

/// The conditions that are open at run time; nothing when one of them is never met.
std::optional<Conditions> open_conditions(const Conditions& conditions) {
  Conditions open;
  for (const auto& condition : conditions) {
    const bool is_else = condition.kind == "else";
    const auto truth =
        is_else || condition.kind == "if" ? constant_truth(condition.text) : std::nullopt;
    if (!truth) {
      open.push_back(condition);
    } else if (*truth == is_else) {
      return std::nullopt;
    }
  }
  return open;
}

/// `@x.setter`, `@x.deleter`: adds to the property x and does not replace it.
bool extends_property(const Function& function) {
  return std::any_of(function.decorators.begin(), function.decorators.end(),
                     [&](const Decorator& decorator) {
                       return decorator.callee == function.name + ".setter" ||
                              decorator.callee == function.name + ".deleter";
                     });
}

/// Runs through statements and keeps what is bound.
class Binder {
 public:
  Binder(const Module& module, const StarNames* star) : module_(module), star_(star) {}

  Names run(const std::vector<Statement>& body) {
    for (const auto& statement : body) {
      auto conditions =
          open_conditions(module_.facts->conditions[static_cast<std::size_t>(statement.under)]);
      if (!conditions) continue;
      statement_ = &statement;
      conditions_ = std::move(*conditions);
      std::visit(*this, statement.what);
    }
    names_.star_unknowns = names_.exports ? exports_unknowns_ : names_.unknowns;
    finish_getattr();
    return std::move(names_);
  }

  void operator()(const Function& function) {
    if (is_overload(function) || extends_property(function)) return;
    define(function.name);
  }
  void operator()(const Class& definition) { define(definition.name); }
  void operator()(const Assignment& assignment) {
    // Without a value it declares a type; in a class that is a field.
    if (assignment.value.kind == Value::Kind::none && star_ != nullptr) return;
    for (const auto& target : assignment.targets) {
      if (target.find('.') == target.npos) define(target);
    }
  }

  void operator()(const Import& import) {
    for (const auto& [module, bound_as] : import.modules) {
      if (bound_as.empty()) {
        bind_module(module.substr(0, module.find('.')), module.substr(0, module.find('.')));
      } else {
        bind_module(bound_as, module);
      }
    }
  }

  void operator()(const ImportFrom& import) {
    const auto target = absolute_module(module_, import.level, import.module);
    for (const auto& [name, bound_as] : import.names) {
      if (name == "*") {
        bind_star(target);
        continue;
      }
      const auto& bound = bound_as.empty() ? name : bound_as;
      if (target) {
        bind(bound, {Local::Kind::import, statement_, *target, name, "", conditions_});
      } else {
        bind(bound, computed("imported from beyond the top of the package"));
      }
    }
  }

  void operator()(const Exports& exports) {
    using enum Exports::Operation;
    const auto listed = exported(exports.value);
    if (!listed) {
      unknown("what __all__ lists");
      exports_unknowns_.push_back(names_.unknowns.back());
      return;
    }
    // Under a condition it may be otherwise: what may be exported is listed.
    const bool always = conditions_.empty();
    if ((exports.operation == set && always) || !names_.exports) names_.exports.emplace();
    if (exports.operation == remove && !always) return;
    auto& all = *names_.exports;
    for (const auto& name : *listed) {
      std::erase(all, name);
      if (exports.operation != remove) all.push_back(name);
    }
  }

  void operator()(const Deletion& deletion) {
    if (!conditions_.empty()) return;
    for (const auto& name : deletion.names) names_.by_name.erase(name);
  }
  void operator()(const ModuleGetattr& getattr) {
    getattr_ = &getattr;
    getattr_reason_ = fmt::format("computed by __getattr__ ({})", place());
  }
  void operator()(const Dynamic& dynamic) { unknown(fmt::format("what `{}` binds", dynamic.text)); }

 private:
  [[nodiscard]] std::string place() const {
    return fmt::format("{}:{}", module_.file, statement_->line);
  }
  void unknown(const std::string& what) {
    names_.unknowns.push_back(fmt::format("{} is known only when it runs ({})", what, place()));
  }
  [[nodiscard]] Local computed(std::string reason) const {
    return {Local::Kind::computed,
            statement_,
            "",
            "",
            fmt::format("{} ({})", reason, place()),
            conditions_};
  }

  void define(const std::string& name) {
    bind(name, {Local::Kind::definition, statement_, "", "", "", conditions_});
  }
  void bind_module(const std::string& name, const std::string& target) {
    bind(name, {Local::Kind::import, statement_, target, "", "", conditions_});
  }
  void bind(const std::string& name, Local local) {
    auto& locals = names_.by_name[name];
    std::erase_if(locals, [&](const Local& earlier) {
      return local.conditions.empty() || earlier.conditions == local.conditions;
    });
    if (local.conditions.empty() || locals.size() < most_alternatives) {
      locals.push_back(std::move(local));
    }
  }

  void bind_star(const std::optional<std::string>& target) {
    const auto star = target && star_ != nullptr ? (*star_)(*target) : std::nullopt;
    if (!star) {
      unknown(fmt::format("what `from {} import *` binds", target.value_or("...")));
      return;
    }
    for (const auto& name : star->names) {
      bind(name, {Local::Kind::import, statement_, *target, name, "", conditions_});
    }
    add_new(names_.unknowns, star->unknowns);
  }

  static void add_new(std::vector<std::string>& all, const std::vector<std::string>& more) {
    for (const auto& text : more) {
      if (std::find(all.begin(), all.end(), text) == all.end()) all.push_back(text);
    }
  }

  /// The names that a value of `__all__` has.
  std::optional<std::vector<std::string>> exported(const Value& value) {
    constexpr std::string_view suffix = ".__all__";
    if (value.kind == Value::Kind::strings) return value.strings;
    if (value.kind != Value::Kind::name || star_ == nullptr) return std::nullopt;
    if (!value.text.ends_with(suffix)) return strings_in(value.text);
    const auto local = names_.by_name.find(value.text.substr(0, value.text.size() - suffix.size()));
    if (local == names_.by_name.end() || local->second.size() != 1) return std::nullopt;
    const auto& import = local->second.front();
    if (import.kind != Local::Kind::import) return std::nullopt;
    const auto star =
        (*star_)(import.attribute.empty() ? import.target : import.target + "." + import.attribute);
    if (!star) return std::nullopt;
    add_new(names_.unknowns, star->unknowns);
    add_new(exports_unknowns_, star->unknowns);
    return star->names;
  }

  /// The strings of a variable that this module sets once, always.
  std::optional<std::vector<std::string>> strings_in(const std::string& variable) {
    const auto local = names_.by_name.find(variable);
    if (local == names_.by_name.end() || local->second.size() != 1) return std::nullopt;
    const auto& only = local->second.front();
    if (only.kind != Local::Kind::definition || !only.conditions.empty()) return std::nullopt;
    const auto* assignment = std::get_if<Assignment>(&only.statement->what);
    if (assignment == nullptr || assignment->value.kind != Value::Kind::strings) {
      return std::nullopt;
    }
    return assignment->value.strings;
  }

  /// __getattr__ is asked only for names that are not bound.
  void finish_getattr() {
    if (getattr_ == nullptr) return;
    auto answered = getattr_->names;
    bool all_known = !getattr_->names.empty() || !getattr_->variables.empty();
    for (const auto& variable : getattr_->variables) {
      const auto keys = keys_of(variable);
      all_known = all_known && keys.has_value();
      if (keys) answered.insert(answered.end(), keys->begin(), keys->end());
    }
    for (const auto& name : answered) {
      auto& locals = names_.by_name[name];
      if (locals.empty()) {
        locals.push_back({Local::Kind::computed, nullptr, "", "", getattr_reason_, {}});
      }
    }
    if (!all_known) names_.unknowns.push_back("names are " + getattr_reason_);
  }

  /// The names in a variable of this module: the items of a list, the keys of a dictionary.
  std::optional<std::vector<std::string>> keys_of(const std::string& variable) const {
    if (variable == "__all__") return names_.exports;
    const auto it = names_.by_name.find(variable);
    if (it == names_.by_name.end() || it->second.size() != 1) return std::nullopt;
    const auto* statement = it->second.front().statement;
    const auto* assignment =
        statement == nullptr ? nullptr : std::get_if<Assignment>(&statement->what);
    if (assignment == nullptr) return std::nullopt;
    if (assignment->value.kind == Value::Kind::strings) return assignment->value.strings;
    if (assignment->value.kind != Value::Kind::map) return std::nullopt;
    std::vector<std::string> keys;
    for (const auto& [key, value] : assignment->value.map) keys.push_back(key);
    return keys;
  }

  const Module& module_;
  const StarNames* star_;  ///< nullptr in a class
  Names names_;
  std::vector<std::string> exports_unknowns_;
  const Statement* statement_ = nullptr;
  Conditions conditions_;
  const ModuleGetattr* getattr_ = nullptr;
  std::string getattr_reason_;
};

}  // namespace

std::string module_of(std::string_view file) {
  std::string module(file.substr(0, file.size() - std::string_view(".py").size()));
  std::replace(module.begin(), module.end(), '/', '.');
  constexpr std::string_view package = ".__init__";
  if (module.ends_with(package)) module.resize(module.size() - package.size());
  return module;
}

bool is_importable(std::string_view file) {
  return file.find('.') == file.rfind('.');
}

Names names_of_module(const Module& module, const StarNames& star) {
  return Binder(module, &star).run(module.facts->body);
}

Names names_of_class(const Module& module, const Class& definition) {
  return Binder(module, nullptr).run(definition.body);
}

std::optional<std::string> absolute_module(const Module& module, int level,
                                           const std::string& name) {
  if (level == 0) return name;
  std::string base = module.name;
  for (int up = module.is_package() ? 1 : 0; up < level; ++up) {
    const auto dot = base.rfind('.');
    if (dot == base.npos) return std::nullopt;
    base.resize(dot);
  }
  return name.empty() ? base : base + "." + name;
}

bool is_overload(const Function& function) {
  return std::any_of(
      function.decorators.begin(), function.decorators.end(), [](const Decorator& decorator) {
        return decorator.callee == "overload" || decorator.callee.ends_with(".overload");
      });
}

}  // namespace fusegate::probe
