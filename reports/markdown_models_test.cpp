#include "reports/markdown_models.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/temporary_folder.hpp"
#include "reports/markdown.hpp"
#include "reports/test_support.hpp"

namespace fusegate::reports {
namespace {

using Json = nlohmann::ordered_json;
using Results = std::vector<Json>;

Json result_of(char id, const std::string& verdict, const Json& models) {
  Json result = some_result(id, verdict);
  result["models"] = models;
  return result;
}

std::string render(const Results& results) {
  const Json envelope{{"models", {{{"name", "Big-1"}, {"figures_from", "its <config>"}}}}};
  Markdown out;
  write_models(out, envelope, source_of(results));
  return out.take();
}

TEST(MarkdownModels, HasAVerdictForEachModelOfEachImplementation) {
  Json other = result_of('1', "pass", {"Big-1"});
  other["implementation"] = "mine";
  const auto text =
      render({result_of('1', "pass", {"Big-1", "Small"}), result_of('2', "crash", {"Big-1"}),
              result_of('3', "fail", {"Big-1"}), result_of('4', "pass", {"Small"}), other});
  expect_contains(text,
                  "\n| Big-1 | builtin/simt | **fails** | 1 pass, 1 fail, 1 crash | "
                  "`rms_norm dtype=bf16 tokens=2 hidden=64 eps=1e-06` | its &lt;config&gt; |\n");
  expect_contains(text, "\n| Big-1 | mine | passes | 1 pass |  | its &lt;config&gt; |\n");
  expect_contains(text, "\n| Small | builtin/simt | passes | 2 pass |  |  |\n");
}

TEST(MarkdownModels, DoesNotSayThatWhatWasNotTriedPasses) {
  expect_contains(render({result_of('1', "pass", {"A"}), result_of('2', "unsupported", {"A"})}),
                  "| passes where it was tried | 1 pass, 1 unsupported |");
  expect_contains(render({result_of('1', "skipped", {"A"})}), "| not tried | 1 skipped |");
}

TEST(MarkdownModels, IsNothingWhereNoResultSaysOfWhichModelsItIs) {
  EXPECT_EQ(render({some_result('1'), some_result('2', "fail")}), "");
}

TEST(MarkdownModels, ComesBehindWhatIsWrongInTheReport) {
  const Results results{result_of('1', "fail", {"A"})};
  Summary summary;
  for (const auto& result : results) summary.add(result);
  const auto text = render_markdown(some_envelope(), summary, source_of(results));
  const auto at = text.find("\n## Models\n");
  ASSERT_NE(at, std::string::npos) << text;
  EXPECT_GT(at, text.find("\n## What is wrong\n"));
  EXPECT_LT(at, text.find("\n## Results\n"));
}

TEST(ReportModels, AreInTheSchemaAndMayBeMissing) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "report.json";
  Json envelope = some_envelope();
  write_report(path, envelope, source_of({some_result('1')}));
  EXPECT_EQ(validate_report(path), std::vector<std::string>{});
  envelope["models"] = {{{"name", "A"}, {"figures_from", "a book"}}};
  write_report(path, envelope, source_of({result_of('1', "pass", {"A"})}));
  EXPECT_EQ(validate_report(path), std::vector<std::string>{});

  const auto refused = [&](const Json& result) {
    return message_of<InvalidReport>([&] { write_report(path, envelope, source_of({result})); });
  };
  expect_contains(refused(result_of('1', "pass", "A")), "models");
  expect_contains(refused(result_of('1', "pass", Json::array())), "models");
  envelope["models"][0].erase("figures_from");
  expect_contains(refused(some_result('1')), "figures_from");
}

}  // namespace
}  // namespace fusegate::reports
