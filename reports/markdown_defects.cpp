#include "reports/markdown_defects.hpp"

#include <map>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "reports/matrix_column.hpp"

namespace fusegate::reports {
namespace {

using Json = nlohmann::ordered_json;
using Key = std::pair<std::string, std::string>;  // implementation, case

/// The verdicts of the cases that show a defect; "" for one that did not run.
std::map<Key, std::string> verdicts_of(const Json& defects, const ResultSource& results) {
  std::map<Key, std::string> verdicts;
  for (const auto& defect : defects) {
    for (const auto& line : defect.at("cases")) {
      verdicts[{text_of(defect, "implementation"), line.get<std::string>()}] = "";
    }
  }
  results([&](const Json& result) {
    const auto found = verdicts.find({text_of(result, "implementation"), text_of(result, "case")});
    if (found != verdicts.end()) found->second = text_of(result, "verdict");
  });
  return verdicts;
}

std::string finding(const std::string& verdict, bool in_sources) {
  if (verdict == "unsupported" || verdict == "skipped") return "not tried: " + verdict;
  if (is_failed(verdict))
    return in_sources ? "**present**" : "**shown, though not in the sources**";
  return in_sources ? "in the sources, does not show here" : "fixed";
}

}  // namespace

void write_defects(Markdown& out, const Json& envelope, const ResultSource& results) {
  const auto& defects = list_at(envelope, "known_defects");
  if (defects.empty()) return;
  const auto verdicts = verdicts_of(defects, results);
  Markdown rows;
  for (const auto& defect : defects) {
    for (const auto& line : defect.at("cases")) {
      const auto& verdict = verdicts.at({text_of(defect, "implementation"), line});
      if (verdict.empty()) continue;
      rows.row({cell_of(defect, "implementation"), code(text_of(defect, "id")),
                finding(verdict, defect.at("in_sources").get<bool>()), cell(verdict),
                cell_of(defect, "summary"), cell_of(defect, "when"), code(line)});
    }
  }
  const auto text = rows.take();
  if (text.empty()) return;
  out.line("## Known defects, tried");
  out.line();
  out.table({"implementation", "defect", "here", "verdict", "what is wrong", "when", "case"});
  out.line(text);
}

}  // namespace fusegate::reports
