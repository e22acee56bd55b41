// What checks the data files when they are built in.
#include <string>

#include <gtest/gtest.h>

#include "probe/base/files.hpp"
#include "probe/base/temporary_folder.hpp"
#include "probe/process/subprocess.hpp"
#include "probe/sources/test_files.hpp"
#include "tools/fusegate/testing/program.hpp"

namespace fusegate::testing {
namespace {

const std::string contracts = FUSEGATE_CONTRACTS;

class CheckData : public ::testing::Test {
 protected:
  /// Checks a known contract with `change` applied to it.
  template <class Change>
  CommandResult check(const Change& change, const std::string& name = "fused_qk_rmsnorm") {
    auto contract = Json::parse(read_text(contracts + "/aiter/" + name + ".json").value());
    change(contract);
    const auto file = folder_.path() / "contract.json";
    probe::write_file(file, contract.dump());
    return run_command(
        {{FUSEGATE_CHECK_DATA, contracts + "/contract.schema.json", file.native()}, {}, {}}, "",
        std::chrono::seconds(30));
  }

  TemporaryFolder folder_;
};

TEST_F(CheckData, TakesASoundContract) {
  const auto result = check([](Json&) {});
  EXPECT_TRUE(result.status && result.status->ok()) << result.errors;
}

TEST_F(CheckData, NamesWhatBreaksTheSchemaAndWhere) {
  const auto result = check([](Json& contract) { contract["op"] = "TODO"; });
  EXPECT_FALSE(result.status && result.status->ok());
  EXPECT_NE(result.errors.find("contract.json: "), std::string::npos) << result.errors;
  EXPECT_NE(result.errors.find("op"), std::string::npos) << result.errors;
}

TEST_F(CheckData, RefusesAKeyThatNobodyKnows) {
  const auto result = check([](Json& contract) { contract["generations"][0]["adaptor"] = "x"; });
  EXPECT_FALSE(result.status && result.status->ok());
}

TEST_F(CheckData, RefusesAnArgumentOfACFunctionThatLacksAPartOrHasOneTooMany) {
  const auto arguments = [](Json& contract) -> Json& {
    return contract["generations"][0]["c_call"]["arguments"];
  };
  const auto refuses = [&](auto change) {
    const auto result =
        check([&](Json& contract) { change(arguments(contract)); }, "_rms_norm_opus_raw");
    return !(result.status && result.status->ok());
  };
  EXPECT_FALSE(refuses([](Json&) {}));
  EXPECT_TRUE(refuses([](Json& list) { list[0].erase("of"); }));
  EXPECT_TRUE(refuses([](Json& list) { list[0]["type"] = "float"; }));
  EXPECT_TRUE(refuses([](Json& list) { list[0]["meaning"] = "adress"; }));
  EXPECT_TRUE(refuses([](Json& list) { list[7].erase("codes"); }));
  EXPECT_TRUE(refuses([](Json& list) { list[8].erase("value"); }));
  EXPECT_TRUE(refuses([](Json& list) { list[10]["of"] = "x"; }));
}

class CheckSuite : public ::testing::Test {
 protected:
  /// Whether the models' suite is taken with `change` applied to it.
  template <class Change>
  bool takes(const Change& change) {
    const std::string suites = FUSEGATE_SUITES;
    auto suite = Json::parse(read_text(suites + "/models.json").value());
    change(suite);
    const auto file = folder_.path() / "suite.json";
    probe::write_file(file, suite.dump());
    const auto result =
        run_command({{FUSEGATE_CHECK_DATA, suites + "/suite.schema.json", file.native()}, {}, {}},
                    "", std::chrono::seconds(30));
    return result.status && result.status->ok();
  }

  TemporaryFolder folder_;
};

TEST_F(CheckSuite, TakesLinesWithModelsAndWithout) {
  EXPECT_TRUE(takes([](Json&) {}));
  EXPECT_TRUE(takes([](Json& suite) { suite["cases"].push_back("rms_norm"); }));
  EXPECT_TRUE(takes([](Json& suite) { suite.erase("models"); }));
}

TEST_F(CheckSuite, RefusesALineThatNamesNoModelOrSaysNotWhatOfIt) {
  EXPECT_FALSE(takes([](Json& suite) { suite["cases"][0]["models"] = Json::array(); }));
  EXPECT_FALSE(takes([](Json& suite) { suite["cases"][0].erase("models"); }));
  EXPECT_FALSE(takes([](Json& suite) { suite["cases"][0].erase("what"); }));
  EXPECT_FALSE(takes([](Json& suite) { suite["cases"][0]["tp"] = 8; }));
  EXPECT_FALSE(takes([](Json& suite) { suite["models"]["GPT OSS"] = "a book"; }));
  EXPECT_FALSE(takes([](Json& suite) { suite["models"]["GPT-OSS-120B"] = ""; }));
}

}  // namespace
}  // namespace fusegate::testing
