#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "probe/base/text.hpp"
#include "reports/markdown_text.hpp"
#include "reports/matrix.hpp"
#include "reports/summary.hpp"

namespace fusegate::reports {
namespace {

using Json = nlohmann::ordered_json;

std::string words(std::string status) {
  for (char& c : status) {
    if (c == '_') c = ' ';
  }
  return status;
}

std::string ulp_cell(const Json& errors, const std::string& dtype) {
  const auto found = errors.find(dtype);
  if (found == errors.end()) return "";
  return found->is_number() ? ulp_text(found->get<double>()) : "infinite";
}

std::string counts_cell(const Json& cell) {
  return counts_text(cell.at("by_verdict").get<std::map<std::string, std::uint64_t>>());
}

/// "passes", or "3 of 120 fail".
std::string overview_cell(const Json& cell) {
  if (cell.at("status") != "fails") return words(text_of(cell, "status"));
  std::uint64_t failed = 0, all = 0;
  for (const auto& [verdict, count] : cell.at("by_verdict").items()) {
    all += count.get<std::uint64_t>();
    if (is_failed(verdict)) failed += count.get<std::uint64_t>();
  }
  return fmt::format("**{} of {} fail**", failed, all);
}

const Json* find_cell(const Json& matrix, const std::string& version, const std::string& op,
                      const std::string& implementation) {
  for (const auto& cell : matrix.at("cells")) {
    if (cell.at("version") == version && cell.at("op") == op &&
        cell.at("implementation") == implementation) {
      return &cell;
    }
  }
  return nullptr;
}

/// The values of a key of all cells, each once, in their order.
std::vector<std::string> values(const Json& matrix, const char* key) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const auto& cell : matrix.at("cells")) {
    const auto name = text_of(cell, key);
    if (seen.insert(name).second) names.push_back(name);
  }
  return names;
}

void write_versions(Markdown& out, const Json& matrix) {
  out.table({"version", "library", "in", "run on"});
  for (const auto& version : matrix.at("versions")) {
    std::vector<std::string> names, paths;
    std::string devices;
    for (const auto& library : version.at("libraries")) {
      const auto number = text_of(library, "version"), revision = text_of(version, "revision");
      names.push_back(
          fmt::format("{} {}", text_of(library, "name"),
                      number.empty() && !revision.empty() ? "at " + revision : or_unknown(number)));
      if (auto path = text_of(library, "path"); !path.empty()) paths.push_back(std::move(path));
    }
    for (const auto& implementation : version.at("implementations")) {
      if (!implementation.contains("device")) continue;
      devices = text_of(implementation.at("device"), "name");
    }
    if (version.value("interpreted", false)) devices = "Triton's interpreter, no GPU";
    out.row({cell(text_of(version, "name")), cell(join(names, ", ")), code(join(paths, ", ")),
             cell(devices)});
  }
  out.line();
  for (const auto& version : matrix.at("versions")) {
    const auto reason = text_of(version, "could_not_run");
    if (reason.empty()) continue;
    out.line(
        fmt::format("- **{} could not run**: {}", cell(text_of(version, "name")), cell(reason)));
  }
  out.line();
}

void write_overview(Markdown& out, const Json& matrix) {
  std::vector<std::string> heads{"op", "implementation"};
  for (const auto& version : matrix.at("versions")) heads.push_back(cell(text_of(version, "name")));
  out.table(heads);
  for (const auto& op : values(matrix, "op")) {
    for (const auto& implementation : values(matrix, "implementation")) {
      std::vector<std::string> cells{cell(op), cell(implementation)};
      bool has_any = false;
      for (const auto& version : matrix.at("versions")) {
        const auto* found = find_cell(matrix, text_of(version, "name"), op, implementation);
        has_any |= found != nullptr;
        cells.push_back(found == nullptr ? "" : overview_cell(*found));
      }
      if (has_any) out.row(cells);
    }
  }
  out.line();
}

