#include "probe/library/module_sources.hpp"

#include <gtest/gtest.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/sources/test_files.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

class SourcesOfModules : public testing::Test {
 protected:
  SourcesOfModules() {
    for (const char* file : {"meta/csrc/a.cu", "csrc/a.cu", "csrc/b.cu", "outside.cu"}) {
      write_file(folder_.path() / file, "");
    }
  }

  /// The sources of "m" whose list is `list`, below the root.
  [[nodiscard]] std::vector<std::string> of_list(const std::string& list) const {
    return of_file(R"({"m": {"srcs": )" + list + "}}");
  }
  [[nodiscard]] std::vector<std::string> of_file(const std::string& content) const {
    write_file(folder_.path() / "build.json", content);
    std::vector<std::string> names;
    const auto sources = sources_of_modules(folder_.path(), rules_);
    if (!sources.contains("m")) return names;
    for (const auto& file : sources.at("m")) {
      names.push_back(file.lexically_relative(folder_.path()));
    }
    return names;
  }

  TemporaryFolder folder_;
  ModuleSources rules_{"build.json", "srcs", {{"CSRC", {"meta/csrc", "csrc"}}}};
};

using Names = std::vector<std::string>;

TEST_F(SourcesOfModules, AreThoseOfTheFirstFolderThatHasThem) {
  EXPECT_EQ(of_list(R"(["f'{CSRC}/a.cu'", "f'{CSRC}/b.cu'", "f\"{CSRC}/b.cu\""])"),
            (Names{"meta/csrc/a.cu", "csrc/b.cu", "csrc/b.cu"}));
}

TEST_F(SourcesOfModules, LeaveOutWhatIsNotThere) {
  EXPECT_EQ(of_list(R"(["f'{CSRC}/absent.cu'", "f'{OTHER}/a.cu'", "f'{CSRC}'"])"), Names{});
}

TEST_F(SourcesOfModules, EvaluateNothing) {
  EXPECT_EQ(
      of_list(R"(["f'{CSRC}/a.cu' if x else f'{CSRC}/b.cu'", "f'{CSRC}/{name}'", "a.cu", "'"])"),
      Names{});
}

TEST_F(SourcesOfModules, DoNotLeaveTheLibrary) {
  EXPECT_EQ(of_list(R"(["f'{CSRC}/../outside.cu'", "f'{CSRC}//etc/passwd'"])"), Names{});
}

TEST_F(SourcesOfModules, OfAListThatIsNoneAreNone) {
  for (const char* text : {"", "[", "[]", "5", R"({"m": 5})", R"({"m": {"srcs": {}}})",
                           R"({"m": {"srcs": [5, null]}})", R"({"m": []})"}) {
    EXPECT_EQ(of_file(text), Names{}) << text;
  }
}

}  // namespace
}  // namespace fusegate::probe
