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

}  // namespace
}  // namespace fusegate::testing
