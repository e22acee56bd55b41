#pragma once

#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/base/test_support.hpp"
#include "probe/base/text.hpp"
#include "probe/engine/engine_check.hpp"
#include "probe/sources/test_files.hpp"

// A made-up engine on a made-up library, for tests.

namespace fusegate::probe {

class EngineTest : public testing::Test {
 protected:
  using Files = std::map<std::string, std::string>;

  void SetUp() override {
    FUSEGATE_NEEDS_PYTHON();
    ::setenv("FUSEGATE_CACHE_DIR", "", 1);
  }
  void TearDown() override { ::unsetenv("FUSEGATE_CACHE_DIR"); }

  static EngineRules toy_rules() {
    return parse_engine_rules(R"json({
      "name": "toy", "import_name": "eng", "package_markers": ["__init__.py"],
      "platform": [{"call": "is_hip", "means": ["amd"]}, {"call": "is_cuda", "means": ["nvidia"]}],
      "environment": {
        "reads": [{"call": "flag", "argument": 0, "default": "\"false\"", "as": "boolean"}]},
      "models": [{"loader": "eng.registry", "package": "eng.models", "variable": "EntryClass",
                  "imports_all": true, "swallowed_by": "load", "logs": "ignored {module}",
                  "symptom": "no such model"}],
      "objects": [{"call": "find_objects", "class_argument": 1, "filter_argument": 2,
                   "yields": "mapping"}],
      "external_classes": {"object": ["__class__"], "abc.ABC": [],
                           "torch.nn.Module": ["training"]}})json");
  }

  /// Checks the engine against the library, both below their packages `eng` and `lib`.
  void check(const Files& engine, const Files& library,
             const std::vector<std::string>& assumptions = {}) {
    folder_.emplace();
    for (const auto& [name, text] : engine) write_file(folder_->path() / "eng" / name, text);
    for (const auto& [name, text] : library) write_file(folder_->path() / "lib" / name, text);
    if (!engine.contains("__init__.py")) write_file(folder_->path() / "eng/__init__.py", "");
    if (!library.contains("__init__.py")) write_file(folder_->path() / "lib/__init__.py", "");
    contract_.name = contract_.import_name = contract_.surface.package = "lib";
    rules_ = toy_rules();
    Profile profile;
    for (const auto& text : assumptions) parse_assumption(profile, text);
    tree_ = open_folder(folder_->path(), "lib", {});
    FactsStore store(test_python());
    loaded_.emplace(load_surface(*tree_, store, contract_.surface));
    engine_.emplace(EngineLocation{&rules_, folder_->path()}, std::vector<std::string>{"lib"},
                    test_python());
    check_ = check_engine(*engine_, contract_, *loaded_, profile);
  }

  /// Of one file of the engine, eng/a.py.
  void check(const std::string& file, const Files& library,
             const std::vector<std::string>& assumptions = {}) {
    check(Files{{"a.py", file}}, library, assumptions);
  }

  /// "LINE SYMBOL KIND STATUS CONSEQUENCE" of every use in eng/a.py.
  [[nodiscard]] std::vector<std::string> uses() const {
    std::vector<std::string> texts;
    for (const auto& judged : check_.uses) {
      if (judged.use.module->name != "eng.a") continue;
      texts.push_back(fmt::format("{} {} {} {} {}", judged.use.line, judged.use.symbol,
                                  name_of(judged.use.kind), name_of(judged.resolution.status),
                                  name_of(judged.consequence)));
    }
    return texts;
  }

  /// "LINE CLASS ATTRIBUTE STATUS" of every gap that reads in eng/a.py have.
  [[nodiscard]] std::vector<std::string> gaps() const {
    std::vector<std::string> texts;
    for (const auto& gap : check_.attributes.gaps) {
      if (gap.file != "eng/a.py") continue;
      texts.push_back(fmt::format("{} {} {} {}", gap.line, gap.class_name,
                                  join(gap.alternatives, "|"), name_of(gap.status)));
    }
    return texts;
  }

  std::optional<TemporaryFolder> folder_;
  LibraryContract contract_;
  EngineRules rules_;
  std::unique_ptr<SourceTree> tree_;
  std::optional<LoadedSurface> loaded_;
  std::optional<EngineSources> engine_;
  EngineCheck check_;
};

using Texts = std::vector<std::string>;

}  // namespace fusegate::probe
