#include "reports/markdown.hpp"

#include <cstdint>
#include <iterator>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/markdown_declared.hpp"
#include "reports/markdown_defects.hpp"
#include "reports/markdown_engine.hpp"
#include "reports/markdown_library.hpp"
#include "reports/markdown_models.hpp"
#include "reports/markdown_text.hpp"

namespace fusegate::reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t shown_failures = 50;

std::string gib(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return "";
  return fmt::format("{:.1f} GiB", found->get<double>() / (1024.0 * 1024.0 * 1024.0));
}

void write_headline(Markdown& out, const Json& envelope, const Summary& summary) {
  const Json& run = envelope.at("run");
  out.line("# fusegate report");
  out.line();
  out.line(fmt::format("**{}**{}", counts_text(summary.by_verdict()),
                       run.value("interrupted", false) ? " (interrupted: not all cases ran)" : ""));
  out.line();
  const auto& suite = run.at("suite");
  out.line(
      fmt::format("Suite {}, {} cases for each implementation, seed {}; {} to {}; fusegate {} "
                  "({}).",
                  suite.is_string() ? cell(suite.get<std::string>()) : "of lines given by hand",
                  cell_of(run, "cases"), cell_of(run, "seed"), cell_of(run, "started"),
                  cell_of(run, "finished"), cell_of(envelope.at("tool"), "version"),
                  cell_of(envelope.at("tool"), "commit")));
  for (const auto& [key, heading] :
       {std::pair{"notes", "note"}, {"could_not_run", "could not run"}}) {
    const auto texts = run.find(key);
    if (texts == run.end() || texts->empty()) continue;
    out.line();
    for (const auto& text : *texts) {
      out.line(fmt::format("- **{}**: {}", heading, cell(text.get<std::string>())));
    }
  }
  out.line();
}

void write_failures(Markdown& out, const ResultSource& results) {
  std::uint64_t failures = 0;
  Markdown rows;
  results([&](const Json& result) {
    const auto verdict = result.at("verdict").get<std::string>();
    if (verdict == "pass" || verdict == "unsupported" || verdict == "skipped") return;
    if (++failures > shown_failures) return;
    rows.row({cell(verdict), cell(result.at("implementation").get<std::string>()),
              code(result.at("case").get<std::string>()),
              cell(result.at("reason").get<std::string>())});
  });
  if (failures == 0) return;
  out.line("## What is wrong");
  out.line();
  out.line(
      "`fusegate check --with IMPLEMENTATION 'CASE'` repeats a case alone, with the same "
      "numbers.");
  out.line();
  out.table({"verdict", "implementation", "case", "reason"});
  out.line(rows.take());
  if (failures > shown_failures) {
    out.line(fmt::format("... and {} more, in report.json.", failures - shown_failures));
    out.line();
  }
}

void write_results(Markdown& out, const Summary& summary) {
  if (summary.results() == 0) return;
  out.line("## Results");
  out.line();
  out.table({"implementation", "op", "verdicts"});
  for (const auto& [key, verdicts] : summary.by_implementation_and_op()) {
    out.row({cell(key.first), cell(key.second), counts_text(verdicts)});
  }
  out.line();
  const auto errors = summary.errors();
  if (errors.empty()) return;
  out.line(
      "Largest errors, in units in the last place of the output's format at the infinitely "
      "precise value, with the case that came nearest to its limit:");
  out.line();
  out.table({"implementation", "op", "dtype", "output", "cases", "error", "limit", "case"});
  for (const auto& row : errors) {
    out.row({cell(row.implementation), cell(row.op), cell(row.dtype), cell(row.tensor),
             std::to_string(row.cases), ulp_text(row.max_ulp), ulp_text(row.limit_ulp),
             code(row.case_line)});
  }
  out.line();
}

void write_machine(Markdown& out, const Json& envelope) {
  out.line("## Machine");
  out.line();
  const Json& host = envelope.at("host");
  const Json os = host.value("operating_system", Json::object());
  out.line(fmt::format("Host: {} {}, kernel {}, {}, {} cores, {} of memory.", cell_of(os, "name"),
                       cell_of(os, "version"), cell_of(host, "kernel_release"),
                       cell_of(host, "cpu_model"), cell_of(host, "usable_cores"),
                       gib(host, "memory_bytes")));
  out.line();
  const Json& devices = envelope.at("devices");
  if (devices.empty()) {
    out.line("No GPU was found:");
    out.line();
    for (const auto& source : envelope.value("device_sources", Json::array())) {
      if (!text_of(source, "failure").empty()) {
        out.line(fmt::format("- {}: {}", cell_of(source, "name"), cell_of(source, "failure")));
      }
    }
    out.line();
  } else {
    out.table({"device", "name", "architecture", "memory", "PCI address", "read through"});
    for (const auto& device : devices) {
      out.row({cell_of(device, "index"), cell_of(device, "name"), cell_of(device, "architecture"),
               gib(device, "memory_bytes"), cell_of(device, "pci_address"),
               cell_of(device, "source")});
    }
    out.line();
  }
  out.table({"implementation", "runs on", "fingerprint of its worker"});
  for (const auto& implementation : envelope.at("implementations")) {
    const auto device = implementation.value("device", Json::object());
    out.row({cell_of(implementation, "name"),
             implementation.value("available", false)
                 ? cell(fmt::format("{} ({})", text_of(device, "name"),
                                    text_of(device, "architecture")))
                 : "not available: " + cell_of(implementation, "reason"),
             code(text_of(implementation, "fingerprint"))});
  }
}

}  // namespace

std::string render_markdown(const Json& envelope, const Summary& summary,
                            const ResultSource& results) {
  Markdown out;
  write_headline(out, envelope, summary);
  write_failures(out, results);
  write_models(out, envelope, results);
  write_results(out, summary);
  write_defects(out, envelope, results);
  write_declared(out, results);
  for (const Json& library : envelope.at("libraries")) write_library(out, library);
  for (const Json& engine : envelope.at("engines")) write_engine(out, engine);
  write_machine(out, envelope);
  return out.take();
}

}  // namespace fusegate::reports
