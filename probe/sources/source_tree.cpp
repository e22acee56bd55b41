#include "probe/sources/source_tree.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "probe/base/error.hpp"
#include "probe/base/files.hpp"
#include "probe/base/hash.hpp"
#include "probe/base/parallel.hpp"
#include "probe/sources/package_files.hpp"
#include "probe/sources/paths.hpp"

namespace fusegate::probe {

namespace fs = std::filesystem;

namespace {

class FolderTree : public SourceTree {
 public:
  FolderTree(const fs::path& root, const std::string& package,
             const std::vector<std::string>& ignored)
      : root_(root) {
    auto found = list_python_files(root, package, ignored);
    problems_ = std::move(found.problems);
    files_.resize(found.names.size());
    parallel_for(files_.size(), [&](std::size_t index) {
      files_[index].key = key_of(root / found.names[index]);
      files_[index].name = std::move(found.names[index]);
    });
  }

  std::optional<std::string> read(const std::string& name, std::size_t limit) override {
    return read_bounded(root_ / name, limit);
  }

  bool has_folder(const std::string& name) override { return is_folder(root_ / name); }

  LentFiles lend(const std::vector<SourceFile>& files) override {
    LentFiles lent{root_, {}, nullptr};
    for (const auto& file : files) lent.names.push_back(file.name);
    return lent;
  }

 private:
  static std::string key_of(const fs::path& path) {
    Fingerprint fingerprint;
    const auto text = read_bounded(path, python_file_limit);
    // What cannot be read has no content: its path keeps it apart from others.
    fingerprint.add(text ? *text : path.native());
    return (text ? "file-" : "path-") + fingerprint.text();
  }

  fs::path root_;
};

// As for folders (package_files.cpp): far above any library known.
constexpr std::size_t file_count_limit = 50'000;
constexpr std::size_t depth_limit = 64;

class CommitTree : public SourceTree {
 public:
  CommitTree(GitHistory& history, std::string commit, const std::string& package,
             const std::vector<std::string>& ignored)
      : history_(history), commit_(std::move(commit)) {
    for (const auto& name : ignored) ignored_.insert(package + "/" + name);
    if (const auto* entries = history.folder(commit_, package)) add(*entries, package, 0);
    std::sort(files_.begin(), files_.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
  }

  std::optional<std::string> read(const std::string& name, std::size_t limit) override {
    return history_.file(commit_ + ":" + name, limit);
  }

  bool has_folder(const std::string& name) override {
    return history_.folder(commit_, name) != nullptr;
  }

  LentFiles lend(const std::vector<SourceFile>& files) override {
    LentFiles lent{{}, {}, std::make_unique<TemporaryFolder>()};
    lent.root = lent.folder->path();
    for (const auto& file : files) {
      const auto oid = file.key.substr(key_prefix.size());
      lent.names.push_back(oid);
      // One that is too large is not there, which the reader reports.
      if (const auto text = history_.file(oid, python_file_limit)) {
        AtomicFile copy(lent.root / oid);
        copy.write(*text);
        copy.commit(AtomicFile::Durability::cached);
      }
    }
    return lent;
  }

 private:
  static constexpr std::string_view key_prefix = "git-";

  void add(const std::vector<GitHistory::Entry>& entries, const std::string& folder,
           std::size_t depth) {
    for (const auto& [leaf, oid, kind] : entries) {
      const std::string name = folder + "/" + leaf;
      if (leaf == "__pycache__" || ignored_.contains(name)) continue;
      if (kind == GitHistory::Entry::Kind::folder) {
        if (depth == depth_limit) return report(name, "lies too deep to be searched");
        if (const auto* more = history_.folder(oid)) add(*more, name, depth + 1);
      } else if (kind == GitHistory::Entry::Kind::file && leaf.ends_with(".py")) {
        if (!is_utf8(name)) {
          report(name, "has a name that is not UTF-8; it is left out");
          continue;
        }
        if (files_.size() == file_count_limit) return report(name, "is one file too many");
        files_.push_back({name, std::string(key_prefix) + oid});
      }
    }
  }

  void report(const std::string& name, std::string what) {
    problems_.push_back({shown(name), std::move(what), ""});
  }

  GitHistory& history_;
  std::string commit_;
  std::set<std::string> ignored_;
};

}  // namespace

std::unique_ptr<SourceTree> open_folder(const fs::path& root, const std::string& package,
                                        const std::vector<std::string>& ignored) {
  return std::make_unique<FolderTree>(root, package, ignored);
}

std::unique_ptr<SourceTree> open_commit(GitHistory& history, const std::string& commit,
                                        const std::string& package,
                                        const std::vector<std::string>& ignored) {
  return std::make_unique<CommitTree>(history, commit, package, ignored);
}

std::string fingerprint_of(const SourceTree& tree) {
  Fingerprint fingerprint;
  for (const auto& [name, key] : tree.files()) fingerprint.add(fmt::format("{}\n{}\n", name, key));
  return fingerprint.text();
}

}  // namespace fusegate::probe
