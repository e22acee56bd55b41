#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/base/text.hpp"
#include "probe/process/subprocess.hpp"
#include "probe/sources/test_files.hpp"

namespace fusegate::probe {

/// A git repository made for a test, untouched by the settings of whoever runs it.
class TestRepository {
 public:
  TestRepository() {
    std::filesystem::create_directory(root());
    git({"init", "-q"});
  }

  /// Room for more beside it.
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
  [[nodiscard]] std::filesystem::path root() const { return folder() / "checkout"; }

  /// What a git command says; a failure of the test where it fails.
  std::string git(const std::vector<std::string>& words) const {
    // Where git itself runs the tests, as a hook does, its variables would name another repository.
    SpawnOptions options{
        {"env", "-u", "GIT_DIR", "-u", "GIT_INDEX_FILE", "-u", "GIT_WORK_TREE", "git"}, {}, {}};
    for (const auto& word : {std::string("-C"), root().native()}) options.argv.push_back(word);
    options.argv.insert(options.argv.end(), words.begin(), words.end());
    options.environment = {{"GIT_CONFIG_GLOBAL", "/dev/null"}, {"GIT_CONFIG_NOSYSTEM", "1"},
                           {"GIT_AUTHOR_NAME", "a"},           {"GIT_AUTHOR_EMAIL", "a@b"},
                           {"GIT_COMMITTER_NAME", "a"},        {"GIT_COMMITTER_EMAIL", "a@b"}};
    const auto result = run_command(options, "", std::chrono::seconds(60));
    EXPECT_TRUE(result.status && result.status->ok()) << words.at(0) << ": " << result.errors;
    return std::string(trim(result.output));
  }

  /// Writes the files and commits all that is there.
  void commit(const std::map<std::string, std::string>& files = {}) const {
    for (const auto& [name, text] : files) write_file(root() / name, text);
    git({"add", "-A"});
    git({"commit", "-q", "--allow-empty", "-m", "x"});
  }

  /// A commit that holds these files and no others, with a tag.
  void release(const std::string& tag, const std::map<std::string, std::string>& files) const {
    for (const auto& entry : std::filesystem::directory_iterator(root())) {
      if (entry.path().filename() != ".git") std::filesystem::remove_all(entry.path());
    }
    commit(files);
    git({"tag", tag});
  }

  /// Lets the repository's own settings name a program everywhere where git would start one on its
  /// own. Returns the file that it writes when it does.
  [[nodiscard]] std::filesystem::path set_traps() const {
    const auto trap = folder() / "trap";
    const auto trace = folder() / "sprung";
    write_program(trap, "touch " + trace.native() + "\ncat\n");
    for (const char* setting : {"core.fsmonitor", "core.hooksPath", "core.sshCommand", "core.pager",
                                "core.alternateRefsCommand", "filter.trap.clean",
                                "filter.trap.smudge", "filter.trap.process", "diff.external",
                                "diff.trap.textconv", "uploadpack.packObjectsHook"}) {
      git({"config", setting, trap.native()});
    }
    return trace;
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace fusegate::probe

#define FUSEGATE_NEEDS_GIT() \
  if (!runs("git")) GTEST_SKIP() << "no git on PATH"
