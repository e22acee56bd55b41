#include "probe/elf/elf_file.hpp"

#include <elf.h>
#include <fcntl.h>
#include <gelf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <fmt/format.h>

#include "probe/elf/file_time.hpp"
#include "probe/sources/problem.hpp"

namespace fusegate::probe {
namespace {

// Far above what is known: the largest library of PyTorch's has some 3 GB, the largest table of
// symbols some 30 MB.
constexpr std::uint64_t file_size_limit = 64ull << 30;
constexpr std::uint64_t data_size_limit = 256ull << 20;

constexpr std::size_t section_name_limit = 256;

std::string reason_of(int error) {
  return std::generic_category().message(error);
}

/// Reads to the end of the file at most; returns how much came.
std::size_t read_at(int fd, std::uint64_t offset, char* bytes, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n = ::pread(fd, bytes + done, size - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw UnreadableElf(fmt::format("cannot be read: {}", reason_of(errno)));
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

[[noreturn]] void refuse_by_libelf(std::string_view action) {
  const char* reason = ::elf_errmsg(-1);
  throw UnreadableElf(fmt::format("{}: {}", action, reason == nullptr ? "no reason" : reason));
}

std::uint16_t half_at(const char* bytes, bool big_endian) {
  const auto first = static_cast<unsigned char>(bytes[0]);
  const auto second = static_cast<unsigned char>(bytes[1]);
  return static_cast<std::uint16_t>(big_endian ? first << 8 | second : second << 8 | first);
}

UniqueFd open_regular(const std::filesystem::path& path, struct stat& status) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (!fd) {
    throw UnreadableElf(errno == ENOENT ? "is not there"
                                        : fmt::format("cannot be opened: {}", reason_of(errno)));
  }
  if (::fstat(fd.get(), &status) != 0) {
    throw UnreadableElf(fmt::format("cannot be read: {}", reason_of(errno)));
  }
  if (S_ISDIR(status.st_mode)) throw UnreadableElf("is a folder");
  if (!S_ISREG(status.st_mode)) throw UnreadableElf("is not a regular file");
  return fd;
}

/// What libelf would believe without looking, and allocate memory for. Files with 65,280 sections
/// and more have their number elsewhere; no linker leaves so many in a shared library.
void check_table(const Elf64_Ehdr& header, std::uint64_t file_size) {
  if (header.e_shoff == 0 || header.e_shnum == 0) throw UnreadableElf("has no table of sections");
  if (header.e_shentsize != sizeof(Elf64_Shdr)) {
    throw UnreadableElf(fmt::format("has a table of sections with entries of {} bytes, not {}",
                                    header.e_shentsize, sizeof(Elf64_Shdr)));
  }
  const std::uint64_t table = std::uint64_t{header.e_shnum} * sizeof(Elf64_Shdr);
  if (header.e_shoff > file_size || table > file_size - header.e_shoff) {
    throw UnreadableElf("is truncated: its table of sections lies beyond its end");
  }
}

}  // namespace

ElfFile::ElfFile(const std::filesystem::path& path) {
  struct stat status {};
  fd_ = open_regular(path, status);
  size_ = static_cast<std::uint64_t>(status.st_size);
  modified_ = modification_time(status);
  if (size_ == 0) throw UnreadableElf("is empty");
  if (size_ > file_size_limit) {
    throw UnreadableElf(fmt::format("has more than {} GiB", file_size_limit >> 30));
  }
  read_header();
}

void ElfFile::read_header() {
  // Identification, type and machine stand at the same place in all classes (System V gABI, chapter
  // 4, "ELF Header").
  char bytes[EI_NIDENT + 4];
  if (read_at(fd_.get(), 0, bytes, sizeof bytes) < sizeof bytes ||
      std::memcmp(bytes, ELFMAG, SELFMAG) != 0) {
    throw UnreadableElf("is not an ELF file");
  }
  const auto kind = bytes[EI_CLASS];
  const auto order = bytes[EI_DATA];
  if ((kind != ELFCLASS32 && kind != ELFCLASS64) ||
      (order != ELFDATA2LSB && order != ELFDATA2MSB)) {
    throw UnreadableElf(fmt::format("is an ELF file of unknown class {} and byte order {}",
                                    static_cast<int>(kind), static_cast<int>(order)));
  }
  header_.bits = kind == ELFCLASS64 ? 64 : 32;
  header_.big_endian = order == ELFDATA2MSB;
  header_.type = half_at(bytes + EI_NIDENT, header_.big_endian);
  header_.machine = half_at(bytes + EI_NIDENT + 2, header_.big_endian);
}

void ElfFile::read_sections() {
  if (header_.bits != 64 || header_.big_endian) {
    throw UnreadableElf(
        fmt::format("is for {}: only 64-bit little-endian files are read", machine_text(header_)));
  }
  Elf64_Ehdr header{};
  char bytes[sizeof header];
  if (read_at(fd_.get(), 0, bytes, sizeof bytes) < sizeof bytes) {
    throw UnreadableElf("is truncated: its header is not whole");
  }
  std::memcpy(&header, bytes, sizeof header);
  check_table(header, size_);
  ::elf_version(EV_CURRENT);
  elf_.reset(::elf_begin(fd_.get(), ELF_C_READ, nullptr));
  if (!elf_) refuse_by_libelf("does not open");
  std::vector<std::uint32_t> names;
  for (Elf_Scn* scn = nullptr; (scn = ::elf_nextscn(elf_.get(), scn)) != nullptr;) {
    GElf_Shdr section;
    if (::gelf_getshdr(scn, &section) == nullptr)
      refuse_by_libelf("has a broken table of sections");
    sections_.push_back({"", section.sh_type, section.sh_flags, section.sh_offset, section.sh_size,
                         section.sh_link, ::elf_ndxscn(scn)});
    names.push_back(section.sh_name);
  }
  name_sections(names, header.e_shstrndx);
}

void ElfFile::name_sections(const std::vector<std::uint32_t>& names, std::size_t table_index) {
  const auto* table = at_index(table_index);
  if (table == nullptr || table->type != SHT_STRTAB) {
    throw UnreadableElf("has no table of section names");
  }
  const auto bytes_of_table = bytes(*table);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto name = string_at(bytes_of_table, names[i]);
    if (name && name->size() <= section_name_limit) sections_[i].name = *name;
  }
}

const ElfSection* ElfFile::at_index(std::size_t index) const {
  const auto it = std::find_if(sections_.begin(), sections_.end(),
                               [&](const auto& section) { return section.index == index; });
  return it == sections_.end() ? nullptr : &*it;
}

const ElfSection* ElfFile::find(std::uint32_t type) const {
  const auto it = std::find_if(sections_.begin(), sections_.end(),
                               [&](const auto& section) { return section.type == type; });
  return it == sections_.end() ? nullptr : &*it;
}

const ElfSection* ElfFile::strings_of(const ElfSection& section) const {
  const auto* table = at_index(section.link);
  return table != nullptr && table->type == SHT_STRTAB ? table : nullptr;
}

Elf_Data* ElfFile::data(const ElfSection& section) const {
  if (section.size > data_size_limit) {
    throw UnreadableElf(fmt::format("has a section {} of more than {} MiB", shown(section.name),
                                    data_size_limit >> 20));
  }
  check_place(section);
  Elf_Data* data = ::elf_getdata(::elf_getscn(elf_.get(), section.index), nullptr);
  if (data == nullptr)
    refuse_by_libelf(fmt::format("has a broken section {}", shown(section.name)));
  return data;
}

std::string_view ElfFile::bytes(const ElfSection& section) const {
  const Elf_Data* data = this->data(section);
  if (data->d_buf == nullptr) return {};
  return {static_cast<const char*>(data->d_buf), data->d_size};
}

void ElfFile::check_place(const ElfSection& section) const {
  if (section.offset > size_ || section.size > size_ - section.offset) {
    throw UnreadableElf(
        fmt::format("is truncated: its section {} lies beyond its end", shown(section.name)));
  }
}

void ElfFile::read(const ElfSection& section, std::uint64_t offset, std::size_t size,
                   std::string& bytes) const {
  check_place(section);
  const std::uint64_t left = offset < section.size ? section.size - offset : 0;
  bytes.resize(static_cast<std::size_t>(std::min<std::uint64_t>(size, left)));
  if (read_at(fd_.get(), section.offset + offset, bytes.data(), bytes.size()) < bytes.size()) {
    throw UnreadableElf("shrank while it was read");
  }
}

std::optional<std::string_view> string_at(std::string_view table, std::uint64_t offset) {
  if (offset >= table.size()) return std::nullopt;
  const auto rest = table.substr(static_cast<std::size_t>(offset), string_size_limit + 1);
  const auto end = rest.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  return rest.substr(0, end);
}

}  // namespace fusegate::probe
