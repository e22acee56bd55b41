#include "probe/engine/sources/engine_rules.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <span>
#include <stdexcept>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/embedded.hpp"
#include "probe/base/error.hpp"
#include "probe/base/text.hpp"

namespace fusegate::embedded {
std::span<const EmbeddedFile> engine_rules();
}  // namespace fusegate::embedded

namespace fusegate::probe {

using nlohmann::json;

NLOHMANN_JSON_SERIALIZE_ENUM(CapabilityTest, {{CapabilityTest::none, nullptr},
                                              {CapabilityTest::pair, "pair"},
                                              {CapabilityTest::number, "number"},
                                              {CapabilityTest::at_least, "at_least"},
                                              {CapabilityTest::exactly, "exactly"},
                                              {CapabilityTest::family, "family"}})
using As = EnvironmentRead::As;
NLOHMANN_JSON_SERIALIZE_ENUM(EnvironmentRead::As, {{As::text, "text"},
                                                   {As::boolean, "boolean"},
                                                   {As::integer, "integer"},
                                                   {As::declared, "declared"},
                                                   {As::is_set, "is_set"}})

namespace {

using Strings = std::vector<std::string>;

/// Without a copy, which would take stack for each level of what is nested.
const json& items_at(const json& object, const char* key) {
  static const json none = json::array();
  const auto it = object.find(key);
  return it == object.end() ? none : *it;
}

template <class Value>
std::optional<Value> value_at(const json& object, const char* key) {
  const auto it = object.find(key);
  return it == object.end() ? std::nullopt : std::optional(it->get<Value>());
}

/// "amd", "!arch:gfx94|gfx95", "variable:NAME", "package:NAME".
PlatformTerm parse_term(std::string_view text) {
  using Kind = PlatformTerm::Kind;
  constexpr std::array<std::pair<std::string_view, Kind>, 7> kinds{
      {{"amd", Kind::amd},
       {"nvidia", Kind::nvidia},
       {"other_platform", Kind::other_platform},
       {"never", Kind::never},
       {"arch", Kind::architecture},
       {"variable", Kind::variable},
       {"package", Kind::package}}};
  PlatformTerm term;
  term.is_negated = text.starts_with('!');
  if (term.is_negated) text.remove_prefix(1);
  const auto colon = text.find(':');
  const auto it = std::find_if(kinds.begin(), kinds.end(), [&](const auto& kind) {
    return kind.first == text.substr(0, colon);
  });
  if (it == kinds.end()) throw std::runtime_error(fmt::format("no such platform term: {}", text));
  term.kind = it->second;
  if (colon == text.npos) return term;
  for (const auto value : split(text.substr(colon + 1), '|')) term.values.emplace_back(value);
  return term;
}

/// The name of a rule, under "call" or "name".
std::pair<std::string, bool> name_at(const json& object) {
  const auto call = object.find("call");
  if (call != object.end()) return {call->get<std::string>(), true};
  return {object.at("name").get<std::string>(), false};
}

PlatformRule parse_platform_rule(const json& object) {
  PlatformRule rule;
  std::tie(rule.name, rule.is_call) = name_at(object);
  for (const auto& term : object.value("means", Strings{})) {
    rule.all_of.push_back(parse_term(term));
  }
  rule.values = object.value("values", rule.values);
  rule.value = value_at<std::string>(object, "value");
  rule.capability = object.value("capability", CapabilityTest::none);
  return rule;
}

EnvironmentRead parse_read(const json& object) {
  EnvironmentRead read;
  std::tie(read.name, read.is_call) = name_at(object);
  read.argument = value_at<std::size_t>(object, "argument");
  read.default_argument = value_at<std::size_t>(object, "default_argument");
  read.default_value = value_at<std::string>(object, "default");
  read.as = object.value("as", As::text);
  return read;
}

ModelRegistry parse_models(const json& object) {
  return {object.at("loader"),
          object.at("package"),
          object.value("variable", ""),
          object.value("tables", Strings{}),
          object.value("absolute_prefix", ""),
          object.at("imports_all"),
          object.at("swallowed_by"),
          object.at("logs"),
          object.at("symptom")};
}

ObjectCall parse_object_call(const json& object) {
  return {object.at("call"), object.at("class_argument"),
          value_at<std::size_t>(object, "filter_argument")};
}

template <class Item>
void append(std::vector<Item>& items, const std::vector<Item>& more) {
  items.insert(items.end(), more.begin(), more.end());
}

/// An engine's own rules go first.
void add_common(EngineRules& rules, const EngineRules& common) {
  append(rules.platform, common.platform);
  append(rules.reads, common.reads);
  append(rules.environment_mappings, common.environment_mappings);
  append(rules.version_calls, common.version_calls);
  rules.external_classes.insert(common.external_classes.begin(), common.external_classes.end());
}

bool is_variable(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isupper(c) != 0 || std::isdigit(c) != 0 || c == '_';
  });
}

}  // namespace

