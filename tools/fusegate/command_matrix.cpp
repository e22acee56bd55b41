#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/files.hpp"
#include "probe/base/json.hpp"
#include "probe/base/text.hpp"
#include "reports/matrix.hpp"
#include "reports/validator.hpp"
#include "suites/plan.hpp"
#include "tools/fusegate/commands.hpp"
#include "tools/fusegate/console.hpp"
#include "tools/fusegate/facts.hpp"
#include "tools/fusegate/matrix_file.hpp"
#include "tools/fusegate/selection.hpp"
#include "tools/fusegate/version_sources.hpp"

namespace fusegate::tools {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

/// What of a version's folder is read when the table is made.
struct VersionFolder {
  fs::path path;

  [[nodiscard]] fs::path report() const { return path / "report.json"; }
  [[nodiscard]] fs::path journal() const { return path / "journal.jsonl"; }
  /// The reason, where there is no report.
  [[nodiscard]] fs::path failure() const { return path / "could_not_run.txt"; }
};

VersionFolder folder_of(const MatrixOptions& options, const MatrixVersion& version) {
  return {fs::path(options.out) / version.name};
}

/// Those of this shard, or those that --only names.
std::vector<MatrixVersion> chosen(const MatrixOptions& options, const MatrixFile& file) {
  const auto shard = suites::parse_shard(options.shard);
  std::vector<std::string> names;
  for (const auto& version : file.versions) names.push_back(version.name);
  for (const auto& name : options.only) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    throw UsageError(fmt::format("--only {}: {} has no such version{}", name, file.path.string(),
                                 did_you_mean(name, names)));
  }
  std::vector<MatrixVersion> versions;
  for (std::size_t i = 0; i < file.versions.size(); ++i) {
    const auto& version = file.versions[i];
    const bool is_named =
        options.only.empty() ||
        std::find(options.only.begin(), options.only.end(), version.name) != options.only.end();
    if (i % shard.count == shard.index && is_named) versions.push_back(version);
  }
  return versions;
}

bool is_part(const MatrixOptions& options) {
  return !options.only.empty() || suites::parse_shard(options.shard).count > 1;
}

/// As a person would have typed it: the report names it.
std::vector<std::string> command_of(const RunOptions& run, const std::string& python) {
  std::vector<std::string> words{"fusegate", "run"};
  const auto add = [&](const std::string& option, const std::string& value) {
    words.insert(words.end(), {option, value});
  };
  add("--with", join(run.cases.with, ","));
  for (const auto& library : run.cases.libraries) add("--library", library);
  add("--python", python);
  if (run.cases.interpret) words.emplace_back("--interpret");
  if (run.cases.beyond_limits) words.emplace_back("--beyond-limits");
  if (run.lines.empty()) add("--suite", run.cases.suite);
  if (!run.cases.match.empty()) add("--match", run.cases.match);
  if (run.cases.seed != 0) add("--seed", std::to_string(run.cases.seed));
  add("--out", run.out);
  words.insert(words.end(), run.lines.begin(), run.lines.end());
  return words;
}

ExitCode run_version(const MatrixOptions& options, const MatrixFile& file,
                     const MatrixVersion& version, const CommonOptions& common) {
  const VersionFolder folder = folder_of(options, version);
  RunOptions run{.cases = version.cases, .lines = file.lines, .engines = {}, .assumptions = {}};
  run.out = folder.path.native();
  run.resume = options.resume && fs::exists(folder.journal());
  if (!version.library.empty()) {
    run.cases.libraries = {library_of(version, fs::path(options.out) / ".sources")};
  }
  CommonOptions own = common;
  own.json.clear();
  own.python = version.python;
  own.command_line = command_of(run, own.python);
  return run_command(run, own);
}

void note_failure(const Console& console, const VersionFolder& folder, const std::string& reason) {
  console.insist(console.paint(Tone::warning, "could not run: " + reason));
  std::error_code ignored;
  fs::create_directories(folder.path, ignored);
  AtomicFile file(folder.failure());
  file.write(reason + "\n");
  file.commit();
}

/// What an earlier run left of a version would be taken for this one's.
void set_aside(const VersionFolder& folder) {
  std::error_code ignored;
  fs::remove(folder.failure(), ignored);
  fs::rename(folder.report(), folder.report().native() + ".old", ignored);
}

void require_sound(const reports::Validator& validator, const Json& document,
                   const VersionFolder& folder) {
  const auto problems = validator.problems(document);
  if (problems.empty()) return;
  throw UsageError(fmt::format("{} does not fit the report's schema: {}", folder.report().string(),
                               problems.front()));
}

/// Throws CannotRun and UsageError for a report that cannot be read, or is none.
reports::MatrixColumn read_report(const VersionFolder& folder, const MatrixVersion& version) {
  std::vector<Json> results;
  auto envelope = reports::read_report(folder.report(), [&](const Json& result) {
    require_sound(reports::result_validator(), result, folder);
    results.push_back(result);
  });
  require_sound(reports::envelope_validator(), envelope, folder);
  return {version.name, std::move(envelope), [&](const reports::ResultVisitor& visit) {
            for (const auto& result : results) visit(result);
          }};
}

