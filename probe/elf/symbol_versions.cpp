#include "probe/elf/symbol_versions.hpp"

#include <elf.h>
#include <gelf.h>

#include <string_view>

#include "probe/elf/elf_file.hpp"

namespace fusegate::probe {
namespace {

// Symbols number versions with 15 bits (LSB Core, "Symbol Version Table").
constexpr std::size_t version_limit = 1u << 15;
constexpr std::size_t name_limit = 1024;

/// A section of versions: libelf's data, and the table that its names are in.
struct Source {
  Elf_Data* data = nullptr;
  std::string_view names;
};

Source source_of(const ElfFile& file, std::uint32_t type) {
  const auto* section = file.find(type);
  const auto* strings = section == nullptr ? nullptr : file.strings_of(*section);
  if (strings == nullptr) return {};
  return {file.data(*section), file.bytes(*strings)};
}

std::string text_at(const Source& source, std::uint64_t offset) {
  const auto text = string_at(source.names, offset);
  return text && text->size() <= name_limit ? std::string(*text) : "";
}

// Both sections are chains of offsets from entry to entry. They only lead forward, and the number
// of entries is bounded, so that a chain ends whatever it holds.

void add_defined(const Source& source, std::map<unsigned, SymbolVersion>& versions) {
  GElf_Verdef entry;
  GElf_Verdaux name;
  std::size_t offset = 0;
  for (std::size_t count = 0; count < version_limit; ++count) {
    const int at = static_cast<int>(offset);
    if (::gelf_getverdef(source.data, at, &entry) == nullptr) return;
    const bool is_file_itself = (entry.vd_flags & VER_FLG_BASE) != 0;
    const std::size_t first_name = offset + entry.vd_aux;
    if (!is_file_itself && first_name < source.data->d_size &&
        ::gelf_getverdaux(source.data, static_cast<int>(first_name), &name) != nullptr) {
      versions[entry.vd_ndx] = {text_at(source, name.vda_name), ""};
    }
    offset += entry.vd_next;
    if (entry.vd_next == 0 || offset >= source.data->d_size) return;
  }
}

/// Adds the versions of one library; returns how many there were.
std::size_t add_versions_of(const Source& source, std::size_t offset, const std::string& library,
                            std::size_t limit, std::map<unsigned, SymbolVersion>& versions) {
  GElf_Vernaux version;
  std::size_t count = 0;
  while (count < limit && offset < source.data->d_size &&
         ::gelf_getvernaux(source.data, static_cast<int>(offset), &version) != nullptr) {
    ++count;
    versions[version.vna_other] = {text_at(source, version.vna_name), library};
    offset += version.vna_next;
    if (version.vna_next == 0) break;
  }
  return count;
}

void add_needed(const Source& source, std::map<unsigned, SymbolVersion>& versions) {
  GElf_Verneed entry;
  std::size_t offset = 0;
  for (std::size_t count = 0; count < version_limit; ++count) {
    if (::gelf_getverneed(source.data, static_cast<int>(offset), &entry) == nullptr) return;
    count += add_versions_of(source, offset + entry.vn_aux, text_at(source, entry.vn_file),
                             version_limit - count, versions);
    offset += entry.vn_next;
    if (entry.vn_next == 0 || offset >= source.data->d_size) return;
  }
}

}  // namespace

std::map<unsigned, SymbolVersion> read_versions(const ElfFile& file) {
  std::map<unsigned, SymbolVersion> versions;
  try {
    if (const auto defined = source_of(file, SHT_GNU_verdef); defined.data != nullptr) {
      add_defined(defined, versions);
    }
    if (const auto needed = source_of(file, SHT_GNU_verneed); needed.data != nullptr) {
      add_needed(needed, versions);
    }
  } catch (const UnreadableElf&) {
    // Symbols without versions still say much.
  }
  return versions;
}

}  // namespace fusegate::probe