EngineRules parse_engine_rules(std::string_view text) {
  const json object = json::parse(text);
  EngineRules rules;
  rules.name = object.at("name");
  rules.import_name = object.value("import_name", "");
  rules.package_markers = object.value("package_markers", Strings{});
  rules.version_files = object.value("version_files", Strings{});
  for (const auto& rule : items_at(object, "platform")) {
    rules.platform.push_back(parse_platform_rule(rule));
  }
  if (const auto it = object.find("environment"); it != object.end()) {
    for (const auto& read : items_at(*it, "reads")) rules.reads.push_back(parse_read(read));
    rules.environment_mappings = it->value("mappings", Strings{});
    rules.defaults = it->value("defaults", rules.defaults);
    rules.default_files = it->value("default_files", Strings{});
  }
  rules.class_gates = object.value("class_gates", Strings{});
  rules.version_calls = object.value("version_calls", Strings{});
  for (const auto& models : items_at(object, "models")) {
    rules.models.push_back(parse_models(models));
  }
  for (const auto& call : items_at(object, "objects")) {
    rules.objects.push_back(parse_object_call(call));
  }
  rules.external_classes = object.value("external_classes", rules.external_classes);
  return rules;
}

std::vector<EngineRules> known_engines() {
  constexpr std::string_view common_file = "common.json";
  const auto files = embedded::engine_rules();
  const auto common = parse_engine_rules(find_embedded(files, common_file)->content);
  std::vector<EngineRules> engines;
  for (const auto& file : files) {
    if (file.name == common_file || file.name.ends_with(".schema.json")) continue;
    engines.push_back(parse_engine_rules(file.content));
    add_common(engines.back(), common);
  }
  std::sort(engines.begin(), engines.end(),
            [](const EngineRules& a, const EngineRules& b) { return a.name < b.name; });
  return engines;
}

const EngineRules& find_engine(const std::vector<EngineRules>& engines, std::string_view name) {
  const auto it = std::find_if(engines.begin(), engines.end(),
                               [&](const EngineRules& one) { return one.name == name; });
  if (it != engines.end()) return *it;
  Strings names;
  std::transform(engines.begin(), engines.end(), std::back_inserter(names),
                 [](const EngineRules& one) { return one.name; });
  throw UsageError(fmt::format("no engine '{}' is known{} (known: {})", name,
                               did_you_mean(name, names), join(names, ", ")));
}

std::optional<std::string> match_rule_name(const EngineRules& rules, std::string_view rule,
                                           std::string_view text) {
  std::string_view captured;
  const auto star = rule.find('*');
  if (star != rule.npos) {
    // The variable is the part before what stands behind the star.
    const auto behind = rule.substr(star + 1);
    if (!text.ends_with(behind)) return std::nullopt;
    text.remove_suffix(behind.size());
    captured = text.substr(text.rfind('.') + 1);
    if (captured.size() == text.size() || !is_variable(captured)) return std::nullopt;
    text.remove_suffix(captured.size() + 1);
    rule = rule.substr(0, star - 1);
  }
  if (!text.ends_with(rule)) return std::nullopt;
  const auto before = text.substr(0, text.size() - rule.size());
  if (before.empty()) return std::string(captured);
  // `is_cuda` alone behind anything may be the property of a tensor.
  const bool is_special = rule.find('.') != rule.npos || star != rule.npos;
  const bool is_ours = !rules.import_name.empty() && before.starts_with(rules.import_name + ".");
  if (!before.ends_with('.') || !(is_special || is_ours)) return std::nullopt;
  return std::string(captured);
}

}  // namespace fusegate::probe
