#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "probe/library/capabilities.hpp"
#include "tools/fusegate/commands.hpp"
#include "tools/fusegate/console.hpp"
#include "tools/fusegate/facts.hpp"
#include "tools/fusegate/sources.hpp"

namespace fusegate::tools {
namespace {

using Json = nlohmann::ordered_json;

std::string limits_text(const Json& limits) {
  if (limits.is_null()) return "";
  std::vector<std::string> parts;
  for (const auto& [key, value] : limits.items()) {
    if (key != "source") parts.push_back(key + " " + value.dump());
  }
  return join(parts, ", ");
}

void print_entry(const Console& console, const Json& entry) {
  const bool callable = entry.at("callable");
  const auto name = entry.at("names").empty() ? entry.at("contract").get<std::string>()
                                              : entry.at("names").front().get<std::string>();
  const auto verdict = console.paint(callable ? Tone::good : Tone::bad, callable ? "yes" : "no ");
  const auto& signature = entry.at("signature");
  console.print(
      fmt::format("  {} {}{}", verdict, without_controls(name),
                  signature.is_null() ? "" : without_controls(signature.get<std::string>())));
  std::vector<std::string> details{entry.at("where").get<std::string>()};
  for (const char* key : {"generation", "reason"}) {
    if (entry.at(key).is_string()) {
      details.push_back(fmt::format("{} {}", key, entry.at(key).get<std::string>()));
    }
  }
  const auto limits = limits_text(entry.at("limits"));
  if (!limits.empty()) details.push_back(limits);
  for (const auto& defect : entry.at("defects")) {
    details.push_back((defect.at("certain").get<bool>() ? "defect " : "perhaps defect ") +
                      defect.at("id").get<std::string>());
  }
  console.print("      " + console.paint(Tone::faint, without_controls(join(details, "; "))));
  for (const auto& finding : entry.at("module_findings")) {
    console.print(
        without_controls(fmt::format("      ! {}: {}", finding.at("module").get<std::string>(),
                                     finding.at("what").get<std::string>())));
  }
  for (const auto& line : entry.at("difference")) {
    console.print("      - " + without_controls(line.get<std::string>()));
  }
}

void print_probe(const Console& console, const probe::ProbeAnswer& answer) {
  using Misled = probe::ProbeAnswer::Misled;
  const Tone tone = answer.misled == Misled::yes      ? Tone::bad
                    : answer.misled == Misled::may_be ? Tone::warning
                                                      : Tone::plain;
  const char* misled = answer.misled == Misled::yes      ? "  misled"
                       : answer.misled == Misled::may_be ? "  may mislead"
                                                         : "";
  console.print(fmt::format("  {:<7} {}  ({}){}", name_of(answer.answer), answer.probe->text,
                            answer.probe->engine, console.paint(tone, misled)));
  const auto details =
      answer.where + (answer.where.empty() || answer.reason.empty() ? "" : "; ") + answer.reason;
  if (!details.empty()) {
    console.print("          " + console.paint(Tone::faint, without_controls(details)));
  }
}

}  // namespace

ExitCode run_command(const ApiCapabilitiesOptions& options, const CommonOptions& common) {
  const Console console(common);
  if (options.libraries.size() != 1) {
    throw UsageError(
        "give one library: --library PATH, or --library NAME to find it in the "
        "environment of --python");
  }
  const auto contracts = probe::known_libraries();
  const auto request = probe::parse_library_argument(options.libraries.front(), contracts);
  const auto location = probe::locate_library(request, contracts, common.python);
  probe::FactsStore store(common.python);
  const auto& contract = find_contract(contracts, location.name);
  const auto found = probe::capabilities_of(location, contract, store, surroundings_for(contract));
  const auto document = to_json(found);
  if (!common.json.empty()) {
    write_document(common.json,
                   document.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  }
  if (common.json != "-") {
    for (const auto& [op, entries] : document.at("ops").items()) {
      console.print(op);
      for (const auto& entry : entries) print_entry(console, entry);
    }
    if (!found.probes.empty()) console.print("what engines' own probes answer");
    for (const auto& answer : found.probes) print_probe(console, answer);
  }
  print_problems(console, found.library.problems);
  return ExitCode::good;
}

}  // namespace fusegate::tools
