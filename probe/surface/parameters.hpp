#pragma once

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "probe/sources/module_facts.hpp"

namespace fusegate::probe {

// How Python hands arguments to the parameters of a list.

[[nodiscard]] inline bool is_positional(const Parameter& parameter) {
  return parameter.kind == ParameterKind::positional_only ||
         parameter.kind == ParameterKind::positional_or_keyword;
}

[[nodiscard]] inline bool takes_keyword(const Parameter& parameter) {
  return parameter.kind == ParameterKind::positional_or_keyword ||
         parameter.kind == ParameterKind::keyword_only;
}

[[nodiscard]] inline bool is_variadic(const Parameter& parameter) {
  return parameter.kind == ParameterKind::var_positional ||
         parameter.kind == ParameterKind::var_keyword;
}

[[nodiscard]] inline bool is_required(const Parameter& parameter) {
  return !parameter.default_value && !is_variadic(parameter);
}

/// The parameter of that name, or nullptr.
[[nodiscard]] inline const Parameter* find_parameter(const std::vector<Parameter>& parameters,
                                                     const std::string& name) {
  const auto it = std::find_if(parameters.begin(), parameters.end(),
                               [&](const Parameter& p) { return p.name == name; });
  return it == parameters.end() ? nullptr : &*it;
}

/// Those that a positional argument may reach, variadic ones aside.
[[nodiscard]] inline std::vector<Parameter> positional(const std::vector<Parameter>& parameters) {
  std::vector<Parameter> found;
  std::copy_if(parameters.begin(), parameters.end(), std::back_inserter(found), is_positional);
  return found;
}

/// How many of the parameters of two lists have the same name, of all that they have.
[[nodiscard]] inline double likeness(const std::vector<Parameter>& a,
                                     const std::vector<Parameter>& b) {
  std::set<std::string> all, of_a;
  for (const auto& parameter : a) of_a.insert(parameter.name);
  all = of_a;
  std::size_t shared = 0;
  for (const auto& parameter : b) {
    shared += of_a.contains(parameter.name) ? 1 : 0;
    all.insert(parameter.name);
  }
  return all.empty() ? 1 : static_cast<double>(shared) / static_cast<double>(all.size());
}

/// From such a likeness on, two functions are taken for the same one under another name. Renamed
/// ones of the releases known share at least 0.7, unrelated neighbours at most 0.4.
inline constexpr double same_function = 0.6;

[[nodiscard]] inline bool has_kind(const std::vector<Parameter>& parameters, ParameterKind kind) {
  return std::any_of(parameters.begin(), parameters.end(),
                     [&](const Parameter& p) { return p.kind == kind; });
}

}  // namespace fusegate::probe
