#include "tools/fusegate/options.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <set>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "tools/fusegate/option_groups.hpp"

namespace fusegate::tools {
namespace {

constexpr const char* description =
    "fusegate tells, with evidence, which fused GPU kernels of the libraries on this machine can "
    "be "
    "called, how, for which shapes, and whether they are right.";

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
    add_matrix();
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
    run->add_option("line", run_.lines, "Cases instead of a suite: an op and key=value")
        ->type_name("LINE");
    run_.cases.suite = "smoke";
    add_cases(*run, run_.cases);
    add_engines(*run, run_.engines);
    add_assumptions(*run, run_.assumptions);
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

  void add_matrix() {
    CLI::App* matrix = add("matrix", "Several versions of a library, one table", matrix_);
    matrix->add_option("file", matrix_.file, "The versions, and what to run of each: TOML")
        ->required()
        ->type_name("FILE");
    matrix->add_option("--out", matrix_.out, "Folder of the table and of each version's report")
        ->type_name("DIR")
        ->capture_default_str();
    matrix->add_flag("--resume", matrix_.resume, "Go on with an interrupted matrix in --out");
    matrix->add_option("--shard", matrix_.shard, "Only the I-th of N parts of the versions")
        ->type_name("I/N");
    matrix->add_option("--only", matrix_.only, "Only this version")
        ->type_name("VERSION")
        ->allow_extra_args(false);
    matrix->add_flag("--collect", matrix_.collect,
                     "Run nothing: make the table of what shards left in --out");
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
    CLI::App* guard = add(*api, "guard",
                          "Python for an engine: calls whichever known form of an entry point is "
                          "installed, else a fallback",
                          api_guard_);
    guard->add_option("implementation", api_guard_.implementation, "As --with takes it: aiter")
        ->required()
        ->type_name("IMPL");
    guard->add_option("op", api_guard_.op, "As in fusegate list ops: dual_rms_norm")
        ->required()
        ->type_name("OP");
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
    CLI::App* contract = app_.add_subcommand(
        "contract", "What an engine uses of a library, and what of it breaks on this one");
    contract->require_subcommand(1);
    CLI::App* list = add(*contract, "list", "Every use, and under which condition", contract_list_);
    add_engine(*list, contract_list_.engine);
    add_libraries(*list, contract_list_.libraries)
        ->description("Only the uses of this library (default: of all that are known)");
    CLI::App* check =
        add(*contract, "check", "What breaks, where, and what goes down with it", contract_check_);
    add_engine(*check, contract_check_.engine);
    add_libraries(*check, contract_check_.libraries);
    add_assumptions(*check, contract_check_.assumptions);
    add_judgement(*check, contract_check_);
    CLI::App* gates =
        add(*contract, "gates", "When an engine's releases call fused kernels", contract_gates_);
    gates
        ->add_option("--engine", contract_gates_.engine,
                     "Only of this engine, and of this release or that of these sources")
        ->type_name("NAME[=RELEASE]|[NAME=]PATH");
    gates->add_option("--release", contract_gates_.release, "Only of this release")
        ->type_name("VERSION");
  }

  void add_others() {
    CLI::App* doctor = add("doctor", "What is here, and how to mend what is missing", doctor_);
    add_libraries(*doctor, doctor_.libraries);
    CLI::App* probe = add("probe", "The same facts as JSON", probe_);
    probe->add_option("what", probe_.what, "host, device, library or engine; all when left out")
        ->check(CLI::IsMember({"host", "device", "library", "engine"}));
    add_libraries(*probe, probe_.libraries);
    add_engines(*probe, probe_.engines);
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
    add_list(*add("list", "What this build knows", list_), list_);
    CLI::App* schema = add("schema", "The JSON Schema of a document that fusegate writes", schema_);
    schema->add_option("name", schema_.name, "Which document: report, contract or matrix")
        ->required();
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
  MatrixOptions matrix_;
  DoctorOptions doctor_;
  ProbeOptions probe_;
  ApiShowOptions api_show_;
  ApiIdentifyOptions api_identify_;
  ApiCapabilitiesOptions api_capabilities_;
  ApiDiffOptions api_diff_;
  ApiTimelineOptions api_timeline_;
  ApiGuardOptions api_guard_;
  ContractListOptions contract_list_;
  ContractCheckOptions contract_check_;
  ContractGatesOptions contract_gates_;
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
