#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "probe/base/temporary_folder.hpp"
#include "probe/process/subprocess.hpp"

namespace fusegate::probe {

/// The folder with the HEAD of a repository: `root` itself of a bare one, .git, or where a
/// worktree's .git points. Nothing where `root` is not the top of one.
[[nodiscard]] std::optional<std::filesystem::path> git_folder(const std::filesystem::path& root);

/// A git folder that shares a repository's objects and references but has no settings. git on the
/// real one would follow its config, in which core.fsmonitor or a filter is a command to run, and
/// would write its index; `-c` can override only settings known by name.
class GitView {
 public:
  /// Of the repository whose git_folder that is. Throws std::filesystem::filesystem_error.
  explicit GitView(const std::filesystem::path& git);

  [[nodiscard]] bool has_index() const;

  /// A git command on it, with `root` as its work tree.
  [[nodiscard]] SpawnOptions command(const std::filesystem::path& root,
                                     const std::vector<std::string>& words) const;
  /// Runs one to its end. Throws std::system_error where git cannot be started.
  [[nodiscard]] CommandResult run(const std::filesystem::path& root,
                                  const std::vector<std::string>& words) const;

 private:
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

  TemporaryFolder folder_;
};

}  // namespace fusegate::probe
