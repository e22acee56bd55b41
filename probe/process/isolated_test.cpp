#include "probe/process/isolated.hpp"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include <gtest/gtest.h>

namespace fusegate {
namespace {

using namespace std::chrono_literals;

TEST(Isolated, HandsBackALongAnswer) {
  const std::string text(1u << 20, 'x');
  const auto result = run_isolated([&] { return text; }, 10s);
  EXPECT_TRUE(result.ok);
  EXPECT_EQ(result.value, text);
}

TEST(Isolated, SurvivesACrashAndSaysWhatWasPrinted) {
  const auto result = run_isolated(
      []() -> std::string {
        std::fputs("driver: no such node\n", stderr);
        ::raise(SIGKILL);
        return "";
      },
      10s);
  EXPECT_FALSE(result.ok);
  EXPECT_EQ(result.failure, "was killed by SIGKILL after printing: driver: no such node");
}

TEST(Isolated, SurvivesAHang) {
  const auto result = run_isolated(
      []() -> std::string {
        for (;;) ::pause();
      },
      50ms);
  EXPECT_EQ(result.failure, "did not answer within 0.05 s");
}

TEST(Isolated, ReportsExceptionsAndExits) {
  EXPECT_EQ(
      run_isolated([]() -> std::string { throw std::runtime_error("no device"); }, 10s).failure,
      "no device");
  EXPECT_EQ(run_isolated([]() -> std::string { ::_exit(4); }, 10s).failure, "exited with status 4");
}

}  // namespace
}  // namespace fusegate
