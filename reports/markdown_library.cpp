#include "reports/markdown_library.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/text.hpp"
#include "reports/markdown_text.hpp"

namespace fusegate::reports {
namespace {

using Json = nlohmann::ordered_json;

std::string range_text(const Json& range) {
  const auto first = text_of(range, "first");
  const auto last = text_of(range, "last");
  if (last.empty()) return first + " or later";
  return first == last ? first : first + " to " + last;
}

void write_identity(Markdown& out, const Json& library) {
  const auto source = cell_of(library, "version_source");
  out.line(fmt::format(
      "Distribution {}, version {}, in {}; fingerprint {}.",
      or_unknown(cell_of(library, "distribution")),
      or_unknown(cell_of(library, "version")) + (source.empty() ? "" : " (from " + source + ")"),
      code(text_of(library, "path")), or_unknown(code(text_of(library, "fingerprint")))));
  std::vector<std::string> fits;
  for (const auto& range : list_at(library, "fits")) fits.push_back(range_text(range));
  if (!fits.empty()) {
    out.line(fmt::format("Its entry points are those of {}{}.", cell(join(fits, ", ")),
                         text_of(library, "version_agrees") == "false"
                             ? ", **which is not what its version says**"
                             : ""));
  }
  out.line();
  write_problems(out, list_at(library, "problems"));
}

void write_contracts(Markdown& out, const Json& contracts) {
  std::size_t missing = 0;
  Markdown rows;
  bool any = false;
  for (const auto& row : contracts) {
    const auto status = text_of(row, "status");
    if (status == "missing") {
      ++missing;
      continue;
    }
    any = true;
    const auto generation = text_of(row, "generation");
    const auto nearest = text_of(row, "nearest");
    rows.row({code(text_of(row, "contract")), cell_of(row, "op"), cell(status),
              generation.empty() ? "nearest: " + code(nearest) : code(generation),
              code(text_of(row, "where")), code(text_of(row, "signature"))});
  }
  if (!any) {
    out.line("No fused entry point that this build knows of was found.");
    out.line();
    return;
  }
  out.table({"entry point", "op", "status", "generation", "where", "signature"});
  out.line(rows.take());
  if (missing > 0) {
    out.line(fmt::format("{} more that this build knows of are not there.", missing));
    out.line();
  }
}

void write_differences(Markdown& out, const Json& contracts) {
  for (const auto& row : contracts) {
    const auto& difference = list_at(row, "difference");
    if (difference.empty()) continue;
    out.line(fmt::format("How {} differs from its nearest known generation, {}:",
                         code(text_of(row, "contract")), code(text_of(row, "nearest"))));
    out.line();
    for (const auto& text : difference) {
      out.line("- difference: " + cell(text.is_string() ? text.get<std::string>() : text.dump()));
    }
    out.line();
  }
}

/// Each defect once, with the entry points that have it.
void write_defects(Markdown& out, const Json& contracts) {
  std::map<std::string, std::pair<const Json*, std::vector<std::string>>> defects;
  for (const auto& row : contracts) {
    for (const auto& defect : list_at(row, "defects")) {
      auto& [first, names] = defects[text_of(defect, "id")];
      if (first == nullptr || text_of(defect, "certain") == "true") first = &defect;
      names.push_back(text_of(row, "contract"));
    }
  }
  if (defects.empty()) return;
  out.table({"known defect", "has it", "what", "when", "consequence", "evidence", "entry points"});
  for (const auto& [id, entry] : defects) {
    const auto& [defect, names] = entry;
    out.row({code(id), text_of(*defect, "certain") == "true" ? "yes" : "may have it",
             cell_of(*defect, "summary"), cell_of(*defect, "when"), cell_of(*defect, "consequence"),
             cell_of(*defect, "evidence"), cell(join(names, ", "))});
  }
  out.line();
}

void write_modules(Markdown& out, const Json& library) {
  const auto elf = library.find("elf");
  if (elf == library.end() || !elf->is_object()) return;
  const auto& modules = list_at(*elf, "modules");
  const auto& findings = list_at(*elf, "findings");
  if (!modules.empty()) {
    out.line(fmt::format("Compiled modules: {}; findings: {}.", modules.size(), findings.size()));
    out.line();
  }
  if (findings.empty()) return;
  out.table({"module", "finding", "what", "fix"});
  for (const auto& finding : findings) {
    out.row({code(text_of(finding, "module")), cell_of(finding, "kind"), cell_of(finding, "what"),
             cell_of(finding, "fix")});
  }
  out.line();
}

void write_live(Markdown& out, const Json& library) {
  const auto live = library.find("live");
  if (live == library.end() || !live->is_object()) return;
  const Json names = live->value("namespace", Json::object());
  out.line(fmt::format("Importing it: {}, namespace {}. {}", cell_of(*live, "outcome"),
                       cell_of(names, "state"), cell_of(*live, "error")));
  out.line();
}

}  // namespace

void write_library(Markdown& out, const Json& library) {
  out.line(fmt::format("## Library {}", cell_of(library, "name")));
  out.line();
  write_identity(out, library);
  const auto& contracts = list_at(library, "contracts");
  write_contracts(out, contracts);
  write_differences(out, contracts);
  write_defects(out, contracts);
  write_modules(out, library);
  write_live(out, library);
}

}  // namespace fusegate::reports
