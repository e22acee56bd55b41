#include "probe/elf/strings.hpp"

#include <gtest/gtest.h>

#include "probe/elf/testing/support.hpp"

namespace fusegate::probe {
namespace {

StringPlaces find_in(const std::filesystem::path& path,
                     const std::vector<std::string>& candidates) {
  ElfFile file(path);
  file.read_sections();
  return find_strings(file, candidates);
}

TEST(Strings, AreWholeOrTailsOfOthersOrAbsent) {
  const auto places =
      find_in(test_module("module_develop.so"),
              {"use_gemma_norm", "gemma_norm", "eps", "input", "epsilon", "nput", "inpu", ""});
  EXPECT_EQ(places.at("use_gemma_norm"), StringPlace::whole);
  // GNU ld stores it only as the end of the other one; other linkers may not.
  EXPECT_NE(places.at("gemma_norm"), StringPlace::absent);
  EXPECT_EQ(places.at("eps"), StringPlace::whole);
  EXPECT_EQ(places.at("nput"), StringPlace::tail);
  EXPECT_EQ(places.at("inpu"), StringPlace::absent);
  EXPECT_EQ(places.at("epsilon"), StringPlace::absent);
  EXPECT_EQ(places.at(""), StringPlace::absent);
}

/// A module whose section of 16 KiB for GPU code is called .rodata_toy and is written by the test.
class WrittenSection : public testing::Test {
 protected:
  /// Makes the section at `offset` of the file, `size` bytes large.
  std::filesystem::path write(const std::string& content, std::uint64_t begin) {
    Bytes bytes(test_module("module_gpu.so"));
    const auto old = section_of(test_module("module_gpu.so"), ".hip_fatbin");
    const auto names = section_of(test_module("module_gpu.so"), ".shstrtab");
    const auto at = bytes.text().find(".hip_fatbin", names.offset);
    bytes.put_text(at, ".rodata_toy");
    bytes.text().resize(bytes.size() + 3'000'000, '\1');
    const auto place = bytes.size() - 3'000'000;
    bytes.put_text(place + begin, content);
    const auto table = bytes.get<std::uint64_t>(40) + old.index * 64;
    bytes.put<std::uint64_t>(table + 24, place).put<std::uint64_t>(table + 32, 3'000'000);
    return bytes.write(folder_.path() / "module.so");
  }

  TemporaryFolder folder_;
};

TEST_F(WrittenSection, StringsMayLieAcrossPieces) {
  constexpr std::uint64_t piece = 1u << 20;
  const std::string text("\0gemma_norm\0", 12);
  for (std::uint64_t begin = piece - 13; begin <= piece + 2; ++begin) {
    const auto places = find_in(write(text, begin), {"gemma_norm", "norm", "a_longer_one"});
    EXPECT_EQ(places.at("gemma_norm"), StringPlace::whole) << begin;
    EXPECT_EQ(places.at("norm"), StringPlace::tail) << begin;
    EXPECT_EQ(places.at("a_longer_one"), StringPlace::absent) << begin;
  }
}

TEST_F(WrittenSection, StringsMayBeginOrEndASection) {
  EXPECT_EQ(find_in(write(std::string("eps\0", 4), 0), {"eps"}).at("eps"), StringPlace::whole);
  // Without a NUL it is none.
  EXPECT_EQ(find_in(write(std::string("\0eps", 4), 3'000'000 - 4), {"eps"}).at("eps"),
            StringPlace::absent);
}

TEST_F(WrittenSection, StringsMayFollowNumbers) {
  const std::string after_a_number(
      "\x3f\x01"
      "eps\0",
      6);
  EXPECT_EQ(find_in(write(after_a_number, 500), {"eps"}).at("eps"), StringPlace::whole);
}

}  // namespace
}  // namespace fusegate::probe
