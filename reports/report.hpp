#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "reports/summary.hpp"

namespace fusegate::reports {

inline constexpr const char* report_schema_name = "fusegate.report";
inline constexpr const char* report_schema_version = "1.0";
inline constexpr int report_schema_major = 1;

using ResultVisitor = std::function<void(const nlohmann::ordered_json& result)>;
/// Hands every result to a visitor, in their order; may be called more than once.
using ResultSource = std::function<void(const ResultVisitor&)>;

/// A document that does not fit its schema.
class InvalidReport : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Writes report.json: everything in `envelope` but `results` and `summary`, the results as they
/// come from `results`, and the summary of them. Each result and the envelope are checked against
/// the schema. Memory does not grow with the results. Throws CannotRun when the file cannot be
/// written, and InvalidReport, naming what is wrong, before an invalid file takes its place.
Summary write_report(const std::filesystem::path& path, const nlohmann::ordered_json& envelope,
                     const ResultSource& results);

/// Reads a report: hands each result to `visit` and returns the rest, with empty results. Throws
/// CannotRun when the file cannot be read, and UsageError when it is no report, is cut short, or is
/// of a newer schema than this build knows.
[[nodiscard]] nlohmann::ordered_json read_report(const std::filesystem::path& path,
                                                 const ResultVisitor& visit);

/// What is wrong with a report, by its schema, each with its place; empty: nothing. Throws as
/// read_report.
[[nodiscard]] std::vector<std::string> validate_report(const std::filesystem::path& path);

}  // namespace fusegate::reports
