#include "probe/library/compiled_modules.hpp"

#include <elf.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/temporary_folder.hpp"
#include "probe/base/test_support.hpp"
#include "probe/elf/testing/gpu_module.hpp"
#include "probe/library/toy_modules.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

class CompiledModulesTest : public testing::Test {
 protected:
  CompiledModulesTest() {
    surroundings_.default_folders = default_library_folders();
    surroundings_.gpu_architectures = [] { return std::vector<std::string>{"gfx942"}; };
  }

  [[nodiscard]] fs::path root() const { return folder_.path() / "site"; }
  [[nodiscard]] fs::path jit() const { return root() / "toylib/jit"; }

  CompiledModules survey(std::string_view declarations = sound_declarations) {
    write_toy_library(root(), declarations);
    return survey_again();
  }

  CompiledModules survey_again() {
    FactsStore store(test_python(), FactsCache("", ""));
    return survey_compiled_modules({"toy", root(), LibraryKind::site_packages, {}}, contract_,
                                   store, surroundings_);
  }

  /// The one finding; its kind and module as "KIND MODULE".
  static std::string only_finding(const CompiledModules& compiled) {
    const auto& findings = compiled.survey.findings;
    if (findings.size() != 1) return to_json(findings).dump(1);
    EXPECT_NE(findings.front().fix, "");
    return std::string(name_of(findings.front().kind)) + " " + findings.front().module;
  }

  LibraryContract contract_ = toy_contract_with_modules();
  ModuleSurroundings surroundings_;
  TemporaryFolder folder_;
};

TEST_F(CompiledModulesTest, OfASoundLibraryGiveNoFindings) {
  FUSEGATE_NEEDS_PYTHON();
  add_modules(jit(), {"module_torch.so", "module_develop.so", "module_ctypes_v2.so"});
  write_gpu_module(jit() / "module_gpu.so", hip_bundle({hip_entry("gfx942")}), "");
  const auto compiled = survey();
  EXPECT_EQ(kinds_of(compiled.survey.findings), "") << to_json(compiled).dump(1);
  EXPECT_EQ(compiled.survey.modules.size(), 4u);
  EXPECT_EQ(compiled.declared, 4u);
  EXPECT_EQ(compiled.survey.absent, std::vector<std::string>{"module_later"});
  ASSERT_EQ(compiled.folders.size(), 1u);
  EXPECT_EQ(compiled.folders[0].source, "library");
}

TEST_F(CompiledModulesTest, OfWhichNoneIsBuiltNeedNoPython) {
  write_toy_library(root(), sound_declarations);
  FactsStore store("/nonexistent/python");
  surroundings_.gpu_architectures = []() -> std::vector<std::string> {
    ADD_FAILURE() << "asked for GPUs";
    return {};
  };
  const auto compiled = survey_compiled_modules({"toy", root(), LibraryKind::checkout, {}},
                                                contract_, store, surroundings_);
  EXPECT_EQ(to_json(compiled)["declared"], nullptr);
  EXPECT_EQ(to_json(compiled)["modules"], nlohmann::ordered_json::array());
  EXPECT_EQ(to_json(compiled)["findings"], nlohmann::ordered_json::array());
}

TEST_F(CompiledModulesTest, AreReadWhereTheirDeclarationsCannotBe) {
  add_modules(jit(), {"module_develop.so"});
  write_toy_library(root(), sound_declarations);
  FactsStore store("/nonexistent/python", FactsCache("", ""));
  const auto compiled = survey_compiled_modules({"toy", root(), LibraryKind::checkout, {}},
                                                contract_, store, surroundings_);
  EXPECT_EQ(compiled.declared, std::nullopt);
  ASSERT_EQ(compiled.survey.modules.size(), 1u);
  EXPECT_TRUE(compiled.survey.absent.empty());
}

