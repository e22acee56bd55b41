#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fusegate::probe {

/// Whether the text can be a version: a foreign file may say anything.
[[nodiscard]] bool is_version(std::string_view text);

/// Whether it can be the name of a distribution.
[[nodiscard]] bool is_distribution_name(std::string_view text);

/// Whether two versions are the same as far as they can be compared: "0.1.14-rc0" is "0.1.14rc0",
/// and a local part ("+rocm7.2") counts only where both have one.
[[nodiscard]] bool same_version(std::string_view a, std::string_view b);

/// Whether version `a` comes before `b`, as PEP 440 orders them. What stands behind it ("-longctx")
/// counts as a local part; what is no version at all comes last, by its letters.
[[nodiscard]] bool version_less(std::string_view a, std::string_view b);

/// The text that a line of Python or TOML assigns to `variable`, as in
/// `variable: str = other = "1.0"`. The file is another's code and is not run: what would have to
/// be computed is not known.
[[nodiscard]] std::optional<std::string> assigned_text(std::string_view line,
                                                       std::string_view variable);

}  // namespace fusegate::probe
