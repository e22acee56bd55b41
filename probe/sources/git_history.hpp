#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probe/process/subprocess.hpp"
#include "probe/sources/git_view.hpp"

namespace fusegate::probe {

/// A tag and the commit it names.
struct GitTag {
  std::string name;
  std::string commit;
};

/// Reads the objects of a repository without checking anything out, by one `git cat-file --batch`.
/// Not for several threads at once.
class GitHistory {
 public:
  /// Of the repository at `root`: a work tree or a bare one. Throws UsageError where there is none,
  /// CannotRun where git is missing or fails.
  explicit GitHistory(const std::filesystem::path& root);

  /// Tags of commits that match the glob, in no particular order. Throws CannotRun.
  [[nodiscard]] std::vector<GitTag> tags(std::string_view glob);

  /// The commit that a revision names; nothing where there is none. Throws CannotRun.
  [[nodiscard]] std::optional<std::string> commit(std::string_view revision);

  struct Entry {
    std::string name;
    std::string oid;
    enum class Kind { file, folder, other } kind = Kind::other;
  };
  /// What the folder `path` of a commit holds; nothing where there is no such folder. Folders are
  /// kept: neighbouring releases share most of theirs. Throws CannotRun.
  [[nodiscard]] const std::vector<Entry>* folder(const std::string& commit,
                                                 const std::string& path);
  [[nodiscard]] const std::vector<Entry>* folder(const std::string& tree);

  /// A file's bytes, by its object's name or as "COMMIT:PATH"; nothing where there is none, where
  /// it is something else, or longer than `limit`. Throws CannotRun.
  [[nodiscard]] std::optional<std::string> file(const std::string& name, std::size_t limit);

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

 private:
  struct Object {
    std::string oid;
    std::string type;
    std::string content;
  };
  std::optional<Object> object(const std::string& name, std::size_t limit);
  void expect(ReadStatus status);

  std::filesystem::path root_;
  GitView view_;
  Subprocess objects_;
  std::map<std::string, std::vector<Entry>> folders_;  ///< by object
};

}  // namespace fusegate::probe
