#include "probe/library/locate.hpp"

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "probe/library/distributions.hpp"
#include "probe/library/installed.hpp"
#include "probe/sources/paths.hpp"
#include "probe/sources/problem.hpp"

namespace fusegate::probe {

namespace fs = std::filesystem;

namespace {

/// Absolute, without . and .. and a trailing slash. Links stay: the folder that a person names may
/// be a link whose neighbours matter.
fs::path tidy(const fs::path& path) {
  fs::path absolute = fs::absolute(path).lexically_normal();
  if (!absolute.has_filename()) absolute = absolute.parent_path();
  std::error_code error;
  if (fs::equivalent(absolute, path, error) || error) return absolute;
  const fs::path real = fs::canonical(path, error);  // .. after a link
  return error ? absolute : real;
}

LibraryKind kind_of(const fs::path& root) {
  const std::string leaf = root.filename().native();
  if (leaf == "site-packages" || leaf == "dist-packages") return LibraryKind::site_packages;
  for (const char* marker : {".git", "setup.py", "pyproject.toml", "PKG-INFO"}) {
    if (is_there(root / marker)) return LibraryKind::checkout;
  }
  bool has_metadata = false;
  for (const auto& entry : entries_of(root)) {
    if (entry.extension() != ".dist-info") continue;
    has_metadata = true;
    // Whoever installs a wheel signs for it; one that is merely unpacked has no such file.
    if (is_there(entry / "INSTALLER")) return LibraryKind::site_packages;
  }
  return has_metadata ? LibraryKind::unpacked_wheel : LibraryKind::checkout;
}

/// The folder that holds the contract's package when `folder` is that folder or the package.
std::optional<fs::path> root_of(const fs::path& folder, const LibraryContract& contract) {
  if (is_package_of(folder / contract.import_name, contract)) return folder;
  if (folder.filename() == contract.import_name && is_package_of(folder, contract)) {
    return folder.parent_path();
  }
  return std::nullopt;
}

/// Places near `folder` that would have done, as an end of a message.
std::string near_misses(const fs::path& folder, const std::vector<LibraryContract>& contracts) {
  std::vector<fs::path> candidates = entries_of(folder);
  for (const auto& version : entries_of(folder / "lib")) {
    candidates.push_back(version / "site-packages");
  }
  for (auto up = folder; up.has_relative_path(); up = up.parent_path()) {
    candidates.push_back(up.parent_path());
  }
  for (const auto& candidate : candidates) {
    for (const auto& contract : contracts) {
      if (is_folder(candidate) && root_of(candidate, contract)) {
        return fmt::format("; did you mean {}?", shown(candidate));
      }
    }
  }
  return "";
}

/// What is known of why a folder is not what it seems, one sentence a contract.
std::string reasons(const fs::path& folder, const std::vector<LibraryContract>& contracts) {
  std::string text;
  for (const auto& contract : contracts) {
    const fs::path package = folder / contract.import_name;
    if (is_folder(package)) text += "; " + why_not_package(package, contract);
    for (const auto& found : find_distributions(folder, contract, false).distributions) {
      if (found.form != Distribution::Form::editable) continue;
      text += fmt::format("; {} {} is installed as editable: give {}", found.name, found.version,
                          shown(found.location));
    }
  }
  return text;
}

[[noreturn]] void refuse_missing(const fs::path& path,
                                 const std::vector<LibraryContract>& contracts) {
  const fs::path absolute = fs::absolute(path).lexically_normal();
  fs::path up =
      absolute.has_filename() ? absolute.parent_path() : absolute.parent_path().parent_path();
  const std::string wanted = absolute.lexically_relative(up).begin()->native();
  std::vector<std::string> names;
  for (const auto& entry : entries_of(up)) names.push_back(entry.filename().native());
  std::string near = did_you_mean(wanted, names);
  if (!is_folder(up)) near = fmt::format("; {} is not there either", shown(up));
  if (near.empty()) near = near_misses(up, contracts);
  throw UsageError(fmt::format("--library: there is nothing at {}{}", shown(path), near));
}

[[noreturn]] void refuse_file(const fs::path& path) {
  const std::string name = shown(path);
  if (path.extension() == ".whl" || path.extension() == ".zip") {
    throw UsageError(fmt::format(
        "--library: {0} is packed; unpack it (unzip -d FOLDER {0}) and give the folder", name));
  }
  if (path.extension() == ".gz" || path.extension() == ".tgz") {
    throw UsageError(
        fmt::format("--library: {0} is packed; unpack it (tar -xf {0}) and give the folder", name));
  }
  throw UsageError(fmt::format(
      "--library: {} is a file; give a checkout, an unpacked wheel or a site-packages folder",
      name));
}

[[noreturn]] void refuse_folder(const fs::path& folder,
                                const std::vector<LibraryContract>& contracts) {
  std::vector<std::string> wanted;
  for (const auto& contract : contracts) {
    wanted.push_back(contract.import_name + "/__init__.py");
  }
  throw UsageError(fmt::format(
      "--library: no known library in {}: looked for {}; give the folder that holds the package (a "
      "checkout, an unpacked wheel or a site-packages folder){}{}",
      shown(folder), join(wanted, " and "), reasons(folder, contracts),
      near_misses(folder, contracts)));
}

LibraryLocation locate_path(const fs::path& path, const std::vector<LibraryContract>& contracts) {
  if (!is_there(path)) refuse_missing(path, contracts);
  if (!is_folder(path)) refuse_file(path);
  const fs::path folder = tidy(path);
  std::vector<LibraryLocation> found;
  std::vector<std::string> choices;
  for (const auto& contract : contracts) {
    if (const auto root = root_of(folder, contract)) {
      found.push_back({contract.name, *root, kind_of(*root), {}});
      choices.push_back(fmt::format("--library {}={}", contract.name, shown(path)));
    }
  }
  if (found.empty()) refuse_folder(folder, contracts);
  if (found.size() > 1) {
    throw UsageError(fmt::format("--library: {} holds several libraries; say which: {}",
                                 shown(path), join(choices, " or ")));
  }
  return found.front();
}

LibraryLocation locate_installed(const LibraryContract& contract, const std::string& python) {
  auto found = find_installed(contract, python);
  const fs::path root = tidy(found.package).parent_path();
  std::erase_if(found.search_path, [&](const fs::path& folder) {
    std::error_code ignored;
    return fs::equivalent(folder, root, ignored);
  });
  return {contract.name, root, kind_of(root), std::move(found.search_path)};
}

/// The contract that a person calls so: by name, import name or distribution.
const LibraryContract* called(std::string_view word,
                              const std::vector<LibraryContract>& contracts) {
  const auto it = std::find_if(contracts.begin(), contracts.end(), [&](const auto& contract) {
    const auto& names = contract.distributions;
    return contract.name == word || contract.import_name == word ||
           std::find(names.begin(), names.end(), normalised_name(word)) != names.end();
  });
  return it == contracts.end() ? nullptr : &*it;
}

}  // namespace

const char* name_of(LibraryKind kind) {
  switch (kind) {
    case LibraryKind::checkout:
      return "checkout";
    case LibraryKind::site_packages:
      return "site_packages";
    case LibraryKind::unpacked_wheel:
      return "unpacked_wheel";
  }
  return "";
}

LibraryRequest parse_library_argument(std::string_view argument,
                                      const std::vector<LibraryContract>& contracts) {
  const auto names = names_of(contracts);
  if (argument.empty()) {
    throw UsageError(
        fmt::format("--library is empty: give [NAME=]PATH, or NAME for one that is "
                    "installed (known: {})",
                    join(names, ", ")));
  }
  const auto equals = argument.find('=');
  const auto word = argument.substr(0, equals);
  const bool is_path = word.find('/') != std::string_view::npos || word == "." || word == "..";
  if (const auto* contract = is_path ? nullptr : called(word, contracts)) {
    return {contract->name, equals == std::string_view::npos ? "" : argument.substr(equals + 1)};
  }
  if (is_path || is_there(argument)) return {"", argument};
  throw UsageError(fmt::format("--library: '{}' is neither a known library ({}) nor a folder{}",
                               shown(word), join(names, ", "), did_you_mean(word, names)));
}

LibraryLocation locate_library(const LibraryRequest& request,
                               const std::vector<LibraryContract>& contracts,
                               const std::string& python) {
  if (request.name.empty()) return locate_path(request.path, contracts);
  const auto& contract = find_contract(contracts, request.name);
  if (request.path.empty()) return locate_installed(contract, python);
  return locate_path(request.path, {contract});
}

}  // namespace fusegate::probe
