// Sources that would keep a naive reader busy for ever, or overflow its stack.

#include <gtest/gtest.h>

#include "probe/base/test_support.hpp"
#include "probe/surface/symbols.hpp"
#include "probe/surface/test_package.hpp"

namespace fusegate::probe {
namespace {

/// Reading these ends, soon, whatever it finds.
using EndlessTest = PackageTest;

/// Lines made from the numbers from 1 to count.
std::string lines(int count, const std::function<std::string(int)>& line) {
  std::string text;
  for (int i = 1; i <= count; ++i) text += line(i);
  return text;
}

TEST_F(EndlessTest, AChainOfAliases) {
  TestPackage package("def x0(): ...\n" +
                      lines(20'000, [](int i) { return fmt::format("x{} = x{}\n", i, i - 1); }));
  EXPECT_EQ(package["p.x10"], "function p.x0:1");
  EXPECT_EQ(package["p.x20000"], "value p.x20000:20001");
}

TEST_F(EndlessTest, AliasesThatDoubleUnderConditions) {
  TestPackage package("def x0(): ...\n" + lines(60, [](int i) {
                        return fmt::format("if A:\n  x{0} = x{1}\nelse:\n  x{0} = x{1}\n", i,
                                           i - 1);
                      }));
  EXPECT_EQ(package["p.x1"], "function p.x0:1 [if A] | function p.x0:1 [else of A]");
  std::ignore = package["p.x60"];
}

TEST_F(EndlessTest, ModulesThatAllImportFromEachOther) {
  Files files{{"p/__init__.py", "from .m1 import x\n"}};
  for (int i = 1; i <= 14; ++i) {
    files[fmt::format("p/m{}.py", i)] =
        lines(14, [&](int j) { return fmt::format("if A{}:\n  from .m{} import x\n", j, j); });
  }
  files["p/m14.py"] += "def y(): ...\n";
  TestPackage package(files);
  EXPECT_EQ(package["p.m14.y"], "function p.m14.y:29");
  std::ignore = package["p.x"];
}

TEST_F(EndlessTest, ALineOfAncestors) {
  TestPackage package("class A0:\n  def f(self): ...\n" + lines(20'000, [](int i) {
                        return fmt::format("class A{}(A{}): ...\n", i, i - 1);
                      }));
  EXPECT_EQ(package["p.A10.f"], "function p.A0.f:2");
  std::ignore = package["p.A20000.f"];
}

TEST_F(EndlessTest, AnEnumerationOfManyAncestors) {
  TestPackage package("class A0: ...\n" + lines(9, [](int i) {
                        return fmt::format("class A{}(A{}{}): ...\n", i, i - 1, lines(20, [&](int) {
                                             return fmt::format(", A{}", i - 1);
                                           }));
                      }));
  EXPECT_EQ(symbols_named(package.loaded(), "p.A9").size(), 1u);
}

TEST_F(EndlessTest, AChainOfStars) {
  Files files{{"p/__init__.py", "from .m1 import *\n"}};
  for (int i = 1; i <= 3000; ++i) {
    files[fmt::format("p/m{}.py", i)] = fmt::format("from .m{} import *\nf{} = {}\n", i + 1, i, i);
  }
  TestPackage package(files);
  EXPECT_EQ(package["p.f10"], "value p.m10.f10:2");
  std::ignore = package["p.f3000"];
}

TEST_F(EndlessTest, ANameOfManyAlternatives) {
  TestPackage package(
      lines(20'000, [](int i) { return fmt::format("if A{}:\n  x = {}\n", i, i); }));
  EXPECT_TRUE(package["p.x"].starts_with("value p.x:2 [if A1] | value p.x:4 [if A2] | "));
}

}  // namespace
}  // namespace fusegate::probe
