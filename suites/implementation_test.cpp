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

TEST(FindImplementations, GivesThoseAPersonNamesInTheOrderAskedFor) {
  const std::vector<Implementation> custom{{"a", {"run-a"}}, {"b", {"run-b"}}};
  const Words names{"b", "a"};
  const auto found = find_implementations(names, custom);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].command, Words{"run-b"});
  EXPECT_EQ(found[1].command, Words{"run-a"});
}

TEST(FindImplementations, PrefersAPersonsToThisBuilds) {
  const std::vector<Implementation> custom{{"builtin/simt", {"mine"}}};
  const Words names{"builtin/simt"};
  EXPECT_EQ(find_implementations(names, custom).at(0).command, Words{"mine"});
}

TEST(FindImplementations, AnUnknownOneNamesTheNearestAndAll) {
  const std::vector<Implementation> custom{{"mine", {"x"}}};
  const Words names{"builtin/smit"};
  const auto error = usage_error([&] { static_cast<void>(find_implementations(names, custom)); });
  expect_contains(error, "there is no implementation 'builtin/smit', did you mean 'builtin/simt'?");
  expect_contains(error, "builtin/cuda");
  expect_contains(error, "mine");
}

TEST(FindImplementations, OneThatWasNotBuiltSaysHowToBuildIt) {
  // Workers are looked for beside the running program; beside a test there are none.
  const Words names{"builtin/simt"};
  const auto error =
      message_of<CannotRun>([&] { static_cast<void>(find_implementations(names, {})); });
  expect_contains(error, "builtin/simt is not in this build: there is no ");
  const auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  expect_contains(error, (folder / "fusegate-worker-simt").string());
  expect_contains(error, "build the target fusegate-worker-simt");
}

}  // namespace
}  // namespace fusegate::suites
