#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/files.hpp"
#include "probe/base/hash.hpp"
#include "probe/base/json.hpp"
#include "probe/process/interrupt.hpp"
#include "reports/markdown.hpp"
#include "reports/report.hpp"
#include "reports/validator.hpp"
#include "suites/campaign.hpp"
#include "suites/journal.hpp"
#include "suites/suite.hpp"
#include "tools/fusegate/case_log.hpp"
#include "tools/fusegate/commands.hpp"
#include "tools/fusegate/engines.hpp"
#include "tools/fusegate/facts.hpp"
#include "tools/fusegate/known_defects.hpp"
#include "tools/fusegate/library_selection.hpp"
#include "tools/fusegate/outcome.hpp"
#include "tools/fusegate/selection.hpp"

namespace fusegate::tools {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

// As a check alone has it, so that a failure repeats.
const int runs_of_a_case = CheckOptions{}.repeat;

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || ::access(folder.c_str(), W_OK) != 0) {
    throw CannotRun(fmt::format("cannot write to the folder {}: {}; give another with --out",
                                folder.string(), error ? error.message() : "it is not writable"));
  }
}

suites::Journal open_journal(const RunOptions& options, const suites::Plan& plan,
                             const std::vector<suites::Implementation>& implementations) {
  suites::JournalHeader header{
      .plan = plan.digest(), .tool = tool_version_text(), .started = utc_now()};
  for (const auto& implementation : implementations) {
    header.implementations.push_back(implementation.name);
  }
  const fs::path path = fs::path(options.out) / "journal.jsonl";
  if (!options.resume) return suites::Journal::create(path, header);
  return suites::Journal::resume(path, header, [](const Json& result) {
    return reports::result_validator().problems(result).empty();
  });
}

suites::CampaignOutcome run_cases(const RunOptions& options, const CommonOptions& common,
                                  const suites::Plan& plan,
                                  const std::vector<suites::Implementation>& implementations,
                                  suites::Journal& journal, const Console& console) {
  const InterruptGuard interrupt;
  Progress progress(common, plan.size() * implementations.size());
  CaseLog log(console, progress, common.verbose, options.cases, common.python, runs_of_a_case);
  suites::CampaignObserver observer;
  observer.is_done = [&](const std::string& id) {
    const bool done = journal.has(id);
    if (done) progress.advance();
    return done;
  };
  observer.on_implementation = [&](const Json& description) {
    journal.record_implementation(description);
  };
  observer.on_case = [&](const std::string& implementation, const suites::Case& c) {
    progress.begin(implementation + "  " + c.line());
  };
  observer.on_result = [&](const suites::Result& result) {
    journal.append(suites::result_to_json(result));
    log.show(result);
    progress.advance();
  };
  return run_campaign(plan, implementations,
                      make_runner_options(options.cases, runs_of_a_case, interrupt.fd()), observer);
}

Json describe_run(const RunOptions& options, const CommonOptions& common, const suites::Plan& plan,
                  const suites::CampaignOutcome& outcome, const std::string& started) {
  // In one go or not, the report is the same.
  auto command = common.command_line;
  std::erase(command, "--resume");
  return {{"id", hash_text(fmt::format("{} {} {}", started, ::getpid(), plan.digest()))},
          {"started", started},
          {"finished", utc_now()},
          {"command", command},
          {"suite", options.lines.empty() ? Json(options.cases.suite) : Json(nullptr)},
          {"seed", options.cases.seed},
          {"match", options.cases.match},
          {"shard", options.cases.shard},
          {"plan", plan.digest()},
          {"cases", plan.size()},
          {"interrupted", outcome.interrupted},
          {"could_not_run", outcome.could_not_run}};
}

void write_markdown(const fs::path& path, const Json& envelope, const reports::Summary& summary,
                    const reports::ResultSource& results) {
  AtomicFile file(path);
  file.write(reports::render_markdown(envelope, summary, results));
  file.commit();
}

