// What the reader of imports says of whole engines, held against Python's own syntax tree.

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/files.hpp"
#include "probe/base/text.hpp"
#include "probe/engine/sources/import_scan.hpp"
#include "probe/sources/test_files.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// The imports of a file in the form of testing/ast_imports.py.
Json scanned_json(std::string_view text) {
  auto all = Json::array();
  for (const auto& import : scan_imports(text)) {
    auto around = import.around;
    for (auto& condition : around) {
      if (condition.starts_with("with ")) condition = "with";
    }
    all.push_back({import.line, import.level, import.module, import.name, import.bound_as,
                   import.function, around, import.handlers, import.try_line});
  }
  return all;
}

/// The first import of which the two say different things.
std::string difference(const Json& scanned, const Json& parsed) {
  const auto missing = Json("nothing");
  for (std::size_t at = 0; at < std::max(scanned.size(), parsed.size()); ++at) {
    const auto& ours = at < scanned.size() ? scanned[at] : missing;
    const auto& theirs = at < parsed.size() ? parsed[at] : missing;
    if (ours != theirs) return fmt::format("{}\n  Python: {}", ours.dump(), theirs.dump());
  }
  return "";
}

struct Count {
  std::size_t files = 0, refused = 0, imports = 0, differences = 0;
};

Count compare_tree(const fs::path& root) {
  const auto result = run_command({{test_python(), FUSEGATE_AST_IMPORTS, root.string()}, {}, {}},
                                  "", std::chrono::minutes(20));
  Count count;
  EXPECT_TRUE(result.status && result.status->ok()) << root << ": " << result.errors;
  for (const auto line : split(trim(result.output), '\n')) {
    if (line.empty()) continue;  // a folder without files
    const auto parsed = Json::parse(line);
    const auto name = parsed["file"].get<std::string>();
    const auto text = read_text(root / name);
    EXPECT_TRUE(text) << name;
    const auto scanned = scanned_json(text.value_or(""));
    ++count.files;
    if (parsed.contains("refused")) {
      ++count.refused;
      continue;
    }
    count.imports += parsed["imports"].size();
    const auto found = difference(scanned, parsed["imports"]);
    if (found.empty()) continue;
    ++count.differences;
    ADD_FAILURE() << (root / name).string() << "\n  " << found;
  }
  return count;
}

TEST(ImportScan, AgreesWithPythonOnPartsOfItsLibrary) {
  FUSEGATE_NEEDS_PYTHON();
  const auto library =
      run_command({{test_python(), "-c", "import os; print(os.path.dirname(os.__file__))"}, {}, {}},
                  "", std::chrono::seconds(20));
  const fs::path folder(trim(library.output));
  std::size_t imports = 0;
  for (const char* part : {"asyncio", "importlib", "multiprocessing", "unittest"}) {
    if (fs::exists(folder / part)) imports += compare_tree(folder / part).imports;
  }
  EXPECT_GT(imports, 0u) << folder;
}

TEST(ImportScan, AgreesWithPythonOnWholeTrees) {
  const char* trees = std::getenv("FUSEGATE_ENGINE_TREES");
  if (trees == nullptr) GTEST_SKIP() << "FUSEGATE_ENGINE_TREES names no folders of Python files";
  FUSEGATE_NEEDS_PYTHON();
  for (const auto tree : split(trees, ':')) {
    const auto count = compare_tree(tree);
    std::cout << fmt::format("{}: {} files, {} refused by Python, {} imports, {} files differ\n",
                             tree, count.files, count.refused, count.imports, count.differences);
    EXPECT_GT(count.imports, 0u) << tree;
  }
}

}  // namespace
}  // namespace fusegate::probe
