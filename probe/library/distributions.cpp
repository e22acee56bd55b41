#include "probe/library/distributions.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/text.hpp"
#include "probe/base/version.hpp"
#include "probe/sources/paths.hpp"

namespace fusegate::probe {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t metadata_limit = 4u << 20;
constexpr std::uintmax_t record_limit = 64u << 20;

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

/// The value of a header of METADATA, which ends at the first empty line.
std::string_view header(std::string_view metadata, std::string_view name) {
  for (const auto line : split(metadata, '\n')) {
    if (trim(line).empty()) break;
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && lower_case(line.substr(0, colon)) == name) {
      return trim(line.substr(colon + 1));
    }
  }
  return {};
}

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digits = text.substr(i + 1, 2);
    const bool coded = text[i] == '%' && digits.size() == 2 &&
                       std::all_of(digits.begin(), digits.end(), [](char c) {
                         return std::isxdigit(static_cast<unsigned char>(c)) != 0;
                       });
    decoded.push_back(coded ? static_cast<char>(std::stoi(std::string(digits), nullptr, 16))
                            : text[i]);
    if (coded) i += 2;
  }
  return decoded;
}

/// Where an editable installation has its sources (PEP 610), or nothing.
std::optional<std::string> editable_location(const fs::path& info) {
  const auto text = read_bounded(info / "direct_url.json", metadata_limit);
  if (!text) return std::nullopt;
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object() || !json.contains("dir_info") || !json["dir_info"].is_object()) {
    return std::nullopt;
  }
  const auto& editable = json["dir_info"].value("editable", nlohmann::json());
  const auto& url = json.value("url", nlohmann::json());
  if (editable != true || !url.is_string()) return std::nullopt;
  const std::string prefix = "file://";
  const auto location = url.get<std::string>();
  if (!location.starts_with(prefix)) return std::nullopt;
  return percent_decoded(std::string_view(location).substr(prefix.size()));
}

/// Whether RECORD lists the package's own module; nothing where there is no RECORD.
std::optional<bool> record_lists(const fs::path& info, const std::string& package) {
  const auto record = read_bounded(info / "RECORD", record_limit);
  if (!record) return std::nullopt;
  const std::string entry = package + "/__init__.py,";
  return record->starts_with(entry) || record->find("\n" + entry) != std::string::npos;
}

bool top_level_lists(const fs::path& info, const std::string& package) {
  const auto text = read_bounded(info / "top_level.txt", metadata_limit);
  if (!text) return false;
  const auto lines = split(*text, '\n');
  return std::any_of(lines.begin(), lines.end(),
                     [&](std::string_view line) { return trim(line) == package; });
}

/// Its place in the contract's list of names, or the list's size.
std::size_t rank_of(std::string_view name, const LibraryContract& contract) {
  const auto& names = contract.distributions;
  const auto it = std::find(names.begin(), names.end(), normalised_name(name));
  return static_cast<std::size_t>(it - names.begin());
}

bool is_known(std::string_view name, const LibraryContract& contract) {
  return rank_of(name, contract) < contract.distributions.size();
}

/// The file with the headers in *.dist-info, *.egg-info (a folder or the file itself) or PKG-INFO.
fs::path metadata_file(const fs::path& entry) {
  if (!is_folder(entry)) return entry;
  return entry / (entry.extension() == ".dist-info" ? "METADATA" : "PKG-INFO");
}

bool is_metadata_entry(const fs::path& entry, bool is_source_tree) {
  const auto extension = entry.extension();
  return extension == ".dist-info" || extension == ".egg-info" ||
         (is_source_tree && entry.filename() == "PKG-INFO");
}

/// Whether a distribution of another name nevertheless brings the package.
bool claims_package(const fs::path& entry, const std::string& package) {
  return record_lists(entry, package).value_or(top_level_lists(entry, package));
}

