#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/json.hpp"
#include "probe/base/text.hpp"
#include "probe/engine/engine_check.hpp"
#include "probe/engine/fix_help.hpp"
#include "tools/fusegate/accept_list.hpp"
#include "tools/fusegate/commands.hpp"
#include "tools/fusegate/console.hpp"
#include "tools/fusegate/contract_attributes.hpp"
#include "tools/fusegate/github_annotation.hpp"
#include "tools/fusegate/sources.hpp"

namespace fusegate::tools {
namespace {

using Json = nlohmann::ordered_json;
using probe::Consequence;
using probe::EngineCheck;
using probe::JudgedUse;

constexpr std::size_t listed_limit = 12;

struct Group {
  Consequence consequence;
  const char* heading;
  Tone tone;
};
constexpr std::array groups{
    Group{Consequence::stops_import, "stops importing", Tone::bad},
    Group{Consequence::fails_at_call, "fails at call", Tone::bad},
    Group{Consequence::misled, "misled", Tone::bad},
    Group{Consequence::conditional, "breaks under a condition that is not known", Tone::warning},
    Group{Consequence::off, "off", Tone::plain},
    Group{Consequence::fine, "fine", Tone::good},
};

/// "a, b, c and 9 more"
std::string listed(const std::vector<std::string>& names) {
  const auto shown = std::min(names.size(), listed_limit);
  const std::vector<std::string> first(names.begin(),
                                       names.begin() + static_cast<std::ptrdiff_t>(shown));
  return join(first, ", ") +
         (names.size() > shown ? fmt::format(" and {} more", names.size() - shown) : "");
}

/// What one check of one library came to, and what of it counts.
struct Outcome {
  const EngineCheck& check;
  const AcceptList& accepted;
  const std::set<std::string>& known;  ///< ids of the baseline that broke there, too