reports::Summary write_reports(const fs::path& folder, const Json& envelope,
                               const reports::ResultSource& results) {
  try {
    const auto summary = reports::write_report(folder / "report.json", envelope, results);
    write_markdown(folder / "report.md", envelope, summary, results);
    return summary;
  } catch (const CannotRun& error) {
    throw CannotRun(fmt::format("{}; the results are in {}: make room and go on with --resume",
                                error.what(), (folder / "journal.jsonl").string()));
  }
}

/// A piece at a time: a report may be larger than this program.
void copy_document(const fs::path& from, DocumentWriter& out) {
  if (!read_pieces(from, [&](std::string_view piece) { out.write(piece); }))
    throw cannot_read(from);
  out.finish();
}

/// What the report says of --library and --engine: {libraries, engines}.
Json read_sources(const RunOptions& options, const CommonOptions& common,
                  const probe::DeviceSurvey& devices, const Console& console) {
  if (!options.assumptions.empty() &&
      (options.engines.empty() || options.cases.libraries.empty())) {
    throw UsageError("--assume is for an engine on a library: give --engine and --library");
  }
  const auto contracts = probe::known_libraries();
  Json libraries = list_of(
      read_libraries(tested_libraries(options.cases, common.python), contracts, common.python));
  Json engines = engines_of_report({options.engines, options.cases.libraries,
                                    profile_here(options.assumptions, devices.devices)},
                                   common.python);
  print_engines(console, engines);
  return {{"libraries", std::move(libraries)}, {"engines", std::move(engines)}};
}

Json make_envelope(Json run, const probe::DeviceSurvey& devices, const Json& sources,
                   const Json& implementations, const std::string& python) {
  const Json survey = devices;
  std::vector<std::string> names;
  for (const auto& implementation : implementations) names.push_back(implementation.at("name"));
  return {{"schema", reports::report_schema_name},
          {"schema_version", reports::report_schema_version},
          {"tool", tool_identity()},
          {"run", std::move(run)},
          {"host", survey_host(python)},
          {"devices", survey.at("devices")},
          {"device_sources", survey.at("backends")},
          {"libraries", sources.at("libraries")},
          {"engines", sources.at("engines")},
          {"implementations", implementations},
          {"known_defects", known_defects(names, sources.at("libraries"))}};
}

/// Those that the suite's cases stand for. Lines given by hand are of no suite.
void add_models(Json& envelope, const RunOptions& options) {
  if (!options.lines.empty()) return;
  const auto& suite = suites::find_suite(options.cases.suite);
  if (!suite.models.empty()) envelope["models"] = suites::models_to_json(suite);
}

}  // namespace

ExitCode run_command(const RunOptions& options, const CommonOptions& common) {
  const Console console(common);
  const suites::Plan plan = make_plan(options.cases, options.lines);
  const probe::DeviceSurvey devices = probe::survey_devices();
  const auto choice = choose_implementations(options.cases, common.python, devices.devices);
  for (const auto& note : choice.notes) console.print(console.paint(Tone::warning, note));
  const Json sources = read_sources(options, common, devices, console);
  make_folder(options.out);
  // Before anything runs: what cannot be written is better known then.
  std::optional<DocumentWriter> copy;
  if (!common.json.empty()) copy.emplace(common.json);
  suites::Journal journal = open_journal(options, plan, choice.implementations);
  if (journal.damaged() > 0) {
    console.insist(fmt::format(
        "{} damaged lines of the journal were dropped: their cases run again", journal.damaged()));
  }

  const auto outcome = run_cases(options, common, plan, choice.implementations, journal, console);

  Json run = describe_run(options, common, plan, outcome, journal.started());
  run["notes"] = choice.notes;
  Json envelope =
      make_envelope(std::move(run), devices, sources, *outcome.implementations, common.python);
  add_models(envelope, options);
  const auto results = [&](const reports::ResultVisitor& visit) { journal.for_each(visit); };
  const fs::path report = fs::path(options.out) / "report.json";
  const auto summary = write_reports(options.out, envelope, results);
  print_summary(console, summary);
  console.print(fmt::format("report: {} and report.md beside it", report.string()));
  const auto code = conclude(console, summary, outcome, " (interrupted; --resume goes on)");
  if (copy) copy_document(report, *copy);
  return code;
}

}  // namespace fusegate::tools
