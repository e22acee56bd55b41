#include "probe/device/vendor_library.hpp"

#include <dlfcn.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "probe/base/error.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> candidates(const VendorLibrary& wanted, const SurveyOptions& options) {
  std::vector<std::string> all;
  if (options.library_folders.empty()) all = wanted.names;
  const auto add_folder = [&](const fs::path& folder) {
    for (const auto& name : wanted.names) all.push_back((folder / name).string());
  };
  for (const auto& folder : options.library_folders) add_folder(folder);
  if (options.library_folders.empty()) {
    for (const auto& folder : wanted.folders) add_folder(folder);
  }
  return all;
}

/// Whether the loader's message says that there is no such file, as against one it cannot use. The
/// message begins with the file that is missing, which may be a dependency of a file that is there.
bool says_not_there(std::string_view message, std::string_view candidate) {
  return message.starts_with(candidate) &&
         message.substr(candidate.size()).starts_with(": cannot open shared object file: No such");
}

void keep_loaded(const std::string& path) {
  if (void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE)) {
    ::dlclose(handle);
  }
}

/// "libamd_smi.so (.27, .26)": the first name, and what the others add to it.
std::string names_text(const VendorLibrary& wanted) {
  const std::string& first = wanted.names.front();
  std::vector<std::string> others;
  for (const auto& name : wanted.names) {
    if (name != first) others.push_back(name.starts_with(first) ? name.substr(first.size()) : name);
  }
  return others.empty() ? first : fmt::format("{} ({})", first, fmt::join(others, ", "));
}

std::string where(const VendorLibrary& wanted, const SurveyOptions& options) {
  if (!options.library_folders.empty()) {
    std::vector<std::string> folders;
    for (const auto& folder : options.library_folders) folders.push_back(folder.string());
    return fmt::format("in {}", fmt::join(folders, ", "));
  }
  const auto folders =
      wanted.folders.empty() ? "" : fmt::format(" or in {}", fmt::join(wanted.folders, ", "));
  return "on the loader's path (LD_LIBRARY_PATH, ld.so.conf)" + folders;
}

}  // namespace

std::vector<std::string> rocm_library_folders() {
  std::vector<std::string> folders{"/opt/rocm/lib"};
  if (const char* rocm = std::getenv("ROCM_PATH"); rocm != nullptr && *rocm != '\0') {
    folders.insert(folders.begin(), std::string(rocm) + "/lib");
  }
  return folders;
}

LibrarySearch find_vendor_library(const VendorLibrary& wanted, const SurveyOptions& options) {
  LibrarySearch search;
  for (const auto& candidate : candidates(wanted, options)) {
    try {
      const std::array<const char*, 1> name{candidate.c_str()};
      search.library.emplace(name);
      search.found = true;
      search.path = search.library->path();
      search.failure.clear();
      keep_loaded(search.path);
      return search;
    } catch (const CannotRun& refusal) {
      const std::string_view message = refusal.what();
      if (says_not_there(message, candidate) || search.found) continue;
      search.found = true;
      const auto colon = message.find(": ");
      const auto subject = message.substr(0, colon);
      const bool names_it = colon != std::string_view::npos &&
                            subject.ends_with(fs::path(candidate).filename().string());
      search.path = names_it ? std::string(subject) : candidate;
      // The loader begins its message with the file, which is said already, or with a dependency.
      const auto reason = names_it ? message.substr(colon + 2) : message;
      search.failure = fmt::format("{} does not load: {}", search.path, reason);
    }
  }
  if (!search.found) {
    search.failure = fmt::format("no {} {}", names_text(wanted), where(wanted, options));
  }
  return search;
}

void describe_search(const LibrarySearch& search, BackendReport& report) {
  report.found = search.found;
  report.path = search.path;
  report.failure = search.failure;
}

}  // namespace fusegate::probe
