#include "probe/library/git.hpp"

#include <chrono>
#include <system_error>

#include <fmt/format.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/base/text.hpp"
#include "probe/library/paths.hpp"
#include "probe/library/python.hpp"
#include "probe/process/subprocess.hpp"

namespace fusegate::probe {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds git_limit{30};
constexpr std::uintmax_t pointer_limit = 64u << 10;
constexpr std::uintmax_t index_limit = 64u << 20;  // some 500,000 files

/// The path that a pointer file of git's names, relative to where that file lies.
std::optional<fs::path> pointed_to(const fs::path& file, std::string_view prefix) {
  const auto text = read_bounded(file, pointer_limit);
  if (!text || !text->starts_with(prefix)) return std::nullopt;
  const auto path = trim(std::string_view(*text).substr(prefix.size()));
  return file.parent_path() / fs::path(path);
}

/// The folder with the HEAD and index of the checkout: .git, or where a worktree's .git points.
std::optional<fs::path> git_folder(const fs::path& root) {
  const fs::path entry = root / ".git";
  const auto folder = is_folder(entry) ? entry : pointed_to(entry, "gitdir:");
  if (!folder || !is_file(*folder / "HEAD")) return std::nullopt;
  return fs::absolute(*folder);
}

/// A git folder that shares the checkout's objects and references but has no settings. `git
/// describe` on the real one would follow its config, in which core.fsmonitor or a filter is a
/// command to run, and would write its index; `-c` can override only settings known by name.
class BareView {
 public:
  explicit BareView(const fs::path& git) {
    const fs::path common = pointed_to(git / "commondir", "").value_or(git);
    // Of another kind, as pipes, they would hold git up.
    for (const char* folder : {"objects", "refs"}) {
      if (is_folder(common / folder)) fs::create_symlink(common / folder, path() / folder);
    }
    for (const char* file : {"packed-refs", "shallow"}) {
      if (is_file(common / file)) fs::create_symlink(common / file, path() / file);
    }
    fs::copy_file(git / "HEAD", path() / "HEAD");
    const fs::path index = git / "index";
    if (is_file(index) && fs::file_size(index) <= index_limit) {
      fs::copy_file(index, path() / "index");
    }
  }

  [[nodiscard]] bool has_index() const { return is_there(path() / "index"); }

  [[nodiscard]] CommandResult run(const fs::path& root, std::vector<std::string> words) const {
    SpawnOptions options{{"git", "-C", root.native()}, {}, {}};
    options.argv.insert(options.argv.end(), words.begin(), words.end());
    const std::string folder = path().native();
    options.environment = {{"GIT_DIR", folder},
                           {"GIT_COMMON_DIR", folder},
                           {"GIT_WORK_TREE", root.native()},
                           {"GIT_INDEX_FILE", folder + "/index"},
                           {"GIT_OBJECT_DIRECTORY", folder + "/objects"},
                           {"GIT_CONFIG_NOSYSTEM", "1"},
                           {"GIT_CONFIG_SYSTEM", "/dev/null"},
                           {"GIT_CONFIG_GLOBAL", "/dev/null"},
                           {"GIT_CONFIG_COUNT", "0"},
                           {"GIT_ATTR_NOSYSTEM", "1"},
                           {"GIT_ALLOW_PROTOCOL", "none"},
                           {"GIT_NO_REPLACE_OBJECTS", "1"},
                           {"LC_ALL", "C"}};
    return run_command(options, "", git_limit);
  }

 private:
  [[nodiscard]] const fs::path& path() const { return folder_.path(); }

  TemporaryFolder folder_;
};

bool ended_with(const CommandResult& result, int code) {
  return result.status && result.status->signal == 0 && result.status->code == code;
}

/// Whether a file that git follows differs from HEAD; nothing when git cannot tell.
std::optional<bool> is_changed(const BareView& view, const fs::path& root) {
  if (!view.has_index()) return std::nullopt;
  // Submodules are repositories with settings of their own: not entered.
  std::ignore = view.run(root, {"update-index", "-q", "--ignore-submodules", "--refresh"});
  const auto result =
      view.run(root, {"diff-index", "--quiet", "--ignore-submodules", "HEAD", "--"});
  if (ended_with(result, 0)) return false;
  if (ended_with(result, 1)) return true;
  return std::nullopt;
}

GitDescription describe(const fs::path& root, const fs::path& git, std::string_view tags,
                        std::vector<Problem>& problems) {
  const BareView view(git);
  const auto head = view.run(root, {"rev-parse", "--verify", "HEAD"});
  const auto described =
      view.run(root, {"describe", "--tags", "--always", fmt::format("--match={}", tags), "HEAD"});
  for (const auto* result : {&head, &described}) {
    if (!ended_with(*result, 0)) {
      problems.push_back({shown(root / ".git"), "git " + failure_text(*result), ""});
      return {};
    }
  }
  GitDescription found;
  found.revision = trim(head.output);
  found.text = trim(described.output);
  found.has_tag = !found.revision.starts_with(found.text);
  const auto changed = is_changed(view, root);
  if (!changed) {
    problems.push_back({shown(root / ".git"), "git cannot tell whether files were changed", ""});
  }
  const std::string suffix = "-g" + found.revision.substr(0, 4);  // "-3-g1a2b3c4"
  found.is_exact =
      found.has_tag && changed == false && found.text.find(suffix) == std::string::npos;
  if (changed == true) found.text += "-dirty";
  return found;
}

}  // namespace

std::optional<GitDescription> describe_checkout(const fs::path& root, std::string_view tags,
                                                std::vector<Problem>& problems) {
  const auto git = git_folder(root);
  if (!git) return std::nullopt;
  try {
    auto found = describe(fs::absolute(root), *git, tags, problems);
    return found.text.empty() ? std::nullopt : std::optional(std::move(found));
  } catch (const fs::filesystem_error& error) {
    problems.push_back(
        {shown(*git), fmt::format("cannot be read: {}", error.code().message()), ""});
  } catch (const std::system_error& error) {
    const bool is_missing = error.code() == std::errc::no_such_file_or_directory;
    problems.push_back({shown(root / ".git"),
                        fmt::format("its tag and commit are unknown: {}", error.what()),
                        is_missing ? "install git" : ""});
  }
  return std::nullopt;
}

}  // namespace fusegate::probe
