#include "reports/markdown_engine.hpp"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/markdown_text.hpp"
#include "reports/test_support.hpp"

namespace fusegate::reports {
namespace {

using Json = nlohmann::ordered_json;

std::string render(const Json& engine) {
  Markdown out;
  write_engine(out, engine);
  return out.take();
}

TEST(MarkdownEngine, SaysWhatItIsAndHowMuchItUses) {
  const auto text = render(some_engine());
  expect_contains(text, "## Engine toy\n");
  expect_contains(text, "Version 0.5 (from toy-0.5.dist-info/METADATA), in `/opt/engine`.\n");
  expect_contains(
      text,
      "90 modules, of which 7 mention a library that is known; uses kernels 12 times in "
      "3 modules.\n");
  expect_contains(text, "- problem: toy/a.py:3: does not parse\n");
}

TEST(MarkdownEngine, ShowsWhatBreaksOnEachLibrary) {
  expect_contains(render(some_engine()),
                  "| kernels | gfx942=1, USE\\_IT=1 | 1 | 2 | 0 | 4 | `0123abcd`, `4567abcd`, "
                  "`89ababcd` |\n");
}

TEST(MarkdownEngine, CutsALongListOfWhatBreaks) {
  Json engine = some_engine();
  auto& broken = engine["checks"][0]["broken"];
  for (int i = 0; i < 30; ++i) broken.push_back("00000000");
  expect_contains(render(engine), "`00000000` and 13 more |\n");
}

TEST(MarkdownEngine, SaysThatNothingBreaks) {
  Json engine = some_engine();
  engine["checks"][0]["broken"] = Json::array();
  engine["checks"][0]["assumed"] = Json::object();
  expect_contains(render(engine), "| kernels | nothing | 1 | 2 | 0 | 4 | nothing |\n");
}

TEST(MarkdownEngine, SaysWhatIsNotKnown) {
  Json engine = some_engine();
  for (const char* key : {"path", "version", "version_source", "modules"}) engine[key] = nullptr;
  const auto text = render(engine);
  expect_contains(text, "Version unknown, in unknown.\n");
  EXPECT_EQ(text.find("modules, of which"), std::string::npos) << text;
}

TEST(MarkdownEngine, LeavesOutWhatIsNotSaid) {
  const auto text = render({{"name", "toy"}});
  EXPECT_EQ(text.find("What of it breaks"), std::string::npos) << text;
  EXPECT_EQ(text.find("problem"), std::string::npos) << text;
}

}  // namespace
}  // namespace fusegate::reports
