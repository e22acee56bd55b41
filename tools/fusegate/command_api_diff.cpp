#include <algorithm>
#include <iterator>
#include <map>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "probe/surface/diff.hpp"
#include "tools/fusegate/commands.hpp"
#include "tools/fusegate/console.hpp"
#include "tools/fusegate/sources.hpp"

namespace fusegate::tools {
namespace {

using probe::Change;

LibrarySources open_side(const ApiDiffOptions& options, const std::string& side,
                         const CommonOptions& common) {
  SourceOptions source;
  if (options.repository.empty()) {
    source.libraries = {side};
  } else {
    source = {options.libraries, options.repository, side};
  }
  return open_sources(source, common.python);
}

bool is_asked_for(const Change& change, const std::vector<std::string>& words) {
  return words.empty() || std::any_of(words.begin(), words.end(), [&](const std::string& word) {
           return is_called(change.symbol, word) ||
                  std::any_of(change.also.begin(), change.also.end(),
                              [&](const auto& name) { return is_called(name, word); });
         });
}

/// The words that call a symbol of neither version: nothing is said of them.
std::vector<std::string> unknown_in_both(probe::LoadedSurface& before, probe::LoadedSurface& after,
                                         const std::vector<std::string>& words) {
  if (words.empty()) return {};
  auto symbols = symbols_of(before);
  auto more = symbols_of(after);
  std::move(more.begin(), more.end(), std::back_inserter(symbols));
  return unknown_words(symbols, words);
}

void print(const Console& console, const Change& change) {
  const bool breaking = !change.breaks.empty();
  const auto kind = console.paint(breaking ? Tone::bad : Tone::plain, probe::name_of(change.kind));
  console.print(fmt::format("{}  {}", without_controls(change.symbol), kind));
  console.print(without_controls("    " + change.reason));
  if (!change.before.empty()) console.print(without_controls("    before: " + change.before));
  if (!change.after.empty()) console.print(without_controls("    after:  " + change.after));
  std::string details;
  if (breaking) details = "breaks: " + join(change.breaks, ", ") + " users";
  for (const auto& where : {change.where_before, change.where_after}) {
    if (!where.empty()) details += (details.empty() ? "" : "  ") + where;
  }
  console.print("    " + console.paint(Tone::faint, without_controls(details)));
}

void print_counts(const Console& console, const std::vector<Change>& changes) {
  std::map<std::string, int> counts;
  int breaking = 0;
  for (const auto& change : changes) {
    ++counts[probe::name_of(change.kind)];
    breaking += change.breaks.empty() ? 0 : 1;
  }
  std::vector<std::string> texts;
  for (const auto& [kind, count] : counts) texts.push_back(fmt::format("{} {}", count, kind));
  console.insist(fmt::format("{} changes, {} of them breaking{}{}", changes.size(), breaking,
                             texts.empty() ? "" : ": ", join(texts, ", ")));
}

}  // namespace

ExitCode run_command(const ApiDiffOptions& options, const CommonOptions& common) {
  const Console console(common);
  auto before = open_side(options, options.before, common);
  auto after = open_side(options, options.after, common);
  if (before.contract.name != after.contract.name) {
    throw UsageError(fmt::format("{} is {} and {} is {}: not two versions of one library",
                                 options.before, before.contract.name, options.after,
                                 after.contract.name));
  }
  const auto& rules = before.contract.surface;
  probe::FactsStore store(common.python);
  auto old_one = probe::load_surface(*before.tree, store, rules);
  auto new_one = probe::load_surface(*after.tree, store, rules);
  auto changes = probe::compare_surfaces(old_one, new_one, rules.bindings);
  std::erase_if(changes, [&](const Change& c) { return !is_asked_for(c, options.symbols); });
  const auto unknown = unknown_in_both(old_one, new_one, options.symbols);
  if (!common.json.empty()) {
    auto list = nlohmann::ordered_json::array();
    for (const auto& change : changes) list.push_back(to_json(change));
    const nlohmann::ordered_json document{
        {"before", to_json(before)},
        {"after", to_json(after)},
        {"changes", std::move(list)},
        {"problems",
         {{"before", to_json(old_one.problems)}, {"after", to_json(new_one.problems)}}}};
    write_document(common.json,
                   document.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  }
  if (common.json != "-") {
    for (const auto& change : changes) {
      if (options.all || !change.breaks.empty()) print(console, change);
    }
    print_counts(console, changes);
  }
  print_problems(console, old_one.problems);
  print_problems(console, new_one.problems);
  for (const auto& line : unknown) console.insist(line);
  const bool breaks = std::any_of(changes.begin(), changes.end(),
                                  [](const Change& change) { return !change.breaks.empty(); });
  return breaks || !unknown.empty() ? ExitCode::check_failed : ExitCode::good;
}

}  // namespace fusegate::tools