/// One that cannot be read costs its own version: the others took hours.
reports::MatrixColumn read_version(const MatrixOptions& options, const MatrixVersion& version) {
  const VersionFolder folder = folder_of(options, version);
  if (const auto reason = read_text(folder.failure())) {
    return {version.name, std::string(trim(*reason))};
  }
  if (!fs::exists(folder.report())) {
    return {version.name, fmt::format("there is no {}", folder.report().string())};
  }
  try {
    return read_report(folder, version);
  } catch (const CannotRun& error) {
    return {version.name, error.what()};
  } catch (const UsageError& error) {
    return {version.name,
            fmt::format("{}; run it again, with --only {}", error.what(), version.name)};
  }
}

Json write_matrix(const MatrixOptions& options, const MatrixFile& file,
                  const CommonOptions& common) {
  std::vector<reports::MatrixColumn> columns;
  for (const auto& version : file.versions) columns.push_back(read_version(options, version));
  Json matrix = reports::matrix_document(columns, file.baseline);
  matrix["tool"] = tool_identity();
  matrix["file"] = file.path.string();
  for (std::size_t i = 0; i < file.versions.size(); ++i) {
    matrix["versions"][i]["revision"] = text_or_null(file.versions[i].revision);
  }
  const reports::Validator validator(nlohmann::json::parse(reports::schema_text("matrix")));
  if (const auto problems = validator.problems(matrix); !problems.empty()) {
    throw reports::InvalidReport("the matrix does not fit its schema: " + join(problems, "; "));
  }
  const fs::path out = options.out;
  const auto text = matrix.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  write_document((out / "matrix.json").native(), text);
  write_document((out / "matrix.md").native(), reports::render_matrix(matrix));
  if (!common.json.empty()) write_document(common.json, text);
  return matrix;
}

ExitCode conclude(const Json& matrix, const MatrixOptions& options, const Console& console) {
  console.print();
  console.print(reports::render_matrix_overview(matrix));
  console.print(fmt::format("matrix: {} and matrix.md beside it",
                            (fs::path(options.out) / "matrix.json").string()));
  bool lacks = false;
  for (const auto& version : matrix.at("versions")) {
    const auto reason = version.at("could_not_run").get<std::string>();
    if (reason.empty()) continue;
    lacks = true;
    console.insist(console.paint(
        Tone::warning, fmt::format("could not run: {}: {}", version.at("name").get<std::string>(),
                                   foreign_text(reason, 4))));
  }
  const auto& regressions = matrix.at("regressions");
  for (const auto& one : regressions) {
    console.insist(console.paint(
        Tone::bad,
        fmt::format("{}: {} cases of {} by {} fail{}", one.at("version").get<std::string>(),
                    one.at("cases").get<std::uint64_t>(), one.at("op").get<std::string>(),
                    one.at("implementation").get<std::string>(),
                    matrix.at("baseline").is_null() ? "" : ", and did not in the baseline")));
  }
  if (!regressions.empty()) return ExitCode::check_failed;
  return lacks ? ExitCode::could_not_run : ExitCode::good;
}

/// Runs them one after another. nullopt: all ran, or it is noted why one did not.
std::optional<ExitCode> run_versions(const MatrixOptions& options, const MatrixFile& file,
                                     const std::vector<MatrixVersion>& versions,
                                     const CommonOptions& common, bool& lacks) {
  const Console console(common);
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const auto& version = versions[i];
    console.print(fmt::format("== {} ({} of {})", version.name, i + 1, versions.size()));
    const VersionFolder folder = folder_of(options, version);
    set_aside(folder);
    try {
      const auto code = run_version(options, file, version, common);
      if (code == ExitCode::interrupted) return code;
      lacks |= code == ExitCode::could_not_run;
    } catch (const CannotRun& error) {
      lacks = true;
      note_failure(console, folder, error.what());
    } catch (const UsageError& error) {  // of this version: its library, its implementations
      lacks = true;
      note_failure(console, folder, error.what());
    }
  }
  return std::nullopt;
}

}  // namespace

ExitCode run_command(const MatrixOptions& options, const CommonOptions& common) {
  const Console console(common);
  const MatrixFile file = read_matrix_file(options.file, common.python);
  if (options.collect && is_part(options)) {
    throw UsageError("--collect makes the table of all versions: give neither --shard nor --only");
  }
  if (options.collect) return conclude(write_matrix(options, file, common), options, console);

  // What is wrong with the cases is wrong with all versions.
  static_cast<void>(make_plan(file.versions.front().cases, file.lines));
  bool lacks = false;
  const auto ended = run_versions(options, file, chosen(options, file), common, lacks);
  if (ended) return *ended;
  if (!is_part(options)) return conclude(write_matrix(options, file, common), options, console);
  console.print(
      fmt::format("a part of the matrix: when all are there, fusegate matrix {} --out {} "
                  "--collect",
                  shell_quoted(options.file), shell_quoted(options.out)));
  return lacks ? ExitCode::could_not_run : ExitCode::good;
}

}  // namespace fusegate::tools
