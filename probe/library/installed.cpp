#include "probe/library/installed.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "probe/library/distributions.hpp"
#include "probe/process/subprocess.hpp"
#include "probe/sources/paths.hpp"
#include "probe/sources/problem.hpp"
#include "probe/sources/python.hpp"

namespace fusegate::probe {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::chrono::seconds search_limit{30};

/// The answer of find_package.py.
struct Answer {
  std::string interpreter;                          ///< "python3 (/usr/bin/python3, Python 3.11.2)"
  std::optional<std::vector<std::string>> folders;  ///< of the package; nothing: it has none
  std::vector<fs::path> search_path;
};

Answer parse_answer(const std::string& text, const std::string& name, const std::string& python) {
  const json object = json::parse(text);
  Answer answer;
  const std::string executable = object.at("executable");
  answer.interpreter = fmt::format("{} ({}Python {})", shown(python),
                                   executable == python ? "" : shown(executable) + ", ",
                                   object.at("version").get<std::string>());
  const auto& package = object.at("packages").at(name);
  if (!package.is_null()) answer.folders = package.at("folders");
  for (const std::string folder : object.at("searched")) {
    if (!folder.empty()) answer.search_path.emplace_back(folder);
  }
  return answer;
}

Answer ask(const LibraryContract& contract, const std::string& python, std::string_view option) {
  const auto result = run_fact_script(python, "find_package.py", {"-I", "-B", "-X", "utf8"},
                                      {contract.import_name}, "", search_limit);
  if (result.status && result.status->ok()) {
    try {
      return parse_answer(result.output, contract.import_name, python);
    } catch (const json::exception&) {
      throw CannotRun(fmt::format("'{}' printed what is no answer: {}", shown(python),
                                  printable(result.output, 200)));
    }
  }
  throw CannotRun(fmt::format(
      "'{}' cannot say where {} is installed: it {}; name a Python, 3.8 or later, with --python "
      "PATH, or its folder with {} {}=PATH",
      shown(python), contract.name, failure_text(result), option, contract.name));
}

[[noreturn]] void refuse(const LibraryContract& contract, const Answer& answer,
                         const std::string& reason, std::string_view option) {
  std::vector<std::string> searched;
  std::string leftover;
  for (const auto& folder : answer.search_path) {
    searched.push_back(shown(folder));
    for (const auto& found : find_distributions(folder, contract, false).distributions) {
      leftover += fmt::format("; {} says that {} {} is installed: reinstall it",
                              shown(found.metadata.parent_path()), found.name, found.version);
    }
  }
  if (is_folder(contract.name)) {
    leftover += fmt::format("; for the folder of that name, write ./{}", contract.name);
  }
  throw CannotRun(fmt::format(
      "{} has no package '{}'{}; searched: {}{}; name the Python it is installed for with --python "
      "PATH, or its folder with {} {}=PATH",
      answer.interpreter, contract.import_name, reason,
      searched.empty() ? "nothing" : join(searched, ", "), leftover, option, contract.name));
}

}  // namespace

bool is_package_of(const fs::path& folder, const LibraryContract& contract) {
  return is_file(folder / "__init__.py") &&
         std::any_of(contract.package_markers.begin(), contract.package_markers.end(),
                     [&](const auto& marker) { return is_file(folder / marker); });
}

std::string why_not_package(const fs::path& folder, const LibraryContract& contract) {
  if (!is_file(folder / "__init__.py")) {
    return fmt::format("{} has no __init__.py: it may be left from an uninstalled version",
                       shown(folder));
  }
  return fmt::format("{} is another package of that name: it has none of {}", shown(folder),
                     join(contract.package_markers, ", "));
}

InstalledPackage find_installed(const LibraryContract& contract, const std::string& python,
                                std::string_view option) {
  auto answer = ask(contract, python, option);
  if (!answer.folders) refuse(contract, answer, "", option);
  if (answer.folders->empty()) refuse(contract, answer, ", only a module of that name", option);
  for (const auto& folder : *answer.folders) {
    if (is_package_of(folder, contract)) return {folder, std::move(answer.search_path)};
  }
  refuse(contract, answer, "; " + why_not_package(answer.folders->front(), contract), option);
}

}  // namespace fusegate::probe
