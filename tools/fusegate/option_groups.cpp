#include "tools/fusegate/option_groups.hpp"

#include <charconv>

#include <fmt/format.h>

#include "probe/base/text.hpp"

namespace fusegate::tools {
namespace {

constexpr const char* engine_help =
    "An engine's sources: a checkout, an unpacked wheel or a site-packages folder, or a name to "
    "find in the environment of --python";

std::string objection_to_seed(const std::string& text) {
  std::int64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && seed >= 0 ? "" : fmt::format("'{}' is no whole number from 0 to 2^63 - 1", text);
}

}  // namespace

void add_common(CLI::App& app, CommonOptions& common) {
  app.add_option("--json", common.json, "Write machine-readable output to FILE, or - for stdout")
      ->type_name("FILE");
  app.add_option("--python", common.python, "Interpreter of the environment under test")
      ->type_name("PATH")
      ->capture_default_str();
  app.add_option("--color", common.color, "Colours: auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  app.add_flag("-q,--quiet", common.quiet, "Print only what went wrong");
  app.add_flag("-v,--verbose", common.verbose, "Print every case");
}

void add_cases(CLI::App& command, CaseOptions& cases) {
  command.add_option("--with", cases.with, "Implementations to test, separated by commas")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("IMPL");
  command.add_option("--worker", cases.workers, "An implementation of your own: NAME=COMMAND")
      ->type_name("NAME=COMMAND")
      ->allow_extra_args(false);
  add_libraries(command, cases.libraries);
  command.add_flag("--interpret", cases.interpret,
                   "Run a library's Triton kernels without a GPU, in Triton's interpreter");
  command.add_flag("--beyond-limits", cases.beyond_limits,
                   "Also call a library with what it says it does not take, and tell what it does");
  command.add_option("--suite", cases.suite, "Cases by the name of their suite");
  command.add_option("--match", cases.match, "Only cases whose line contains this expression")
      ->type_name("REGEX");
  command.add_option("--seed", cases.seed, "Seed of the inputs")
      ->check(CLI::Validator(objection_to_seed, "0 to 2^63 - 1"))
      ->capture_default_str();
  command.add_option("--shard", cases.shard, "Only the I-th of N parts of the cases")
      ->type_name("I/N");
  command.add_option("--case-timeout", cases.case_timeout_seconds, "For each run of a case")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.001, 1e6))
      ->capture_default_str();
}

CLI::Option* add_libraries(CLI::App& command, std::vector<std::string>& libraries) {
  return command
      .add_option("--library", libraries,
                  "A kernel library: a checkout, an unpacked wheel or a site-packages folder, or "
                  "a name to find in the environment of --python")
      ->type_name("[NAME=]PATH")
      ->allow_extra_args(false);
}

void add_source(CLI::App& command, SourceOptions& source) {
  add_libraries(command, source.libraries);
  command.add_option("--repo", source.repository, "A git repository of the library")
      ->type_name("DIR");
  command.add_option("--rev", source.revision, "The revision to read of --repo")
      ->type_name("REVISION");
}

void add_engine(CLI::App& command, std::string& engine) {
  command.add_option("--engine", engine, engine_help)->type_name("[NAME=]PATH");
}

void add_engines(CLI::App& command, std::vector<std::string>& engines) {
  command.add_option("--engine", engines, engine_help)
      ->type_name("[NAME=]PATH")
      ->allow_extra_args(false);
}

void add_assumptions(CLI::App& command, std::vector<std::string>& assumptions) {
  command
      .add_option("--assume", assumptions,
                  "Taken as given of the machine on which the engine runs: a GPU (gfx942, sm_90), "
                  "NAME=VALUE of its environment or a Python name, NAME for NAME=1")
      ->type_name("NAME[=VALUE]")
      ->allow_extra_args(false);
}

void add_judgement(CLI::App& command, ContractCheckOptions& options) {
  command.add_option("--format", options.format, "text, or github: annotations of its log")
      ->check(CLI::IsMember({"text", "github"}))
      ->capture_default_str();
  command
      .add_option("--baseline", options.baseline,
                  "An earlier document (--json): only what did not break there counts")
      ->type_name("FILE");
  command
      .add_option("--accept", options.accepted,
                  "A list of what may break for a while: [{id, reason, owner, expires}, ...]")
      ->type_name("FILE");
  command
      .add_option("--written-for", options.written_for,
                  "The release of the library for which the engine was written: by it, an argument "
                  "that reaches another parameter now is told for certain")
      ->type_name("[NAME=]PATH");
  command
      .add_option("--explain", options.explain,
                  "Only the uses of this id (in brackets behind each use), and how to mend them")
      ->type_name("ID")
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_flag("--callers", options.callers,
                   "Put into the document who may reach what breaks when it is called");
  command.add_flag("--all", options.all, "Print also what is fine or off");
}

void add_list(CLI::App& list, ListOptions& options) {
  const std::vector<std::string> kinds{
      "ops", "suites", "cases", "policies", "implementations", "contracts", "recipes"};
  list.add_option("what", options.what, join(kinds, ", "))->required();
  list.add_option("--suite", options.suite,
                  "Of cases: those of this suite, with the models they stand for (default: smoke)");
}

}  // namespace fusegate::tools
