#include "reports/markdown_declared.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <nlohmann/json.hpp>

#include "suites/conduct.hpp"

namespace fusegate::reports {
namespace {

using Json = nlohmann::ordered_json;

std::string said(const std::string& limit) {
  return limit.empty() ? "takes it" : "does not: " + limit;
}

struct Row {
  std::map<std::string, std::uint64_t> counts;
  std::string example;  ///< of what is neither right nor refused
};

bool is_harmless(const std::string& conduct) {
  return conduct == "right" || conduct == "refused";
}

}  // namespace

void write_declared(Markdown& out, const ResultSource& results) {
  std::map<std::tuple<std::string, std::string, std::string, std::string>, Row> rows;
  results([&](const Json& result) {
    const auto declared = result.find("declared");
    if (declared == result.end()) return;
    const auto conduct = text_of(*declared, "conduct");
    if (conduct.empty()) return;
    Row& row = rows[{text_of(result, "implementation"), text_of(result, "op"),
                     said(text_of(*declared, "limit")), text_of(*declared, "feature")}];
    ++row.counts[conduct];
    if (row.example.empty() && !is_harmless(conduct)) row.example = text_of(result, "case");
  });
  if (rows.empty()) return;
  out.line("## Declared against actual");
  out.line();
  out.line(
      "What the library's own checks let through, as far as its contract has them, beside what it "
      "did when it was called all the same. Nothing in a row of what it does not take is a failed "
      "check.");
  out.line();
  std::vector<std::string> heads{"implementation", "op", "it says", "cases with"};
  for (const auto& words : suites::all_conducts) heads.emplace_back(words.heading);
  heads.emplace_back("for example");
  out.table(heads);
  for (const auto& [key, row] : rows) {
    const auto& [implementation, op, limit, feature] = key;
    std::vector<std::string> cells{cell(implementation), cell(op), cell(limit), cell(feature)};
    for (const auto& words : suites::all_conducts) {
      const auto found = row.counts.find(words.name);
      cells.push_back(found == row.counts.end() ? "" : std::to_string(found->second));
    }
    cells.push_back(code(row.example));
    out.row(cells);
  }
  out.line();
}

}  // namespace fusegate::reports
