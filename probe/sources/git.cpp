#include "probe/sources/git.hpp"

#include <system_error>

#include <fmt/format.h>

#include "probe/base/text.hpp"
#include "probe/process/subprocess.hpp"
#include "probe/sources/git_view.hpp"
#include "probe/sources/paths.hpp"
#include "probe/sources/python.hpp"

namespace fusegate::probe {

namespace fs = std::filesystem;

namespace {

bool ended_with(const CommandResult& result, int code) {
  return result.status && result.status->signal == 0 && result.status->code == code;
}

/// Whether a file that git follows differs from HEAD; nothing when git cannot tell.
std::optional<bool> is_changed(const GitView& view, const fs::path& root) {
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
  const GitView view(git);
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

std::optional<fs::path> checkout_around(const fs::path& path) {
  for (auto folder = fs::absolute(path).lexically_normal();; folder = folder.parent_path()) {
    if (is_there(folder / ".git")) return folder;
    if (!folder.has_relative_path()) return std::nullopt;
  }
}

std::optional<GitDescription> describe_checkout(const fs::path& root, std::string_view tags,
                                                std::vector<Problem>& problems) {
  const auto git = git_folder(root);
  if (!git) {
    if (is_there(root / ".git")) {
      problems.push_back({shown(root / ".git"),
                          "leads to no repository: its tag and commit are unknown",
                          "mend or remove it (git worktree repair)"});
    }
    return std::nullopt;
  }
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
