#include "probe/sources/facts_cache.hpp"

#include <cstdlib>
#include <exception>
#include <system_error>

#include <fmt/format.h>

#include "probe/base/files.hpp"
#include "probe/sources/paths.hpp"

namespace fusegate::probe {

namespace fs = std::filesystem;

namespace {

// The facts of the largest file known have 100 KB.
constexpr std::uintmax_t facts_limit = 32u << 20;

}  // namespace

FactsCache::FactsCache(const fs::path& folder, std::string_view version) {
  if (!folder.empty()) folder_ = folder / fmt::format("python-facts-{}", version);
}

fs::path FactsCache::path_of(const std::string& key) const {
  // Spread over folders, as git does: thousands in one are slow on some file systems.
  return folder_ / key.substr(key.size() - 2) / key;
}

std::optional<std::string> FactsCache::get(const std::string& key) const {
  if (folder_.empty()) return std::nullopt;
  return read_bounded(path_of(key), facts_limit);
}

void FactsCache::put(const std::string& key, std::string_view facts) const {
  if (folder_.empty()) return;
  try {
    const auto path = path_of(key);
    fs::create_directories(path.parent_path());
    AtomicFile file(path);
    file.write(facts);
    file.commit(AtomicFile::Durability::cached);
  } catch (const std::exception&) {
    // A full disk or a home that may not be written: the next run parses again.
  }
}

fs::path default_cache_folder() {
  if (const char* own = std::getenv("FUSEGATE_CACHE_DIR")) return own;
  const char* shared = std::getenv("XDG_CACHE_HOME");
  if (shared != nullptr && fs::path(shared).is_absolute()) return fs::path(shared) / "fusegate";
  const char* home = std::getenv("HOME");
  return home != nullptr && *home != '\0' ? fs::path(home) / ".cache/fusegate" : fs::path();
}

}  // namespace fusegate::probe
