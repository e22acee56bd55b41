#include "probe/surface/binding.hpp"

#include <gtest/gtest.h>

#include "probe/surface/test_package.hpp"

namespace fusegate::probe {
namespace {

/// Decorators of a function f, and what module p has before it.
class BindingTest : public PackageTest {
 protected:
  /// "GENERATION MODULE SYMBOL" of what each of the decorators binds f to; ? is not known, "none"
  /// is no binding.
  static std::vector<std::string> bindings_with(const std::vector<std::string>& decorators) {
    std::string text =
        "import p.names as names\nfrom .names import MODULE as imported\nMODULE = 'module_p'\n"
        "LIST = ['module_l']\nif A:\n  TWICE = 'a'\nelse:\n  TWICE = 'b'\n";
    for (std::size_t index = 0; index < decorators.size(); ++index) {
      text += fmt::format("{}\ndef f{}(a): ...\n", decorators[index], index);
    }
    TestPackage package({{"p/__init__.py", text}, {"p/names.py", "MODULE = \"module_n\"\n"}});
    std::vector<std::string> texts;
    for (std::size_t index = 0; index < decorators.size(); ++index) {
      const auto meanings = package.surface().lookup(fmt::format("p.f{}", index));
      if (meanings.size() != 1 || meanings[0].kind != Meaning::Kind::function) {
        texts.emplace_back("no function");
        continue;
      }
      const auto binding = binding_of(std::get<Function>(meanings[0].statement->what),
                                      *meanings[0].module, package.surface(), toy_rules().bindings);
      texts.push_back(!binding ? "none"
                               : fmt::format("{} {} {}", binding->generation(),
                                             binding->module.empty() ? "?" : binding->module,
                                             binding->symbol.empty() ? "?" : binding->symbol));
    }
    return texts;
  }

  static void expect_bindings(const std::vector<std::pair<std::string, std::string>>& table) {
    std::vector<std::string> decorators;
    for (const auto& [decorator, binding] : table) decorators.push_back(decorator);
    const auto bindings = bindings_with(decorators);
    for (std::size_t index = 0; index < table.size(); ++index) {
      EXPECT_EQ(bindings[index], table[index].second) << table[index].first;
    }
  }
};

TEST_F(BindingTest, NamesTheCompiledModuleWhereTheSourceDoes) {
  expect_bindings({{"@compile_ops('module_a')", "pybind_torch module_a f0"},
                   {"@compile_ops(\"module_a\")", "pybind_torch module_a f1"},
                   {"@ns.sub.compile_ops('module_a')", "pybind_torch module_a f2"},
                   {"@compile_ops(MODULE)", "pybind_torch module_p f3"},
                   {"@compile_ops(imported)", "pybind_torch module_n f4"},
                   {"@compile_ops(names.MODULE)", "pybind_torch module_n f5"},
                   {"@first\n@compile_ops('module_a')\n@last(1)", "pybind_torch module_a f6"}});
}

TEST_F(BindingTest, LeavesTheModuleOpenWhereItIsNotStatic) {
  expect_bindings({{"@compile_ops(f'module_{x}')", "pybind_torch ? f0"},
                   {"@compile_ops('module_' + x)", "pybind_torch ? f1"},
                   {"@compile_ops('a' 'b')", "pybind_torch ? f2"},
                   {"@compile_ops('a\\x62')", "pybind_torch ? f3"},
                   {"@compile_ops(UNKNOWN)", "pybind_torch ? f4"},
                   {"@compile_ops(LIST)", "pybind_torch ? f5"},
                   {"@compile_ops(LIST[0])", "pybind_torch ? f6"},
                   {"@compile_ops(TWICE)", "pybind_torch ? f7"},
                   {"@compile_ops(f0)", "pybind_torch ? f8"},
                   {"@compile_ops(*args)", "pybind_torch ? f9"},
                   {"@compile_ops()", "pybind_torch ? f10"},
                   {"@compile_ops('')", "pybind_torch ? f11"}});
}

TEST_F(BindingTest, NamesTheSymbol) {
  expect_bindings({{"@compile_ops('m', fc_name='g')", "pybind_torch m g"},
                   {"@compile_ops('m', 'g')", "pybind_torch m g"},
                   {"@compile_ops('m', 'g', fc_name='h')", "pybind_torch m h"},
                   {"@compile_ops('m', fc_name=MODULE)", "pybind_torch m module_p"},
                   {"@compile_ops('m', fc_name=make())", "pybind_torch m ?"},
                   {"@compile_ops('m', make())", "pybind_torch m ?"},
                   {"@compile_ops('m', other='g')", "pybind_torch m f6"}});
}

TEST_F(BindingTest, NamesTheGeneration) {
  expect_bindings({{"@compile_ops('m', ffi_type='ctypes')", "ctypes m f0"},
                   {"@compile_ops('m', ffi_type='pybind')", "pybind_torch m f1"},
                   {"@compile_ops('m', develop=True)", "pybind_develop m f2"},
                   {"@compile_ops('m', develop=False)", "pybind_torch m f3"},
                   {"@compile_ops('m', develop=DEVELOP)", "pybind_torch m f4"},
                   {"@compile_ops('m', ffi_type='ctypes', develop=True)", "ctypes m f5"},
                   {"@compile_ops('m', ffi_type=make())", " m f6"}});
}

TEST_F(BindingTest, IsNoneOfOtherDecorators) {
  expect_bindings({{"@compile_op('m')", "none"},
                   {"@my_compile_ops('m')", "none"},
                   {"@compile_ops.later('m')", "none"},
                   {"@compile_ops", "none"},
                   {"@triton.jit", "none"}});
}

TEST_F(BindingTest, IsOfTheFirstRuleThatFits) {
  const Function function{"f",  1, {}, {}, {{"a", true, {"'m'"}, {}}, {"b", true, {"'n'"}, {}}},
                          false};
  const Module module{"p", "p/__init__.py", std::make_shared<ModuleFacts>()};
  Surface surface("p", {module}, {});
  const auto binding_with = [&](const std::vector<BindingRule>& rules) {
    return binding_of(function, module, surface, rules);
  };
  EXPECT_EQ(binding_with({}), std::nullopt);
  EXPECT_EQ(binding_with({{"b", "", "", "tvm", ""}}), (Binding{"n", "f", "tvm", false, "b"}));
  EXPECT_EQ(binding_with({{"b", "", "", "tvm", ""}, {"a", "", "", "pybind", ""}}),
            (Binding{"m", "f", "pybind", false, "a"}));
}

}  // namespace
}  // namespace fusegate::probe
