#include "probe/elf/binding.hpp"

#include <gtest/gtest.h>

#include "probe/base/test_support.hpp"
#include "probe/elf/testing/support.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

std::string evidence_of(const BinaryModule& module) {
  std::string text;
  for (const auto& line : module.binding.evidence) text += line + "\n";
  return text;
}

TEST(Binding, TellsAllGenerationsApart) {
  EXPECT_EQ(read_test_module("module_torch.so").binding.kind, BindingKind::pybind_torch);
  EXPECT_EQ(read_test_module("module_develop.so").binding.kind, BindingKind::pybind_develop);
  EXPECT_EQ(read_test_module("module_ctypes_v1.so").binding.kind, BindingKind::ctypes_v1);
  EXPECT_EQ(read_test_module("module_ctypes_v2.so").binding.kind, BindingKind::ctypes_v2);
  EXPECT_EQ(read_test_module("module_plain.so").binding.kind, BindingKind::unknown);
}

TEST(Binding, GivesEvidence) {
  EXPECT_EQ(evidence_of(read_test_module("module_torch.so")),
            "exports PyInit_module_torch\n"
            "uses torch's _ZN2at6TensorD1Ev\n"
            "needs libtorch.so\n");
  EXPECT_EQ(evidence_of(read_test_module("module_develop.so")),
            "exports PyInit_module_develop\n"
            "has the string '_set_toy_stream'\n"
            "exports _Z4normR12toy_tensor_t, of type '12toy_tensor_t'\n");
  EXPECT_EQ(evidence_of(read_test_module("module_ctypes_v1.so")),
            "exports no PyInit_, but toy_add_norm and 1 more\n"
            "exports no toy_ctypes_abi_version\n");
}

TEST(Binding, OfTorchNeedsNoLinkWithTorch) {
  // Torch's symbols are there once torch is imported, whether a module names its libraries or not.
  const auto binding = read_test_module("module_unlinked.so").binding;
  EXPECT_EQ(binding.kind, BindingKind::pybind_torch);
  EXPECT_TRUE(binding.uses_torch);
}

TEST(Binding, IsUnknownWithAReason) {
  EXPECT_EQ(read_test_module("module_plain.so").binding.reason,
            "is a Python extension with neither torch's tensors nor the library's own");
  EXPECT_EQ(read_test_module("module_absent.so").binding.reason, "is not there");
  TemporaryFolder folder;
  const auto renamed = folder.path() / "module_other.so";
  fs::copy_file(test_module("module_torch.so"), renamed);
  EXPECT_EQ(read_module(renamed, toy_markers(), {}).binding.reason,
            "exports PyInit_module_torch, not PyInit_module_other: Python cannot import it under "
            "this name");
  BinaryModule empty;
  empty.path = "module_empty.so";
  EXPECT_EQ(classify_binding(empty, toy_markers()).reason,
            "is no Python extension and exports no C function");
}

TEST(Binding, KnowsTheInitFunctionByTheFile) {
  EXPECT_EQ(init_function_of("/jit/module_norm.so"), "PyInit_module_norm");
  EXPECT_EQ(init_function_of("_C.cpython-312-x86_64-linux-gnu.so"), "PyInit__C");
  EXPECT_EQ(init_function_of("_C.abi3.so"), "PyInit__C");
}

TEST(Binding, WithoutMarkersKnowsNoTensorsButTorchs) {
  const auto module = read_module(test_module("module_develop.so"), {}, {});
  EXPECT_EQ(module.binding.kind, BindingKind::unknown);
  EXPECT_TRUE(module.binding.is_extension);
  EXPECT_EQ(read_module(test_module("module_ctypes_v2.so"), {}, {}).binding.kind,
            BindingKind::ctypes_v1);
}

TEST(Binding, NeedsBothMarkersOfTheOwnTensors) {
  auto markers = toy_markers();
  markers.develop_types = {"14other_tensor_t"};
  EXPECT_EQ(read_module(test_module("module_develop.so"), markers, {}).binding.kind,
            BindingKind::unknown);
  markers = toy_markers();
  markers.develop_functions = {"_set_other_stream"};
  EXPECT_EQ(read_module(test_module("module_develop.so"), markers, {}).binding.kind,
            BindingKind::unknown);
}

}  // namespace
}  // namespace fusegate::probe
