#include "tools/fusegate/known_defects.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/test_support.hpp"
#include "probe/library/contract.hpp"
#include "suites/case.hpp"

namespace fusegate::tools {
namespace {

using Json = nlohmann::ordered_json;

TEST(KnownDefects, TheirCasesAreOfTheirContractsOp) {
  int cases = 0;
  for (const auto& library : probe::known_libraries()) {
    for (const auto& contract : library.contracts) {
      for (const auto& defect : contract.defects) {
        for (const auto& line : defect.cases) {
          EXPECT_EQ(suites::parse_case(line).op().name, contract.op) << contract.name;
          ++cases;
        }
      }
    }
  }
  EXPECT_GE(cases, 10);
}

TEST(KnownDefects, ALibrarysOwnNameStandsForAllOfItsImplementations) {
  const auto all = defect_lines({"aiter"});
  const auto triton = defect_lines({"aiter/triton"});
  EXPECT_GT(all.size(), triton.size());
  EXPECT_FALSE(triton.empty());
}

TEST(KnownDefects, WithoutOneThereIsNothingToRun) {
  const auto why = message_of<UsageError>([] { static_cast<void>(defect_lines({"torch"})); });
  expect_contains(why, "no defect of torch is known that a case shows; there are some of aiter");
}

TEST(KnownDefects, WithoutAnImplementationThereIsNoneToTakeThemOf) {
  const auto why = message_of<UsageError>([] { static_cast<void>(defect_lines({})); });
  expect_contains(why, "say which one by --with, of aiter");
}

TEST(KnownDefects, ARowThatIsTooWideForSharedMemoryIsTried) {
  const auto lines = defect_lines({"flashinfer"});
  const std::string line = "add_rms_norm dtype=bf16 tokens=2 hidden=65536 eps=1e-06 in_place=1";
  EXPECT_NE(std::find(lines.begin(), lines.end(), line), lines.end());
}

Json library_with(const Json& defects) {
  return Json::array({Json{{"name", "aiter"},
                           {"contracts", Json::array({Json{{"contract", "triton.rms_norm"},
                                                           {"status", "known"},
                                                           {"defects", defects}}})}}});
}

TEST(KnownDefects, AreToldWithWhetherTheSourcesHaveThem) {
  const auto found = library_with(Json::array({Json{{"id", "alignment_promised_unchecked"}}}));
  const auto present = known_defects({"aiter/triton"}, found);
  ASSERT_EQ(present.size(), 1u);
  EXPECT_EQ(present[0].at("contract"), "triton.rms_norm");
  EXPECT_TRUE(present[0].at("in_sources").get<bool>());
  const auto mended = known_defects({"aiter/triton"}, library_with(Json::array()));
  ASSERT_EQ(mended.size(), 1u);
  EXPECT_FALSE(mended[0].at("in_sources").get<bool>());
  EXPECT_TRUE(known_defects({"torch"}, found).empty());
  EXPECT_TRUE(known_defects({"aiter"}, found).empty()) << "an implementation that calls another";
}

}  // namespace
}  // namespace fusegate::tools
