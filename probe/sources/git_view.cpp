#include "probe/sources/git_view.hpp"

#include <chrono>
#include <string_view>

#include "probe/base/text.hpp"
#include "probe/sources/paths.hpp"

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

}  // namespace

std::optional<fs::path> git_folder(const fs::path& root) {
  const fs::path entry = root / ".git";
  auto folder = is_folder(entry) ? entry : pointed_to(entry, "gitdir:");
  if (!folder && is_folder(root / "objects") && is_folder(root / "refs")) folder = root;
  if (!folder || !is_file(*folder / "HEAD")) return std::nullopt;
  return fs::absolute(*folder);
}

GitView::GitView(const fs::path& git) {
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
    // By the index's age git knows which files may have changed in the moment it was written.
    fs::last_write_time(path() / "index", fs::last_write_time(index));
  }
}

bool GitView::has_index() const {
  return is_there(path() / "index");
}

SpawnOptions GitView::command(const fs::path& root, const std::vector<std::string>& words) const {
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
  return options;
}

CommandResult GitView::run(const fs::path& root, const std::vector<std::string>& words) const {
  return run_command(command(root, words), "", git_limit);
}

}  // namespace fusegate::probe
