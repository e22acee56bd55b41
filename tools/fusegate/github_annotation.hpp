#pragma once

#include <string>
#include <string_view>

namespace fusegate::tools {

/// A line for the log of a GitHub action, which is shown at that line of a file. level: error,
/// warning or notice.
[[nodiscard]] std::string github_annotation(std::string_view level, std::string_view file, int line,
                                            std::string_view title, std::string_view message);

}  // namespace fusegate::tools
