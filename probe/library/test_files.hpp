#pragma once

#include <filesystem>
#include <string>

#include <fmt/format.h>

#include "probe/library/contract.hpp"
#include "probe/sources/test_files.hpp"

// What the tests of this folder share: made-up libraries.

namespace fusegate::probe {

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
      {"from": "source_metadata"}]})");
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

}  // namespace fusegate::probe
