#pragma once

#include <concepts>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace fusegate::probe {

/// Something about a library that could not be read or does not fit together. The survey goes on
/// without it.
struct Problem {
  std::string where;  ///< the file, folder or command
  std::string what;   ///< what is wrong, as "does not parse as Python (line 3)"
  std::string fix;    ///< how to mend it, where that is known
};

/// {where, what, fix}; fix is left out where there is none.
[[nodiscard]] nlohmann::ordered_json to_json(const Problem& problem);
[[nodiscard]] nlohmann::ordered_json to_json(const std::vector<Problem>& problems);

/// A foreign name fit for a terminal and for JSON: as it is, or with its bytes escaped where it is
/// not UTF-8 or holds control characters.
[[nodiscard]] std::string shown(std::string_view text);
/// A template, because a std::string converts to a path as well as to a view.
template <std::same_as<std::filesystem::path> Path>
[[nodiscard]] std::string shown(const Path& path) {
  return shown(std::string_view(path.native()));
}

[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace fusegate::probe
