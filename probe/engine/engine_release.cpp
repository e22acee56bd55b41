#include "probe/engine/engine_release.hpp"

#include <cstdint>

#include "probe/base/text.hpp"
#include "probe/base/version.hpp"
#include "probe/sources/paths.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t version_file_limit = 1 << 16;

std::string without_local_part(const std::string& version) {
  return version.substr(0, version.find('+'));
}

std::optional<std::string> version_in(const fs::path& file) {
  const auto text = read_bounded(file, version_file_limit);
  if (!text) return std::nullopt;
  for (const auto line : split(*text, '\n')) {
    const auto version = assigned_text(line, "__version__");
    if (version && is_version(*version)) return version;
  }
  return std::nullopt;
}

/// The folder NAME-VERSION.dist-info.
std::optional<std::string> version_beside(const fs::path& root, const std::string& name) {
  constexpr std::string_view suffix = ".dist-info";
  for (const auto& entry : entries_of(root)) {
    const auto folder = entry.filename().native();
    if (!folder.starts_with(name + "-") || !folder.ends_with(suffix)) continue;
    const auto begin = name.size() + 1;
    const auto version = folder.substr(begin, folder.size() - begin - suffix.size());
    if (is_version(version)) return version;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> release_of(const EngineLocation& engine) {
  const auto& name = engine.rules->import_name;
  const auto package = engine.root / name;
  auto version = version_in(package / "_version.py");
  if (!version) version = version_in(package / "version.py");
  if (!version) version = version_beside(engine.root, name);
  return version ? std::optional(without_local_part(*version)) : std::nullopt;
}

}  // namespace fusegate::probe