  [[nodiscard]] bool counts(const JudgedUse& judged) const {
    return breaks(judged) && !accepted.has(id_of(judged)) && !known.contains(id_of(judged));
  }
  [[nodiscard]] bool is_new(const JudgedUse& judged) const {
    return !known.contains(id_of(judged));
  }
};

void print_use(const Console& console, const JudgedUse& judged, const Outcome& outcome) {
  const auto& use = judged.use;
  const auto id = id_of(judged);
  console.print(without_controls(
      fmt::format("  {}  {}  {}  [{}]", place_of(use), use.symbol, name_of(use.kind), id)));
  std::vector<std::string> details;
  if (!use.function.empty()) details.push_back("in " + use.function);
  if (const auto guards = text_of(use.guards); !guards.empty()) {
    details.push_back("under: " + guards);
  }
  if (!details.empty()) {
    console.print("      " + console.paint(Tone::faint, without_controls(join(details, "; "))));
  }
  if (!judged.detail.empty()) console.print(without_controls("      " + judged.detail));
  if (!judged.open.empty()) {
    console.print(without_controls("      not known: " + join(judged.open, ", ")));
  }
  if (const auto* entry = outcome.accepted.find(id)) {
    console.print(without_controls(fmt::format("      accepted until {} by {}: {}", entry->expires,
                                               entry->owner, entry->reason)));
  }
}

void print_blast(const Console& console, const probe::BlastCause& cause) {
  console.print(without_controls(fmt::format("      {} modules stop importing: {}",
                                             cause.modules.size(), listed(cause.modules))));
  if (!cause.models.empty()) {
    console.print(without_controls(fmt::format("      {} model modules, {} architectures: {}",
                                               cause.models.size(), cause.architectures.size(),
                                               listed(cause.architectures))));
    console.print(without_controls("      seen as: " + cause.symptom));
  }
  std::vector<std::string> swallowed;
  for (const auto& one : cause.swallowed) {
    swallowed.push_back(fmt::format("{}:{} ({})", one.file, one.line, one.handler));
  }
  if (!swallowed.empty()) console.print(without_controls("      ends at: " + listed(swallowed)));
  if (!cause.conditional.empty()) {
    console.print(without_controls("      perhaps also: " + listed(cause.conditional)));
  }
}

void print_text(const Console& console, const Outcome& outcome, bool all) {
  const auto& check = outcome.check;
  for (const auto& group : groups) {
    std::vector<const JudgedUse*> uses;
    for (const auto& judged : check.uses) {
      const bool is_told = judged.resolution.status != probe::UseStatus::ok || all;
      if (judged.consequence == group.consequence && is_told && outcome.is_new(judged)) {
        uses.push_back(&judged);
      }
    }
    if (uses.empty() || (group.consequence == Consequence::fine && !all)) continue;
    console.print(console.paint(group.tone, fmt::format("{} ({})", group.heading, uses.size())));
    for (const auto* judged : uses) {
      print_use(console, *judged, outcome);
      for (const auto& cause : check.blast) {
        if (cause.use == judged) print_blast(console, cause);
      }
    }
  }
}

/// All of the uses that were asked for by their ids, and how to mend them.
void explain(const Console& console, const Outcome& outcome, const std::vector<std::string>& ids,
             probe::LoadedSurface& loaded, const std::vector<probe::EntryContract>& contracts) {
  for (const auto& id : ids) {
    bool is_known = false;
    for (const auto& judged : outcome.check.uses) {
      if (id_of(judged) != id) continue;
      is_known = true;
      console.print(
          fmt::format("{}: {}", name_of(judged.consequence), name_of(judged.resolution.status)));
      print_use(console, judged, outcome);
      const auto help = fix_help(judged, loaded, contracts);
      for (const auto& line : help.text) console.print(without_controls("      " + line));
      for (const auto& line : help.snippet) console.print(without_controls("        " + line));
    }
    if (!is_known) {
      std::vector<std::string> all;
      for (const auto& judged : outcome.check.uses) all.push_back(id_of(judged));
      throw UsageError(fmt::format("--explain: no use has the id '{}'{}", probe::shown(id),
                                   did_you_mean(id, all)));
    }
  }
}

/// For GitHub's log: each on a line, which is shown at its file.
void print_annotations(const Console& console, const Outcome& outcome) {
  for (const auto& judged : outcome.check.uses) {
    const bool counts = outcome.counts(judged);
    if (!counts && judged.consequence != Consequence::conditional) continue;
    const auto title = fmt::format("{} {}", name_of(judged.consequence), judged.use.symbol);
    console.insist(github_annotation(counts ? "error" : "warning", judged.use.module->source.name,
                                     judged.use.line, title, judged.detail));
  }
}

std::map<std::string, int> counts_of(const EngineCheck& check) {
  std::map<std::string, int> counts;
  for (const auto& group : groups) counts[name_of(group.consequence)] = 0;
  for (const auto& judged : check.uses) ++counts[name_of(judged.consequence)];
  return counts;
}

Json document_of(const probe::EngineSources& engine, const LibrarySources& library,
                 const ContractOptions& options, const Outcome& outcome) {
  Json counts;
  for (const auto& [name, count] : counts_of(outcome.check)) counts[name] = count;
  Json broken = Json::array();
  for (const auto& judged : outcome.check.uses) {
    if (outcome.counts(judged)) broken.push_back(id_of(judged));
  }
  return {
      {"schema", "fusegate.contract"},
      {"schema_version", "1.0"},
      {"engine",
       {{"name", engine.location().rules->name}, {"path", probe::shown(engine.location().root)}}},
      {"library", to_json(library)},
      {"assumed", options.assumptions},
      {"counts", std::move(counts)},
      {"uses", list_of(outcome.check.uses)},
      {"broken", std::move(broken)},
      {"blast_radius", list_of(outcome.check.blast)},
      {"problems", to_json(outcome.check.problems)}};
}

std::set<std::string> broken_in(const std::string& file) {
  std::set<std::string> ids;
  if (file.empty()) return ids;
  const auto document = read_json(file, "--baseline");
  const auto add = [&](const Json& check) {
    if (!check.is_object() || check.value("schema", "") != "fusegate.contract") {
      throw UsageError(fmt::format("--baseline: {} is no document of contract check", file));
    }
    for (const auto& use : check.at("uses")) {
      const auto consequence = use.at("consequence").get<std::string>();
      if (consequence != "fine") ids.insert(use.at("id"));
    }
  };
  if (document.is_array()) {
    for (const auto& check : document) add(check);
  } else {
    add(document);
  }
  return ids;
}

int list_uses(probe::EngineSources& engine, const std::vector<probe::LibraryContract>& contracts,
              const Console& console, const CommonOptions& common) {
  Json list = Json::array();
  int count = 0;
  std::set<std::string> tracked;
  for (const auto& contract : contracts) tracked.insert(contract.import_name);
  probe::EngineNames names(engine.tree(), tracked);
  for (const auto& [name, module] : engine.tree().modules()) {
    for (const auto& use : uses_in(module, names)) {
      ++count;
      const auto guards = text_of(use.guards);
      list.push_back({{"where", place_of(use)},
                      {"function", text_or_null(use.function)},
                      {"symbol", use.symbol},
                      {"kind", name_of(use.kind)},
                      {"guard", text_or_null(guards)},
                      {"when", use.at_import ? "import" : "call"}});
      if (common.json == "-") continue;
      console.print(
          without_controls(fmt::format("{}  {}  {}{}", place_of(use), name_of(use.kind), use.symbol,
                                       guards.empty() ? "" : "  under: " + guards)));
    }
  }
  if (!common.json.empty()) write_document(common.json, list.dump(1) + "\n");
  return count;
}

}  // namespace

ExitCode run_command(const ContractOptions& options, const CommonOptions& common) {
  const Console console(common);
  const auto engines = probe::known_engines();
  const auto contracts = probe::known_libraries();
  const auto location = probe::locate_engine(options.engine, engines, common.python);
  std::vector<std::string> tracked;
  for (const auto& contract : contracts) tracked.push_back(contract.import_name);
  if (options.action == "check" && options.libraries.empty()) {
    throw UsageError("contract check: against which library? Give --library PATH or NAME");
  }
  probe::Profile profile;
  for (const auto& text : options.assumptions) parse_assumption(profile, text);
  const auto accepted = read_accept_list(options.accepted);
  const auto known = broken_in(options.baseline);
  probe::EngineSources engine(location, tracked, common.python);
  if (options.action == "list") {
    const int count = list_uses(engine, contracts, console, common);
    if (common.json != "-") console.insist(fmt::format("{} uses", count));
    return ExitCode::good;
  }
  Json documents = Json::array();
  bool is_broken = false;
  for (const auto& argument : options.libraries) {
    SourceOptions source{{argument}, "", ""};
    auto library = open_sources(source, common.python);
    probe::FactsStore store(common.python);
    auto loaded = probe::load_surface(*library.tree, store, library.contract.surface);
    const auto check = check_engine(engine, library.contract, loaded, profile);
    const Outcome outcome{check, accepted, known};
    documents.push_back(document_of(engine, library, options, outcome));
    add_attributes(check.attributes, documents.back());
    is_broken = is_broken || breaks(check.attributes) ||
                std::any_of(check.uses.begin(), check.uses.end(),
                            [&](const auto& judged) { return outcome.counts(judged); });
    if (common.json == "-") continue;
    if (options.format == "github") {
      print_annotations(console, outcome);
      print_attribute_annotations(console, check.attributes);
      continue;
    }
    console.print(without_controls(fmt::format(
        "{} ({}) against {} ({}){}", location.rules->name, location.root.native(),
        library.contract.name, library.place,
        options.assumptions.empty() ? ", assuming nothing"
                                    : ", assuming " + join(options.assumptions, ", "))));
    if (options.explain.empty()) {
      print_text(console, outcome, options.all);
      print_attributes(console, check.attributes, options.all);
    } else {
      explain(console, outcome, options.explain, loaded, library.contract.contracts);
    }
    std::vector<std::string> counts;
    for (const auto& [name, count] : counts_of(check)) {
      counts.push_back(fmt::format("{} {}", count, name));
    }
    console.insist(fmt::format("{} uses: {}", check.uses.size(), join(counts, ", ")));
    print_problems(console, check.problems);
  }
  for (const auto& text : accepted.notes) console.insist(text);
  if (!common.json.empty()) {
    const auto& document = documents.size() == 1 ? documents.front() : documents;
    write_document(common.json,
                   document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
  }
  return is_broken ? ExitCode::check_failed : ExitCode::good;
}

}  // namespace fusegate::tools
