// A library's own functions on a machine with its GPU: the library, torch and the GPU are made up.
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/base/test_support.hpp"
#include "tools/fusegate/testing/program.hpp"

namespace fusegate::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* dual =
    "dual_rms_norm dtype=bf16 tokens=3 q_hidden=24 kv_hidden=8 q_eps=0.01 kv_eps=1e-06";
constexpr const char* single = "rms_norm dtype=bf16 tokens=3 hidden=24 eps=0.01";

/// The dual norm as AITER had it up to 0.1.13.post1, and since.
constexpr const char* returning =
    "def fused_qk_rmsnorm(q: Tensor, q_weight: Tensor, q_eps: float, k: Tensor, k_weight: Tensor, "
    "k_eps: float) -> tuple[Tensor, Tensor]:\n"
    "    return norms.call(__name__, 'fused_qk_rmsnorm', dict(locals()))\n";
constexpr const char* in_place =
    "def _fused_qk_rmsnorm(q_out: Tensor | None, q: Tensor, q_weight: Tensor, q_eps: float, k_out: "
    "Tensor | None, k: Tensor, k_weight: Tensor, k_eps: float) -> tuple[Tensor, Tensor]:\n"
    "    return norms.call(__name__, '_fused_qk_rmsnorm', dict(locals()))\n";

class WithALibrary : public ::testing::Test {
 protected:
  /// An AITER with one function.
  void write_library(const std::string& function) const {
    write("aiter/__init__.py", "from .ops.fused_qk_norm_rope_cache_quant import *\n");
    write("aiter/jit/core.py", "");
    write("aiter/ops/__init__.py", "");
    write("aiter/ops/fused_qk_norm_rope_cache_quant.py",
          "from __future__ import annotations\nimport sys\nfrom torch import Tensor\n"
          "sys.path.append('" FUSEGATE_PROVIDERS "/testing/fake_library')\nimport norms\n" +
              function);
  }

  [[nodiscard]] Finished check(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"check", "--library", "aiter=" + folder_.path().string()});
    const std::string stubs = FUSEGATE_STUBS;
    return fusegate(arguments,
                    {.environment = {{"LD_LIBRARY_PATH", stubs + "/stub_amd_smi"},
                                     {"FAKE_TORCH_GPU", "1"},
                                     {"FUSEGATE_CACHE_DIR", (folder_.path() / "cache").string()},
                                     {"PYTHONPATH", FUSEGATE_PROVIDERS "/testing/fake_torch"}}});
  }

  void write(const std::string& name, const std::string& text) const {
    const auto path = folder_.path() / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }

  TemporaryFolder folder_;
};

TEST_F(WithALibrary, CallsTheGenerationThatIsThere) {
  for (const auto& [function, name, generation] :
       {std::tuple{returning, "fused_qk_rmsnorm", "returning"},
        std::tuple{in_place, "_fused_qk_rmsnorm", "output_before_input"}}) {
    write_library(function);
    const auto run = check({"--with", "aiter", dual, "--json", "-"});
    ASSERT_EQ(run.exit_code, 0) << run.errors;
    const auto document = Json::parse(run.output);
    EXPECT_EQ(document.at("results").at(0).at("verdict"), "pass") << run.output;
    const auto& operation = document.at("implementations").at(0).at("operations").at(0);
    EXPECT_EQ(operation.at("entry"),
              std::string("aiter.ops.fused_qk_norm_rope_cache_quant.") + name);
    EXPECT_EQ(operation.at("generation"), generation);
  }
}

TEST_F(WithALibrary, CallsNothingThatItDoesNotKnow) {
  write_library("def fused_qk_rmsnorm(q, k, weights, eps):\n    raise SystemExit\n");
  const auto run = check({"--with", "aiter", dual, single});
  EXPECT_EQ(run.exit_code, 3) << run.errors;  // there is nothing to judge
  expect_contains(run.output + run.errors, "fused_qk_rmsnorm is of no known generation");
  expect_contains(run.output + run.errors, "rms_norm is missing");
}

TEST_F(WithALibrary, SaysHowToRepeatACase) {
  write_library(
      "def fused_qk_rmsnorm(q: Tensor, q_weight: Tensor, q_eps: float, k: Tensor, "
      "k_weight: Tensor, k_eps: float) -> tuple[Tensor, Tensor]:\n    return q, k\n");
  const auto run = check({"--with", "aiter", dual});
  EXPECT_EQ(run.exit_code, 1) << run.errors;
  expect_contains(run.output + run.errors,
                  "again: fusegate check --library 'aiter=" + folder_.path().string() +
                      "' --with aiter 'dual_rms_norm ");
}

TEST_F(WithALibrary, NeedsItsGpu) {
  write_library(returning);
  const auto run = fusegate({"check", "--with", "aiter/hip", "--library",
                             "aiter=" + folder_.path().string(), "--interpret", single});
  EXPECT_EQ(run.exit_code, 3);
  expect_contains(run.errors,
                  "aiter/hip has no kernels for Triton's interpreter; it takes aiter/triton, "
                  "aiter/triton-fused");
}

TEST_F(WithALibrary, AnUnknownOneNamesTheNearest) {
  const auto run = check({"--with", "aiter/tritn", single});
  EXPECT_EQ(run.exit_code, 2);
  expect_contains(run.errors,
                  "there is no implementation 'aiter/tritn', did you mean 'aiter/triton'?");
}

TEST_F(WithALibrary, AnEnvironmentWithoutTorchIsNamed) {
  write("no_torch/torch/__init__.py", "raise ImportError('libcudart.so.13: no such file')\n");
  const auto run =
      fusegate({"check", "--with", "torch", single},
               {.environment = {{"PYTHONPATH", (folder_.path() / "no_torch").string()}}});
  EXPECT_EQ(run.exit_code, 3);
  expect_contains(run.output + run.errors, "torch cannot be imported by ");
  expect_contains(run.output + run.errors, "ImportError: libcudart.so.13: no such file");
}

TEST(ApiGuard, WritesPython) {
  const auto run = fusegate({"api", "guard", "aiter", "dual_rms_norm"});
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  expect_contains(run.output,
                  "def dual_rms_norm(q_x, q_weight, q_eps, kv_x, kv_weight, kv_eps, *, "
                  "fallback):");
  const auto other = fusegate({"api", "guard", "aiter", "dual_rms_nrom"});
  EXPECT_EQ(other.exit_code, 2);
  expect_contains(other.errors, "did you mean 'dual_rms_norm'?");
}

}  // namespace
}  // namespace fusegate::testing
