#include "reports/report.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <ios>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/files.hpp"
#include "probe/base/text.hpp"
#include "reports/validator.hpp"

namespace fusegate::reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t shown_problems = 10;

// No report comes near it. What walks a document by recursion would overflow the stack.
constexpr int deepest = 64;

constexpr int number_overflow = 406;  // nlohmann's number for it

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void require_valid(const Validator& validator, const Json& document, const std::string& what) {
  const auto problems = validator.problems(document);
  if (problems.empty()) return;
  throw InvalidReport(
      fmt::format("{} does not fit the report's schema: {}", what, join(problems, "; ")));
}

/// Throws UsageError unless the document says that it is a report of a version we read.
void check_identity(const std::filesystem::path& path, const Json& report) {
  // A document from elsewhere may hold anything.
  const auto text = [&](const char* key) {
    return report.is_object() && report.contains(key) && report[key].is_string()
               ? report[key].get<std::string>()
               : std::string();
  };
  if (text("schema") != report_schema_name) {
    throw UsageError(fmt::format("{} is no report of fusegate (schema \"{}\")", path.string(),
                                 report_schema_name));
  }
  const std::string version = text("schema_version");
  int major = 0;
  const auto parsed = std::from_chars(version.data(), version.data() + version.size(), major);
  if (parsed.ec != std::errc{} || major > report_schema_major) {
    throw UsageError(
        fmt::format("{} is of schema {}; this fusegate reads up to {}.x: read it with a newer one",
                    path.string(), version, report_schema_major));
  }
}

}  // namespace

Summary write_report(const std::filesystem::path& path, const Json& envelope,
                     const ResultSource& results) {
  AtomicFile file(path);
  Json head = envelope;
  head.erase("results");
  head.erase("summary");
  std::string text = head.dump(1, ' ', false, Json::error_handler_t::replace);
  text.resize(text.rfind('\n'));  // the closing brace comes after the results
  file.write(text + ",\n \"results\": [");

  Summary summary;
  results([&](const Json& result) {
    require_valid(result_validator(), result, "a result");
    file.write((summary.results() == 0 ? "\n  " : ",\n  ") + dump(result));
    summary.add(result);
  });
  head["results"] = Json::array();
  head["summary"] = summary.to_json();
  require_valid(envelope_validator(), head, "the report");
  file.write("\n ],\n \"summary\": " + dump(head["summary"]) + "\n}\n");
  file.commit();
  return summary;
}

Json read_report(const std::filesystem::path& path, const ResultVisitor& visit) {
  std::ifstream in(path);
  if (!in) throw cannot_read(path);
  Json head;  // what stands above the results, where it is no list or object itself
  std::string top_level_key;
  const auto callback = [&](int depth, Json::parse_event_t event, Json& parsed) {
    using Event = Json::parse_event_t;
    if (depth > deepest) {
      throw UsageError(fmt::format("{} is nested more than {} levels deep: it is no report",
                                   path.string(), deepest));
    }
    if (depth == 1 && event == Event::key) top_level_key = parsed;
    if (depth == 1 && event == Event::value) head[top_level_key] = parsed;
    const bool in_results = top_level_key == "results";
    // Results of a newer version may have another shape.
    if (depth == 1 && event == Event::array_start && in_results && head.contains("schema")) {
      check_identity(path, head);
    }
    const bool is_whole =
        event == Event::object_end || event == Event::array_end || event == Event::value;
    const bool is_result = depth == 2 && is_whole && in_results;
    if (is_result) visit(parsed);
    return !is_result;  // dropped: only one result is in memory at a time
  };
  try {
    Json report = Json::parse(in, callback);
    check_identity(path, report);
    return report;
  } catch (const Json::parse_error& error) {
    throw UsageError(fmt::format("{} is no whole JSON document: {}", path.string(),
                                 json_error_text(error.what())));
  } catch (const Json::out_of_range& error) {
    if (error.id != number_overflow) throw;  // a visitor's
    throw UsageError(
        fmt::format("{} is no report: {}", path.string(), json_error_text(error.what())));
  } catch (const std::ios_base::failure& failure) {  // a folder opens, but cannot be read
    throw cannot_read(path, failure.code().value());
  }
}

std::vector<std::string> validate_report(const std::filesystem::path& path) {
  std::vector<std::string> problems;
  std::uint64_t position = 0;
  const auto add = [&](const std::vector<std::string>& found, const std::string& where) {
    for (const auto& problem : found) {
      if (problems.size() < shown_problems) problems.push_back(where + problem);
    }
  };
  const Json envelope = read_report(path, [&](const Json& result) {
    add(result_validator().problems(result), fmt::format("result {}: ", position++));
  });
  add(envelope_validator().problems(envelope), "");
  return problems;
}

}  // namespace fusegate::reports
