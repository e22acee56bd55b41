#include "reports/matrix.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "probe/base/text.hpp"
#include "reports/markdown_text.hpp"

namespace fusegate::reports {
namespace {

using Json = nlohmann::ordered_json;

// A kind of failure needs one example; more kinds than this are one broken kernel.
constexpr std::size_t shown_failures = 8;

/// What a reason says but for the numbers and counts of its one case.
std::string kind_of(const std::string& reason) {
  std::string kind;
  for (const auto clause : split(reason, ';')) {
    if (clause.find(" elements are beyond it") != clause.npos) continue;
    for (const char c : clause.substr(0, clause.find(", expected"))) {
      const bool is_digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
      if (!is_digit) {
        kind += c;
      } else if (kind.empty() || kind.back() != '#') {
        kind += '#';
      }
    }
  }
  return kind;
}

Json number_or_text(double value) {
  return std::isfinite(value) ? Json(value) : Json("inf");
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Kinds of failures: {verdict, reason, cases, case}, the most frequent first.
Json failures_of(const MatrixColumn::Results& results) {
  std::map<std::pair<std::string, std::string>, std::pair<std::uint64_t, const MatrixResult*>>
      kinds;
  for (const auto& [line, result] : results) {
    if (!is_failed(result.verdict)) continue;
    auto& [count, example] = kinds[{result.verdict, kind_of(result.reason)}];
    ++count;
    if (example == nullptr) example = &result;
  }
  std::vector<std::pair<std::uint64_t, const MatrixResult*>> list;
  for (const auto& [kind, entry] : kinds) list.push_back(entry);
  std::stable_sort(list.begin(), list.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  Json json = Json::array();
  for (std::size_t i = 0; i < std::min(list.size(), shown_failures); ++i) {
    const auto& [count, example] = list[i];
    json.push_back({{"verdict", example->verdict},
                    {"reason", example->reason},
                    {"cases", count},
                    {"case", example->case_line}});
  }
  return json;
}

Json largest_errors(const MatrixColumn::Results& results) {
  std::map<std::string, double> largest;
  for (const auto& [line, result] : results) {
    if (result.verdict != "pass") continue;  // of the others the failures tell
    double& value = largest[result.dtype];
    value = std::max(value, result.max_ulp);
  }
  Json json = Json::object();
  for (const auto& [dtype, ulp] : largest) json[dtype] = number_or_text(ulp);
  return json;
}

/// The times of one call, beside those of the first that was timed.
Json time_of(const MatrixColumn::Results& first, const MatrixColumn::Results& results) {
  std::vector<double> times;
  for (const auto& [line, result] : results) {
    if (result.verdict == "pass" && result.device_us) times.push_back(*result.device_us);
  }
  if (times.empty()) return nullptr;
  const auto relative = speed_ratio(first, results);
  return {{"median_us", median(times)}, {"relative", relative ? Json(*relative) : Json(nullptr)}};
}

std::string status_of(const MatrixColumn& column,
                      const std::map<std::string, std::uint64_t>& counts) {
  if (counts.empty()) return column.could_not_run().empty() ? "not_run" : "could_not_run";
  const auto total = [&](auto&& matches) {
    std::uint64_t sum = 0;
    for (const auto& [verdict, count] : counts) sum += matches(verdict) ? count : 0;
    return sum;
  };
  if (total([](const auto& verdict) { return is_failed(verdict); }) > 0) return "fails";
  if (counts.contains("pass")) return "passes";
  return counts.contains("unsupported") ? "unsupported" : "not_run";
}

Json cell_of_matrix(const MatrixColumn& column, const std::string& op,
                    const std::string& implementation, const MatrixColumn::Results& first) {
  const auto& results = column.results(op, implementation);
  std::map<std::string, std::uint64_t> counts;
  std::string unsupported;
  for (const auto& [line, result] : results) {
    ++counts[result.verdict];
    if (result.verdict == "unsupported" && unsupported.empty()) unsupported = result.reason;
  }
  const auto status = status_of(column, counts);
  const Json operation = column.operation(op, implementation);
  return {{"version", column.name()},
          {"op", op},
          {"implementation", implementation},
          {"status", status},
          {"entry", operation.is_null() ? Json(nullptr) : operation.at("entry")},
          {"generation", operation.is_null() ? Json(nullptr) : operation.at("generation")},
          {"reason", status == "unsupported" ? unsupported : ""},
          {"by_verdict", counts},
          {"largest_error_ulp", largest_errors(results)},
          {"time", column.is_interpreted() ? Json(nullptr) : time_of(first, results)},
          {"failures", failures_of(results)},
          {"known_defects", column.known_defects(op, implementation)}};
}

/// The results that speeds are relative to: those of the first column that has times.
const MatrixColumn::Results& first_timed(const std::vector<MatrixColumn>& columns,
                                         const std::string& op,
                                         const std::vector<std::string>& implementations) {
  static const MatrixColumn::Results none;
  for (const auto& column : columns) {
    if (column.is_interpreted()) continue;
    for (const auto& implementation : implementations) {
      const auto& results = column.results(op, implementation);
      const bool timed = std::any_of(results.begin(), results.end(), [](const auto& entry) {
        return entry.second.verdict == "pass" && entry.second.device_us;
      });
      if (timed) return results;
    }
  }
  return none;
}

bool has_library(const Json& libraries, const std::string& name) {
  return std::any_of(libraries.begin(), libraries.end(),
                     [&](const Json& library) { return library.at("name") == name; });
}

/// Those that were read, and what else was tested: of it, as of torch, there is the version alone,
/// which its worker tells.
Json libraries_of(const MatrixColumn& column) {
  Json libraries = Json::array();
  for (const auto& library : list_at(column.envelope(), "libraries")) {
    libraries.push_back({{"name", library.at("name")},
                         {"path", library.at("path")},
                         {"version", library.at("version")},
                         {"fingerprint", library.at("fingerprint")}});
  }
  for (const auto& implementation : list_at(column.envelope(), "implementations")) {
    const auto full_name = text_of(implementation, "name");
    const auto name = full_name.substr(0, full_name.find('/'));
    const auto versions = implementation.value("versions", Json::object());
    if (!versions.contains(name) || has_library(libraries, name)) continue;
    libraries.push_back({{"name", name},
                         {"path", nullptr},
                         {"version", versions.at(name)},
                         {"fingerprint", nullptr}});
  }
  return libraries;
}

Json version_json(const MatrixColumn& column) {
  Json json{{"name", column.name()},
            {"could_not_run", column.could_not_run()},
            {"interpreted", column.is_interpreted()},
            {"libraries", libraries_of(column)},
            {"implementations", Json::array()}};
  for (const auto& implementation : list_at(column.envelope(), "implementations")) {
    Json entry{{"name", implementation.at("name")}};
    for (const char* key : {"device", "versions", "import_seconds"}) {
      if (implementation.contains(key)) entry[key] = implementation.at(key);
    }
    json["implementations"].push_back(entry);
  }
  return json;
}

/// Names in the order in which the columns have them.
template <class NamesOf>
std::vector<std::string> all_names(const std::vector<MatrixColumn>& columns, NamesOf&& names_of) {
  std::vector<std::string> names;
  for (const auto& column : columns) {
    for (const auto& name : names_of(column)) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

/// For each implementation the last column before that had it.
Json all_changes(const std::vector<MatrixColumn>& columns, const std::vector<std::string>& ops,
                 const std::vector<std::string>& implementations) {
  Json json = Json::array();
  for (const auto& implementation : implementations) {
    const MatrixColumn* before = nullptr;
    for (const auto& column : columns) {
      const auto here = column.implementations();
      if (std::find(here.begin(), here.end(), implementation) == here.end()) continue;
      for (const auto& op : ops) {
        if (before == nullptr) break;
        for (const auto& text : changes_between(*before, column, op, implementation)) {
          json.push_back({{"before", before->name()},
                          {"after", column.name()},
                          {"op", op},
                          {"implementation", implementation},
                          {"text", text}});
        }
      }
      before = &column;
    }
  }
  return json;
}

}  // namespace

std::optional<double> speed_ratio(const MatrixColumn::Results& before,
                                  const MatrixColumn::Results& after) {
  std::vector<double> ratios;
  for (const auto& [line, result] : after) {
    const auto other = before.find(line);
    if (other == before.end() || result.verdict != "pass" || other->second.verdict != "pass")
      continue;
    if (!result.device_us || !other->second.device_us || *result.device_us <= 0) continue;
    ratios.push_back(*other->second.device_us / *result.device_us);
  }
  return ratios.empty() ? std::nullopt : std::optional(median(std::move(ratios)));
}

Json matrix_document(const std::vector<MatrixColumn>& columns, const std::string& baseline) {
  const auto ops = all_names(columns, [](const auto& column) { return column.ops(); });
  const auto implementations =
      all_names(columns, [](const auto& column) { return column.implementations(); });
  const auto known = std::find_if(columns.begin(), columns.end(),
                                  [&](const auto& column) { return column.name() == baseline; });
  Json versions = Json::array(), cells = Json::array();
  for (const auto& column : columns) versions.push_back(version_json(column));
  for (const auto& op : ops) {
    const auto& first = first_timed(columns, op, implementations);
    for (const auto& column : columns) {
      for (const auto& implementation : column.implementations()) {
        cells.push_back(cell_of_matrix(column, op, implementation, first));
      }
    }
  }
  return {{"schema", matrix_schema_name},
          {"schema_version", matrix_schema_version},
          {"baseline", baseline.empty() ? Json(nullptr) : Json(baseline)},
          {"versions", versions},
          {"cells", cells},
          {"changes", all_changes(columns, ops, implementations)},
          {"regressions", regressions_of(columns, known == columns.end() ? nullptr : &*known, ops,
                                         implementations)}};
}

}  // namespace fusegate::reports
