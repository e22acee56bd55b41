#include "probe/surface/compare_signatures.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "probe/surface/parameters.hpp"
#include "probe/surface/spelling.hpp"

namespace fusegate::probe {
namespace {

using Kind = ChangeKind;
using Names = std::vector<std::string>;

using Parameters = std::vector<Parameter>;

/// Where among the positional ones a parameter stands.
std::optional<std::size_t> place_of(const Parameters& positional, const std::string& name) {
  const auto* found = find_parameter(positional, name);
  if (found == nullptr) return std::nullopt;
  return static_cast<std::size_t>(found - positional.data());
}

std::string default_text(const Parameter& parameter) {
  return parameter.default_value ? *parameter.default_value : "required";
}

/// Compares two parameter lists in one spelling.
class Comparison {
 public:
  Comparison(const Signature& before, const Signature& after)
      : before_(normal_parameters(before.parameters)),
        after_(normal_parameters(after.parameters)),
        positional_before_(positional(before_)),
        positional_after_(positional(after_)),
        text_before_(before.text),
        text_after_(after.text) {}

  std::vector<Change> run() {
    find_renamed();
    find_shift();
    for (const auto& parameter : before_) compare(parameter);
    for (const auto& parameter : after_) find_added(parameter);
    return std::move(changes_);
  }

 private:
  void add(Kind kind, std::string before, std::string after, Names breaks, std::string reason) {
    changes_.push_back(
        change_of(kind, std::move(before), std::move(after), std::move(breaks), std::move(reason)));
  }

  /// A parameter that is gone was renamed where a new one has its place, or much of its name and
  /// its type.
  void find_renamed() {
    struct Pair {
      int score;
      std::size_t before, after;
    };
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < positional_before_.size(); ++i) {
      for (std::size_t j = 0; j < positional_after_.size(); ++j) {
        if (const int score = rename_score(i, j); score > 0) pairs.push_back({score, i, j});
      }
    }
    std::stable_sort(pairs.begin(), pairs.end(),
                     [](const Pair& a, const Pair& b) { return a.score > b.score; });
    std::vector<Pair> chosen;
    for (const auto& pair : pairs) {
      const bool is_taken = std::any_of(chosen.begin(), chosen.end(), [&](const Pair& other) {
        return other.before == pair.before || other.after == pair.after;
      });
      if (!is_taken) chosen.push_back(pair);
    }
    std::sort(chosen.begin(), chosen.end(),
              [](const Pair& a, const Pair& b) { return a.before < b.before; });
    for (const auto& pair : chosen) {
      add_renamed(positional_before_[pair.before], positional_after_[pair.after]);
    }
  }

  /// How well the one positional parameter may be the other one under a new name; 0: not.
  [[nodiscard]] int rename_score(std::size_t before, std::size_t after) const {
    const auto& old_one = positional_before_[before];
    const auto& new_one = positional_after_[after];
    const bool is_gone = find_parameter(after_, old_one.name) == nullptr;
    const bool is_new = find_parameter(before_, new_one.name) == nullptr;
    if (!is_gone || !is_new) return 0;
    const bool like_names =
        old_one.name.starts_with(new_one.name) || new_one.name.starts_with(old_one.name);
    const bool both_typed = old_one.annotation && new_one.annotation;
    const bool same_type = old_one.annotation == new_one.annotation;
    if (before != after) return like_names && same_type ? 2 : 0;
    // Of another type it is the same one only where nothing else came or went.
    if (both_typed && !same_type && before_.size() != after_.size()) return like_names ? 1 : 0;
    return like_names ? 4 : same_type ? 3 : 1;
  }

  void add_renamed(const Parameter& old_one, const Parameter& new_one) {
    renamed_.emplace(old_one.name, new_one.name);
    Names breaks;
    if (takes_keyword(old_one)) breaks.emplace_back("keyword");
    add(Kind::parameter_renamed, old_one.name, new_one.name, breaks,
        fmt::format("parameter {} is called {} now: calls that name it fail", old_one.name,
                    new_one.name));
  }

  [[nodiscard]] std::string present_name(const std::string& name) const {
    const auto it = std::find_if(renamed_.begin(), renamed_.end(),
                                 [&](const auto& pair) { return pair.first == name; });
    return it == renamed_.end() ? name : it->second;
  }
  [[nodiscard]] bool is_new_name(const std::string& name) const {
    return std::any_of(renamed_.begin(), renamed_.end(),
                       [&](const auto& pair) { return pair.second == name; });
  }

  /// The first place at which a positional argument reaches another parameter than before.
  void find_shift() {
    const auto count = std::min(positional_before_.size(), positional_after_.size());
    for (std::size_t place = 0; place < count; ++place) {
      const auto& old_one = positional_before_[place];
      const auto& new_one = positional_after_[place];
      if (present_name(old_one.name) == new_one.name) continue;
      // With fewer arguments than are required now the call fails, which is loud.
      std::size_t required = 0;
      while (required < positional_after_.size() && is_required(positional_after_[required])) {
        ++required;
      }
      const bool is_silent = required <= positional_before_.size();
      add(Kind::positional_meaning_shifted, text_before_, text_after_, {"positional"},
          fmt::format("positional argument {} was {} and is {}: {}", place + 1, old_one.name,
                      new_one.name,
                      is_silent ? "a call that passes it by position is still valid and means "
                                  "something else"
                                : "a call that passes it by position means something else"));
      return;
    }
  }

