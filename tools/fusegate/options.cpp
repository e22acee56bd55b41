#include "tools/fusegate/options.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <functional>
#include <set>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"

namespace fusegate::tools {
namespace {

constexpr const char* description =
    "fusegate tells, with evidence, which fused GPU kernels of the libraries on this machine can "
    "be "
    "called, how, for which shapes, and whether they are right.";

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

std::string objection_to_seed(const std::string& text) {
  std::int64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && seed >= 0 ? "" : fmt::format("'{}' is no whole number from 0 to 2^63 - 1", text);
}

void add_cases(CLI::App& command, CaseOptions& cases) {
  command.add_option("--with", cases.with, "Implementations to test, separated by commas")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("IMPL");
  command.add_option("--worker", cases.workers, "An implementation of your own: NAME=COMMAND")
      ->type_name("NAME=COMMAND")
      ->allow_extra_args(false);
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

void add_libraries(CLI::App& command, std::vector<std::string>& libraries) {
  command
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

/// All subcommands, and what each fills in.
class Parser {
 public:
  Parser() : app_(description, "fusegate") {
    app_.footer(std::string(exit_code_help) + "\nStart with: fusegate doctor, then fusegate run");
    app_.add_flag("--version", version_, "Print the version");
    app_.require_subcommand(0, 1);
    app_.fallthrough();
    add_common(app_, common_);
    add_run();
    add_check();
    add_api();
    add_contract();
    add_others();
  }

  std::variant<Invocation, ExitCode> parse(int argc, char** argv) {
    common_.command_line.assign(argv, argv + argc);
    try {
      app_.parse(argc, argv);
    } catch (const CLI::CallForHelp& help) {
      return static_cast<ExitCode>(app_.exit(help));
    } catch (const CLI::ExtrasError&) {
      throw UsageError(explain_extra());
    } catch (const CLI::RequiredError& error) {
      // Of a mistyped command CLI11 says that one is missing.
      throw UsageError(app_.remaining(true).empty() ? explain(error) : explain_extra());
    } catch (const CLI::ParseError& error) {
      throw UsageError(explain(error));
    }
    if (version_) return Invocation{common_, VersionOptions{}};
    if (app_.get_subcommands().empty()) {
      std::fputs(app_.help().c_str(), stderr);
      return ExitCode::usage;
    }
    return Invocation{common_, chosen_()};
  }

 private:
  template <class Options>
  CLI::App* add(const char* name, const char* what, Options& options) {
    return add(app_, name, what, options);
  }
  template <class Options>
  CLI::App* add(CLI::App& parent, const char* name, const char* what, Options& options) {
    CLI::App* command = parent.add_subcommand(name, what);
    command->callback([this, &options] { chosen_ = [&options] { return Command(options); }; });
    return command;
  }

  void add_run() {
    CLI::App* run = add("run", "The main job: probe the machine, check its kernels, report", run_);
    run_.cases.suite = "smoke";
    add_cases(*run, run_.cases);
    add_libraries(*run, run_.libraries);
    run->add_option("--out", run_.out, "Folder of the report")
        ->type_name("DIR")
        ->capture_default_str();
    run->add_flag("--resume", run_.resume, "Go on with an interrupted run in --out");
  }

  void add_check() {
    CLI::App* check = add("check", "Correctness of single cases, or of a suite", check_);
    check->add_option("line", check_.lines, "Cases: an op and key=value, lists expanded")
        ->type_name("LINE");
    add_cases(*check, check_.cases);
    check->add_flag("--list", check_.list, "Print the cases, run nothing");
    check->add_option("--repeat", check_.repeat, "Runs of each case, which must agree in every bit")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
  }

  void add_api() {
    CLI::App* api = app_.add_subcommand("api", "A library's surface: signatures and generations");
    api->require_subcommand(1);
    CLI::App* show = add(*api, "show", "What a library defines, by every name", api_show_);
    add_source(*show, api_show_.source);
    show->add_option("symbol", api_show_.symbols,
                     "Only these: a dotted name, or its last part or parts")
        ->type_name("SYMBOL");
    CLI::App* identify =
        add(*api, "identify", "Which library this is, and which generation of each entry point",
            api_identify_);
    add_libraries(*identify, api_identify_.libraries);
    CLI::App* capabilities =
        add(*api, "capabilities", "What an engine may call, how, and what its own probes answer",
            api_capabilities_);
    add_libraries(*capabilities, api_capabilities_.libraries);
    CLI::App* diff =
        add(*api, "diff", "What differs between two versions, and whom it breaks", api_diff_);
    diff->add_option("before", api_diff_.before, "A library, or a revision of --repo")
        ->required()
        ->type_name("BEFORE");
    diff->add_option("after", api_diff_.after, "Likewise")->required()->type_name("AFTER");
    diff->add_option("--repo", api_diff_.repository, "A git repository of the library")
        ->type_name("DIR");
    add_libraries(*diff, api_diff_.libraries);
    diff->add_option("--symbol", api_diff_.symbols, "Only these, by name or last part of it")
        ->type_name("SYMBOL")
        ->allow_extra_args(false);
    diff->add_flag("--all", api_diff_.all, "Print also what breaks nobody");
    CLI::App* timeline =
        add(*api, "timeline", "How symbols changed over the tags of a repository", api_timeline_);
    timeline->add_option("--repo", api_timeline_.repository, "A git repository of the library")
        ->required()
        ->type_name("DIR");
    timeline
        ->add_option("--tags", api_timeline_.tags, "Which tags; default: the library's releases")
        ->type_name("GLOB");
    add_libraries(*timeline, api_timeline_.libraries);
    timeline
        ->add_option("symbol", api_timeline_.symbols,
                     "A function, Class.method or dotted name; all when left out")
        ->type_name("SYMBOL");
  }

  void add_contract() {
    CLI::App* contract =
        add("contract", "What an engine uses of a library, and what of it breaks on this one",
            contract_);
    contract->callback([this] { choose_contract(); });
    contract
        ->add_option("action", contract_.action,
                     "list the uses, check them, or show the gates: when fused kernels are called")
        ->required()
        ->check(CLI::IsMember({"list", "check", "gates"}));
    contract
        ->add_option("--engine", contract_.engine,
                     "The engine's sources: [NAME=]PATH or NAME; of gates also NAME=RELEASE, or "
                     "left out")
        ->type_name("[NAME=]PATH");
    contract->add_option("--release", contract_release_, "Only the gates of this release")
        ->type_name("VERSION");
    add_libraries(*contract, contract_.libraries);
    contract
        ->add_option(
            "--assume", contract_.assumptions,
            "Taken as given: an architecture (gfx942, sm_90), NAME=VALUE of the environment")
        ->type_name("NAME[=VALUE]")
        ->allow_extra_args(false);
    contract->add_option("--format", contract_.format, "text or github (annotations)")
        ->check(CLI::IsMember({"text", "github"}))
        ->capture_default_str();
    contract->add_option("--baseline", contract_.baseline, "An earlier document: show what is new")
        ->type_name("FILE");
    contract->add_option("--accept", contract_.accepted, "A list of what may break, and until when")
        ->type_name("FILE");
    contract->add_option("--explain", contract_.explain, "Say all of these, and how to mend them")
        ->type_name("ID")
        ->allow_extra_args(false);
    contract->add_flag("--all", contract_.all, "Print also what is fine or off");
  }

  /// Gates are known without sources; the other two read them.
  void choose_contract() {
    if (contract_.action == "gates") {
      const auto& given = contract_;
      if (!given.libraries.empty() || !given.assumptions.empty() || !given.baseline.empty() ||
          !given.accepted.empty() || !given.explain.empty() || given.all ||
          given.format != "text") {
        throw UsageError(
            "contract gates takes no --library, and no option but --engine, --release");
      }
      chosen_ = [this] { return ContractGatesOptions{contract_.engine, contract_release_}; };
      return;
    }
    if (contract_.engine.empty()) {
      throw UsageError(fmt::format(
          "contract {}: of which engine? Give --engine PATH or NAME; see fusegate contract --help",
          contract_.action));
    }
    if (!contract_release_.empty()) {
      throw UsageError(fmt::format("contract {} takes no --release", contract_.action));
    }
    chosen_ = [this] { return contract_; };
  }

  void add_others() {
    CLI::App* doctor = add("doctor", "What is here, and how to mend what is missing", doctor_);
    add_libraries(*doctor, doctor_.libraries);
    CLI::App* probe = add("probe", "The same facts as JSON", probe_);
    probe->add_option("what", probe_.what, "host, device or library; all when left out")
        ->check(CLI::IsMember({"host", "device", "library"}));
    add_libraries(*probe, probe_.libraries);
    probe->add_flag(
        "--live", probe_.live,
        "Also import the library with --python, in a process of its own: runs its code");
    probe->add_option("--live-timeout", probe_.live_timeout_seconds, "For that import")
        ->type_name("SECONDS")
        ->check(CLI::Range(1, 86400))
        ->capture_default_str();
    CLI::App* report = add("report", "Reports, after the fact", report_);
    report->add_option("action", report_.action, "show or validate")
        ->required()
        ->check(CLI::IsMember({"show", "validate"}));
    report->add_option("file", report_.file, "A report.json")->required()->type_name("FILE");
    CLI::App* list = add("list", "What this build knows", list_);
    list->add_option("what", list_.what,
                     "ops, suites, policies, implementations, contracts, recipes")
        ->required()
        ->check(CLI::IsMember(
            {"ops", "suites", "policies", "implementations", "contracts", "recipes"}));
    CLI::App* schema = add("schema", "The JSON Schema of a document that fusegate writes", schema_);
    schema->add_option("name", schema_.name, "Which document: report")->required();
  }

  [[nodiscard]] const CLI::App& current() const {
    const CLI::App* app = &app_;
    for (auto commands = app->get_subcommands(); !commands.empty();
         commands = app->get_subcommands()) {
      app = commands.front();
    }
    return *app;
  }

  std::string explain_extra() {
    const auto extras = app_.remaining(true);
    const std::string word = extras.empty() ? "" : extras.front();
    std::vector<std::string> names;
    const bool is_option = word.starts_with("-");
    if (is_option) {
      for (const CLI::App* app : {static_cast<const CLI::App*>(&app_), &current()}) {
        for (const CLI::Option* option : app->get_options()) {
          for (const auto& name : option->get_lnames()) names.push_back("--" + name);
        }
      }
    } else {
      for (const CLI::App* command : current().get_subcommands({})) {
        names.push_back(command->get_name());
      }
    }
    const std::string given = word.substr(0, word.find('='));
    const char* what = is_option ? "option" : names.empty() ? "argument" : "command";
    return fmt::format("there is no {} '{}'{}; see {} --help", what, given,
                       did_you_mean(given, names), command_text());
  }

  std::string explain(const CLI::ParseError& error) {
    return fmt::format("{}; see {} --help", error.what(), command_text());
  }

  [[nodiscard]] std::string command_text() const {
    std::string text;
    for (const CLI::App* app = &current(); app != nullptr; app = app->get_parent()) {
      text = app->get_name() + (text.empty() ? "" : " ") + text;
    }
    return text;
  }

  CLI::App app_;
  CommonOptions common_;
  bool version_ = false;
  RunOptions run_;
  CheckOptions check_;
  DoctorOptions doctor_;
  ProbeOptions probe_;
  ApiShowOptions api_show_;
  ApiIdentifyOptions api_identify_;
  ApiCapabilitiesOptions api_capabilities_;
  ApiDiffOptions api_diff_;
  ApiTimelineOptions api_timeline_;
  ContractOptions contract_;
  std::string contract_release_;
  ReportOptions report_;
  ListOptions list_;
  SchemaOptions schema_;
  std::function<Command()> chosen_;
};

}  // namespace

std::variant<Invocation, ExitCode> parse_command_line(int argc, char** argv) {
  return Parser().parse(argc, argv);
}

}  // namespace fusegate::tools