/// The name and version that METADATA or PKG-INFO gives, or nothing and a problem.
std::optional<Distribution> read_metadata(const fs::path& file, std::vector<Problem>& problems) {
  const auto text = read_bounded(file, metadata_limit);
  const auto name = text ? header(*text, "name") : std::string_view();
  if (!is_distribution_name(name)) {
    problems.push_back({shown(file), "names no distribution", ""});
    return std::nullopt;
  }
  Distribution found{std::string(name), "", file, Distribution::Form::installed, ""};
  const auto version = header(*text, "version");
  if (is_version(version)) {
    found.version = version;
  } else {
    problems.push_back(
        {shown(file), fmt::format("has no version but '{}'", printable(version, 64)), ""});
  }
  return found;
}

/// The distribution that the metadata entry describes, when it claims the package.
std::optional<Distribution> read_entry(const fs::path& entry, const LibraryContract& contract,
                                       bool is_source_tree, std::vector<Problem>& problems) {
  const std::string stem = entry.stem().native();  // "amd_aiter-0.1.14", "PKG-INFO"
  const bool own =
      entry.filename() == "PKG-INFO" || is_known(stem.substr(0, stem.find('-')), contract);
  // Others are only looked into for their claims: a site-packages may hold hundreds.
  if (!own && !claims_package(entry, contract.import_name)) return std::nullopt;
  auto found = read_metadata(metadata_file(entry), problems);
  if (!found) return std::nullopt;
  const bool named = is_known(found->name, contract);
  if (const auto location = editable_location(entry)) {
    found->form = Distribution::Form::editable;
    found->location = *location;
    return named ? found : std::nullopt;
  }
  if (is_source_tree) found->form = Distribution::Form::sources;
  const auto listed = record_lists(entry, contract.import_name);
  const bool claims = listed ? *listed : named || top_level_lists(entry, contract.import_name);
  return claims ? found : std::nullopt;
}

const char* form_name(Distribution::Form form) {
  switch (form) {
    case Distribution::Form::installed:
      return "installed";
    case Distribution::Form::editable:
      return "editable";
    case Distribution::Form::sources:
      return "sources";
  }
  return "";
}

}  // namespace

std::string normalised_name(std::string_view name) {
  std::string normal;
  for (const char c : lower_case(name)) {
    const bool separator = c == '-' || c == '_' || c == '.';
    if (separator && normal.ends_with('-')) continue;
    normal.push_back(separator ? '-' : c);
  }
  return normal;
}

DistributionList find_distributions(const fs::path& folder, const LibraryContract& contract,
                                    bool is_source_tree) {
  DistributionList list;
  for (const auto& entry : entries_of(folder)) {
    if (!is_metadata_entry(entry, is_source_tree)) continue;
    auto found = read_entry(entry, contract, is_source_tree, list.problems);
    if (found) list.distributions.push_back(std::move(*found));
  }
  std::stable_sort(list.distributions.begin(), list.distributions.end(),
                   [&](const auto& a, const auto& b) {
                     return rank_of(a.name, contract) < rank_of(b.name, contract);
                   });
  return list;
}

std::set<std::string> recorded_files(const std::vector<Distribution>& distributions) {
  std::set<std::string> files;
  for (const auto& distribution : distributions) {
    const auto record = read_bounded(distribution.metadata.parent_path() / "RECORD", record_limit);
    if (!record) continue;
    for (const auto line : split(*record, '\n')) {
      if (const auto end = line.find(','); end != line.npos) files.emplace(line.substr(0, end));
    }
  }
  return files;
}

nlohmann::ordered_json to_json(const Distribution& distribution) {
  nlohmann::ordered_json json{{"name", distribution.name},
                              {"version", nullptr},
                              {"metadata", shown(distribution.metadata)},
                              {"form", form_name(distribution.form)}};
  if (!distribution.version.empty()) json["version"] = distribution.version;
  if (!distribution.location.empty()) json["location"] = shown(distribution.location);
  return json;
}

}  // namespace fusegate::probe
