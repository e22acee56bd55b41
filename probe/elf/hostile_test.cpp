#include <elf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/test_support.hpp"
#include "probe/elf/testing/support.hpp"
#include "probe/process/isolated.hpp"

// Files that are not what a compiler left. Whatever they hold, reading them ends, says why, and its
// JSON can be written.

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

class Hostile : public testing::Test {
 protected:
  Hostile() : bytes_(test_module("module_torch.so")) {}

  BinaryModule read(const fs::path& path) {
    auto module = read_module(path, toy_markers(), {"norm", "eps"});
    EXPECT_FALSE(to_json(module).dump().empty());
    return module;
  }
  BinaryModule read_changed() { return read(bytes_.write(folder_.path() / "module.so")); }

  /// Why the file could not be read.
  std::string refusal(const BinaryModule& module) {
    EXPECT_FALSE(module.readable);
    return module.problems.size() == 1 ? module.problems.front().what : "no single problem";
  }
  std::string refusal_of_changed() { return refusal(read_changed()); }

  /// Where a field of a section's header lies in the file: 4 the type, 24 the offset, 32 the size,
  /// 40 the link (System V gABI, chapter 4, "Section Header").
  std::uint64_t field(std::string_view section, std::uint64_t offset) {
    const auto index = section_of(test_module("module_torch.so"), section).index;
    return bytes_.get<std::uint64_t>(40) + index * 64 + offset;
  }

  TemporaryFolder folder_;
  Bytes bytes_;
};

TEST_F(Hostile, ThingsThatAreNoFilesAreRefused) {
  EXPECT_EQ(refusal(read(folder_.path() / "none.so")), "is not there");
  EXPECT_EQ(refusal(read(folder_.path())), "is a folder");
  const auto pipe = folder_.path() / "pipe.so";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(refusal(read(pipe)), "is not a regular file");
  EXPECT_EQ(refusal(read("/dev/zero")), "is not a regular file");
  const auto loop = folder_.path() / "loop.so";
  fs::create_symlink(loop, loop);
  expect_contains(refusal(read(loop)), "cannot be opened: Too many levels of symbolic links");
}

TEST_F(Hostile, FilesThatMayNotBeReadAreRefused) {
  const auto path = bytes_.write(folder_.path() / "module.so");
  fs::permissions(folder_.path(), fs::perms::owner_all | fs::perms::others_exec);
  fs::permissions(path, fs::perms::none);
  const auto result = run_isolated(
      [&] {
        // Root may read everything, so that a child asks as nobody.
        if (::geteuid() == 0 && ::seteuid(65534) != 0) return std::string("cannot become nobody");
        return refusal(read(path));
      },
      std::chrono::seconds(10));
  EXPECT_EQ(result.value, "cannot be opened: Permission denied") << result.failure;
}

TEST_F(Hostile, OtherFilesAreRefused) {
  bytes_.cut(0);
  EXPECT_EQ(refusal_of_changed(), "is empty");
  bytes_.text() = "#!/bin/sh\necho no library\n";
  EXPECT_EQ(refusal_of_changed(), "is not an ELF file");
  bytes_.text() =
      "\x7f"
      "ELF";
  EXPECT_EQ(refusal_of_changed(), "is not an ELF file");
}

TEST_F(Hostile, EveryTruncationIsRefusedOrRead) {
  const auto whole = bytes_.text();
  for (std::size_t size = 1; size < whole.size(); size += size < 128 ? 1 : 97) {
    bytes_.text() = whole.substr(0, size);
    EXPECT_NE(refusal_of_changed(), "") << size;
  }
}

TEST_F(Hostile, HeadersOfOtherKindsAreRefused) {
  bytes_.put(EI_CLASS, char{9});
  EXPECT_EQ(refusal_of_changed(), "is an ELF file of unknown class 9 and byte order 1");
  bytes_.put(EI_CLASS, char{ELFCLASS32});
  expect_contains(refusal_of_changed(), "only 64-bit little-endian files are read");
  EXPECT_EQ(read_changed().elf.bits, 32u);
  bytes_.put(EI_CLASS, char{ELFCLASS64}).put(EI_DATA, char{ELFDATA2MSB});
  expect_contains(refusal_of_changed(), "is for big-endian ");
  EXPECT_TRUE(read_changed().elf.big_endian);
}

