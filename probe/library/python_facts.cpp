#include "probe/library/python_facts.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "probe/library/python.hpp"
#include "probe/process/subprocess.hpp"

namespace fusegate::probe {

using nlohmann::json;

namespace {

constexpr std::chrono::seconds run_limit{60};
// Each restart is a file that made the interpreter crash, or took too long, which costs more.
constexpr int restart_limit = 8;
constexpr int restart_cost_of_slow = 4;

std::optional<std::string> text_at(const json& object, const char* key) {
  const auto& value = object.at(key);
  return value.is_null() ? std::nullopt : std::optional(value.get<std::string>());
}

Definition parse_definition(const std::string& file, const json& object) {
  Definition definition;
  definition.file = file;
  definition.qualified_name = object.at("qualified_name");
  definition.kind = object.at("kind");
  definition.line = object.at("line");
  definition.end_line = object.at("end_line");
  definition.signature = object.at("signature");
  for (const auto& p : object.at("parameters")) {
    definition.parameters.push_back(
        {p.at("name"), p.at("kind"), text_at(p, "default"), text_at(p, "annotation")});
  }
  definition.returns = text_at(object, "returns");
  definition.decorators = object.at("decorators");
  for (const auto& c : object.at("conditions")) {
    definition.conditions.push_back({c.at("kind"), c.at("text")});
  }
  return definition;
}

Problem parse_problem(const std::string& file, const json& object, const std::string& version) {
  const std::string kind = object.at("problem");
  const std::string where = shown(file);
  if (kind == "syntax") {
    const auto line = object.find("line");
    const bool known = line != object.end() && line->is_number_integer();
    return {known ? fmt::format("{}:{}", where, line->get<int>()) : where,
            fmt::format("does not parse as Python {}", version),
            "if it is written for a later Python, name one with --python PATH"};
  }
  if (kind == "encoding") return {where, "is not in the encoding that it declares", ""};
  if (kind == "too_deep") return {where, "nests too deep to be parsed", ""};
  if (kind == "too_large") {
    return {where, fmt::format("is larger than {} MiB, not read", python_file_limit >> 20), ""};
  }
  return {where, "cannot be read", ""};
}

/// One run of the script over some files, and where it stopped.
struct ScriptRun {
  std::string reading;  ///< the file that it was parsing when the output ended
  bool done = false;
};

/// Takes in one line of the script's output; a line that is not one of the script's throws.
void take_line(std::string_view line, PythonFacts& facts, ScriptRun& run) {
  const json object = json::parse(line);
  if (const auto it = object.find("python"); it != object.end()) facts.python_version = *it;
  if (const auto it = object.find("reading"); it != object.end()) run.reading = *it;
  if (object.contains("done")) run.done = true;
  const auto file = object.find("file");
  if (file == object.end()) return;
  if (object.contains("problem")) {
    facts.problems.push_back(parse_problem(*file, object, facts.python_version));
    return;
  }
  for (const auto& definition : object.at("definitions")) {
    facts.definitions.push_back(parse_definition(*file, definition));
  }
}

ScriptRun take_output(const CommandResult& result, PythonFacts& facts) {
  ScriptRun run;
  for (const auto line : split(result.output, '\n')) {
    try {
      if (!line.empty()) take_line(line, facts, run);
    } catch (const json::exception&) {
      break;  // the interpreter died while it wrote this one
    }
  }
  return run;
}

Problem crash_problem(const std::string& file, const CommandResult& result,
                      const std::string& version) {
  const std::string how =
      result.status ? fmt::format("made Python {} stop: it {}", version, result.status->text())
                    : fmt::format("took more than {} s to parse", run_limit.count());
  return {shown(file), how + "; left out", ""};
}

}  // namespace

PythonFacts read_python_facts(const PackageFiles& files,
                              const std::optional<std::vector<std::string>>& wanted,
                              const std::string& python) {
  PythonFacts facts;
  auto rest = files.names.begin();
  for (int restarts = 0; rest != files.names.end();) {
    const json request{{"files", std::vector<std::string>(rest, files.names.end())},
                       {"names", wanted ? json(*wanted) : json(nullptr)},
                       {"max_bytes", python_file_limit}};
    CommandResult result;
    try {
      // -S: nothing of the interpreter's site-packages runs, so also no .pth file of the library.
      result = run_fact_script(python, "python_facts.py",
                               {"-I", "-S", "-B", "-X", "utf8", "-W", "ignore"},
                               {files.root.native()}, request.dump(), run_limit);
    } catch (const CannotRun& error) {
      facts.problems.push_back({shown(python), error.what(), ""});
      return facts;
    }
    const ScriptRun run = take_output(result, facts);
    if (run.done) break;
    const auto culprit = std::find(rest, files.names.end(), run.reading);
    restarts += result.status ? 1 : restart_cost_of_slow;
    if (culprit == files.names.end() || restarts > restart_limit) {
      facts.problems.push_back({shown(python),
                                "could not read the sources: " + failure_text(result),
                                "name another Python, 3.8 or later, with --python PATH"});
      return facts;
    }
    facts.problems.push_back(crash_problem(*culprit, result, facts.python_version));
    rest = culprit + 1;
  }
  return facts;
}

}  // namespace fusegate::probe
