#include "probe/sources/package_files.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "probe/sources/paths.hpp"

namespace fusegate::probe {

namespace fs = std::filesystem;

namespace {

// Far above any library known (the largest has 3,300 files), so that a link to / ends soon.
constexpr std::size_t file_count_limit = 50'000;
constexpr std::size_t folder_count_limit = 10'000;
constexpr std::size_t depth_limit = 64;

struct Folder {
  std::string name;  ///< below the root
  std::size_t depth = 0;
};

/// Walks a package: real folders first, then those reached by links, so that a folder that has
/// several names is found under its own.
class Walk {
 public:
  Walk(const fs::path& root, std::set<std::string> ignored) : ignored_(std::move(ignored)) {
    files_.root = root;
  }

  PackageFiles run(const std::string& package) {
    folders_.push_back({package, 0});
    while (!folders_.empty() || !linked_.empty()) {
      auto& queue = folders_.empty() ? linked_ : folders_;
      const Folder folder = std::move(queue.front());
      queue.pop_front();
      if (seen_.size() >= folder_count_limit) {
        report(folder.name,
               fmt::format("is one folder too many: only {} are searched", folder_count_limit));
        break;
      }
      if (is_new(folder)) visit(folder);
    }
    std::sort(files_.names.begin(), files_.names.end());
    return std::move(files_);
  }

 private:
  bool is_new(const Folder& folder) {
    struct stat status {};
    if (::stat((files_.root / folder.name).c_str(), &status) != 0) return false;
    return seen_.emplace(status.st_dev, status.st_ino).second;
  }

  void visit(const Folder& folder) {
    const fs::path path = files_.root / folder.name;
    if (::access(path.c_str(), R_OK | X_OK) != 0) report(folder.name, "may not be read");
    for (const auto& entry : entries_of(path)) add(folder, entry);
  }

  void add(const Folder& folder, const fs::path& entry) {
    const std::string leaf = entry.filename().native();
    const std::string name = folder.name + "/" + leaf;
    if (leaf == "__pycache__" || ignored_.contains(name)) return;
    if (is_folder(entry)) {
      if (folder.depth + 1 > depth_limit) return report(name, "lies too deep to be searched");
      std::error_code ignored;
      (fs::is_symlink(entry, ignored) ? linked_ : folders_).push_back({name, folder.depth + 1});
    } else if (leaf.ends_with(".py")) {
      std::error_code ignored;
      if (is_file(entry)) {
        add_file(name);
      } else if (fs::is_symlink(entry, ignored) && !is_there(entry)) {
        report(name, "is a link that leads nowhere, or to itself");
      } else {
        report(name, "is no regular file");
      }
    }
  }

  void add_file(const std::string& name) {
    if (!is_utf8(name)) return report(name, "has a name that is not UTF-8; it is left out");
    if (files_.names.size() < file_count_limit) {
      files_.names.push_back(name);
    } else if (!std::exchange(full_, true)) {
      report(name, fmt::format("is one file too many: only {} are read", file_count_limit));
    }
  }

  void report(const std::string& name, std::string what) {
    files_.problems.push_back({shown(name), std::move(what), ""});
  }

  PackageFiles files_;
  std::set<std::string> ignored_;
  std::deque<Folder> folders_, linked_;
  std::set<std::pair<dev_t, ino_t>> seen_;
  bool full_ = false;
};

}  // namespace

PackageFiles list_python_files(const fs::path& root, const std::string& package,
                               const std::vector<std::string>& ignored) {
  std::set<std::string> names;
  for (const auto& name : ignored) names.insert(package + "/" + name);
  return Walk(root, std::move(names)).run(package);
}

}  // namespace fusegate::probe
