#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "probe/base/version.hpp"
#include "probe/surface/timeline.hpp"
#include "tools/fusegate/commands.hpp"
#include "tools/fusegate/console.hpp"
#include "tools/fusegate/sources.hpp"

namespace fusegate::tools {
namespace {

/// Where a library's contract says how its releases are tagged.
probe::VersionSource tags_of(const probe::LibraryContract& contract) {
  for (const auto& source : contract.version_sources) {
    if (source.from == probe::VersionSource::From::git) return source;
  }
  return {};
}

std::vector<probe::GitTag> sorted_tags(probe::GitHistory& history, std::string_view glob,
                                       const std::string& prefix) {
  auto tags = history.tags(glob);
  const auto version = [&](const probe::GitTag& tag) {
    std::string_view name = tag.name;
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
    return name;
  };
  std::sort(tags.begin(), tags.end(), [&](const auto& a, const auto& b) {
    return probe::version_less(version(a), version(b));
  });
  return tags;
}

void print(const Console& console, const probe::SymbolTimeline& symbol) {
  console.print(without_controls(symbol.name));
  for (const auto& [first, last, signature, binding, defined_in] : symbol.ranges) {
    const auto span = first == last ? first : fmt::format("{} .. {}", first, last);
    console.print(without_controls(fmt::format("  {:<32} {} {}", span, defined_in, signature)) +
                  console.paint(Tone::faint, binding.empty() ? "" : "  " + binding));
  }
}

}  // namespace

ExitCode run_command(const ApiTimelineOptions& options, const CommonOptions& common) {
  const Console console(common);
  probe::GitHistory history(options.repository);
  const std::string wanted = options.libraries.empty() ? "" : options.libraries.front();
  auto newest = history.commit("HEAD");
  const auto any = history.tags(options.tags.empty() ? "*" : options.tags);
  if (any.empty()) {
    throw UsageError(fmt::format("{} has no tag {}; fetch them: git fetch --tags",
                                 probe::shown(history.root()), options.tags));
  }
  const auto contract = contract_of(history, newest.value_or(any.back().commit), wanted);
  const auto releases = tags_of(contract);
  const auto tags = sorted_tags(history, options.tags.empty() ? releases.tags : options.tags,
                                releases.tag_prefix);
  probe::FactsStore store(common.python);
  const auto timeline = probe::timeline_of(history, tags, options.symbols, contract.surface, store);
  if (!common.json.empty()) {
    write_document(common.json,
                   to_json(timeline, probe::shown(history.root()))
                           .dump(1, ' ', false, nlohmann::json::error_handler_t::replace) +
                       "\n");
  }
  if (common.json != "-") {
    for (const auto& symbol : timeline.symbols) print(console, symbol);
  }
  print_problems(console, timeline.problems);
  bool all_found = true;
  for (const auto& word : options.symbols) {
    const bool is_found =
        std::any_of(timeline.symbols.begin(), timeline.symbols.end(),
                    [&](const auto& symbol) { return is_called(symbol.name, word); });
    if (!is_found) console.insist(fmt::format("no release has {}", probe::shown(word)));
    all_found = all_found && is_found;
  }
  return all_found ? ExitCode::good : ExitCode::check_failed;
}

}  // namespace fusegate::tools
