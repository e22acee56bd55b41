#include "probe/library/live.hpp"

#include <gtest/gtest.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/base/test_support.hpp"
#include "probe/library/test_files.hpp"

namespace fusegate::probe {
namespace {

using Outcome = LiveImport::Outcome;
using Namespace = LiveImport::Namespace;

class Live : public testing::Test {
 protected:
  void SetUp() override { FUSEGATE_NEEDS_PYTHON(); }

  LiveImport import_it(const std::string& init,
                       std::chrono::seconds time = std::chrono::seconds(60)) {
    write_file(folder_.path() / "toylib/__init__.py", init);
    write_file(folder_.path() / "toylib/core.py", "def norm(x): ...\ndef quant(x): ...\n");
    const auto rules = toy_contract().surface;
    FactsStore store(test_python(), FactsCache("", ""));
    const auto tree = open_folder(folder_.path(), "toylib", {});
    auto loaded = load_surface(*tree, store, rules);
    LiveLimits limits;
    limits.time = time;
    return import_live({"toy", folder_.path(), LibraryKind::checkout, {}}, "toylib", test_python(),
                       loaded, limits);
  }

  TemporaryFolder folder_;
};

TEST_F(Live, AWholeNamespaceIsComplete) {
  const auto live = import_it("from .core import *\n");
  EXPECT_EQ(live.outcome, Outcome::imported) << live.error;
  EXPECT_EQ(live.names, Namespace::complete);
  EXPECT_EQ(live.file, (folder_.path() / "toylib/__init__.py").native());
}

TEST_F(Live, ASwallowedImportTruncatesIt) {
  const auto live = import_it(
      "try:\n  import no_such_library\n  from .core import *\nexcept ImportError:\n  pass\n");
  EXPECT_EQ(live.outcome, Outcome::imported);
  EXPECT_EQ(live.names, Namespace::truncated);
}

TEST_F(Live, AnExceptionIsNamedWithItsPlaceAndCause) {
  const auto live = import_it(
      "try:\n  import no_such_library\nexcept ImportError as error:\n"
      "  raise RuntimeError('no GPU') from error\n");
  EXPECT_EQ(live.outcome, Outcome::failed);
  EXPECT_EQ(live.error, "RuntimeError: no GPU");
  EXPECT_TRUE(live.where.ends_with("toylib/__init__.py:4")) << live.where;
  ASSERT_EQ(live.causes.size(), 1u);
  expect_contains(live.causes[0], "no_such_library");
}

TEST_F(Live, AnExceptionOfAnyTextIsNoCrash) {
  const auto odd = import_it("raise RuntimeError('boom \\udc80')\n");
  EXPECT_EQ(odd.outcome, Outcome::failed) << odd.error;
  expect_contains(odd.error, "RuntimeError: boom ");
  const auto silent =
      import_it("class Odd(Exception):\n  def __str__(self): raise ValueError\nraise Odd()\n");
  EXPECT_EQ(silent.outcome, Outcome::failed) << silent.error;
  expect_contains(silent.error, "Odd: (its text cannot be made: ValueError)");
}

TEST_F(Live, ACrashIsAnAnswer) {
  const auto live = import_it("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n");
  EXPECT_EQ(live.outcome, Outcome::crashed);
  expect_contains(live.error, "SIGKILL");
}

TEST_F(Live, WhatHangsIsEnded) {
  const auto live = import_it("import time\ntime.sleep(600)\n", std::chrono::seconds(1));
  EXPECT_EQ(live.outcome, Outcome::timed_out);
  EXPECT_EQ(live.error, "did not end within 1 s");
}

}  // namespace
}  // namespace fusegate::probe
