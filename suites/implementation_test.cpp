#include "suites/implementation.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "suites/test_support.hpp"

namespace fusegate::suites {
namespace {

using Words = std::vector<std::string>;

TEST(ParseWorker, SplitsTheCommandIntoWords) {
  const auto worker = parse_worker("mine=python3  worker.py --fast=1");
  EXPECT_EQ(worker.name, "mine");
  EXPECT_EQ(worker.command, (Words{"python3", "worker.py", "--fast=1"}));
}

class BadWorker : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Texts, BadWorker,
                         testing::Values("", "mine", "mine=", "mine=  ", "=command", "="));

TEST_P(BadWorker, IsRefusedWithWhatMayBeGiven) {
  EXPECT_EQ(usage_error([] { static_cast<void>(parse_worker(GetParam())); }),
            std::string("--worker ") + GetParam() +
                ": wants NAME=COMMAND, as in mine='python3 worker.py --fast'");
}

TEST(ParseWorker, RefusesNamesThatAreNoWordsOrTaken) {
  for (const char* definition : {"a b=x", "a,b=x", "\xff=x", "\033[2J=x", "builtin/simt=x"}) {
    const auto error = usage_error([&] { static_cast<void>(parse_worker(definition)); });
    expect_contains(error, "--worker ");
    EXPECT_EQ(error.find_first_of("\033\xff"), error.npos) << error;
  }
}

TEST(Implementations, HaveNamesMeaningsAndMends) {
  for (const auto& known : known_implementations()) {
    EXPECT_TRUE(known.name.starts_with("builtin/")) << known.name;
    EXPECT_FALSE(known.meaning.empty()) << known.name;
    EXPECT_FALSE(known.mend.empty()) << known.name;
  }
}

TEST(FindImplementation, PrefersAPersonsToThisBuilds) {
  const std::vector<Implementation> custom{{"a", {"run-a"}}, {"builtin/simt", {"mine"}}};
  EXPECT_EQ(find_implementation("a", custom).command, Words{"run-a"});
  EXPECT_EQ(find_implementation("builtin/simt", custom).command, Words{"mine"});
}

TEST(FindImplementation, AnUnknownOneNamesTheNearestAndAll) {
  const std::vector<Implementation> custom{{"mine", {"x"}}};
  const std::vector<std::string> others{"toy/triton", "builtin/simt"};
  const auto error =
      usage_error([&] { static_cast<void>(find_implementation("builtin/smit", custom, others)); });
  expect_contains(error, "there is no implementation 'builtin/smit', did you mean 'builtin/simt'?");
  expect_contains(error, "there are toy/triton, builtin/simt, builtin/simt-w32, builtin/cuda");
  expect_contains(error, "mine");
}

TEST(FindImplementation, OneThatWasNotBuiltSaysHowToBuildIt) {
  // Workers are looked for beside the running program; beside a test there are none.
  const auto error =
      message_of<CannotRun>([&] { static_cast<void>(find_implementation("builtin/simt", {})); });
  expect_contains(error, "builtin/simt is not in this build: there is no ");
  const auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  expect_contains(error, (folder / "fusegate-worker-simt").string());
  expect_contains(error, "build the target fusegate-worker-simt");
}

}  // namespace
}  // namespace fusegate::suites
