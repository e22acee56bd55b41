#include "probe/engine/engine_survey.hpp"

#include <nlohmann/json.hpp>

#include "probe/engine/test_engine.hpp"
#include "probe/sources/git.hpp"

namespace fusegate::probe {
namespace {

class EngineSurveyTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    rules_ = toy_rules();
    rules_.version_files = {"_version.py", "version.py"};
    library_.name = "kernels";
    library_.import_name = "lib";
    write("eng/__init__.py", "");
  }

  void write(const std::string& name, const std::string& text) {
    write_file(root_.path() / name, text);
  }

  EngineSurvey survey() {
    EngineSources engine({&rules_, root_.path()}, {"lib"}, test_python());
    return survey_engine(engine, {library_});
  }

  TemporaryFolder root_;
  LibraryContract library_;
};

TEST_F(EngineSurveyTest, CountsModulesAndUses) {
  write("eng/a.py", "import lib\nlib.f(1)\n");
  write("eng/b.py", "# of lib\n");
  write("eng/c.py", "import os\n");
  const auto found = survey();
  EXPECT_EQ(found.name, "toy");
  EXPECT_EQ(found.modules, 4u);
  EXPECT_EQ(found.mentioning, 2u);
  ASSERT_EQ(found.usage.size(), 1u);
  EXPECT_EQ(found.usage[0].library, "kernels");
  EXPECT_EQ(found.usage[0].uses, 2u);
  EXPECT_EQ(found.usage[0].modules, 1u);
}

TEST_F(EngineSurveyTest, OfALibraryThatIsNotUsedHasNoUses) {
  const auto json = to_json(survey());
  EXPECT_EQ(json.at("libraries").dump(), R"([{"name":"kernels","uses":0,"modules":0}])");
  EXPECT_TRUE(json.at("version").is_null());
  EXPECT_TRUE(json.at("version_source").is_null());
}

TEST_F(EngineSurveyTest, NamesAFileThatIsBroken) {
  write("eng/a.py", "import lib\ndef f(:\n");
  const auto found = survey();
  ASSERT_EQ(found.problems.size(), 1u);
  EXPECT_EQ(found.problems[0].where, "eng/a.py:2");
}

TEST_F(EngineSurveyTest, SaysItsVersion) {
  write("eng/version.py", "__version__ = '0.4'\n");
  const auto json = to_json(survey());
  EXPECT_EQ(json.at("version"), "0.4");
  EXPECT_EQ(json.at("version_source"), "eng/version.py");
}

TEST(CheckoutAround, IsTheNearestFolderWithADotGit) {
  const TemporaryFolder folder;
  const auto top = std::filesystem::canonical(folder.path()) / "top";
  write_file(top / "python/eng/__init__.py", "");
  write_file(top / ".git", "gitdir: elsewhere\n");
  EXPECT_EQ(checkout_around(top / "python"), top);
  EXPECT_EQ(checkout_around(top), top);
  write_file(top / "python/.git/HEAD", "");
  EXPECT_EQ(checkout_around(top / "python/eng"), top / "python");
  EXPECT_EQ(checkout_around("/"), std::nullopt);
}

}  // namespace
}  // namespace fusegate::probe
