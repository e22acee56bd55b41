#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace fusegate::probe {

/// Keeps the facts of Python files between runs, by the files' content: a release is parsed once.
/// Losing it costs time only, so nothing here throws. What it gives back may be damaged.
class FactsCache {
 public:
  /// Below the folder; an empty one keeps nothing. `version` names what made the facts: those of
  /// others are not seen.
  FactsCache(const std::filesystem::path& folder, std::string_view version);

  [[nodiscard]] std::optional<std::string> get(const std::string& key) const;
  void put(const std::string& key, std::string_view facts) const;

 private:
  [[nodiscard]] std::filesystem::path path_of(const std::string& key) const;

  std::filesystem::path folder_;
};

/// FUSEGATE_CACHE_DIR, else fusegate below XDG_CACHE_HOME, else ~/.cache/fusegate. Empty where
/// FUSEGATE_CACHE_DIR is set but empty, or there is no home.
[[nodiscard]] std::filesystem::path default_cache_folder();

}  // namespace fusegate::probe