/// A library that was built from sources, one of which changed a minute later.
class OldModules : public CompiledModulesTest {
 protected:
  void SetUp() override {
    FUSEGATE_NEEDS_PYTHON();
    add_modules(jit(), {"module_develop.so"});
    write_file(jit() / "build.json",
               R"({"module_develop": {"srcs": ["f'{TOY_DIR}/norm.cu'", "f'{TOY_DIR}/a.cu'"]}})");
    write_file(root() / "csrc/norm.cu", "");
    write_file(root() / "csrc/a.cu", "");
    const auto built = fs::last_write_time(jit() / "module_develop.so");
    fs::last_write_time(root() / "csrc/a.cu", built);
    fs::last_write_time(root() / "csrc/norm.cu", built + std::chrono::minutes(1));
  }
};

TEST_F(OldModules, AreFound) {
  const auto compiled = survey();
  EXPECT_EQ(only_finding(compiled), "older_than_source module_develop");
  const auto& evidence = compiled.survey.findings.at(0).evidence;
  ASSERT_EQ(evidence.size(), 2u);
  expect_contains(evidence[1], "csrc/norm.cu changed at ");
}

TEST_F(OldModules, InTheHomeFolderAreFound) {
  surroundings_.home = folder_.path() / "home";
  fs::create_directories(surroundings_.home / ".toy/jit");
  fs::rename(jit() / "module_develop.so", surroundings_.home / ".toy/jit/module_develop.so");
  EXPECT_EQ(only_finding(survey()),
            "older_than_source " + (surroundings_.home / ".toy/jit/module_develop.so").native());
}

TEST_F(OldModules, ThatAnInstallerWroteAreOfTheTimeOfTheInstallation) {
  write_dist_info(root(), "toy_lib", "1.0",
                  "toylib/__init__.py,,\ntoylib/jit/module_develop.so,sha256=x,5\n");
  EXPECT_EQ(kinds_of(survey().survey.findings), "");
}

TEST_F(CompiledModulesTest, CalledOtherwiseThanTheyAreMadeForAreFound) {
  FUSEGATE_NEEDS_PYTHON();
  add_modules(jit(), {"module_torch.so"});
  EXPECT_EQ(only_finding(survey("@compiled('module_torch', own=True)\n"
                                "def norm(input: Tensor): ...\n")),
            "binding_mismatch module_torch");
}

TEST_F(CompiledModulesTest, WithoutADeclaredFunctionAreFound) {
  FUSEGATE_NEEDS_PYTHON();
  add_modules(jit(), {"module_ctypes_v2.so"});
  EXPECT_EQ(only_finding(survey("@compiled('module_ctypes_v2', ffi='ctypes')\n"
                                "def toy_fused_norm(rows: Tensor): ...\n")),
            "missing_symbol module_ctypes_v2");
}

TEST_F(CompiledModulesTest, WithOtherArgumentsAreFound) {
  FUSEGATE_NEEDS_PYTHON();
  add_modules(jit(), {"module_develop.so"});
  EXPECT_EQ(only_finding(survey("@compiled('module_develop', own=True)\n"
                                "def norm(input: Tensor, transpose_scale: bool): ...\n")),
            "unknown_argument module_develop");
}

TEST_F(CompiledModulesTest, ForOtherGpusAreFound) {
  FUSEGATE_NEEDS_PYTHON();
  write_gpu_module(jit() / "module_gpu.so", hip_bundle({hip_entry("gfx90a")}), "");
  EXPECT_EQ(only_finding(survey("@compiled('module_gpu', ffi='ctypes')\n"
                                "def toy_norm(rows: Tensor): ...\n")),
            "missing_gpu_target module_gpu");
}

TEST_F(CompiledModulesTest, ThatCannotBeLinkedAreFound) {
  FUSEGATE_NEEDS_PYTHON();
  add_modules(jit(), {"module_unlinked.so"});
  EXPECT_EQ(only_finding(survey()), "undefined_symbol module_unlinked.so");
}

TEST_F(CompiledModulesTest, WithoutALibraryAreFound) {
  FUSEGATE_NEEDS_PYTHON();
  add_modules(jit(), {"chain/module_runpath.so"});
  EXPECT_EQ(only_finding(survey()), "library_not_found module_runpath.so");
}

TEST_F(CompiledModulesTest, MissNoLibraryWhereTheProcessIsNotKnown) {
  FUSEGATE_NEEDS_PYTHON();
  add_modules(jit(), {"chain/module_runpath.so"});
  write_toy_library(root(), sound_declarations);
  fs::remove_all(root() / "toytorch");
  const auto compiled = survey_again();
  EXPECT_EQ(kinds_of(compiled.survey.findings), "");
  EXPECT_FALSE(compiled.survey.modules.at(0).linkage.complete);
}

