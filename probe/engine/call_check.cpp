#include "probe/engine/call_check.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "probe/base/text.hpp"
#include "probe/engine/return_arity.hpp"
#include "probe/surface/parameters.hpp"
#include "probe/surface/spelling.hpp"

namespace fusegate::probe {
namespace {

using Kind = CallMismatch::Kind;
using Parameters = std::vector<Parameter>;

/// What a caller of the attribute gives.
Parameters given_parameters(const Signature& signature, bool skip_first) {
  auto parameters = signature.parameters;
  // Of `def method(*args)` self is one of them.
  const bool skip = skip_first && !parameters.empty() && is_positional(parameters.front());
  if (skip) parameters.erase(parameters.begin());
  return parameters;
}

/// "weight" of "self.weight"; empty of what is no dotted name.
std::string own_name(const std::string& text) {
  const bool is_name = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_name_character(c) || c == '.';
  });
  if (!is_name || std::isdigit(static_cast<unsigned char>(text.front())) != 0) return "";
  const auto name = last_name(text);
  return name == "None" || name == "True" || name == "False" ? "" : name;
}

/// A literal so that those that are equal to Python are the same: False is 0.
std::string literal_text(const std::string& text) {
  if (text == "False") return "0";
  if (text == "True") return "1";
  return normal_value(text);
}

bool is_default_literal(const std::string& text, const Parameter& parameter) {
  return parameter.default_value && own_name(text).empty() &&
         literal_text(text) == literal_text(*parameter.default_value);
}

class CallCheck {
 public:
  CallCheck(const CallArguments& call, Parameters parameters)
      : call_(call), parameters_(std::move(parameters)), places_(positional(parameters_)) {
    for (const auto& argument : call.arguments) {
      if (argument.keyword.empty()) positional_arguments_.push_back(argument.text);
    }
  }

  std::vector<CallMismatch> run() {
    bind_positional();
    bind_keywords();
    find_missing();
    return std::move(found_);
  }

  /// Which parameter the positional argument of that place reaches; nullptr: none by name.
  [[nodiscard]] const Parameter* reached(std::size_t place) const {
    return place < places_.size() ? &places_[place] : nullptr;
  }
  [[nodiscard]] const std::vector<std::string>& positional_arguments() const {
    return positional_arguments_;
  }

 private:
  void add(Kind kind, std::string parameter, std::string detail) {
    found_.push_back({kind, std::move(parameter), std::move(detail), true});
  }

  void bind_positional() {
    const auto certain = positional_arguments_.size() + call_.behind_star;
    for (std::size_t place = 0; place < positional_arguments_.size(); ++place) {
      if (const auto* parameter = reached(place)) bound_.insert(parameter->name);
    }
    if (certain <= places_.size() || has_kind(parameters_, ParameterKind::var_positional)) return;
    const auto first = places_.size();  // that has no place
    const auto which = first < positional_arguments_.size()
                           ? fmt::format("argument {} (`{}`)", first + 1,
                                         printable(positional_arguments_[first], 60))
                           : fmt::format("argument {}", first + 1);
    add(Kind::too_many_positional, "",
        fmt::format("{} argument{} passed by position, {} can be taken so: {} has no parameter",
                    certain, certain == 1 ? " is" : "s are", places_.size(), which));
  }

  void bind_keywords() {
    for (const auto& argument : call_.arguments) {
      if (!argument.keyword.empty()) bind_keyword(argument);
    }
  }

  void bind_keyword(const CallArgument& argument) {
    const auto& name = argument.keyword;
    const auto* parameter = find_parameter(parameters_, name);
    if (parameter == nullptr || !takes_keyword(*parameter)) {
      if (!has_kind(parameters_, ParameterKind::var_keyword)) add_unknown(name, parameter);
    } else if (!bound_.insert(name).second) {
      const auto place = std::find_if(places_.begin(), places_.end(),
                                      [&](const Parameter& p) { return p.name == name; });
      add(Kind::given_twice, name,
          fmt::format("parameter {} is given twice: by position ({}) and as {}=`{}`", name,
                      place - places_.begin() + 1, name, printable(argument.text, 60)));
    }
  }

  void add_unknown(const std::string& name, const Parameter* parameter) {
    if (parameter != nullptr && parameter->kind == ParameterKind::positional_only) {
      add(Kind::unknown_keyword, name,
          fmt::format("parameter {} is taken by position only, not as {}=", name, name));
      return;
    }
    std::vector<std::string> names;
    for (const auto& one : parameters_) {
      if (takes_keyword(one)) names.push_back(one.name);
    }
    const auto near = nearest_name(name, names);
    add(Kind::unknown_keyword, name,
        near.empty() ? fmt::format("there is no parameter {}", name)
                     : fmt::format("there is no parameter {}; the nearest name is {}", name, near));
  }