TEST_F(Hostile, BrokenTablesOfSectionsAreRefused) {
  const auto good = bytes_.get<std::uint64_t>(40);
  bytes_.put<std::uint64_t>(40, 0);
  EXPECT_EQ(refusal_of_changed(), "has no table of sections");
  for (const std::uint64_t offset :
       {std::uint64_t{1} << 40, ~std::uint64_t{0}, static_cast<std::uint64_t>(bytes_.size())}) {
    bytes_.put(40, offset);
    EXPECT_EQ(refusal_of_changed(), "is truncated: its table of sections lies beyond its end");
  }
  bytes_.put(40, good).put<std::uint16_t>(58, 56);
  EXPECT_EQ(refusal_of_changed(), "has a table of sections with entries of 56 bytes, not 64");
  bytes_.put<std::uint16_t>(58, 64).put<std::uint16_t>(60, 0);
  EXPECT_EQ(refusal_of_changed(), "has no table of sections");
  bytes_.put<std::uint16_t>(60, 0xfeff);
  EXPECT_EQ(refusal_of_changed(), "is truncated: its table of sections lies beyond its end");
}

TEST_F(Hostile, SectionsBeyondTheEndAreRefused) {
  for (const auto* name : {".dynsym", ".dynstr", ".dynamic", ".rodata"}) {
    for (const std::uint64_t value : {std::uint64_t{1} << 20, std::uint64_t{1} << 60, ~0ul}) {
      for (const std::uint64_t offset : {24, 32}) {
        bytes_ = Bytes(test_module("module_torch.so"));
        bytes_.put(field(name, offset), value);
        const auto what = refusal_of_changed();
        EXPECT_TRUE(what.find("beyond its end") != what.npos ||
                    what.find("more than") != what.npos || what.find("too large") != what.npos ||
                    what.find("broken") != what.npos)
            << name << ": " << what;
      }
    }
  }
}

TEST_F(Hostile, TablesOfNamesThatLeadInCirclesAreRefused) {
  const auto index = [&](std::string_view name) {
    return static_cast<std::uint32_t>(section_of(test_module("module_torch.so"), name).index);
  };
  bytes_.put(field(".dynsym", 40), index(".dynsym"));
  EXPECT_EQ(refusal_of_changed(), "has symbols without a table of names");
  bytes_ = Bytes(test_module("module_torch.so"));
  bytes_.put(field(".dynamic", 40), index(".dynamic"));
  EXPECT_EQ(refusal_of_changed(), "has a dynamic section without a table of strings");
  // A table of names that names itself is sound.
  bytes_ = Bytes(test_module("module_torch.so"));
  bytes_.put(field(".dynstr", 40), index(".dynstr"));
  EXPECT_TRUE(read_changed().readable);
  bytes_.put<std::uint16_t>(62, 0xffff);
  EXPECT_EQ(refusal_of_changed(), "has no table of section names");
}

TEST_F(Hostile, NamesOutsideTheirTableAreCounted) {
  const auto symbols = section_of(test_module("module_torch.so"), ".dynsym");
  bytes_.put<std::uint32_t>(symbols.offset + 24, 0xffffff00);
  const auto module = read_changed();
  EXPECT_TRUE(module.readable);
  ASSERT_EQ(module.problems.size(), 1u);
  EXPECT_EQ(module.problems.front().what, "has 1 symbols whose names cannot be read");
  // One that no NUL ends.
  bytes_ = Bytes(test_module("module_torch.so"));
  const auto names = section_of(test_module("module_torch.so"), ".dynstr");
  bytes_.put(field(".dynstr", 32), names.size - 1);
  EXPECT_FALSE(read_changed().problems.empty());
}

