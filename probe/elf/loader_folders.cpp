#include "probe/elf/loader_folders.hpp"

#include <glob.h>

#include <algorithm>
#include <string_view>

#include "probe/base/text.hpp"
#include "probe/sources/paths.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

// Far above any machine's; they end a file that includes itself.
constexpr std::size_t file_limit = 256;
constexpr std::uintmax_t file_size_limit = 1u << 20;

/// Reads ld.so.conf and what it includes.
class Configuration {
 public:
  explicit Configuration(const fs::path& root) : root_(root) { read(root / "etc/ld.so.conf"); }

  std::vector<fs::path> take() { return std::move(folders_); }

  void add(const fs::path& folder) {
    const fs::path path = root_ / folder.relative_path();
    if (is_folder(path) && std::find(folders_.begin(), folders_.end(), path) == folders_.end()) {
      folders_.push_back(path);
    }
  }

 private:
  void read(const fs::path& file) {
    if (++files_ > file_limit) return;
    const auto text = read_bounded(file, file_size_limit).value_or("");
    for (auto line : split(text, '\n')) {
      line = trim(line.substr(0, line.find('#')));
      const auto words = split_words(line);
      if (words.size() > 1 && words.front() == "include") {
        for (const auto pattern : std::vector(words.begin() + 1, words.end())) {
          include(file.parent_path(), pattern);
        }
      } else if (line.starts_with('/')) {
        add(line.substr(0, line.find('=')));  // FOLDER=TYPE is an old form
      }
    }
  }

  void include(const fs::path& folder, std::string_view pattern) {
    const fs::path relative(pattern);
    const fs::path full =
        relative.is_absolute() ? root_ / relative.relative_path() : folder / relative;
    glob_t found{};
    if (::glob(full.c_str(), 0, nullptr, &found) == 0) {
      for (std::size_t i = 0; i < found.gl_pathc; ++i) read(found.gl_pathv[i]);
    }
    ::globfree(&found);
  }

  fs::path root_;
  std::vector<fs::path> folders_;
  std::size_t files_ = 0;
};

}  // namespace

std::vector<fs::path> default_library_folders(const fs::path& root) {
  Configuration configuration(root);
  for (const char* folder : {"/lib64", "/usr/lib64", "/lib", "/usr/lib"}) configuration.add(folder);
  return configuration.take();
}

fs::path expand_folder(const std::string& folder, const fs::path& origin) {
  std::string text = folder;
  for (const std::string token : {"${ORIGIN}", "$ORIGIN"}) {
    for (auto at = text.find(token); at != text.npos; at = text.find(token, at)) {
      text.replace(at, token.size(), origin.native());
      at += origin.native().size();
    }
  }
  // The folder's own name may hold a $.
  const bool has_other =
      folder.find("$LIB") != folder.npos || folder.find("${LIB}") != folder.npos ||
      folder.find("$PLATFORM") != folder.npos || folder.find("${PLATFORM}") != folder.npos;
  return has_other ? fs::path() : fs::path(text).lexically_normal();
}

}  // namespace fusegate::probe
