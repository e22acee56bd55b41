#include "probe/library/module_sources.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

#include "probe/sources/paths.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::uintmax_t list_limit = 16u << 20;

/// A path that stays below where it starts, or nothing.
std::optional<fs::path> inner_path(std::string_view text) {
  const fs::path path(text);
  const bool leaves = path.is_absolute() || std::find(path.begin(), path.end(), "..") != path.end();
  if (path.empty() || leaves) return std::nullopt;
  return path;
}

/// The content of f'...' or '...', or nothing where more than one such stands there.
std::optional<std::string_view> quoted(std::string_view text) {
  if (text.starts_with('f')) text.remove_prefix(1);
  if (text.size() < 2 || text.front() != text.back()) return std::nullopt;
  if (text.front() != '\'' && text.front() != '"') return std::nullopt;
  const auto content = text.substr(1, text.size() - 2);
  if (content.find(text.front()) != content.npos) return std::nullopt;
  return content;
}

/// "f'{CSRC}/norm.cu'" -> the file below the first of CSRC's folders that has it.
std::optional<fs::path> find_source(std::string_view text, const fs::path& root,
                                    const ModuleSources& rules) {
  const auto content = quoted(text);
  if (!content || !content->starts_with('{')) return std::nullopt;
  const auto end = content->find("}/");
  if (end == content->npos) return std::nullopt;
  const auto folders = rules.folders.find(std::string(content->substr(1, end - 1)));
  const auto path = inner_path(content->substr(end + 2));
  if (folders == rules.folders.end() || !path) return std::nullopt;
  for (const auto& folder : folders->second) {
    if (const auto file = root / folder / *path; is_file(file)) return file;
  }
  return std::nullopt;
}

}  // namespace

std::map<std::string, std::vector<fs::path>> sources_of_modules(const fs::path& root,
                                                                const ModuleSources& rules) {
  std::map<std::string, std::vector<fs::path>> sources;
  if (rules.file.empty()) return sources;
  const auto text = read_bounded(root / rules.file, list_limit);
  const auto list = text ? json::parse(*text, nullptr, false) : json();
  if (!list.is_object()) return sources;
  for (const auto& [module, entry] : list.items()) {
    const auto files = entry.find(rules.list);
    if (!entry.is_object() || files == entry.end() || !files->is_array()) continue;
    for (const auto& file : *files) {
      if (!file.is_string()) continue;
      if (auto found = find_source(file.get_ref<const std::string&>(), root, rules)) {
        sources[module].push_back(std::move(*found));
      }
    }
  }
  return sources;
}

}  // namespace fusegate::probe
