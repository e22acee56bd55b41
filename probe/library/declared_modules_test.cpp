#include "probe/library/declared_modules.hpp"

#include <gtest/gtest.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/base/text.hpp"
#include "probe/library/toy_modules.hpp"
#include "probe/sources/facts_store.hpp"
#include "probe/sources/source_tree.hpp"

namespace fusegate::probe {
namespace {

std::string text_of(const DeclaredModule& module) {
  auto text = module.name + (module.ffi == ForeignInterface::ctypes   ? " ctypes"
                             : module.tensors == PassedTensors::none  ? " none"
                             : module.tensors == PassedTensors::torch ? " torch"
                                                                      : " own");
  for (const auto& function : module.functions) {
    text += " " + function.symbol + "(" + join(function.parameters, ",") + ")";
  }
  return text;
}

/// "MODULE none|torch|own|ctypes SYMBOL(PARAMETERS) ...", a line for each declaration.
std::string declared_in(std::string_view declarations) {
  const TemporaryFolder folder;
  write_toy_library(folder.path(), declarations);
  const auto contract = toy_contract_with_modules();
  FactsStore store(test_python(), FactsCache("", ""));
  const auto tree = open_folder(folder.path(), "toylib", {});
  auto loaded = load_surface(*tree, store, contract.surface);
  std::string text;
  for (const auto& module : declared_modules(loaded.surface, contract.surface)) {
    text += text_of(module) + "\n";
  }
  return text;
}

TEST(DeclaredModules, HaveTheFunctionsThatPythonCalls) {
  FUSEGATE_NEEDS_PYTHON();
  EXPECT_EQ(declared_in(sound_declarations),
            "module_ctypes_v2 ctypes toy_norm(rows)\n"
            "module_develop own use_gemma_norm(eps) norm(input,gemma_norm)\n"
            "module_later torch later(x)\n"
            "module_torch torch norm(input,eps)\n");
}

TEST(DeclaredModules, OfSeveralWaysStandOnceForEach) {
  FUSEGATE_NEEDS_PYTHON();
  EXPECT_EQ(declared_in("@compiled('m', own=True)\ndef a(x: Tensor): ...\n"
                        "@compiled('m', ffi='ctypes')\ndef b(x: Tensor): ...\n"
                        "@compiled('m')\ndef c(x: Optional[Tensor]): ...\n"
                        "@compiled('m')\ndef d(n: int): ...\n"),
            "m torch d(n) c(x)\nm own a(x)\nm ctypes b(x)\n");
}

TEST(DeclaredModules, WithoutATensorClaimNone) {
  FUSEGATE_NEEDS_PYTHON();
  EXPECT_EQ(declared_in("@compiled('m', 'Kind')\ndef _kind(dummy): ...\n"
                        "@compiled('m')\ndef size(n: int, *rest: TensorLike): ...\n"),
            "m none Kind() size(n)\n");
}

TEST(DeclaredModules, LeaveOutWhatIsNotKnown) {
  FUSEGATE_NEEDS_PYTHON();
  EXPECT_EQ(declared_in("@compiled(name())\ndef a(n: int): ...\n"
                        "@compiled('m', ffi=kind())\ndef b(n: int): ...\n"
                        "@compiled('m', symbol=name())\ndef c(n: int): ...\n"
                        "if new:\n  @compiled('m')\n  def d(n: int): ...\n"
                        "else:\n  @compiled('m')\n  def d(k: int): ...\n"
                        "def e(n: int): ...\n"),
            "");
}

}  // namespace
}  // namespace fusegate::probe
