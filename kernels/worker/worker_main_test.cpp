// The command line of our own workers.
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace fusegate::kernels {
namespace {

/// All that a command printed, and its exit status.
std::pair<std::string, int> run(const std::string& command) {
  std::FILE* pipe = ::popen((command + " 2>&1 < /dev/null").c_str(), "r");
  EXPECT_NE(pipe, nullptr);
  std::string output;
  std::array<char, 4096> buffer{};
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), n);
  }
  const int status = ::pclose(pipe);
  return {output, WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

TEST(WorkerMain, SaysWhatIsWrongWithAnOption) {
  const std::vector<std::pair<std::string, std::string>> mistakes{
      {"--memory-bytes=-1", "wants a whole number from 1 to 9223372036854775807"},
      {"--warp-size=abc", "wants 32 or 64"},
      {"--warp-size=48", "wants 32 or 64"},
      {"--devices=0", "wants a whole number from 1 to 64"},
      {"--threads=1e3", "wants a whole number from 0 to 1024"},
      {"--hang-seconds=nan", "wants a number above 0"},
      {"--block-seconds=0", "wants a number above 0"},
      {"--device=-1", "wants a whole number from 0 to"},
      {"--device", "is not of the form --name=value"},
      {"--warp=32", "is no option of this worker; there are --device=0 --warp-size=64"}};
  for (const auto& [option, wanted] : mistakes) {
    const auto [output, status] = run(std::string(FUSEGATE_WORKER_SIMT) + " " + option);
    EXPECT_EQ(status, 2) << option;
    EXPECT_NE(output.find(option + ' ' + wanted), std::string::npos) << output;
  }
}

TEST(WorkerMain, TakesEveryOptionThatItNames) {
  const auto [output, status] =
      run(std::string(FUSEGATE_WORKER_SIMT) +
          " --device=0 --warp-size=32 --devices=2 --threads=1 --memory-bytes=1000000"
          " --hang-seconds=0.5 --block-seconds=2");
  EXPECT_EQ(status, 0) << output;
  EXPECT_EQ(output, "");
}

TEST(WorkerMain, OfCFunctionsWantsItsTable) {
  const std::string worker = FUSEGATE_WORKER_CABI_SIMT;
  for (const auto& [arguments, wanted] :
       {std::pair<std::string, std::string>{"", "--calls=JSON is missing"},
        {" --calls=[", "--calls=[ is no call table: "},
        {" --warp=32", "--block-seconds=30 --calls=JSON"}}) {
    const auto [output, status] = run(worker + arguments);
    EXPECT_EQ(status, 2) << arguments;
    EXPECT_NE(output.find(wanted), std::string::npos) << output;
  }
}

}  // namespace
}  // namespace fusegate::kernels
