#pragma once

#include <libelf.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "probe/base/unique_fd.hpp"
#include "probe/elf/elf_header.hpp"

// How a file is opened and which bytes of it are read; what they mean is told by the other files of
// this folder. No other header of this folder needs libelf's.

namespace fusegate::probe {

/// A file, or a part of one, that cannot be read. The message goes on from the file's name: "is not
/// an ELF file".
class UnreadableElf : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct ElfSection {
  std::string name;  ///< empty where the table of names does not hold it
  std::uint32_t type = 0;
  std::uint64_t flags = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint32_t link = 0;
  std::size_t index = 0;
};

/// An ELF file, open for reading. It is read in pieces and never mapped, so that a file that
/// shrinks meanwhile is an error here and not a signal; bounds are checked against the size that it
/// had when it was opened.
class ElfFile {
 public:
  /// Throws UnreadableElf on what is no regular file, may not be read, or is not ELF. Never waits
  /// on a pipe or device.
  explicit ElfFile(const std::filesystem::path& path);

  [[nodiscard]] const ElfHeader& header() const { return header_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// When it was last written, since the epoch.
  [[nodiscard]] std::chrono::nanoseconds modified() const { return modified_; }

  /// Opens the table of sections. Throws UnreadableElf where there is none, where it lies outside
  /// the file, and for all but 64-bit little-endian files: every machine with GPUs of today is
  /// such.
  void read_sections();
  /// After read_sections.
  [[nodiscard]] const std::vector<ElfSection>& sections() const { return sections_; }
  /// The first of that type (SHT_* of <elf.h>), or nullptr.
  [[nodiscard]] const ElfSection* find(std::uint32_t type) const;
  /// The section that `section` links to, where it is a table of strings; else nullptr.
  [[nodiscard]] const ElfSection* strings_of(const ElfSection& section) const;

  /// The whole section as libelf hands it out, valid as long as this object. Throws UnreadableElf
  /// where it reaches beyond the file or above 256 MiB.
  [[nodiscard]] Elf_Data* data(const ElfSection& section) const;
  /// The same as bytes.
  [[nodiscard]] std::string_view bytes(const ElfSection& section) const;

  /// Reads up to `size` bytes that begin `offset` bytes into the section; fewer at the section's
  /// end. Throws UnreadableElf where the file ends before.
  void read(const ElfSection& section, std::uint64_t offset, std::size_t size,
            std::string& bytes) const;

 private:
  void read_header();
  void name_sections(const std::vector<std::uint32_t>& names, std::size_t table_index);
  const ElfSection* at_index(std::size_t index) const;
  void check_place(const ElfSection& section) const;

  struct End {
    void operator()(Elf* elf) const { ::elf_end(elf); }
  };

  UniqueFd fd_;
  std::uint64_t size_ = 0;
  std::chrono::nanoseconds modified_{};
  ElfHeader header_;
  std::unique_ptr<Elf, End> elf_;
  std::vector<ElfSection> sections_;
};

/// The longest name that is read. Those of C++ templates reach some 10 KiB.
inline constexpr std::size_t string_size_limit = 64u << 10;

/// The string that begins at `offset` and ends at a NUL within `table`, of at most
/// string_size_limit; nothing where there is none.
[[nodiscard]] std::optional<std::string_view> string_at(std::string_view table,
                                                        std::uint64_t offset);

}  // namespace fusegate::probe