TEST_F(Hostile, NamesOfControlCharactersAreShownEscaped) {
  const auto names = section_of(test_module("module_torch.so"), ".dynstr");
  const auto at = bytes_.text().find("libtorch.so", names.offset);
  bytes_.put_text(at, "\x1b[2J\xff\n");
  const auto module = read_changed();
  ASSERT_TRUE(module.readable);
  EXPECT_EQ(module.needed.front(), "\x1b[2J\xff\nch.so");
  EXPECT_EQ(to_json(module)["needed"][0], "\\x1b[2J\\xff\\x0ach.so");
}

TEST_F(Hostile, ChainsOfVersionsEnd) {
  for (const auto* name : {"chain/module_versioned.so", "chain/end/libend.so.1"}) {
    const auto path = test_module(name);
    for (const auto* section_name : {".gnu.version_r", ".gnu.version_d", ".gnu.version"}) {
      ElfSection section;
      try {
        section = section_of(path, section_name);
      } catch (const std::runtime_error&) {
        continue;
      }
      for (std::uint64_t at = 0; at + 4 <= section.size; at += 4) {
        for (const std::uint32_t value : {0u, 1u, 0x7fffffffu, 0xffffffffu}) {
          bytes_ = Bytes(path);
          bytes_.put(section.offset + at, value);
          EXPECT_TRUE(read_changed().readable);
        }
      }
    }
  }
}

TEST_F(Hostile, OverlappingNamesAreBounded) {
  // 2,000,000 symbols would need 48 MB; 30,000 that share a name of 60 KiB come to 1.8 GB.
  constexpr std::uint64_t count = 30'000;
  constexpr std::uint64_t name_size = 60'000;
  const auto place = bytes_.size();
  bytes_.text().resize(place + count * 24 + name_size + 1, '\0');
  for (std::uint64_t i = 1; i < count; ++i) {
    bytes_.put(place + i * 24, std::uint32_t{0}).put(place + i * 24 + 4, std::uint8_t{0x12});
    bytes_.put(place + i * 24 + 6, std::uint16_t{1});
  }
  bytes_.put_text(place + count * 24, std::string(name_size, 'x'));
  bytes_.put(field(".dynsym", 24), static_cast<std::uint64_t>(place));
  bytes_.put(field(".dynsym", 32), count * 24);
  bytes_.put(field(".dynstr", 24), static_cast<std::uint64_t>(place + count * 24));
  bytes_.put(field(".dynstr", 32), name_size + 1);
  bytes_.put(field(".dynamic", 32), std::uint64_t{0});
  EXPECT_EQ(refusal_of_changed(), "has more than 256 MiB of symbol names");
}

TEST_F(Hostile, EveryByteOfTheHeadersMayBeAny) {
  const auto table = bytes_.get<std::uint64_t>(40);
  const auto whole = bytes_.text();
  std::vector<std::size_t> places;
  for (std::size_t at = 0; at < 64; ++at) places.push_back(at);
  for (std::size_t at = table; at < whole.size(); ++at) places.push_back(at);
  for (const std::size_t at : places) {
    bytes_.text() = whole;
    bytes_.put(at, static_cast<char>(whole[at] ^ 0xff));
    const auto module = read_changed();
    EXPECT_TRUE(module.readable || !module.problems.empty());
  }
}

TEST_F(Hostile, AFileThatShrinksIsNoSignal) {
  const auto path = bytes_.write(folder_.path() / "module.so");
  ElfFile file(path);
  file.read_sections();
  fs::resize_file(path, 100);
  for (const auto& section : file.sections()) {
    std::string piece;
    if (section.size == 0 || section.type == SHT_NOBITS) continue;
    EXPECT_EQ(message_of<UnreadableElf>([&] { file.read(section, 0, 64, piece); }),
              "shrank while it was read");
    // The table of names is in memory already.
    if (section.name == ".shstrtab") continue;
    EXPECT_THROW((void)file.data(section), UnreadableElf) << section.name;
  }
}

}  // namespace
}  // namespace fusegate::probe
