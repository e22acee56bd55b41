#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/json.hpp"
#include "probe/base/text.hpp"
#include "probe/engine/call_reach.hpp"
#include "probe/engine/engine_check.hpp"
#include "probe/engine/sources/engine_release.hpp"
#include "tools/fusegate/accept_list.hpp"
#include "tools/fusegate/commands.hpp"
#include "tools/fusegate/contract_annotations.hpp"
#include "tools/fusegate/contract_document.hpp"
#include "tools/fusegate/contract_text.hpp"
#include "tools/fusegate/engines.hpp"

namespace fusegate::tools {
namespace {

using Json = nlohmann::ordered_json;

/// What is asked of each library.
struct Question {
  const ContractCheckOptions& options;
  probe::Profile profile;
  AcceptList accepted;
  Baseline baseline;
};

Question read_question(const ContractCheckOptions& options, const std::string& engine) {
  if (options.libraries.empty()) {
    throw UsageError("contract check: against which library? Give --library PATH or NAME");
  }
  if (options.format == "github" && (options.all || !options.explain.empty())) {
    throw UsageError(fmt::format("--format github has only what breaks: leave out {}",
                                 options.all ? "--all" : "--explain"));
  }
  return {options, profile_of(options.assumptions),
          read_accept_list(options.accepted, utc_now().substr(0, 10)),
          read_baseline(options.baseline, engine)};
}

void print_heading(const Console& console, const probe::EngineLocation& engine,
                   const LibrarySources& library, const Question& question) {
  const auto& assumptions = question.options.assumptions;
  const auto release = probe::release_of(engine);
  console.print(without_controls(fmt::format(
      "{}{} ({}) against {} ({}){}", engine.rules->name, release ? " " + *release : "",
      engine.root.native(), library.contract.name, library.place,
      assumptions.empty() ? ", assuming nothing" : ", assuming " + join(assumptions, ", "))));
  const bool has_baseline = !question.options.baseline.empty();
  if (has_baseline && question.baseline.find(library.contract.name) == nullptr) {
    console.print(
        fmt::format("The baseline has no check of {}: all of it is new", library.contract.name));
  }
}

void print_check(const Console& console, probe::EngineSources& engine,
                 const LibrarySources& library, const Question& question,
                 const ContractOutcome& outcome, probe::LoadedSurface& loaded) {
  const auto& options = question.options;
  if (options.format == "github") {
    print_annotations(console, outcome, engine.location().root);
  } else {
    print_heading(console, engine.location(), library, question);
    if (options.explain.empty()) {
      print_outcome(console, outcome, options.all);
    } else {
      explain(console, outcome, options.explain, engine, loaded, library.contract.contracts);
    }
  }
  print_counts(console, outcome);
  print_problems(console, outcome.check.problems);
}

/// Of ids that no check has.
void require_known(const std::vector<std::string>& ids, const Consequences& found) {
  std::vector<std::string> all;
  for (const auto& [id, consequence] : found) all.push_back(id);
  std::vector<std::string> unknown;
  for (const auto& id : ids) {
    if (found.contains(id)) continue;
    unknown.push_back(
        fmt::format("nothing has the id '{}'{}", probe::shown(id), did_you_mean(id, all)));
  }
  if (!unknown.empty()) throw UsageError("--explain: " + join(unknown, "; "));
}

/// A variable that no file of the engine has was probably mistyped: nothing depends on it.
void warn_of_unknown(const Console& console, const probe::EngineSources& engine,
                     const probe::Profile& profile) {
  std::vector<std::string> known;
  for (const auto& [name, value] : engine.rules().defaults) known.push_back(name);
  for (const auto& [name, value] : profile.variables) {
    if (engine.rules().defaults.contains(name)) continue;
    if (engine.has_anywhere(name.substr(name.rfind('.') + 1))) continue;  // npos + 1 is 0
    console.insist(fmt::format("--assume {}: nothing in {} has that name{}", probe::shown(name),
                               engine.location().rules->name, did_you_mean(name, known)));
  }
}

/// A release for which an engine was written.
struct WrittenFor {
  LibrarySources library;
  probe::LoadedSurface surface;
};

std::optional<WrittenFor> read_written_for(const std::string& argument, const std::string& python) {
  if (argument.empty()) return std::nullopt;
  auto library = open_sources({{argument}, "", ""}, python);
  auto surface = read_surface(library, python);
  return WrittenFor{std::move(library), std::move(surface)};
}

/// What the checks of all libraries came to.
struct Findings {
  Json documents = Json::array();
  Consequences consequences;
  std::vector<std::string> failures;  ///< why a library could not be read
  bool is_broken = false;
};

/// Who may reach each use that breaks when it is called: [{cause, callers[]}].
Json reach_of(const probe::EngineCheck& check, probe::EngineSources& engine) {
  auto reach = Json::array();
  for (const auto& judged : check.uses) {
    if (!breaks(judged) || judged.use.at_import) continue;
    reach.push_back(
        {{"cause", judged.id},
         {"callers", list_of(probe::callers_of(judged.use, engine.tree(), engine.files()))}});
  }
  return reach;
}

void check_library(probe::EngineSources& engine, const LibrarySources& library,
                   std::optional<WrittenFor>& written_for, const Question& question,
                   const Console& console, const std::string& python, Findings& findings) {
  auto loaded = read_surface(library, python);
  const bool is_same = written_for && written_for->library.contract.name == library.contract.name;
  const auto check = check_engine(engine, library.contract, loaded, question.profile,
                                  is_same ? &written_for->surface : nullptr);
  const ContractOutcome outcome{check, question.accepted,
                                question.baseline.find(library.contract.name)};
  findings.documents.push_back(document_of(engine.location(), library, question.profile, outcome));
  if (question.options.callers) {
    findings.documents.back()["reach"] = reach_of(check, engine);
  }
  add_consequences(findings.consequences, check);
  findings.is_broken = findings.is_broken || outcome.is_broken();
  print_check(console, engine, library, question, outcome, loaded);
}

/// One document for one library, otherwise a list of what was obtained.
void write_documents(DocumentWriter& out, const Json& documents, std::size_t libraries) {
  if (documents.empty()) return;
  const auto& document = libraries == 1 ? documents.front() : documents;
  out.write(document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
  out.finish();
}

}  // namespace

ExitCode run_command(const ContractCheckOptions& options, const CommonOptions& common) {
  const Console console(common);
  require_engine(options.engine, "check");
  const auto engines = probe::known_engines();
  const auto location = probe::locate_engine(options.engine, engines, common.python);
  const auto question = read_question(options, location.rules->name);
  // Before the first is read: what is wrong with the last one is better known then.
  std::vector<LibrarySources> libraries;
  for (const auto& argument : options.libraries) {
    libraries.push_back(open_sources({{argument}, "", ""}, common.python));
  }
  auto written_for = read_written_for(options.written_for, common.python);
  const bool is_checked =
      !written_for || std::any_of(libraries.begin(), libraries.end(), [&](const auto& library) {
        return library.contract.name == written_for->library.contract.name;
      });
  if (!is_checked) {
    throw UsageError(fmt::format("--written-for: {} is none of the libraries that are checked",
                                 written_for->library.contract.name));
  }
  std::optional<DocumentWriter> out;
  if (!common.json.empty()) out.emplace(common.json);

  probe::EngineSources engine(location, tracked_packages(), common.python);
  warn_of_unknown(console, engine, question.profile);
  Findings findings;
  for (const auto& library : libraries) {
    try {
      check_library(engine, library, written_for, question, console, common.python, findings);
    } catch (const CannotRun& error) {
      findings.failures.push_back(fmt::format("{} ({}): {}", library.contract.name,
                                              probe::shown(library.place), error.what()));
    }
  }
  if (out) write_documents(*out, findings.documents, libraries.size());
  // What the others break is not known then: nothing to say of ids.
  if (!findings.failures.empty()) throw CannotRun(join(findings.failures, "; "));
  for (const auto& text : notes_on(question.accepted, findings.consequences)) console.insist(text);
  require_known(options.explain, findings.consequences);
  return findings.is_broken ? ExitCode::check_failed : ExitCode::good;
}

}  // namespace fusegate::tools
