#include "probe/generation/entry_contract.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "probe/base/version.hpp"

namespace fusegate::probe {
namespace {

using json = nlohmann::ordered_json;

std::optional<std::string> text_or_nothing(const json& object, const char* key) {
  const auto it = object.find(key);
  if (it == object.end() || it->is_null()) return std::nullopt;
  return it->get<std::string>();
}

std::vector<std::string> texts(const json& object, const char* key) {
  return object.value(key, std::vector<std::string>{});
}

/// Without a copy, which would take stack for each level of what is nested.
const json& items_at(const json& object, const char* key) {
  static const json none = json::array();
  const auto it = object.find(key);
  return it == object.end() ? none : *it;
}

std::vector<ReleaseRange> releases_of(const json& object) {
  std::vector<ReleaseRange> releases;
  for (const auto& range : object.at("releases")) {
    releases.push_back({range.at("first"), text_or_nothing(range, "last")});
  }
  return releases;
}

std::vector<std::int64_t> numbers(const json& object, const char* key) {
  return object.value(key, std::vector<std::int64_t>{});
}

std::optional<std::int64_t> number(const json& object, const char* key) {
  const auto it = object.find(key);
  return it == object.end() ? std::nullopt : std::optional(it->get<std::int64_t>());
}

Limits::Range range_of(const json& object, const char* key) {
  const auto it = object.find(key);
  if (it == object.end()) return {};
  return {number(*it, "min"), number(*it, "max"), number(*it, "multiple_of"),
          numbers(*it, "one_of")};
}

std::optional<Limits> limits_of(const json& object) {
  const auto it = object.find("limits");
  if (it == object.end()) return std::nullopt;
  return Limits{
      texts(*it, "dtypes"),        texts(*it, "out_dtypes"),       numbers(*it, "ranks"),
      range_of(*it, "hidden"),     range_of(*it, "tokens"),        numbers(*it, "group_sizes"),
      numbers(*it, "world_sizes"), texts(*it, "architectures"),    texts(*it, "contiguous"),
      texts(*it, "same_stride"),   number(*it, "alignment_bytes"), it->at("source")};
}

/// {min, max, multiple_of, one_of[]}; null where there is no bound.
json to_json(const Limits::Range& range) {
  json object;
  if (range.min) object["min"] = *range.min;
  if (range.max) object["max"] = *range.max;
  if (range.multiple_of) object["multiple_of"] = *range.multiple_of;
  if (!range.one_of.empty()) object["one_of"] = range.one_of;
  return object;
}

std::optional<Adapter> adapter_of(const json& object) {
  const auto it = object.find("adapter");
  if (it == object.end() || it->is_null()) return std::nullopt;
  Adapter adapter;
  for (const auto& [parameter, what] : it->at("arguments").items()) {
    adapter.arguments.emplace_back(parameter, what);
  }
  adapter.returns = texts(*it, "returns");
  return adapter;
}

std::optional<CCall> c_call_of(const json& object) {
  const auto it = object.find("c_call");
  if (it == object.end()) return std::nullopt;
  CCall call;
  for (const auto& argument : it->at("arguments")) {
    call.arguments.push_back({argument.at("name"), argument.at("type"), argument.at("meaning"),
                              argument.value("of", ""),
                              argument.value("codes", std::map<std::string, std::int64_t>{}),
                              argument.value("value", 0.0)});
  }
  call.source = it->at("source");
  return call;
}

Generation generation_of(const json& object) {
  return {object.at("id"),
          object.at("module"),
          object.at("signature"),
          object.at("binding"),
          object.value("returns", ""),
          texts(object, "outputs"),
          adapter_of(object),
          c_call_of(object),
          object.value("norms_rounded_sum", false),
          object.value("rounds_before_weight", false),
          object.value("note", ""),
          limits_of(object),
          releases_of(object)};
}

Defect defect_of(const json& object) {
  Defect defect{object.at("id"),          object.at("summary"),
                object.at("consequence"), object.value("when", ""),
                object.at("source"),      texts(object, "generations"),
                releases_of(object),      {},
                texts(object, "cases")};
  for (const auto& feature : items_at(object, "features")) {
    defect.features.push_back({texts(feature, "file"), feature.value("has", ""),
                               feature.value("lacks", ""), feature.value("symbol", ""),
                               feature.value("has_parameter", ""), feature.value("at_place", 0),
                               feature.value("lacks_parameter", ""), feature.value("under", "")});
  }
  return defect;
}

}  // namespace

EntryContract parse_entry_contract(std::string_view text) {
  const json object = json::parse(text);
  EntryContract contract{object.at("contract"),
                         object.at("op"),
                         object.at("summary"),
                         object.at("symbol"),
                         texts(object, "modules"),
                         {},
                         {}};
  for (const auto& generation : object.at("generations")) {
    contract.generations.push_back(generation_of(generation));
  }
  for (const auto& defect : items_at(object, "defects")) {
    contract.defects.push_back(defect_of(defect));
  }
  return contract;
}

json to_json(const Limits& limits) {
  json object;
  const auto add = [&](const char* key, json value) {
    if (!value.empty()) object[key] = std::move(value);
  };
  add("dtypes", limits.dtypes);
  add("out_dtypes", limits.out_dtypes);
  add("ranks", limits.ranks);
  add("hidden", to_json(limits.hidden));
  add("tokens", to_json(limits.tokens));
  add("group_sizes", limits.group_sizes);
  add("world_sizes", limits.world_sizes);
  add("architectures", limits.architectures);
  add("contiguous", limits.contiguous);
  add("same_stride", limits.same_stride);
  if (limits.alignment_bytes) object["alignment_bytes"] = *limits.alignment_bytes;
  add("source", limits.source);
  return object;
}

json to_json(const Adapter& adapter) {
  json object{{"arguments", json::object()}};
  for (const auto& [parameter, what] : adapter.arguments) object["arguments"][parameter] = what;
  if (!adapter.returns.empty()) object["returns"] = adapter.returns;
  return object;
}

json to_json(const std::vector<CArgument>& arguments) {
  auto list = json::array();
  for (const auto& argument : arguments) {
    json object{{"name", argument.name}, {"type", argument.type}, {"meaning", argument.meaning}};
    if (!argument.of.empty()) object["of"] = argument.of;
    if (!argument.codes.empty()) object["codes"] = argument.codes;
    if (argument.meaning == "constant") object["value"] = argument.value;
    list.push_back(std::move(object));
  }
  return list;
}

bool contains(const std::vector<ReleaseRange>& releases, std::string_view version) {
  return std::any_of(releases.begin(), releases.end(), [&](const ReleaseRange& range) {
    return !version_less(version, range.first) &&
           (!range.last || !version_less(*range.last, version));
  });
}

}  // namespace fusegate::probe
