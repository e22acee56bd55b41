#include "kernels/c_abi/call_table.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace fusegate::kernels {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::pair<const char*, CType> types[] = {{"int32", CType::int32},
                                                   {"int64", CType::int64},
                                                   {"uint64", CType::uint64},
                                                   {"float", CType::float32},
                                                   {"double", CType::float64}};

constexpr std::pair<const char*, CMeaning> meanings[] = {
    {"address", CMeaning::address},   {"rows", CMeaning::rows},
    {"columns", CMeaning::columns},   {"row_stride", CMeaning::row_stride},
    {"dtype", CMeaning::dtype},       {"scalar", CMeaning::scalar},
    {"constant", CMeaning::constant}, {"stream", CMeaning::stream}};

template <class Table>
auto value_of(const Table& table, const std::string& name, const char* what) {
  const auto* found = std::find_if(std::begin(table), std::end(table),
                                   [&](const auto& entry) { return entry.first == name; });
  if (found == std::end(table)) {
    throw std::invalid_argument(fmt::format("holds an unknown {} '{}'", what, name));
  }
  return found->second;
}

CArgument parse_argument(const Json& json) {
  CArgument argument;
  argument.name = json.at("name");
  argument.type = value_of(types, json.at("type").get<std::string>(), "type");
  argument.meaning = value_of(meanings, json.at("meaning").get<std::string>(), "meaning");
  argument.of = json.value("of", "");
  constexpr std::string_view arrow = " -> ";
  if (const auto at = argument.of.find(arrow); at != std::string::npos) {
    argument.before = argument.of.substr(0, at);
    argument.of.erase(0, at + arrow.size());
  }
  argument.codes = json.value("codes", argument.codes);
  argument.value = json.value("value", 0.0);
  return argument;
}

CEntry parse_entry(const Json& json) {
  CEntry entry{json.at("op"), json.at("entry"), json.at("generation"), json.at("symbol"), {}};
  for (const auto& argument : json.at("arguments")) {
    entry.arguments.push_back(parse_argument(argument));
  }
  return entry;
}

}  // namespace

CCallTable parse_call_table(const std::string& text) {
  const Json json = Json::parse(text);
  CCallTable table{
      json.at("module"), json.value("version_symbol", ""), json.value("error_symbol", ""), {}, {}};
  for (const auto& entry : json.at("entries")) table.entries.push_back(parse_entry(entry));
  table.lacking = json.value("lacking", table.lacking);
  return table;
}

}  // namespace fusegate::kernels
