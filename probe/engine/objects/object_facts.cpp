#include "probe/engine/objects/object_facts.hpp"

#include <array>

#include "probe/base/text.hpp"
#include "probe/sources/facts_json.hpp"

namespace fusegate::probe {
namespace {

using facts_json::enum_of;
using facts_json::integer;
using facts_json::items;
using facts_json::json;
using facts_json::refuse;

// Of facts, of reads, a read, its tests, a test, its names.
constexpr std::size_t json_depth_limit = 6;

using Strings = std::vector<std::string>;

ClassFacts class_of(const json& array) {
  ClassFacts facts;
  facts.name = array.at(0);
  facts.line = integer(array.at(1));
  facts.bases = array.at(2).get<Strings>();
  facts.attributes = array.at(3).get<std::set<std::string>>();
  facts.declared = array.at(4).get<std::set<std::string>>();
  facts.abstract = array.at(5).get<std::set<std::string>>();
  facts.is_open = array.at(6);
  if (facts.name.empty()) refuse("a class without a name");
  return facts;
}

GivingCall call_of(const json& array) {
  GivingCall call{integer(array.at(0)), array.at(1), {}, {}};
  for (const auto& argument : items(array.at(2))) call.arguments.push_back(argument.get<Strings>());
  for (const auto& keyword : items(array.at(3))) {
    call.keywords.emplace_back(keyword.at(0), keyword.at(1).get<Strings>());
  }
  return call;
}

AttributeRead read_of(const json& array, std::size_t calls) {
  constexpr std::array kinds{"required", "optional", "asked"};
  AttributeRead read;
  read.line = integer(array.at(0));
  read.function = array.at(1);
  read.call = static_cast<std::size_t>(integer(array.at(2)));
  read.alternatives = array.at(3).get<Strings>();
  read.kind = enum_of<AttributeRead::Kind>(array.at(4), kinds);
  for (const auto& test : items(array.at(5))) {
    read.tests.push_back({test.at(0).get<bool>(), test.at(1).get<Strings>()});
  }
  if (read.call >= calls) refuse("a number of what is not there");
  if (read.alternatives.empty()) refuse("a read of nothing");
  return read;
}

ObjectFacts facts_of(const json& object) {
  ObjectFacts facts;
  for (const auto& one : items(object.at("classes"))) facts.classes.push_back(class_of(one));
  for (const auto& call : items(object.at("calls"))) facts.calls.push_back(call_of(call));
  for (const auto& read : items(object.at("reads"))) {
    facts.reads.push_back(read_of(read, facts.calls.size()));
  }
  return facts;
}

}  // namespace

ObjectFacts parse_object_facts(std::string_view text) {
  return facts_json::read_facts(text, json_depth_limit, facts_of);
}

}  // namespace fusegate::probe
