#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "probe/base/files.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

namespace fusegate {
namespace {

void read_once(const std::string& bytes) {
  EXPECT_EQ(
      LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()), 0);
}

TEST(Fuzz, CorpusIsRead) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(FUSEGATE_FUZZ_CORPUS)) {
    const auto bytes = read_text(entry.path());
    ASSERT_TRUE(bytes) << entry.path();
    read_once(*bytes);
    ++count;
  }
  EXPECT_GT(count, 0u);
}

TEST(Fuzz, NothingIsRead) {
  read_once("");
}

}  // namespace
}  // namespace fusegate
