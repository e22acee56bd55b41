#include "probe/library/capabilities.hpp"

#include <optional>
#include <tuple>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/temporary_folder.hpp"
#include "probe/base/test_support.hpp"
#include "probe/library/toy_modules.hpp"

namespace fusegate::probe {
namespace {

/// A library with one tracked entry point, which a compiled module serves.
class CapabilitiesTest : public testing::Test {
 protected:
  CapabilitiesTest() {
    contract_.contracts.push_back(parse_entry_contract(R"json({
      "contract": "norm", "op": "rms_norm", "summary": "A norm.", "symbol": "norm",
      "generations": [{"id": "first", "module": "toylib.norm",
                       "signature": "(input: torch.Tensor, gemma_norm: bool) -> None",
                       "binding": "pybind_develop",
                       "releases": [{"first": "1.0", "last": null}]}]})json"));
    surroundings_.default_folders = default_library_folders();
  }

  nlohmann::ordered_json norm(const std::string& binding) {
    write_toy_library(folder_.path(), "@compiled('module_develop'" + binding +
                                          ")\ndef norm(input: torch.Tensor, gemma_norm: bool) -> "
                                          "None: ...\n");
    add_modules(folder_.path() / "toylib/jit", {"module_develop.so"});
    FactsStore store(test_python(), FactsCache("", ""));
    found_ = capabilities_of({"toy", folder_.path(), LibraryKind::checkout, {}}, contract_, store,
                             surroundings_);
    return to_json(*found_).at("ops").at("rms_norm").at(0);
  }

  LibraryContract contract_ = toy_contract_with_modules();
  ModuleSurroundings surroundings_;
  TemporaryFolder folder_;
  std::optional<Capabilities> found_;
};

TEST_F(CapabilitiesTest, OfASoundModuleCanBeCalled) {
  FUSEGATE_NEEDS_PYTHON();
  const auto entry = norm(", own=True");
  EXPECT_EQ(entry.at("callable"), true) << entry.dump(1);
  EXPECT_EQ(entry.at("compiled_module"), "module_develop");
  EXPECT_EQ(entry.at("module_findings"), nlohmann::ordered_json::array());
}

TEST_F(CapabilitiesTest, OfAModuleThatNoCallReachesCannotBeCalled) {
  FUSEGATE_NEEDS_PYTHON();
  contract_.contracts[0].generations[0].binding = "ctypes";
  const auto entry = norm(", ffi='ctypes'");
  EXPECT_EQ(entry.at("status"), "known") << entry.dump(1);
  EXPECT_EQ(entry.at("callable"), false);
  ASSERT_EQ(entry.at("module_findings").size(), 1u) << entry.dump(1);
  EXPECT_EQ(entry.at("module_findings")[0].at("kind"), "binding_mismatch");
}

TEST_F(CapabilitiesTest, AProbeOfAMemberSaysWhereItIsAndUnderWhichImport) {
  FUSEGATE_NEEDS_PYTHON();
  contract_.hand_probes = parse_hand_probes(R"json({"probes": [
    {"engine": "toy", "where": "a file", "text": "getattr(toylib, \"norm\", None)",
     "kind": "getattr", "symbol": "toylib", "member": "norm"}]})json");
  std::ignore = norm("");
  write_file(folder_.path() / "toylib/__init__.py",
             "try:\n  from .norm import *\nexcept ImportError:\n  pass\n");
  FactsStore store(test_python(), FactsCache("", ""));
  const auto found = capabilities_of({"toy", folder_.path(), LibraryKind::checkout, {}}, contract_,
                                     store, surroundings_);
  ASSERT_EQ(found.probes.size(), 1u);
  EXPECT_EQ(found.probes[0].answer, ProbeAnswer::Answer::yes);
  EXPECT_EQ(found.probes[0].where, "toylib/norm.py:4");
  EXPECT_EQ(found.probes[0].misled, ProbeAnswer::Misled::may_be);
}

}  // namespace
}  // namespace fusegate::probe
