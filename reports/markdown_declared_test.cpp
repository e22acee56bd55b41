#include "reports/markdown_declared.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/test_support.hpp"
#include "reports/validator.hpp"
#include "suites/conduct.hpp"

namespace fusegate::reports {
namespace {

using Json = nlohmann::ordered_json;

Json declared(char id, const std::string& limit, const std::string& conduct) {
  Json result = some_result(id);
  result["declared"] = {
      {"takes", limit.empty()}, {"limit", limit}, {"feature", "no rows"}, {"conduct", conduct}};
  return result;
}

std::string render(const std::vector<Json>& results) {
  Markdown out;
  write_declared(out, [&](const ResultVisitor& visit) {
    for (const auto& result : results) visit(result);
  });
  return out.take();
}

TEST(MarkdownDeclared, CountsWhatWasDoneByWhatWasSaid) {
  const auto text = render({declared('1', "", "right"), declared('2', "", "crashed"),
                            declared('3', "", "crashed"), declared('4', "fp32", "refused")});
  expect_contains(text,
                  "| builtin/simt | rms\\_norm | takes it | no rows | 1 |  |  |  | 2 |  |  | "
                  "`rms_norm dtype=bf16 tokens=2 hidden=64 eps=1e-06` |\n");
  expect_contains(text,
                  "| builtin/simt | rms\\_norm | does not: fp32 | no rows |  | 1 |  |  |  |  |  |  "
                  "|\n");
}

TEST(MarkdownDeclared, IsNothingWhereNobodyWasAsked) {
  EXPECT_EQ(render({some_result('1')}), "");
}

TEST(MarkdownDeclared, ItsResultsFitTheSchema) {
  EXPECT_TRUE(result_validator().problems(declared('1', "fp32", "out_of_bounds")).empty());
  EXPECT_FALSE(result_validator().problems(declared('1', "fp32", "sulked")).empty());
}

TEST(MarkdownDeclared, TheSchemaHasTheConductsOfTheTable) {
  Json names = Json::array();
  for (const auto& words : suites::all_conducts) names.push_back(words.name);
  names.push_back(nullptr);
  const auto schema = Json::parse(schema_text("report"));
  EXPECT_EQ(
      schema.at("/definitions/result/properties/declared/properties/conduct/enum"_json_pointer),
      names);
}

}  // namespace
}  // namespace fusegate::reports
