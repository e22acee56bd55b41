#include "reports/markdown.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/test_support.hpp"

namespace fusegate::reports {
namespace {

using Json = nlohmann::ordered_json;
using Results = std::vector<Json>;

std::string render(const Json& envelope, const Results& results) {
  Summary summary;
  for (const Json& result : results) summary.add(result);
  return render_markdown(envelope, summary, source_of(results));
}

void expect_lacks(const std::string& text, const std::string& part) {
  EXPECT_EQ(text.find(part), std::string::npos) << "'" << part << "' is in: " << text;
}

// ---- What a person wants to know first -----------------------------------------------------

TEST(Markdown, BeginsWithTheCounts) {
  const auto text =
      render(some_envelope(), {some_result('1'), some_result('2'), some_result('3', "fail")});
  EXPECT_TRUE(text.starts_with("# fusegate report\n\n**2 pass, 1 fail**\n")) << text;
}

TEST(Markdown, HasFailuresBeforeResultsBeforeLibrariesBeforeTheMachine) {
  Json envelope = some_envelope();
  envelope["libraries"].push_back(some_library());
  const auto text = render(envelope, {some_result('1'), some_result('2', "fail")});
  std::size_t last = 0;
  for (const char* heading :
       {"\n## What is wrong\n", "\n## Results\n", "\n## Library toy\n", "\n## Machine\n"}) {
    const auto at = text.find(heading);
    ASSERT_NE(at, std::string::npos) << heading;
    EXPECT_GT(at, last) << heading;
    last = at;
  }
}

TEST(Markdown, ShowsEveryFailedVerdict) {
  for (const char* verdict : {"fail", "mistrusted", "error", "crash", "timeout"}) {
    const auto text = render(some_envelope(), {some_result('1', verdict)});
    expect_contains(text, "| " + std::string(verdict) +
                              " | builtin/simt | `rms_norm dtype=bf16 tokens=1 hidden=64 "
                              "eps=1e-06` | because |\n");
  }
}

TEST(Markdown, ShowsNoOtherVerdictAsWrong) {
  for (const char* verdict : {"pass", "unsupported", "skipped"})
    expect_lacks(render(some_envelope(), {some_result('1', verdict)}), "What is wrong");
}

TEST(Markdown, ShowsFiftyFailuresAndCountsTheRest) {
  const auto rows = [](std::size_t failures) {
    const auto text = render(some_envelope(), Results(failures, some_result('1', "fail")));
    std::size_t count = 0;
    for (auto at = text.find("| fail |"); at != text.npos; at = text.find("| fail |", at + 1))
      ++count;
    return std::pair(count, text);
  };
  EXPECT_EQ(rows(50).first, 50u);
  expect_lacks(rows(50).second, " more, in report.json");
  EXPECT_EQ(rows(52).first, 50u);
  expect_contains(rows(52).second, "... and 2 more, in report.json.");
}

TEST(Markdown, SaysThatARunWasInterrupted) {
  Json envelope = some_envelope();
  expect_lacks(render(envelope, {some_result('1')}), "interrupted");
  envelope["run"]["interrupted"] = true;
  expect_contains(render(envelope, {some_result('1')}),
                  "**1 pass** (interrupted: not all cases ran)");
}

TEST(Markdown, SaysWhatCouldNotRunBeforeAnythingElse) {
  Json envelope = some_envelope();
  envelope["run"]["could_not_run"] = {"mine cannot run: it is ill"};
  const auto text = render(envelope, {some_result('1', "fail")});
  const auto at = text.find("- **could not run**: mine cannot run: it is ill\n");
  ASSERT_NE(at, std::string::npos) << text;
  EXPECT_LT(at, text.find("## What is wrong"));
}

TEST(Markdown, SaysWhereTheCasesComeFrom) {
  Json envelope = some_envelope();
  expect_contains(render(envelope, {}), "Suite smoke, 3 cases for each implementation, seed 0; ");
  envelope["run"]["suite"] = nullptr;
  expect_contains(render(envelope, {}), "Suite of lines given by hand, ");
}

TEST(Markdown, OfNoResultsSaysSo) {
  const auto text = render(some_envelope(), {});
  expect_contains(text, "**no results**");
  expect_lacks(text, "## Results");
}

// ---- Results, libraries, the machine -------------------------------------------------------

TEST(Markdown, ShowsTheLargestErrorOfEachOutput) {
  expect_contains(render(some_envelope(), {some_result('1')}),
                  "| builtin/simt | rms\\_norm | bf16 | out | 1 | 0.2500 | 0.5000 | "
                  "`rms_norm dtype=bf16 tokens=1 hidden=64 eps=1e-06` |\n");
  Json infinite = some_result('1', "fail");
  infinite["errors"]["out"]["max_ulp"] = "inf";
  expect_contains(render(some_envelope(), {infinite}), "| 1 | infinite | 0.5000 |");
}

TEST(Markdown, ShowsDevicesOrWhyThereAreNone) {
  Json envelope = some_envelope();
  envelope["devices"][0]["name"] = "MI300X";
  envelope["devices"][0]["memory_bytes"] = std::uint64_t{192} << 30;
  expect_contains(render(envelope, {}), "| 0 | MI300X |  | 192.0 GiB |  | sysfs |\n");
  envelope["devices"] = Json::array();
  envelope["device_sources"] = {{{"name", "nvml"}, {"failure", "there is no libnvidia-ml"}},
                                {{"name", "sysfs"}}};
  const auto text = render(envelope, {});
  expect_contains(text, "No GPU was found:\n\n- nvml: there is no libnvidia-ml\n\n");
}

TEST(Markdown, ShowsWhatAnImplementationRunsOnOrWhyNot) {
  Json envelope = some_envelope();
  envelope["implementations"] = {{{"name", "a"},
                                  {"available", true},
                                  {"device", {{"name", "CPU"}, {"architecture", "x86"}}},
                                  {"fingerprint", "f00d"}},
                                 {{"name", "b"}, {"available", false}, {"reason", "it is ill"}}};
  const auto text = render(envelope, {});
  expect_contains(text, "| a | CPU (x86) | `f00d` |\n");
  expect_contains(text, "| b | not available: it is ill |  |\n");
}

}  // namespace
}  // namespace fusegate::reports
