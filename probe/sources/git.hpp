#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probe/sources/problem.hpp"

namespace fusegate::probe {

/// What a git checkout holds.
struct GitDescription {
  std::string text;      ///< "v0.1.14", "v0.1.14-3-g1a2b3c4-dirty"; without a tag, "1a2b3c4"
  std::string revision;  ///< the commit, in full
  bool has_tag = false;
  bool is_exact = false;  ///< the tagged commit itself, unchanged
};

/// The folder at or above `path` that is the top of a checkout or a worktree of one: it has a .git.
[[nodiscard]] std::optional<std::filesystem::path> checkout_around(
    const std::filesystem::path& path);

/// As `git describe --tags --always --dirty --match TAGS` in `root`, or nothing where `root` is not
/// the top of a checkout; a problem where git is missing or fails. None of the repository's own
/// settings are in force: hooks, monitors and filters that it configures are commands.
[[nodiscard]] std::optional<GitDescription> describe_checkout(const std::filesystem::path& root,
                                                              std::string_view tags,
                                                              std::vector<Problem>& problems);

}  // namespace fusegate::probe
