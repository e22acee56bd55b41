#pragma once

#include <map>
#include <string>
#include <string_view>

namespace fusegate::probe {

/// What the environment variables of an engine are where they are not set, as the text of the file
/// that declares them says it: `NAME: bool = False`, `NAME = EnvBool(False)`, and the second
/// argument of what reads `"NAME"`. As Python writes it. A variable that is said to be different
/// things, or whose default is computed, is left out.
[[nodiscard]] std::map<std::string, std::string> read_declared_defaults(std::string_view python);

}  // namespace fusegate::probe
