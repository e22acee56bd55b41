#include "probe/host/toolchains.hpp"

#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/temporary_folder.hpp"

namespace fusegate::probe {
namespace {

class ToolchainsTest : public ::testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) {
    const auto file = root_.path() / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }

  [[nodiscard]] Toolchains find() const {
    // What this machine has must not decide what a made-up tree has.
    ::unsetenv("ROCM_PATH");
    ::unsetenv("CUDA_HOME");
    return find_toolchains(root_.path());
  }

  TemporaryFolder root_;
};

constexpr const char* hip_header =
    "#define HIP_VERSION_MAJOR 6\n#define HIP_VERSION_MINOR 2\n#define HIP_VERSION_PATCH 41133\n"
    "#define HIP_VERSION_GITHASH \"abc\"\n";

TEST_F(ToolchainsTest, FindsNothingInAnEmptyTree) {
  EXPECT_EQ(find(), Toolchains{});
  EXPECT_EQ(nlohmann::ordered_json(find()).dump(), "{}");
}

TEST_F(ToolchainsTest, ReadsRocm) {
  write("opt/rocm/.info/version", "6.2.0-66\n");
  write("opt/rocm/include/hip/hip_version.h", hip_header);
  EXPECT_EQ(find().rocm, (Installed{"6.2.0-66", "/opt/rocm"}));
  EXPECT_EQ(find().hip, (Installed{"6.2.41133", "/opt/rocm"}));
}

TEST_F(ToolchainsTest, ReadsTheHipOfADistribution) {
  write("usr/include/hip/hip_version.h", hip_header);
  EXPECT_FALSE(find().rocm.found());
  EXPECT_EQ(find().hip, (Installed{"6.2.41133", "/usr"}));
}

TEST_F(ToolchainsTest, ReadsCudaFromItsJson) {
  write("usr/local/cuda/bin/nvcc", "");
  write("usr/local/cuda/version.json", R"({"cuda": {"name": "CUDA SDK", "version": "13.0.2"}})");
  EXPECT_EQ(find().cuda, (Installed{"13.0.2", "/usr/local/cuda"}));
}

TEST_F(ToolchainsTest, ReadsCudaFromItsHeaderWhenTheJsonIsBroken) {
  write("usr/bin/nvcc", "");
  write("usr/version.json", "{");
  write("usr/include/cuda.h", "#define CUDA_VERSION 11080\n");
  EXPECT_EQ(find().cuda, (Installed{"11.8", "/usr"}));
}

TEST_F(ToolchainsTest, CountsNoCudaRuntimeWithoutCompiler) {
  write("usr/local/cuda/version.json", R"({"cuda": {"version": "13.0.2"}})");
  EXPECT_FALSE(find().cuda.found());
}

TEST_F(ToolchainsTest, AsksThePythonThatIsNamed) {
  write("python", "#!/bin/sh\necho Python 3.99.1\n");
  const auto program = root_.path() / "python";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  EXPECT_EQ(find_python(program), (Installed{"3.99.1", program.string()}));
}

TEST_F(ToolchainsTest, DoesNotWaitForASlowPython) {
  write("python3.11", "#!/bin/sh\nexec sleep 100\n");
  const auto program = root_.path() / "python3.11";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  EXPECT_EQ(find_python(program), (Installed{"3.11", program.string()}));
}

TEST_F(ToolchainsTest, KnowsWhereThereIsNoPython) {
  EXPECT_FALSE(find_python("no-such-python").found());
  EXPECT_FALSE(find_python("/no/such/python").found());
}

}  // namespace
}  // namespace fusegate::probe
