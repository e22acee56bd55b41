#include "reports/report.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
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
  if (!report.is_object() || report.value("schema", "") != report_schema_name) {
    throw UsageError(fmt::format("{} is no report of fusegate (schema \"{}\")", path.string(),
                                 report_schema_name));
  }
  const std::string version = report.value("schema_version", "");
  int major = 0;
  std::from_chars(version.data(), version.data() + version.size(), major);
  if (major > report_schema_major) {
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
  if (!in) {
    throw CannotRun(fmt::format("cannot read {}: {}", path.string(), std::strerror(errno)));
  }
  std::string top_level_key;
  const auto callback = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::key && depth == 1) top_level_key = parsed;
    const bool is_result = event == Json::parse_event_t::object_end && depth == 2 &&
                           top_level_key == "results";
    if (is_result) visit(parsed);
    return !is_result;  // dropped: only one result is in memory at a time
  };
  try {
    Json report = Json::parse(in, callback);
    check_identity(path, report);
    report["results"] = Json::array();
    return report;
  } catch (const Json::parse_error& error) {
    throw UsageError(fmt::format("{} is no whole JSON document: {}", path.string(), error.what()));
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
