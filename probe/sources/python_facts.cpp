#include "probe/sources/python_facts.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/parallel.hpp"
#include "probe/base/text.hpp"
#include "probe/process/subprocess.hpp"
#include "probe/sources/package_files.hpp"
#include "probe/sources/python.hpp"

namespace fusegate::probe {

namespace fs = std::filesystem;

namespace {

using json = nlohmann::ordered_json;

// Each restart is a file that made the interpreter crash, or took too long, which costs more.
constexpr int restart_limit = 8;
constexpr int restart_cost_of_slow = 4;
// Starting an interpreter takes as long as parsing so many bytes.
constexpr std::uintmax_t bytes_worth_a_process = 200'000;
// Some 2 s of work: many releases together must not look like a file that takes too long, nor their
// facts be too much for one output.
constexpr std::uintmax_t bytes_of_a_process = 8u << 20;

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

/// Takes in the output of one run of the script, line by line.
class Output {
 public:
  explicit Output(PythonFacts& facts) : facts_(facts) {}

  /// Throws nlohmann::json::exception on a line that is not one of the script's.
  void take(std::string_view line) {
    if (!facts_of_.empty()) {
      facts_.lines.insert_or_assign(std::exchange(facts_of_, ""), line);
      return;
    }
    const json object = json::parse(line);
    if (const auto it = object.find("python"); it != object.end()) facts_.python_version = *it;
    if (const auto it = object.find("reading"); it != object.end()) reading = *it;
    if (const auto it = object.find("facts"); it != object.end()) facts_of_ = *it;
    if (object.contains("problem")) {
      facts_.problems.push_back(parse_problem(object.at("file"), object, facts_.python_version));
    }
    done = done || object.contains("done");
  }

  std::string reading;  ///< the file that was being parsed when the output ended
  bool done = false;

 private:
  PythonFacts& facts_;
  std::string facts_of_;  ///< the file whose facts the next line has
};

Output take_output(const CommandResult& result, PythonFacts& facts) {
  Output output(facts);
  // An interpreter that dies leaves half a line, which is none.
  const auto whole = std::string_view(result.output).substr(0, result.output.rfind('\n') + 1);
  for (const auto line : split(whole, '\n')) {
    try {
      if (!line.empty()) output.take(line);
    } catch (const json::exception&) {
      break;
    }
  }
  return output;
}

Problem crash_problem(const std::string& file, const CommandResult& result,
                      const std::string& version, std::chrono::duration<double> run_limit) {
  const std::string how =
      result.status ? fmt::format("made Python {} stop: it {}", version, result.status->text())
                    : fmt::format("took more than {} s to parse", run_limit.count());
  return {shown(file), how + "; left out", ""};
}

/// One interpreter after the other, until all files are read.
PythonFacts read_in_turn(const fs::path& root, const std::vector<std::string>& files,
                         const std::string& python, std::chrono::milliseconds run_limit,
                         std::string_view script) {
  PythonFacts facts;
  auto rest = files.begin();
  for (int restarts = 0; rest != files.end();) {
    const json request{{"files", std::vector<std::string>(rest, files.end())},
                       {"max_bytes", python_file_limit}};
    CommandResult result;
    try {
      // -S: nothing of the interpreter's site-packages runs, so also no .pth file of the library.
      result = run_fact_script(python, script, {"-I", "-S", "-B", "-X", "utf8", "-W", "ignore"},
                               {root.native()}, request.dump(), run_limit);
    } catch (const CannotRun& error) {
      facts.problems.push_back({shown(python), error.what(), ""});
      return facts;
    }
    const Output output = take_output(result, facts);
    if (output.done) break;
    const auto culprit = std::find(rest, files.end(), output.reading);
    restarts += result.status ? 1 : restart_cost_of_slow;
    if (culprit == files.end() || restarts > restart_limit) {
      facts.problems.push_back({shown(python),
                                "could not read the sources: " + failure_text(result),
                                "name another Python, 3.8 or later, with --python PATH"});
      return facts;
    }
    facts.problems.push_back(crash_problem(*culprit, result, facts.python_version, run_limit));
    rest = culprit + 1;
  }
  return facts;
}

/// The files in groups of about equal size, each for an interpreter of its own: the largest first,
/// each to the group that has least.
std::vector<std::vector<std::string>> groups_of(const fs::path& root,
                                                const std::vector<std::string>& files) {
  std::vector<std::pair<std::uintmax_t, std::string>> sized;
  std::uintmax_t total = 0;
  for (const auto& file : files) {
    std::error_code error;
    const auto size = fs::file_size(root / file, error);
    sized.emplace_back(error ? 0 : std::min(size, python_file_limit), file);
    total += sized.back().first;
  }
  std::sort(sized.begin(), sized.end(), [](const auto& a, const auto& b) {
    return std::pair(b.first, a.second) < std::pair(a.first, b.second);
  });
  const auto worthwhile = static_cast<std::size_t>(total / bytes_worth_a_process + 1);
  const auto needed = static_cast<std::size_t>(total / bytes_of_a_process + 1);
  std::vector<std::vector<std::string>> groups(
      std::max(needed, std::min(worthwhile, worthwhile_threads())));
  std::vector<std::uintmax_t> loads(groups.size());
  for (auto& [size, file] : sized) {
    const auto least = std::min_element(loads.begin(), loads.end()) - loads.begin();
    loads[static_cast<std::size_t>(least)] += size;
    groups[static_cast<std::size_t>(least)].push_back(std::move(file));
  }
  return groups;
}

}  // namespace

PythonFacts read_python_facts(const fs::path& root, const std::vector<std::string>& files,
                              const std::string& python, std::chrono::milliseconds run_limit,
                              std::string_view script) {
  if (files.empty()) return {};
  const auto groups = groups_of(root, files);
  std::vector<PythonFacts> parts(groups.size());
  parallel_for(groups.size(), [&](std::size_t index) {
    parts[index] = read_in_turn(root, groups[index], python, run_limit, script);
  });
  PythonFacts all;
  for (auto& part : parts) {
    all.lines.merge(part.lines);
    if (!part.python_version.empty()) all.python_version = part.python_version;
    for (auto& problem : part.problems) {
      // Of an interpreter that does not start, one word is enough.
      const bool is_new = std::none_of(
          all.problems.begin(), all.problems.end(),
          [&](const Problem& p) { return p.where == problem.where && p.what == problem.what; });
      if (is_new) all.problems.push_back(std::move(problem));
    }
  }
  std::sort(all.problems.begin(), all.problems.end(),
            [](const Problem& a, const Problem& b) { return a.where < b.where; });
  return all;
}

}  // namespace fusegate::probe
