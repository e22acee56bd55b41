#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "probe/base/temporary_folder.hpp"
#include "probe/sources/git_history.hpp"
#include "probe/sources/problem.hpp"

namespace fusegate::probe {

/// A Python file of a package.
struct SourceFile {
  std::string name;  ///< below the tree's root, separated by /
  std::string key;   ///< names its content: equal keys, equal bytes
};

/// Files that can be read under a path, for as long as this lives.
struct LentFiles {
  std::filesystem::path root;
  std::vector<std::string> names;  ///< below root, in the order in which they were asked for
  std::unique_ptr<TemporaryFolder> folder;
};

/// Where a library's sources come from: a folder, or a commit that nobody has checked out.
class SourceTree {
 public:
  SourceTree() = default;
  virtual ~SourceTree() = default;
  // Base of trees that own resources.
  SourceTree(const SourceTree&) = delete;
  SourceTree& operator=(const SourceTree&) = delete;

  /// The Python files of the package, by name.
  [[nodiscard]] const std::vector<SourceFile>& files() const { return files_; }
  /// What of it could not be listed.
  [[nodiscard]] const std::vector<Problem>& problems() const { return problems_; }

  /// A file of the tree, whatever it holds; nothing where there is none of at most `limit` bytes.
  [[nodiscard]] virtual std::optional<std::string> read(const std::string& name,
                                                        std::size_t limit) = 0;
  /// Whether the tree has a folder of that name at its root.
  [[nodiscard]] virtual bool has_folder(const std::string& name) = 0;
  /// Makes some of files() readable for another program. Throws CannotRun.
  [[nodiscard]] virtual LentFiles lend(const std::vector<SourceFile>& files) = 0;

 protected:
  std::vector<SourceFile> files_;
  std::vector<Problem> problems_;
};

/// The package `package` below `root`, without what is below `ignored` (paths below the package).
[[nodiscard]] std::unique_ptr<SourceTree> open_folder(const std::filesystem::path& root,
                                                      const std::string& package,
                                                      const std::vector<std::string>& ignored);

/// The same of a commit; `history` must outlive it. Throws CannotRun.
[[nodiscard]] std::unique_ptr<SourceTree> open_commit(GitHistory& history,
                                                      const std::string& commit,
                                                      const std::string& package,
                                                      const std::vector<std::string>& ignored);

/// A fingerprint of the names and contents of the tree's files.
[[nodiscard]] std::string fingerprint_of(const SourceTree& tree);

}  // namespace fusegate::probe