  void compare(const Parameter& parameter) {
    const auto name = present_name(parameter.name);
    const Parameter* other = find_parameter(after_, name);
    if (other == nullptr) {
      find_removed(parameter);
      return;
    }
    const auto place_before = place_of(positional_before_, parameter.name);
    const auto place_after = place_of(positional_after_, name);
    if (place_before && place_after && *place_before != *place_after) {
      add(Kind::parameter_moved, fmt::format("{} at {}", parameter.name, *place_before + 1),
          fmt::format("{} at {}", name, *place_after + 1), {"positional"},
          fmt::format("parameter {} moved from place {} to {}", name, *place_before + 1,
                      *place_after + 1));
    }
    compare_kind(parameter, *other);
    compare_default(parameter, *other);
    const bool both = parameter.annotation && other->annotation;
    if (both && parameter.annotation != other->annotation) {
      add(Kind::parameter_type_changed, *parameter.annotation, *other->annotation, {},
          fmt::format("parameter {} is declared as another type; Python does not check it", name));
    }
  }

  void compare_kind(const Parameter& before, const Parameter& after) {
    if (before.kind == after.kind) return;
    Names breaks;
    if (is_positional(before) && !is_positional(after)) breaks.emplace_back("positional");
    if (takes_keyword(before) && !takes_keyword(after)) breaks.emplace_back("keyword");
    add(Kind::parameter_kind_changed, name_of(before.kind), name_of(after.kind), breaks,
        fmt::format("parameter {} was {} and is {}", after.name, name_of(before.kind),
                    name_of(after.kind)));
  }

  void compare_default(const Parameter& before, const Parameter& after) {
    if (before.default_value == after.default_value || is_variadic(after)) return;
    if (before.default_value && !after.default_value) {
      add(Kind::parameter_made_required, default_text(before), default_text(after), {"call"},
          fmt::format("parameter {} has no default any more: calls that leave it out fail",
                      after.name));
    } else if (before.default_value) {
      add(Kind::parameter_default_changed, default_text(before), default_text(after), {"call"},
          fmt::format("parameter {} is {} where it is left out, was {}", after.name,
                      default_text(after), default_text(before)));
    } else {
      add(Kind::parameter_default_changed, default_text(before), default_text(after), {},
          fmt::format("parameter {} may be left out now", after.name));
    }
  }

  void find_removed(const Parameter& parameter) {
    Names breaks;
    const bool any_positional = has_kind(after_, ParameterKind::var_positional);
    const bool any_keyword = has_kind(after_, ParameterKind::var_keyword);
    if (is_positional(parameter) && !any_positional) breaks.emplace_back("positional");
    if (takes_keyword(parameter) && !any_keyword) breaks.emplace_back("keyword");
    if (is_variadic(parameter)) {
      breaks.emplace_back(parameter.kind == ParameterKind::var_positional ? "positional"
                                                                          : "keyword");
    }
    add(Kind::parameter_removed, parameter.name, "", breaks,
        breaks.empty() ? fmt::format("parameter {} is taken by the variadic ones", parameter.name)
                       : fmt::format("there is no parameter {} any more", parameter.name));
  }

  void find_added(const Parameter& parameter) {
    if (find_parameter(before_, parameter.name) != nullptr || is_new_name(parameter.name)) return;
    if (is_required(parameter)) {
      add(Kind::parameter_added_required, "", parameter.name, {"call"},
          fmt::format("parameter {} is new and has no default: all calls as before fail",
                      parameter.name));
    } else {
      add(Kind::parameter_added_optional, "", parameter.name, {},
          fmt::format("parameter {} is new and may be left out", parameter.name));
    }
  }

  Parameters before_, after_;
  Parameters positional_before_, positional_after_;
  std::string text_before_, text_after_;
  std::set<std::pair<std::string, std::string>> renamed_;
  std::vector<Change> changes_;
};

}  // namespace

std::vector<Change> compare_signatures(const Signature& before, const Signature& after) {
  auto changes = Comparison(before, after).run();
  const auto normal = [](const std::optional<std::string>& text) {
    return text ? normal_annotation(*text) : std::string();
  };
  const auto returns_before = normal(before.returns), returns_after = normal(after.returns);
  if (returns_before == returns_after) return changes;
  const bool both = before.returns && after.returns;
  changes.push_back(
      change_of(ChangeKind::return_changed, before.returns.value_or("not declared"),
                after.returns.value_or("not declared"),
                both ? std::vector<std::string>{"value"} : std::vector<std::string>{},
                both ? fmt::format("it returned {} and returns {}", *before.returns, *after.returns)
                     : "only one of the versions declares what it returns"));
  return changes;
}

}  // namespace fusegate::probe