void write_op(Markdown& out, const Json& matrix, const std::string& op) {
  out.line(fmt::format("## {}", cell(op)));
  out.line();
  out.table({"version", "implementation", "entry point", "generation", "verdicts",
             "largest error of a pass, fp32", "fp16", "bf16", "one call, median", "speed"});
  for (const auto& one : matrix.at("cells")) {
    if (one.at("op") != op) continue;
    const auto& errors = one.at("largest_error_ulp");
    std::string time, speed;
    if (const auto& measured = one.at("time"); !measured.is_null()) {
      time = fmt::format("{:.1f} us", measured.at("median_us").get<double>());
      if (measured.at("relative").is_number()) {
        speed = fmt::format("{:.2f}", measured.at("relative").get<double>());
      }
    }
    out.row({cell_of(one, "version"), cell_of(one, "implementation"), code(text_of(one, "entry")),
             cell_of(one, "generation"), counts_cell(one), ulp_cell(errors, "fp32"),
             ulp_cell(errors, "fp16"), ulp_cell(errors, "bf16"), time, speed});
  }
  out.line();
}

void write_changes(Markdown& out, const Json& matrix) {
  out.line("## What changed");
  out.line();
  if (matrix.at("changes").empty()) out.line("Nothing, from any version to the next.");
  for (const auto& change : matrix.at("changes")) {
    out.line(fmt::format("- {} to {}, {} of {}: {}", cell_of(change, "before"),
                         cell_of(change, "after"), cell_of(change, "op"),
                         cell_of(change, "implementation"), cell_of(change, "text")));
  }
  out.line();
}

/// A kind of failure, and the versions that have it.
struct Failure {
  std::vector<std::string> versions;
  const Json* cell = nullptr;
  const Json* failure = nullptr;
};

/// Those of different versions that are the same in all that is shown, as one.
std::vector<Failure> failures_of(const Json& matrix) {
  std::vector<Failure> list;
  for (const auto& one : matrix.at("cells")) {
    for (const auto& failure : one.at("failures")) {
      const auto same = std::find_if(list.begin(), list.end(), [&](const Failure& other) {
        return other.cell->at("implementation") == one.at("implementation") &&
               *other.failure == failure;
      });
      if (same == list.end()) {
        list.push_back({{text_of(one, "version")}, &one, &failure});
      } else {
        same->versions.push_back(text_of(one, "version"));
      }
    }
  }
  return list;
}

void write_failures(Markdown& out, const Json& matrix) {
  const auto failures = failures_of(matrix);
  if (failures.empty()) return;
  out.line("## What fails");
  out.line();
  out.line(
      "One case of each kind; the report of its version has all, and how to repeat them. What is "
      "known of the entry point's sources may be the cause, or not.");
  out.line();
  out.table({"versions", "implementation", "verdict", "cases", "for example", "reason", "known"});
  for (const auto& [versions, one, failure] : failures) {
    std::string known;
    for (const auto& id : one->at("known_defects")) {
      known += (known.empty() ? "" : ", ") + code(id.get<std::string>());
    }
    out.row({cell(join(versions, ", ")), cell_of(*one, "implementation"),
             cell_of(*failure, "verdict"), cell_of(*failure, "cases"),
             code(text_of(*failure, "case")), cell_of(*failure, "reason"), known});
  }
  out.line();
}

}  // namespace

std::string render_matrix_overview(const Json& matrix) {
  Markdown out;
  out.line("# fusegate matrix");
  out.line();
  write_versions(out, matrix);
  write_overview(out, matrix);
  return out.take();
}

std::string render_matrix(const Json& matrix) {
  Markdown out;
  out.line(render_matrix_overview(matrix));
  for (const auto& op : values(matrix, "op")) write_op(out, matrix, op);
  out.line(
      "Errors are in units in the last place of the output's format. Times are of single calls as "
      "an engine makes them, Python included, and speeds relative to the first version that was "
      "timed, over the cases of both: a hint, no benchmark.");
  out.line();
  write_changes(out, matrix);
  write_failures(out, matrix);
  return out.take();
}

}  // namespace fusegate::reports
