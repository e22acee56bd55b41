#include "suites/campaign.hpp"

#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/temporary_folder.hpp"
#include "suites/scripted_worker.hpp"

namespace fusegate::suites {
namespace {

using Json = nlohmann::ordered_json;
using Lines = std::vector<std::string>;

class Campaign : public testing::Test {
 protected:
  // Cases of no tokens pass when their worker does nothing at all.
  Plan plan{{.lines = {"rms_norm dtype=fp32 tokens=0 hidden=7,8,9 eps=0"}}};
};

std::string line(int hidden) {
  return "rms_norm dtype=fp32 tokens=0 hidden=" + std::to_string(hidden) + " eps=0";
}

Implementation named(const std::string& name, Implementation implementation = worker_that("")) {
  implementation.name = name;
  return implementation;
}

// What an observer heard, as text.
struct Heard {
  Lines events;
  CampaignObserver observer;

  Heard() {
    observer.on_case = [this](const std::string& implementation, const Case& c) {
      events.push_back(implementation + " begins " + c.line());
    };
    observer.on_result = [this](const Result& result) {
      events.push_back(result.implementation + ' ' + verdict_name(result.verdict) + ' ' +
                       result.case_line);
    };
  }
};

TEST_F(Campaign, SaysWhichModelsACaseIsOf) {
  const Plan of_models({.lines = {line(7), line(8)}, .models = {{"A", "B"}}});
  std::vector<Lines> models;
  CampaignObserver observer;
  observer.on_result = [&](const Result& result) { models.push_back(result.models); };
  static_cast<void>(run_campaign(of_models, {named("a")}, {}, observer));
  EXPECT_EQ(models, (std::vector<Lines>{{"A", "B"}, {}}));
}

TEST_F(Campaign, RunsThePlanWithEachImplementationInTurn) {
  Heard heard;
  const auto outcome = run_campaign(plan, {named("a"), named("b")}, {}, heard.observer);
  Lines expected;
  for (const std::string name : {"a", "b"}) {
    for (const int hidden : {7, 8, 9}) {
      expected.push_back(name + " begins " + line(hidden));
      expected.push_back(name + " pass " + line(hidden));
    }
  }
  EXPECT_EQ(heard.events, expected);
  EXPECT_FALSE(outcome.interrupted);
  EXPECT_EQ(outcome.could_not_run, Lines{});
}

TEST_F(Campaign, LeavesOutWhatIsDone) {
  Heard heard;
  heard.observer.is_done = [](const std::string& id) { return id == result_id("a", line(8)); };
  static_cast<void>(run_campaign(plan, {named("a")}, {}, heard.observer));
  EXPECT_EQ(heard.events, (Lines{"a begins " + line(7), "a pass " + line(7), "a begins " + line(9),
                                 "a pass " + line(9)}));
}

TEST_F(Campaign, SaysWhatImplementationsAreAndWhyOneIsNotAvailable) {
  const auto outcome =
      run_campaign(plan, {named("sick", scripted("exit 1")), named("well")}, {}, {});
  const std::string why = "sick cannot run: the worker exited with status 1 before it answered";
  EXPECT_EQ(outcome.could_not_run, Lines{why});
  const Json& implementations = *outcome.implementations;
  ASSERT_EQ(implementations.size(), 2u);
  EXPECT_EQ(implementations[0], (Json{{"name", "sick"}, {"available", false}, {"reason", why}}));
  EXPECT_EQ(implementations[1].at("name"), "well");
  EXPECT_EQ(implementations[1].at("available"), true);
  EXPECT_EQ(implementations[1].at("device").at("name"), "shell");
}

TEST_F(Campaign, TellsWhatAnImplementationIsBeforeItsFirstCase) {
  Heard heard;
  heard.observer.on_implementation = [&](const Json& description) {
    heard.events.push_back("is " + description.at("name").get<std::string>());
  };
  static_cast<void>(
      run_campaign(plan, {named("sick", scripted("exit 1")), named("well")}, {}, heard.observer));
  ASSERT_EQ(heard.events.size(), 7u);
  EXPECT_EQ(heard.events[0], "is well");
}

TEST_F(Campaign, GoesOnWithTheNextImplementation) {
  Heard heard;
  static_cast<void>(
      run_campaign(plan, {named("sick", scripted("exit 1")), named("well")}, {}, heard.observer));
  EXPECT_EQ(heard.events.size(), 6u);
}

TEST_F(Campaign, SaysThatAnImplementationWentOutOfService) {
  const TemporaryFolder folder;
  Implementation once = worker_that("kill -SEGV $$");
  once.command[2] = "mkdir " + (folder.path() / "used").string() + " || exit 9; " + once.command[2];
  Heard heard;
  const auto outcome = run_campaign(plan, {named("once", once)}, {}, heard.observer);
  EXPECT_EQ(heard.events, (Lines{"once begins " + line(7), "once crash " + line(7),
                                 "once begins " + line(8), "once skipped " + line(8),
                                 "once begins " + line(9), "once skipped " + line(9)}));
  ASSERT_EQ(outcome.could_not_run.size(), 1u);
  EXPECT_TRUE(outcome.could_not_run[0].starts_with("once no longer starts: "))
      << outcome.could_not_run[0];
}

TEST_F(Campaign, EndsWhenAPersonEndsIt) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const UniqueFd interrupt(ends[0]);
  const UniqueFd button(ends[1]);
  Heard heard;
  heard.observer.on_case = [&](const std::string& name, const Case& c) {
    heard.events.push_back(name + " begins " + c.line());
    if (c.integer("hidden") != 8) return;
    ASSERT_EQ(::write(button.get(), "!", 1), 1);
  };
  const auto outcome = run_campaign(plan, {named("a"), named("b")},
                                    {.interrupt_fd = interrupt.get()}, heard.observer);
  EXPECT_TRUE(outcome.interrupted);
  EXPECT_EQ(heard.events,
            (Lines{"a begins " + line(7), "a pass " + line(7), "a begins " + line(8)}));
}

TEST_F(Campaign, EndsWhenAnObserverThrows) {
  CampaignObserver observer;
  observer.on_result = [](const Result&) { throw std::runtime_error("the disk is full"); };
  EXPECT_THROW(static_cast<void>(run_campaign(plan, {named("a")}, {}, observer)),
               std::runtime_error);
}

}  // namespace
}  // namespace fusegate::suites
