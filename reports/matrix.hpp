// Reports of several versions of a library, laid side by side.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "reports/matrix_column.hpp"

namespace fusegate::reports {

inline constexpr const char* matrix_schema_name = "fusegate.matrix";
inline constexpr const char* matrix_schema_version = "1.0";

/// The document fusegate.matrix (fusegate schema matrix) of columns in their order, oldest first.
/// `baseline` is the name of the one whose failures are known, or "". Speeds are of the first
/// column that has any.
[[nodiscard]] nlohmann::ordered_json matrix_document(const std::vector<MatrixColumn>& columns,
                                                     const std::string& baseline);

/// How many times faster the second is: the median, over the cases that pass in both, of the
/// ratios of their times; nullopt where there are none.
[[nodiscard]] std::optional<double> speed_ratio(const MatrixColumn::Results& before,
                                                const MatrixColumn::Results& after);

/// What differs between two columns in an op of an implementation, in words, each a sentence.
[[nodiscard]] std::vector<std::string> changes_between(const MatrixColumn& before,
                                                       const MatrixColumn& after,
                                                       const std::string& op,
                                                       const std::string& implementation);

/// What fails in a column and did not in the baseline, with an example of each: [{version, op,
/// implementation, cases, case, reason}]. Without a baseline, nullptr, whatever fails.
[[nodiscard]] nlohmann::ordered_json regressions_of(
    const std::vector<MatrixColumn>& columns, const MatrixColumn* baseline,
    const std::vector<std::string>& ops, const std::vector<std::string>& implementations);

/// The versions, and what came of each op, as the head of the page.
[[nodiscard]] std::string render_matrix_overview(const nlohmann::ordered_json& matrix);

/// The document as a page.
[[nodiscard]] std::string render_matrix(const nlohmann::ordered_json& matrix);

}  // namespace fusegate::reports
