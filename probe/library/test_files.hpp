#pragma once

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "probe/base/text.hpp"
#include "probe/library/contract.hpp"
#include "probe/process/subprocess.hpp"

// What the tests of this folder share: made-up libraries, and the Pythons that are at hand.

namespace fusegate::probe {

inline void write_file(const std::filesystem::path& path, std::string_view text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

/// A library that does not exist, so that no test depends on one that does.
inline LibraryContract toy_contract() {
  return parse_library_contract(R"({
    "name": "toy", "import_name": "toylib", "distributions": ["toy-lib", "old-toy"],
    "siblings": ["toylib_meta"], "package_markers": ["core.py"],
    "ignored": ["_version.py", "generated"], "not_entry_points": ["reference"],
    "distribution_sources": [{"path": "setup.py", "variable": "PACKAGE_NAME"}],
    "version_sources": [
      {"from": "distribution"},
      {"from": "git", "tags": "v[0-9]*", "tag_prefix": "v"},
      {"from": "file", "path": "toylib/_version.py", "variable": "__version__"},
      {"from": "source_metadata"}],
    "entry_points": [
      {"name": "norm", "op": "rms_norm"},
      {"name": "Group.add_norm", "op": "add_rms_norm"}]})");
}

/// The smallest folder that is recognised as that library's package.
inline void write_toy_package(const std::filesystem::path& root) {
  write_file(root / "toylib/__init__.py", "from .core import *\n");
  write_file(root / "toylib/core.py", "def norm(x, eps: float = 1e-6):\n  return x\n");
}

/// Metadata as an installer leaves it. An empty record is none.
inline void write_dist_info(const std::filesystem::path& folder, const std::string& name,
                            const std::string& version, const std::string& record) {
  const auto info = folder / fmt::format("{}-{}.dist-info", name, version);
  write_file(info / "METADATA",
             fmt::format("Metadata-Version: 2.1\nName: {}\nVersion: {}\n\nName: not a header\n",
                         name, version));
  if (!record.empty()) write_file(info / "RECORD", record);
}

/// What a program says that it is; empty for one that does not start.
inline std::string version_of(const std::string& program) {
  try {
    const auto result = run_command({{program, "--version"}, {}, {}}, "", std::chrono::seconds(20));
    return result.status && result.status->ok() ? result.output : "";
  } catch (const std::system_error&) {
    return "";
  }
}

inline bool runs(const std::string& program) {
  return !version_of(program).empty();
}

/// The interpreters to test the scripts with: python3, python3.8 .. python3.14 on PATH, and those
/// that FUSEGATE_TEST_PYTHONS names, separated by colons. One of each version: python3 is one of
/// the others by another name. Only ones that start: a version manager puts names on PATH behind
/// which nothing is.
inline std::vector<std::string> test_pythons() {
  std::vector<std::string> names{"python3"};
  for (int minor = 8; minor <= 14; ++minor) names.push_back(fmt::format("python3.{}", minor));
  const char* more = std::getenv("FUSEGATE_TEST_PYTHONS");
  for (const auto name : split(more != nullptr ? more : "", ':')) names.emplace_back(name);
  std::set<std::string> versions{""};
  std::vector<std::string> pythons;
  for (const auto& name : names) {
    if (!name.empty() && versions.insert(version_of(name)).second) pythons.push_back(name);
  }
  return pythons;
}

/// The first of them. Without any, the test that asks is skipped.
inline std::string test_python() {
  static const auto pythons = test_pythons();
  return pythons.empty() ? "" : pythons.front();
}

}  // namespace fusegate::probe

#define FUSEGATE_NEEDS_PYTHON() \
  if (test_python().empty()) GTEST_SKIP() << "no python3 on PATH or in FUSEGATE_TEST_PYTHONS"
