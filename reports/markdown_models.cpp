#include "reports/markdown_models.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/matrix_column.hpp"

namespace fusegate::reports {
namespace {

using Json = nlohmann::ordered_json;
using Key = std::pair<std::string, std::string>;  // model, implementation

/// The cases of a model with an implementation.
struct ModelRow {
  std::map<std::string, std::uint64_t> verdicts;
  std::string first_failed;  ///< its case
};

std::map<Key, ModelRow> rows_of(const ResultSource& results) {
  std::map<Key, ModelRow> rows;
  results([&](const Json& result) {
    const auto verdict = text_of(result, "verdict");
    for (const auto& model : list_at(result, "models")) {
      ModelRow& row = rows[{model.get<std::string>(), text_of(result, "implementation")}];
      ++row.verdicts[verdict];
      if (is_failed(verdict) && row.first_failed.empty())
        row.first_failed = text_of(result, "case");
    }
  });
  return rows;
}

/// A model of which a part was not tried is not said to pass.
std::string verdict_of(const ModelRow& row) {
  if (!row.first_failed.empty()) return "**fails**";
  if (!row.verdicts.contains("pass")) return "not tried";
  return row.verdicts.size() == 1 ? "passes" : "passes where it was tried";
}

std::string source_of(const Json& envelope, const std::string& model) {
  for (const auto& one : list_at(envelope, "models")) {
    if (text_of(one, "name") == model) return cell_of(one, "figures_from");
  }
  return "";
}

}  // namespace

void write_models(Markdown& out, const Json& envelope, const ResultSource& results) {
  const auto rows = rows_of(results);
  if (rows.empty()) return;
  out.line("## Models");
  out.line();
  out.line("What became of the shapes of each model that were run.");
  out.line();
  out.table({"model", "implementation", "verdict", "cases", "a case that fails", "figures from"});
  for (const auto& [key, row] : rows) {
    out.row({cell(key.first), cell(key.second), verdict_of(row), counts_text(row.verdicts),
             code(row.first_failed), source_of(envelope, key.first)});
  }
  out.line();
}

}  // namespace fusegate::reports
