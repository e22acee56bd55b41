#include "reports/markdown_engine.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/text.hpp"
#include "reports/markdown_text.hpp"

namespace fusegate::reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t shown_ids = 20;

std::string usage_text(const Json& engine) {
  std::vector<std::string> parts;
  for (const auto& library : list_at(engine, "libraries")) {
    parts.push_back(fmt::format("{} {} times in {} modules", text_of(library, "name"),
                                text_of(library, "uses"), text_of(library, "modules")));
  }
  return parts.empty() ? "" : "; uses " + join(parts, ", ");
}

void write_identity(Markdown& out, const Json& engine) {
  const auto source = text_of(engine, "version_source");
  out.line(fmt::format("Version {}, in {}.",
                       cell(or_unknown(text_of(engine, "version")) +
                            (source.empty() ? "" : " (from " + source + ")")),
                       or_unknown(code(text_of(engine, "path")))));
  if (const auto modules = text_of(engine, "modules"); !modules.empty()) {
    out.line(cell(fmt::format("{} modules, of which {} mention a library that is known{}.", modules,
                              or_unknown(text_of(engine, "mentioning")), usage_text(engine))));
  }
  out.line();
  write_problems(out, list_at(engine, "problems"));
}

/// The ids that break, as many as a person looks at.
std::string broken_text(const Json& check) {
  const auto& broken = list_at(check, "broken");
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < std::min(broken.size(), shown_ids); ++i) {
    ids.push_back(code(broken[i].is_string() ? broken[i].get<std::string>() : broken[i].dump()));
  }
  auto text = join(ids, ", ");
  if (broken.size() > shown_ids) text += fmt::format(" and {} more", broken.size() - shown_ids);
  return text.empty() ? "nothing" : text;
}

std::string assumed_text(const Json& check) {
  std::vector<std::string> parts;
  const auto assumed = check.find("assumed");
  if (assumed != check.end() && assumed->is_object()) {
    for (const auto& [name, value] : assumed->items()) {
      parts.push_back(name + "=" + text_of(*assumed, name.c_str()));
    }
  }
  return parts.empty() ? "nothing" : join(parts, ", ");
}

void write_checks(Markdown& out, const Json& checks) {
  if (checks.empty()) return;
  out.line(
      "What of it breaks; `fusegate contract check --explain ID` says where, and how to mend it:");
  out.line();
  out.table({"library", "assumed", "stops importing", "fails at call", "misled",
             "breaks under a condition that is not known", "broken"});
  for (const auto& check : checks) {
    const Json library = check.value("library", Json::object());
    const Json counts = check.value("counts", Json::object());
    out.row({cell_of(library, "name"), cell(assumed_text(check)), cell_of(counts, "stops_import"),
             cell_of(counts, "fails_at_call"), cell_of(counts, "misled"),
             cell_of(counts, "conditional"), broken_text(check)});
  }
  out.line();
}

}  // namespace

void write_engine(Markdown& out, const Json& engine) {
  out.line(fmt::format("## Engine {}", cell_of(engine, "name")));
  out.line();
  write_identity(out, engine);
  write_checks(out, list_at(engine, "checks"));
}

}  // namespace fusegate::reports
