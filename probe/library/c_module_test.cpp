#include "probe/library/c_module.hpp"

#include <elf.h>

#include <gtest/gtest.h>

#include "probe/base/error.hpp"
#include "probe/base/temporary_folder.hpp"
#include "probe/base/test_support.hpp"
#include "probe/elf/testing/gpu_module.hpp"
#include "probe/library/toy_modules.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

class CModuleTest : public testing::Test {
 protected:
  CModuleTest() {
    surroundings_.default_folders = default_library_folders();
    fs::create_directories(jit());
  }

  [[nodiscard]] fs::path root() const { return folder_.path() / "site"; }
  [[nodiscard]] fs::path jit() const { return root() / "toylib/jit"; }

  /// A file of probe/elf's tests, in the library's folder under the wanted name.
  void place(const std::string& file) const {
    fs::copy_file(test_module(file), jit() / "module_norm.so");
  }

  [[nodiscard]] FoundModule find() const {
    return find_c_module({"toy", root(), LibraryKind::checkout, {}}, contract_, wanted_,
                         surroundings_);
  }

  [[nodiscard]] std::vector<BinaryFinding> check() const {
    return check_c_module(find(), contract_, wanted_, machine_);
  }

  LibraryContract contract_ = toy_contract_with_modules();
  WantedModule wanted_{"module_norm", {"toy_norm", "toy_add_norm"}};
  ModuleMachine machine_;
  ModuleSurroundings surroundings_;
  TemporaryFolder folder_;
};

TEST_F(CModuleTest, OfEitherConventionIsSound) {
  for (const auto& [file, kind] : {std::pair("module_ctypes_v1.so", BindingKind::ctypes_v1),
                                   std::pair("module_ctypes_v2.so", BindingKind::ctypes_v2)}) {
    fs::remove(jit() / "module_norm.so");
    place(file);
    EXPECT_EQ(find().binary.binding.kind, kind);
    EXPECT_EQ(kinds_of(check()), "") << file;
    EXPECT_EQ(kinds_of(check_c_linkage(find(), "/proc/self/exe", surroundings_)), "") << file;
  }
}

TEST_F(CModuleTest, ThatIsNotBuiltIsMissedInEveryFolder) {
  surroundings_.home = folder_.path();
  fs::create_directories(folder_.path() / ".toy/jit");
  contract_.compiled_modules->build = "call toylib.norm once";
  const auto message = message_of<CannotRun>([&] { std::ignore = find(); });
  expect_contains(message, "toy's module_norm.so is not built: it is not in " + jit().native());
  expect_contains(message, (folder_.path() / ".toy/jit").native() + " (home)");
  expect_contains(message, "call toylib.norm once; TOY_JIT_DIR names a folder");
}

TEST_F(CModuleTest, IsThatOfTheVariableWhereItIsSet) {
  place("module_ctypes_v1.so");
  const auto other = folder_.path() / "other";
  surroundings_.variables["TOY_JIT_DIR"] = other;
  fs::create_directories(other);
  EXPECT_EQ(find().file, jit() / "module_norm.so");
  fs::copy_file(test_module("module_ctypes_v2.so"), other / "module_norm.so");
  EXPECT_EQ(find().file, other / "module_norm.so");
}

TEST_F(CModuleTest, IsNoPythonExtension) {
  fs::copy_file(test_module("module_torch.so"), jit() / "module_torch.so");
  wanted_.name = "module_torch";
  const auto findings = check();
  ASSERT_FALSE(findings.empty());
  EXPECT_EQ(findings.front().kind, FindingKind::binding_mismatch);
  expect_contains(findings.front().what, "is a Python extension");
  expect_contains(findings.front().evidence.front(), "PyInit_module_torch");
  expect_contains(findings.front().fix, "remove " + (jit() / "module_torch.so").native());
}

TEST_F(CModuleTest, NeedsNeitherTorchNorPython) {
  // An extension under another name exports no init function for it.
  place("module_torch.so");
  wanted_.symbols = {"use_tensor"};
  const auto findings = check();
  ASSERT_EQ(kinds_of(findings), "binding_mismatch");
  expect_contains(findings.front().what, "it needs Python or torch");
  EXPECT_EQ(findings.front().evidence.front(), "needs libtorch.so");
}

TEST_F(CModuleTest, HasEveryFunction) {
  place("module_ctypes_v1.so");
  wanted_.symbols = {"toy_norm", "toy_dual_norm"};
  const auto findings = check();
  ASSERT_EQ(kinds_of(findings), "missing_symbol");
  EXPECT_EQ(findings.front().what, "it exports no function toy_dual_norm");
}

TEST_F(CModuleTest, AVariableOfThatNameIsNoFunction) {
  place("module_gpu.so");
  wanted_.symbols = {"toy_norm", "hip_code"};
  const auto findings = check_c_module(find(), contract_, wanted_, machine_);
  ASSERT_EQ(kinds_of(findings), "missing_symbol");
  EXPECT_EQ(findings.front().what, "it exports no function hip_code");
}

TEST_F(CModuleTest, IsForThisMachine) {
  Bytes bytes(test_module("module_ctypes_v1.so"));
  bytes.put<std::uint16_t>(18, EM_S390).write(jit() / "module_norm.so");
  EXPECT_EQ(kinds_of(check()), "wrong_machine");
}

TEST_F(CModuleTest, HasCodeForTheMachinesGpu) {
  write_gpu_module(jit() / "module_norm.so", hip_bundle({hip_entry("gfx942")}), "");
  wanted_.symbols = {"toy_norm"};
  machine_.gpu_architectures = {"gfx942"};
  EXPECT_EQ(kinds_of(check()), "");
  machine_.gpu_architectures = {"gfx90a"};
  const auto findings = check();
  ASSERT_EQ(kinds_of(findings), "missing_gpu_target");
  expect_contains(findings.front().evidence.front(), "has code for gfx942");
}

TEST_F(CModuleTest, NeedsNothingThatTheProgramLacks) {
  fs::copy_file(test_module("hip/module_hip6.so"), jit() / "module_norm.so");
  const auto findings = check_c_linkage(find(), "/proc/self/exe", surroundings_);
  ASSERT_EQ(kinds_of(findings), "library_not_found");
  expect_contains(findings.front().what, "libamdhip64.so.6");
}

TEST_F(CModuleTest, TakesFromTheProgramWhatItExports) {
  // Needs chain_end, of a library that is found or of the program.
  fs::copy_file(test_module("chain/module_versioned.so"), jit() / "module_norm.so");
  surroundings_.loader_folders = {test_module("chain/end")};
  EXPECT_EQ(kinds_of(check_c_linkage(find(), "/proc/self/exe", surroundings_)), "");
  surroundings_.loader_folders = {test_module("chain/old_end")};
  EXPECT_EQ(kinds_of(check_c_linkage(find(), "/proc/self/exe", surroundings_)), "undefined_symbol");
  EXPECT_EQ(kinds_of(check_c_linkage(find(), test_module("chain/end/libend.so.1"), surroundings_)),
            "");
}

TEST_F(CModuleTest, UsesTheProgramsHipRuntime) {
  fs::copy_file(test_module("hip/module_hip6.so"), jit() / "module_norm.so");
  surroundings_.loader_folders = {test_module("hip")};
  const auto findings = check_c_linkage(find(), test_module("hip/module_hip5.so"), surroundings_);
  EXPECT_EQ(kinds_of(findings), "two_hip_runtimes");
}

}  // namespace
}  // namespace fusegate::probe
