#include "probe/surface/load.hpp"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "probe/base/test_support.hpp"
#include "probe/surface/test_package.hpp"

namespace fusegate::probe {
namespace {

/// A library, read whole and as far as some names need it.
class LoadOf : public PackageTest {
 protected:
  void read(const Files& files, std::vector<std::string> names) {
    names_ = std::move(names);
    whole_ = std::make_unique<TestPackage>(files);
    part_.emplace(load_surface_of(names_, whole_->tree(), whole_->store(), toy_rules()));
  }

  /// The names wherever a module binds them, and what they mean at the top.
  static std::map<std::string, std::string> answers(Surface& surface,
                                                    const std::vector<std::string>& names) {
    std::map<std::string, std::string> found;
    for (const auto& name : names) {
      for (const auto& [dotted, module] : surface.modules()) {
        if (module.facts == nullptr) continue;
        auto meanings = surface.resolve_expression(module, name);
        std::erase_if(meanings, [&](const Meaning& m) { return m.module != &module; });
        if (!meanings.empty()) found[dotted + "." + name] = text_of(meanings);
      }
      found["p." + name] = text_of(surface.lookup("p." + name));
    }
    return found;
  }

  /// The files that were read for the part.
  [[nodiscard]] std::set<std::string> files() const {
    std::set<std::string> files;
    for (const auto& [name, module] : part_->surface.modules()) {
      if (module.facts != nullptr && module.file.ends_with(".py")) files.insert(module.file);
    }
    return files;
  }

  void expect_the_same_answers() {
    EXPECT_EQ(answers(part_->surface, names_), answers(whole_->surface(), names_));
  }

