#include "tools/fusegate/known_defects.hpp"

#include <algorithm>
#include <functional>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "probe/library/contract.hpp"
#include "suites/case.hpp"

namespace fusegate::tools {
namespace {

using Json = nlohmann::ordered_json;

/// A defect with cases, and who meets it.
struct Met {
  const probe::LibraryContract& library;
  const probe::LibraryImplementation& implementation;
  const probe::EntryContract& contract;
  const probe::Defect& defect;
};

bool is_called(const probe::LibraryImplementation& implementation, const std::string& contract) {
  return std::any_of(implementation.entries.begin(), implementation.entries.end(),
                     [&](const auto& entry) {
                       const auto& names = entry.second;
                       return std::find(names.begin(), names.end(), contract) != names.end();
                     });
}

/// What a name of --with stands for: a library's own for all of its implementations.
enum class Names { of_with, of_implementations };

void for_each_met(const std::vector<std::string>& names, Names kind,
                  const std::function<void(const Met&)>& visit) {
  const auto has = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const auto libraries = probe::known_libraries();
  for (const auto& library : libraries) {
    for (const auto& implementation : library.implementations) {
      const bool is_any = kind == Names::of_with && has(library.name);
      if (!has(implementation.name) && !is_any) continue;
      for (const auto& contract : library.contracts) {
        if (!is_called(implementation, contract.name)) continue;
        for (const auto& defect : contract.defects) {
          if (!defect.cases.empty()) visit({library, implementation, contract, defect});
        }
      }
    }
  }
}

/// Whether the sources at hand show it: nullopt where the entry point is not there.
std::optional<bool> in_sources(const Json& libraries, const Met& met) {
  for (const auto& library : libraries) {
    if (library.at("name") != met.library.name) continue;
    for (const auto& row : library.at("contracts")) {
      if (row.at("contract") != met.contract.name || row.at("status") != "known") continue;
      const auto& defects = row.at("defects");
      return std::any_of(defects.begin(), defects.end(),
                         [&](const Json& found) { return found.at("id") == met.defect.id; });
    }
  }
  return std::nullopt;
}

void add_once(std::vector<std::string>& words, const std::string& word) {
  if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
}

/// Of --with, those for which there are cases.
std::vector<std::string> names_with_defects() {
  std::vector<std::string> all, names;
  for (const auto& library : probe::known_libraries()) {
    for (const auto& implementation : library.implementations) all.push_back(implementation.name);
  }
  for_each_met(all, Names::of_implementations,
               [&](const Met& met) { add_once(names, met.implementation.name); });
  return names;
}

}  // namespace

std::vector<std::string> defect_lines(const std::vector<std::string>& names) {
  std::vector<std::string> lines;
  for_each_met(names, Names::of_with, [&](const Met& met) {
    for (const auto& line : met.defect.cases) add_once(lines, line);
  });
  if (!lines.empty()) return lines;
  const auto others = join(names_with_defects(), ", ");
  if (names.empty()) {
    throw UsageError(
        fmt::format("--suite {}: its cases are those of a library's known defects: say which one "
                    "by --with, of {}",
                    defects_suite, others));
  }
  throw UsageError(
      fmt::format("--suite {}: no defect of {} is known that a case shows; there are some of {}",
                  defects_suite, join(names, " or "), others));
}

Json known_defects(const std::vector<std::string>& implementations, const Json& libraries) {
  Json list = Json::array();
  for_each_met(implementations, Names::of_implementations, [&](const Met& met) {
    const auto found = in_sources(libraries, met);
    if (!found) return;
    Json cases = Json::array();
    for (const auto& line : met.defect.cases) cases.push_back(suites::parse_case(line).line());
    list.push_back({{"implementation", met.implementation.name},
                    {"library", met.library.name},
                    {"contract", met.contract.name},
                    {"op", met.contract.op},
                    {"id", met.defect.id},
                    {"summary", met.defect.summary},
                    {"when", met.defect.when},
                    {"consequence", met.defect.consequence},
                    {"in_sources", *found},
                    {"cases", cases}});
  });
  return list;
}

}  // namespace fusegate::tools
