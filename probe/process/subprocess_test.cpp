#include "probe/process/subprocess.hpp"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <system_error>
#include <thread>

#include <gtest/gtest.h>

namespace fusegate {
namespace {

using namespace std::chrono_literals;

SpawnOptions shell(const std::string& script) {
  return {{"sh", "-c", script}, {}, {}};
}

Clock::time_point soon() {
  return Clock::now() + 10s;
}

TEST(Subprocess, ReadsLinesAndTheEnd) {
  Subprocess child(shell("read x; echo got $x; printf tail"));
  ASSERT_TRUE(child.write("hello\n", soon()));
  std::string line;
  ASSERT_EQ(child.read_line(line, soon(), 100), ReadStatus::line);
  EXPECT_EQ(line, "got hello");
  ASSERT_EQ(child.read_line(line, soon(), 100), ReadStatus::end_of_file);
  EXPECT_EQ(line, "tail");
  EXPECT_TRUE(child.wait_until(soon()).value().ok());
}

TEST(Subprocess, EndsWithTheChildWhoeverElseHoldsThePipe) {
  Subprocess child(shell("sleep 100 & echo last; exit 3"));
  std::string line;
  ASSERT_EQ(child.read_line(line, soon(), 100), ReadStatus::line);
  EXPECT_EQ(line, "last");
  EXPECT_EQ(child.read_line(line, soon(), 100), ReadStatus::end_of_file);
  EXPECT_EQ(child.wait_until(soon()).value().code, 3);
}

TEST(Subprocess, ReportsAProgramThatIsNotThere) {
  EXPECT_THROW(Subprocess({{"/nonexistent/program"}, {}, {}}), std::system_error);
}

TEST(Subprocess, GivesUpAtTheDeadlineAndOnLongLines) {
  Subprocess silent(shell("sleep 100"));
  std::string line;
  EXPECT_EQ(silent.read_line(line, Clock::now() + 20ms, 100), ReadStatus::deadline);

  Subprocess noisy(shell("while :; do printf xxxxxxxxxxxxxxxx; done"));
  EXPECT_EQ(noisy.read_line(line, soon(), 1000), ReadStatus::too_long);
  EXPECT_EQ(line, std::string(1000, 'x'));
}

TEST(Subprocess, WakesForAnInterrupt) {
  Subprocess silent(shell("sleep 100"));
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  ASSERT_EQ(::write(ends[1], "!", 1), 1);
  std::string line;
  EXPECT_EQ(silent.read_line(line, soon(), 100, ends[0]), ReadStatus::interrupted);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(Subprocess, TellsHowTheChildEnded) {
  EXPECT_EQ(Subprocess(shell("exit 3")).wait_until(soon()).value().text(), "exited with status 3");
  EXPECT_EQ(Subprocess(shell("kill -SEGV $$")).wait_until(soon()).value().text(),
            "was killed by SIGSEGV");
}

TEST(Subprocess, KillsGrandchildrenWithTheGroup) {
  std::string line;
  {
    Subprocess child(shell("trap '' TERM; sleep 100 & echo $!; wait"));
    ASSERT_EQ(child.read_line(line, soon(), 100), ReadStatus::line);
    child.terminate(20ms);
  }
  const pid_t grandchild = std::stoi(line);
  // It is reparented and reaped by init, or stays a zombie where there is none.
  bool gone = false;
  for (int tries = 0; tries < 200 && !gone; ++tries) {
    std::this_thread::sleep_for(10ms);
    gone = ::kill(grandchild, 0) != 0;
    if (!gone) {
      const auto state = run_command(shell("cut -d' ' -f3 /proc/" + line + "/stat"), "", 5s);
      gone = state.output.starts_with("Z") || state.output.empty();
    }
  }
  EXPECT_TRUE(gone) << "process " << grandchild << " outlived its group";
}

TEST(Subprocess, InheritsOnlyTheNamedDescriptors) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);  // without CLOEXEC, so that leaking it would show
  SpawnOptions options = shell("echo through >&5; ls /proc/self/fd");
  options.inherit = {{5, ends[1]}};
  const auto result = run_command(options, "", 10s);
  std::array<char, 64> text{};
  EXPECT_EQ(::read(ends[0], text.data(), text.size()), 8);
  EXPECT_STREQ(text.data(), "through\n");
  // 0 to 2, 5, and the descriptor with which ls reads the folder.
  EXPECT_EQ(result.output, "0\n1\n2\n3\n5\n");
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(Subprocess, SetsTheEnvironment) {
  SpawnOptions options = shell("echo $FUSEGATE_TEST $HOME");
  options.environment = {{"FUSEGATE_TEST", "a b"}, {"HOME", "/home"}};
  EXPECT_EQ(run_command(options, "", 10s).output, "a b /home\n");
}

TEST(RunCommand, CollectsBothStreams) {
  const auto result = run_command(shell("cat; echo oops >&2; exit 7"), "text\nmore\n", 10s);
  ASSERT_TRUE(result.status.has_value());
  EXPECT_EQ(result.status->code, 7);
  EXPECT_EQ(result.output, "text\nmore\n");
  EXPECT_EQ(result.errors, "oops\n");
}

TEST(RunCommand, KillsWhatRunsTooLong) {
  EXPECT_FALSE(run_command(shell("sleep 100"), "", 50ms).status.has_value());
}

}  // namespace
}  // namespace fusegate
