#include "reports/markdown.hpp"

#include <cstdint>
#include <iterator>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/text.hpp"

namespace fusegate::reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t shown_failures = 50;

/// Text from elsewhere (a library, a device, a worker, another's report): nothing in it may end a
/// table cell, begin markup or be HTML.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : foreign_text(text, 0)) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '\r':
      case '\n':
        out += ' ';
        break;
      case '\\':
      case '|':
      case '`':
      case '*':
      case '_':
      case '~':
      case '[':
      case ']':
        out += std::string("\\") + c;
        break;
      default:
        out += c;
    }
  }
  return out;
}

/// The same as code; a backtick cannot be escaped there. Nothing for nothing: two backticks would
/// begin a code span.
std::string code(const std::string& text) {
  if (text.empty()) return "";
  std::string out = "`";
  bool even = true;  // backslashes right before
  for (const char c : foreign_text(text, 0)) {
    // To some parsers a backslash escapes the next one even in code, and a pipe only after an odd
    // number of them.
    if (c == '|') out += even ? "\\" : "\\\\";
    out += c == '`' || c == '\n' || c == '\r' ? ' ' : c;
    even = c != '\\' || !even;
  }
  return out + "`";
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::string cell_of(const Json& object, const char* key) {
  return cell(text_of(object, key));
}

std::string gib(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return "";
  return fmt::format("{:.1f} GiB", found->get<double>() / (1024.0 * 1024.0 * 1024.0));
}

class Markdown {
 public:
  void line(const std::string& text = "") { text_ += text + "\n"; }
  void row(const std::vector<std::string>& cells) {
    for (const auto& entry : cells) text_ += "| " + entry + " ";
    text_ += "|\n";
  }
  void table(const std::vector<std::string>& heads) {
    row(heads);
    row(std::vector<std::string>(heads.size(), "---"));
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

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

void write_libraries(Markdown& out, const Json& libraries) {
  for (const Json& library : libraries) {
    out.line(fmt::format("## Library {}", cell_of(library, "name")));
    out.line();
    out.line(fmt::format("Distribution {} {} in {} ({}), fingerprint {}.",
                         cell_of(library, "distribution"), cell_of(library, "version"),
                         code(text_of(library, "path")), cell_of(library, "version_source"),
                         code(text_of(library, "fingerprint"))));
    out.line();
    for (const auto& problem : library.value("problems", Json::array())) {
      out.line("- problem: " +
               cell(problem.is_string() ? problem.get<std::string>() : problem.dump()));
    }
    const auto entries = library.value("entry_points", Json::array());
    if (entries.empty()) {
      out.line("No fused entry point that this build knows of was found.");
      out.line();
      continue;
    }
    out.table({"entry point", "op", "defined in", "where", "signature"});
    for (const auto& entry : entries) {
      out.row({code(text_of(entry, "name")), cell_of(entry, "op"),
               code(text_of(entry, "defined_in")),
               code(fmt::format("{}:{}", text_of(entry, "file"), text_of(entry, "line"))),
               code(text_of(entry, "signature"))});
    }
    out.line();
  }
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
  write_results(out, summary);
  write_libraries(out, envelope.at("libraries"));
  write_machine(out, envelope);
  return out.take();
}

}  // namespace fusegate::reports