  std::vector<std::string> names_;
  std::unique_ptr<TestPackage> whole_;
  std::optional<LoadedSurface> part_;
};

using FileSet = std::set<std::string>;

TEST_F(LoadOf, ReadsTheFilesThatMayDefineAName) {
  read({{"p/__init__.py", ""},
        {"p/def.py", "def f(a): ...\n"},
        {"p/async.py", "if A:\n  async  def f(a): ...\n"},
        {"p/class.py", "class A:\n\tdef f(a): ...\n"},
        {"p/set.py", "f = g\n"},
        {"p/annotated.py", "f: int = 1\n"},
        {"p/two_lines.py", "def \\\n  f(a): ...\n"},
        {"p/call.py", "x = f(1)\nf(2)\n# f\nfrom .def_ import f\n"},
        {"p/longer.py", "def ff(a): ...\ndef f_(a): ...\n_f = 1\n"},
        {"p/compared.py", "if f == 1: pass\nif x and f: pass\n"}},
       {"f"});
  EXPECT_EQ(files(), (FileSet{"p/__init__.py", "p/annotated.py", "p/async.py", "p/class.py",
                              "p/def.py", "p/set.py", "p/two_lines.py"}));
  expect_the_same_answers();
}

TEST_F(LoadOf, MissesNoFormOfADefinition) {
  read({{"p/__init__.py", ""},
        {"p/bom.py",
         "\xef\xbb\xbf"
         "def f(a): ...\n"},
        {"p/mac.py", "x = 1\rdef f(a): ...\r"},
        {"p/feed.py", "x = 1\n\fdef f(a): ...\n"},
        {"p/chain.py", "def g(a): ...\nx = f = g\n"},
        {"p/after.py", "def g(a): ...\nx = 1; f = g\n"},
        {"p/inline.py", "def g(a): ...\nif A: f = g\n"},
        {"p/latin.py", "# coding: latin-1\nx = '\xe9'\ndef f(a): ...\n"}},
       {"f"});
  expect_the_same_answers();
}

TEST_F(LoadOf, FollowsReExportsToTheTop) {
  read({{"p/__init__.py", "from .ops import *\nfrom .other import unrelated\n"},
        {"p/ops/__init__.py", "from .a import *\nfrom . import b\n"},
        {"p/ops/a.py", "from ._impl import g as f\n__all__ = ['f']\n"},
        {"p/ops/_impl.py", "def g(a): ...\n"},
        {"p/ops/b.py", "x = 1\n"},
        {"p/other.py", "unrelated = 1\n"}},
       {"f"});
  EXPECT_EQ(files(),
            (FileSet{"p/__init__.py", "p/ops/__init__.py", "p/ops/_impl.py", "p/ops/a.py"}));
  EXPECT_EQ(text_of(part_->surface.lookup("p.f")), "function p.ops._impl.g:1");
  expect_the_same_answers();
}

TEST_F(LoadOf, FollowsAliasesAndImportHooks) {
  read({{"p/__init__.py", "from .old.a import f\nfrom . import m\nh = m.k\n"},
        {"p/old/__init__.py", "_MOVED = {'a': 'new'}\n"},
        {"p/old/new.py", "from ..deep import f\n"},
        {"p/deep.py", "def f(a): ...\n"},
        {"p/m.py", "from .n import k\n"},
        {"p/n.py", "def k(): ...\n"}},
       {"f", "h"});
  EXPECT_EQ(text_of(part_->surface.lookup("p.f")), "function p.deep.f:1");
  EXPECT_EQ(text_of(part_->surface.lookup("p.h")), "function p.n.k:1");
  expect_the_same_answers();
}

TEST_F(LoadOf, ReadsTheClassesOfMethods) {
  read({{"p/__init__.py", ""},
        {"p/a.py", "from .base import Base\nclass A(Base):\n  def f(self): ...\n"},
        {"p/b.py", "def f(self): ...\n"},
        {"p/base.py", "class Base:\n  def g(self): ...\n"}},
       {"A.f"});
  EXPECT_EQ(files(), (FileSet{"p/__init__.py", "p/a.py"}));
  expect_the_same_answers();
}

TEST_F(LoadOf, ReportsOnlyWhatItReads) {
  read({{"p/__init__.py", "from .b import *\n"},
        {"p/a.py", "def f(:\n"},
        {"p/b.py", "x =\n"},
        {"p/c.py", "x =\n"}},
       {"f"});
  ASSERT_EQ(part_->problems.size(), 2u);
  EXPECT_EQ(part_->problems[0].where, "p/a.py:1");
  EXPECT_EQ(part_->problems[1].where, "p/b.py:1");
}

TEST_F(LoadOf, EndsOnCircles) {
  read({{"p/__init__.py", "from .a import *\nfrom .b import f\n"},
        {"p/a.py", "from p import *\nfrom .b import *\n"},
        {"p/b.py", "from .a import *\nfrom .a import f\n"}},
       {"f", "g"});
  expect_the_same_answers();
}

TEST_F(LoadOf, ReadsAPackageWithoutATop) {
  read({{"p/a.py", "def f(a): ...\n"}, {"p/b.py", ""}}, {"f"});
  EXPECT_EQ(files(), FileSet{"p/a.py"});
  read({}, {"f"});
  EXPECT_EQ(files(), FileSet{});
}

TEST(AliasesOf, AreThoseOfTheHooksThatWereRead) {
  ModuleFacts facts;
  Value map;
  map.kind = Value::Kind::map;
  map.map = {{"a", "b.c"}};
  facts.body.push_back({1, 0, Assignment{{"_MOVED"}, {}, map}});
  const auto read = std::make_shared<ModuleFacts>(facts);
  using Aliases = std::map<std::string, std::string>;
  EXPECT_EQ(aliases_of({{"p.old", "p/old/__init__.py", read}}, toy_rules()),
            (Aliases{{"p.old.a", "p.old.b.c"}}));
  EXPECT_EQ(aliases_of({{"p.other", "p/other.py", read}}, toy_rules()), Aliases{});
  EXPECT_EQ(aliases_of({{"p.old", "p/old/__init__.py", nullptr}}, toy_rules()), Aliases{});
}

}  // namespace
}  // namespace fusegate::probe
