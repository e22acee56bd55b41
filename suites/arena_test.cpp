#include "suites/arena.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <new>
#include <string>

#include <gtest/gtest.h>

#include "suites/file_size_limit.hpp"

namespace fusegate::suites {
namespace {

TEST(Arena, HasWhatIsAskedFor) {
  Arena arena;
  EXPECT_EQ(arena.reserve(10).size(), 10u);
  EXPECT_EQ(arena.reserve(100'000).size(), 100'000u);
  EXPECT_EQ(arena.reserve(5).size(), 5u);
}

TEST(Arena, IsSharedThroughItsDescriptor) {
  Arena arena;
  const auto memory = arena.reserve(100'000);
  std::memcpy(&memory[99'990], "here", 4);
  std::string text(4, ' ');
  ASSERT_EQ(::pread(arena.fd(), text.data(), 4, 99'990), 4);
  EXPECT_EQ(text, "here");
  ASSERT_EQ(::pwrite(arena.fd(), "back", 4, 50'000), 4);
  EXPECT_EQ(std::memcmp(&memory[50'000], "back", 4), 0);
}

TEST(Arena, IsSharedAfterItHasGrown) {
  Arena arena;
  arena.reserve(10);
  const auto memory = arena.reserve(1'000'000);
  memory[999'999] = std::byte{7};
  char last = 0;
  ASSERT_EQ(::pread(arena.fd(), &last, 1, 999'999), 1);
  EXPECT_EQ(last, 7);
}

TEST(Arena, StaysWhereItIsWhenItNeedNotGrow) {
  Arena arena;
  const auto* memory = arena.reserve(100'000).data();
  EXPECT_EQ(arena.reserve(10).data(), memory);
  EXPECT_EQ(arena.reserve(100'000).data(), memory);
}

TEST(Arena, CannotBeCutShortByAWorker) {
  Arena arena;
  arena.reserve(10'000);
  EXPECT_NE(::ftruncate(arena.fd(), 4096), 0);
}

TEST(Arena, ThatCannotGrowStaysUsable) {
  Arena arena;
  arena.reserve(4096);
  {
    const FileSizeLimit limit(100'000);
    EXPECT_THROW(arena.reserve(200'000), std::bad_alloc);
  }
  const auto memory = arena.reserve(4096);
  memory[4095] = std::byte{1};
  EXPECT_EQ(memory[4095], std::byte{1});
}

}  // namespace
}  // namespace fusegate::suites
