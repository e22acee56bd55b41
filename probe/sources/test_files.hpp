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
#include "probe/process/subprocess.hpp"

// What tests of sources share: made-up files, and the Pythons that are at hand.

namespace fusegate::probe {

inline void write_file(const std::filesystem::path& path, std::string_view text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

/// An executable shell script, as a stand-in for a program.
inline void write_program(const std::filesystem::path& path, std::string_view script) {
  write_file(path, fmt::format("#!/bin/sh\n{}", script));
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
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

/// The first of them; the others are not started for that. Without any, the test that asks is
/// skipped.
inline std::string test_python() {
  static const auto pythons =
      runs("python3") ? std::vector<std::string>{"python3"} : test_pythons();
  return pythons.empty() ? "" : pythons.front();
}

}  // namespace fusegate::probe

#define FUSEGATE_NEEDS_PYTHON()                 \
  if (::fusegate::probe::test_python().empty()) \
  GTEST_SKIP() << "no python3 on PATH or in FUSEGATE_TEST_PYTHONS"
