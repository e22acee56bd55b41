#include "tools/fusegate/version_sources.hpp"

#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <tuple>

#include <gtest/gtest.h>

#include "probe/base/error.hpp"
#include "probe/base/temporary_folder.hpp"
#include "probe/base/test_support.hpp"

namespace fusegate::tools {
namespace {

long most_memory_kib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

TEST(VersionSources, AWheelNeedNotFitIntoMemory) {
  const TemporaryFolder folder;
  const auto wheel = folder.path() / "toy-1-py3-none-any.whl";
  std::ofstream(wheel).close();
  std::filesystem::resize_file(wheel, 256u << 20);  // sparse
  const MatrixVersion version{.name = "1",
                              .library = "toy=" + wheel.native(),
                              .revision = "",
                              .python = "python3",
                              .cases = {}};
  const auto before = most_memory_kib();
  const auto message =
      message_of<CannotRun>([&] { std::ignore = library_of(version, folder.path() / "sources"); });
  expect_contains(message, "1: python3 ");  // it is no archive
  EXPECT_LT(most_memory_kib() - before, 64 << 10);
}

TEST(VersionSources, AWheelThatIsNotThereIsToldWithTheReason) {
  const MatrixVersion version{
      .name = "1", .library = "/nonexistent/toy.whl", .revision = "", .python = "", .cases = {}};
  EXPECT_EQ(message_of<CannotRun>([&] { std::ignore = library_of(version, "/nonexistent"); }),
            "1: cannot read /nonexistent/toy.whl: No such file or directory");
}

}  // namespace
}  // namespace fusegate::tools
