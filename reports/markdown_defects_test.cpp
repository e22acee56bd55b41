#include "reports/markdown_defects.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/test_support.hpp"

namespace fusegate::reports {
namespace {

using Json = nlohmann::ordered_json;

std::string render(bool in_sources, const std::string& verdict) {
  const Json result = some_result('1', verdict);
  const Json envelope{{"known_defects",
                       {{{"implementation", "builtin/simt"},
                         {"id", "odd"},
                         {"summary", "odd rows"},
                         {"when", "n is odd"},
                         {"in_sources", in_sources},
                         {"cases", {result.at("case")}}}}}};
  Markdown out;
  write_defects(out, envelope, [&](const ResultVisitor& visit) { visit(result); });
  return out.take();
}

TEST(MarkdownDefects, SaysWhetherADefectIsThere) {
  expect_contains(render(true, "crash"), "| `odd` | **present** | crash | odd rows | n is odd |");
  expect_contains(render(true, "pass"), "| `odd` | in the sources, does not show here | pass |");
  expect_contains(render(false, "pass"), "| `odd` | fixed | pass |");
  expect_contains(render(false, "fail"), "| **shown, though not in the sources** | fail |");
  expect_contains(render(true, "unsupported"), "| not tried: unsupported | unsupported |");
}

TEST(MarkdownDefects, IsNothingWhereTheirCasesDidNotRun) {
  Markdown out;
  const Json envelope{{"known_defects",
                       {{{"implementation", "builtin/simt"},
                         {"id", "odd"},
                         {"in_sources", true},
                         {"cases", {"another"}}}}}};
  write_defects(out, envelope, [](const ResultVisitor& visit) { visit(some_result('1')); });
  write_defects(out, Json::object(), [](const ResultVisitor& visit) { visit(some_result('1')); });
  EXPECT_EQ(out.take(), "");
}

}  // namespace
}  // namespace fusegate::reports