TEST_F(CompiledModulesTest, ForTwoRuntimesAreFound) {
  FUSEGATE_NEEDS_PYTHON();
  add_modules(jit(), {"hip/module_hip5.so", "hip/module_hip6.so", "hip/libamdhip64.so.5",
                      "hip/libamdhip64.so.6"});
  EXPECT_EQ(only_finding(survey()), "two_hip_runtimes module_hip5.so, module_hip6.so");
}

TEST_F(CompiledModulesTest, OfTwoFoldersAreNeverInOneProcess) {
  FUSEGATE_NEEDS_PYTHON();
  surroundings_.home = folder_.path() / "home";
  add_modules(jit(), {"hip/module_hip5.so", "hip/libamdhip64.so.5"});
  add_modules(surroundings_.home / ".toy/jit", {"hip/module_hip6.so", "hip/libamdhip64.so.6"});
  EXPECT_EQ(kinds_of(survey().survey.findings), "");
}

TEST_F(CompiledModulesTest, ForAnotherMachineAreFound) {
  FUSEGATE_NEEDS_PYTHON();
  Bytes(test_module("module_ctypes_v2.so"))
      .put<std::uint16_t>(offsetof(Elf64_Ehdr, e_machine), EM_S390)
      .write(jit() / "module_ctypes_v2.so");
  EXPECT_EQ(only_finding(survey()), "wrong_machine module_ctypes_v2");
}

TEST_F(CompiledModulesTest, ThatAreNoneAreFound) {
  FUSEGATE_NEEDS_PYTHON();
  write_file(jit() / "module_torch.so", "version https://git-lfs.github.com/spec/v1\n");
  EXPECT_EQ(only_finding(survey()), "unreadable module_torch");
}

TEST_F(CompiledModulesTest, OfFormerReleasesInTheHomeFolderAreFound) {
  FUSEGATE_NEEDS_PYTHON();
  surroundings_.home = folder_.path() / "home";
  surroundings_.variables["TOY_JIT_DIR"] = folder_.path() / "jit";
  add_modules(jit(), {"module_develop.so"});
  add_modules(folder_.path() / "jit", {"module_ctypes_v2.so"});
  const auto stale = surroundings_.home / ".toy/jit/module_develop.so";
  Bytes(test_module("module_plain.so")).write(stale);
  const auto compiled = survey();
  EXPECT_EQ(only_finding(compiled), "binding_mismatch " + stale.native());
  const auto json = to_json(compiled);
  EXPECT_EQ(json["folders"][1]["source"], "variable TOY_JIT_DIR");
  EXPECT_EQ(json["folders"][2]["source"], "home");
  EXPECT_EQ(json["folders"][2]["path"], (surroundings_.home / ".toy/jit").native());
  EXPECT_EQ(json["absent"], (nlohmann::ordered_json{"module_later", "module_torch"}));
}

TEST_F(CompiledModulesTest, InOneFolderByTwoNamesAreReadOnce) {
  FUSEGATE_NEEDS_PYTHON();
  surroundings_.variables["TOY_JIT_DIR"] = jit() / "../jit";
  add_modules(jit(), {"module_develop.so"});
  const auto compiled = survey();
  EXPECT_EQ(compiled.folders.size(), 1u);
  EXPECT_EQ(compiled.survey.modules.size(), 1u);
}

TEST(ModuleSurroundings, HoldNoVariableThatTheContractDoesNotName) {
  ::setenv("TOY_JIT_DIR", "/tmp/toy", 1);
  ::setenv("OTHER_JIT_DIR", "/tmp/other", 1);
  const auto surroundings = surroundings_of_process(toy_contract_with_modules());
  EXPECT_EQ(surroundings.variables,
            (std::map<std::string, std::string>{{"TOY_JIT_DIR", "/tmp/toy"}}));
  ::unsetenv("TOY_JIT_DIR");
  ::unsetenv("OTHER_JIT_DIR");
}

}  // namespace
}  // namespace fusegate::probe