  void find_missing() {
    for (const auto& parameter : parameters_) {
      if (!is_required(parameter) || bound_.contains(parameter.name)) continue;
      const bool maybe_by_position = call_.has_star && is_positional(parameter);
      const bool maybe_by_keyword = call_.has_double_star && takes_keyword(parameter);
      if (maybe_by_position || maybe_by_keyword) continue;
      add(Kind::missing_required, parameter.name,
          fmt::format("parameter {} is required and not given", parameter.name));
    }
  }

  const CallArguments& call_;
  Parameters parameters_;
  Parameters places_;
  std::vector<std::string> positional_arguments_;
  std::set<std::string> bound_;
  std::vector<CallMismatch> found_;
};

/// Another name in the same place, where neither list has the other's name: it is the same one.
bool is_renamed(const Parameters& before, const std::string& old_name, const Parameters& now,
                const std::string& new_name) {
  return find_parameter(now, old_name) == nullptr && find_parameter(before, new_name) == nullptr;
}

/// Tells which positional arguments mean something else than their writer wanted.
class ShiftCheck {
 public:
  ShiftCheck(Parameters now, std::vector<Parameters> earlier, std::optional<Parameters> meant)
      : now_(std::move(now)), earlier_(std::move(earlier)), meant_(std::move(meant)) {}

  [[nodiscard]] std::optional<CallMismatch> at(std::size_t place, const std::string& text,
                                               const Parameter& reached) const {
    if (meant_) {
      const auto places = positional(*meant_);
      // What is written for this signature and reaches what it should is no accident of names.
      if (place < places.size()) return against_meant(place, text, places[place], reached);
    }
    return against_earlier(place, text, reached);
  }

 private:
  [[nodiscard]] std::optional<CallMismatch> against_meant(std::size_t place,
                                                          const std::string& text,
                                                          const Parameter& wanted,
                                                          const Parameter& reached) const {
    if (wanted.name == reached.name || is_renamed(*meant_, wanted.name, now_, reached.name)) {
      return std::nullopt;
    }
    const bool is_harmless = is_default_literal(text, reached);
    return mismatch(place, text, reached,
                    fmt::format("which was the place of {} when this call was written{}",
                                wanted.name, is_harmless ? ", and passes its default" : ""),
                    !is_harmless);
  }

  [[nodiscard]] std::optional<CallMismatch> against_earlier(std::size_t place,
                                                            const std::string& text,
                                                            const Parameter& reached) const {
    const auto own = own_name(text);
    if (own.empty() || own == reached.name) return std::nullopt;
    for (const auto& before : earlier_) {
      const auto places = positional(before);
      if (place >= places.size() || places[place].name != own) continue;
      if (is_renamed(before, own, now_, reached.name)) continue;
      return mismatch(place, text, reached,
                      fmt::format("which was the place of {} in an earlier release", own), false);
    }
    return std::nullopt;
  }

  static CallMismatch mismatch(std::size_t place, const std::string& text, const Parameter& reached,
                               const std::string& why, bool is_certain) {
    return {Kind::positional_meaning_shifted, reached.name,
            fmt::format("argument {} (`{}`) reaches parameter {}, {}", place + 1,
                        printable(text, 60), reached.name, why),
            is_certain};
  }

  Parameters now_;
  std::vector<Parameters> earlier_;
  std::optional<Parameters> meant_;
};

}  // namespace

const char* name_of(CallMismatch::Kind kind) {
  switch (kind) {
    case Kind::missing_required:
      return "missing_required";
    case Kind::unknown_keyword:
      return "unknown_keyword";
    case Kind::too_many_positional:
      return "too_many_positional";
    case Kind::given_twice:
      return "given_twice";
    case Kind::positional_meaning_shifted:
      return "positional_meaning_shifted";
    case Kind::return_arity:
      return "return_arity";
  }
  return "";
}

std::vector<CallMismatch> check_call(const CallArguments& call, const Signature& signature,
                                     bool skip_first, const std::vector<Signature>& earlier,
                                     const std::optional<Signature>& meant) {
  const auto parameters = given_parameters(signature, skip_first);
  CallCheck check(call, parameters);
  auto found = check.run();
  std::vector<Parameters> before;
  for (const auto& one : earlier) before.push_back(given_parameters(one, skip_first));
  const ShiftCheck shifts(
      parameters, std::move(before),
      meant ? std::optional(given_parameters(*meant, skip_first)) : std::nullopt);
  const auto& arguments = check.positional_arguments();
  for (std::size_t place = 0; place < arguments.size(); ++place) {
    const auto* reached = check.reached(place);
    if (reached == nullptr) break;
    if (auto shift = shifts.at(place, arguments[place], *reached)) found.push_back(*shift);
  }
  if (call.unpacked && signature.returns) {
    auto arity = check_return_arity(*signature.returns, *call.unpacked);
    if (arity) found.push_back(std::move(*arity));
  }
  return found;
}

}  // namespace fusegate::probe
