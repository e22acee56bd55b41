#include "reports/markdown_library.hpp"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/markdown_text.hpp"
#include "reports/test_support.hpp"

namespace fusegate::reports {
namespace {

using Json = nlohmann::ordered_json;

std::string render(const Json& library) {
  Markdown out;
  write_library(out, library);
  return out.take();
}

TEST(MarkdownLibrary, SaysWhatItIsAndWhatSpeaksAgainstIt) {
  const auto text = render(some_library());
  expect_contains(text, "## Library toy\n");
  expect_contains(
      text, "Distribution toy-lib, version 0.9 (from git), in `/opt/toy`; fingerprint `f00d`.");
  expect_contains(text,
                  "Its entry points are those of 0.7 to 0.8, 1.0 or later, **which is not what its "
                  "version says**.");
  expect_contains(text, "- problem: its tags are missing\n");
}

TEST(MarkdownLibrary, SaysProblemsAsSentences) {
  Json library = some_library();
  library["problems"] = {{{"where", "toy/a.py"}, {"what", "does not parse"}, {"fix", "mend it"}}};
  expect_contains(render(library), "- problem: toy/a.py: does not parse (fix: mend it)\n\n|");
}

TEST(MarkdownLibrary, SaysWhatIsNotKnown) {
  Json library = some_library();
  for (const char* key : {"version", "version_source", "fingerprint"}) library[key] = nullptr;
  expect_contains(render(library), "version unknown, in `/opt/toy`; fingerprint unknown.");
}

TEST(MarkdownLibrary, OfAVersionThatAgreesOrIsNotKnownSaysNothing) {
  for (const Json& agrees : {Json(true), Json(nullptr)}) {
    Json library = some_library();
    library["version_agrees"] = agrees;
    EXPECT_EQ(render(library).find("not what its version says"), std::string::npos) << agrees;
  }
}

TEST(MarkdownLibrary, ShowsEntryPointsByGeneration) {
  const auto text = render(some_library());
  expect_contains(text,
                  "| `norm` | rms\\_norm | known | `2` | `toy/ops.py:12` | `(x: Tensor \\| None = "
                  "None) -> Tensor` |\n");
  expect_contains(text, "| `add_norm` | rms\\_norm | unknown | nearest: `1` | ");
  EXPECT_EQ(text.find("old_norm"), std::string::npos);
  expect_contains(text, "1 more that this build knows of are not there.");
}

TEST(MarkdownLibrary, ShowsHowAnUnknownOneDiffers) {
  expect_contains(
      render(some_library()),
      "How `add_norm` differs from its nearest known generation, `1`:\n\n- difference: argument 3 "
      "was eps and is gemma\n");
}

TEST(MarkdownLibrary, ShowsADefectOnceWithAllThatHaveIt) {
  expect_contains(render(some_library()),
                  "| `no_barrier` | yes | the last barrier is missing | world 8 | wrong\\_result | "
                  "toy/ops.py lacks barrier | norm, add\\_norm |\n");
  Json library = some_library();
  library["contracts"][0]["defects"][0]["certain"] = false;
  expect_contains(render(library), "| `no_barrier` | may have it |");
}

TEST(MarkdownLibrary, ShowsWhatIsWrongWithModulesAndWithImportingIt) {
  const auto text = render(some_library());
  expect_contains(text, "Compiled modules: 1; findings: 1.");
  expect_contains(text, "| `module_norm` | missing\\_symbol | it has no norm | build it anew |\n");
  expect_contains(text, "Importing it: failed, namespace unknown. ImportError: no rocminfo\n");
}

TEST(MarkdownLibrary, SaysThatThereIsNoEntryPoint) {
  Json library = some_library();
  library["contracts"] = Json::array();
  expect_contains(render(library), "No fused entry point that this build knows of was found.");
}

TEST(MarkdownLibrary, LeavesOutWhatIsNotSaid) {
  const auto text = render({{"name", "toy"}});
  EXPECT_EQ(text.find("Importing"), std::string::npos);
  EXPECT_EQ(text.find("compiled modules"), std::string::npos);
  EXPECT_EQ(text.find("known defect"), std::string::npos);
}

}  // namespace
}  // namespace fusegate::reports
