#include "probe/library/live.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/json.hpp"
#include "probe/base/text.hpp"
#include "probe/sources/python.hpp"

namespace fusegate::probe {
namespace {

using nlohmann::ordered_json;
using Outcome = LiveImport::Outcome;

constexpr std::size_t shown_characters = 2000;

std::string text_at(const ordered_json& object, const char* key) {
  const auto it = object.find(key);
  return it == object.end() || !it->is_string() ? "" : it->get<std::string>();
}

/// A foreign text, cut and without what a terminal would obey.
std::string foreign(const std::string& text) {
  return without_controls(std::string_view(text).substr(0, shown_characters));
}

void take_error(LiveImport& live, const ordered_json& error) {
  live.error = foreign(text_at(error, "type") + ": " + text_at(error, "message"));
  const auto file = text_at(error, "file");
  const auto line = error.find("line");
  if (!file.empty()) {
    const bool has_line = line != error.end() && line->is_number_integer();
    live.where = shown(file) + (has_line ? fmt::format(":{}", line->get<int>()) : "");
  }
  for (const auto& cause : error.value("causes", std::vector<std::string>{})) {
    live.causes.push_back(foreign(cause));
  }
}

/// Whether a shared library is one that GPU code of any vendor runs on.
bool is_runtime(std::string_view path) {
  const auto name = path.substr(path.rfind('/') + 1);
  constexpr std::array prefixes{"libamdhip64", "libhiprtc", "libhsa-runtime", "libcudart",
                                "libcuda.so",  "libnvrtc",  "libtorch",       "libc10",
                                "librccl",     "libnccl",   "libtriton"};
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const char* prefix) { return name.starts_with(prefix); });
}

void take_libraries(LiveImport& live, const ordered_json& fact, const std::string& root) {
  for (const auto& path : fact.value("libraries", std::vector<std::string>{})) {
    if (path.starts_with(root + "/") && !is_runtime(path)) live.libraries.push_back(shown(path));
    if (is_runtime(path)) live.runtimes.push_back(shown(path));
  }
}

/// The names that the sources give the topmost module, by the condition under which they do.
std::map<std::string, std::set<std::string>> expected_names(LoadedSurface& loaded,
                                                            const std::string& package) {
  std::map<std::string, std::set<std::string>> expected;
  const Module* top = loaded.surface.find_module(package);
  if (top == nullptr || top->facts == nullptr) return expected;
  for (const auto& [name, locals] : loaded.surface.names_of(*top).by_name) {
    if (name.starts_with("__")) continue;
    // Of alternatives any may be the one that ran.
    const bool is_asked_for = locals.front().kind == Local::Kind::computed;
    if (locals.size() == 1 && !is_asked_for) {
      expected[condition_text(locals.front().conditions)].insert(name);
    }
  }
  return expected;
}

/// A condition that fails only because something went wrong.
bool is_only_try(const std::string& condition) {
  const auto parts = split(condition, ',');
  return std::all_of(parts.begin(), parts.end(),
                     [](std::string_view part) { return trim(part) == "try" || part.empty(); });
}

void compare_names(LiveImport& live, const std::set<std::string>& names,
                   const std::map<std::string, std::set<std::string>>& expected) {
  live.names = LiveImport::Namespace::complete;
  for (const auto& [condition, wanted] : expected) {
    LiveGroup group{condition, {}, {}};
    for (const auto& name : wanted) {
      (names.contains(name) ? group.present : group.missing).push_back(name);
    }
    // Under a condition that did not hold, none of the names is there.
    const bool must_be_whole = is_only_try(condition) || !group.present.empty();
    if (!group.missing.empty() && must_be_whole) live.names = LiveImport::Namespace::truncated;
    live.groups.push_back(std::move(group));
  }
}

void take_fact(LiveImport& live, const ordered_json& fact, const LibraryLocation& location,
               const std::string& package, LoadedSurface& loaded) {
  live.python = text_at(fact, "python");
  live.seconds = fact.at("seconds").get<double>();
  live.file = shown(text_at(fact, "file"));
  take_libraries(live, fact, location.root.native());
  if (!fact.at("imported").get<bool>()) {
    live.outcome = Outcome::failed;
    take_error(live, fact.at("error"));
    return;
  }
  live.outcome = Outcome::imported;
  const auto names = fact.at("names").get<std::set<std::string>>();
  compare_names(live, names, expected_names(loaded, package));
}

}  // namespace

LiveImport import_live(const LibraryLocation& location, const std::string& package,
                       const std::string& python, LoadedSurface& loaded, const LiveLimits& limits) {
  LiveImport live;
  CommandResult result;
  try {
    result = run_fact_script(python, "live_import.py", {"-X", "utf8"},
                             {location.root.native(), package, std::to_string(limits.memory_bytes)},
                             "", limits.time);
  } catch (const CannotRun& error) {
    live.error = error.what();
    return live;
  }
  live.last_words = foreign(std::string(trim(result.errors)));
  if (!result.status) {
    live.outcome = Outcome::timed_out;
    live.error = fmt::format("did not end within {} s", limits.time.count());
    return live;
  }
  try {
    take_fact(live, ordered_json::parse(result.output), location, package, loaded);
  } catch (const nlohmann::json::exception&) {
    // The package ended the interpreter, with a signal or by itself.
    live.outcome = Outcome::crashed;
    live.error = "the interpreter " + result.status->text() + " while it imported the library";
  }
  return live;
}

ordered_json to_json(const LiveImport& live) {
  constexpr std::array outcomes{"imported", "failed", "crashed", "timed_out", "not_started"};
  constexpr std::array states{"complete", "truncated", "unknown"};
  auto groups = ordered_json::array();
  for (const auto& [condition, present, missing] : live.groups) {
    groups.push_back({{"condition", text_or_null(condition)},
                      {"present", present.size()},
                      {"missing", missing}});
  }
  return {
      {"outcome", outcomes[static_cast<std::size_t>(live.outcome)]},
      {"python", text_or_null(live.python)},
      {"seconds", live.seconds ? ordered_json(*live.seconds) : ordered_json(nullptr)},
      {"file", text_or_null(live.file)},
      {"error", text_or_null(live.error)},
      {"where", text_or_null(live.where)},
      {"causes", live.causes},
      {"libraries", live.libraries},
      {"runtimes", live.runtimes},
      {"namespace",
       {{"state", states[static_cast<std::size_t>(live.names)]}, {"groups", std::move(groups)}}},
      {"last_words", text_or_null(live.last_words)}};
}

}  // namespace fusegate::probe
