#include "probe/engine/sources/engine_release.hpp"

#include <cstdint>

#include "probe/base/text.hpp"
#include "probe/base/version.hpp"
#include "probe/sources/git.hpp"
#include "probe/sources/paths.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t version_file_limit = 1 << 16;

std::optional<std::string> version_in(const fs::path& file) {
  const auto text = read_bounded(file, version_file_limit);
  if (!text) return std::nullopt;
  for (const auto line : split(*text, '\n')) {
    const auto version = assigned_text(line, "__version__");
    if (version && is_version(*version)) return version;
  }
  return std::nullopt;
}

/// Of the folder NAME-VERSION.dist-info.
std::optional<EngineVersion> version_beside(const fs::path& root, const std::string& name) {
  constexpr std::string_view suffix = ".dist-info";
  for (const auto& entry : entries_of(root)) {
    const auto folder = entry.filename().native();
    if (!folder.starts_with(name + "-") || !folder.ends_with(suffix)) continue;
    const auto begin = name.size() + 1;
    const auto version = folder.substr(begin, folder.size() - begin - suffix.size());
    if (is_version(version)) return EngineVersion{version, folder, ""};
  }
  return std::nullopt;
}

std::optional<EngineVersion> version_of_files(const EngineLocation& engine) {
  const auto& package = engine.rules->import_name;
  for (const auto& file : engine.rules->version_files) {
    if (auto version = version_in(engine.root / package / file)) {
      return EngineVersion{std::move(*version), package + "/" + file, ""};
    }
  }
  return version_beside(engine.root, package);
}

/// The tags of engines are their versions behind a v.
EngineVersion version_of_git(const EngineLocation& engine, std::vector<Problem>& problems) {
  const auto top = checkout_around(engine.root);
  // Farther up is a repository that merely holds an engine.
  if (!top || (*top != engine.root && *top != engine.root.parent_path())) return {};
  const auto found = describe_checkout(*top, "v*", problems);
  if (!found) return {};
  EngineVersion version{"", "", found->revision};
  if (found->has_tag) {
    version.text = found->text.substr(found->text.starts_with('v') ? 1 : 0);
    version.source = "git describe --tags --always --dirty";
  }
  return version;
}

}  // namespace

EngineVersion version_of(const EngineLocation& engine, std::vector<Problem>& problems) {
  // A checkout's tags say more than what an earlier build left in it.
  auto version = version_of_git(engine, problems);
  if (!version.text.empty()) return version;
  if (const auto other = version_of_files(engine)) {
    version.text = other->text;
    version.source = other->source;
  }
  return version;
}

std::optional<std::string> release_of(const EngineLocation& engine) {
  const auto version = version_of_files(engine);
  return version ? std::optional(version->text.substr(0, version->text.find('+'))) : std::nullopt;
}

}  // namespace fusegate::probe
