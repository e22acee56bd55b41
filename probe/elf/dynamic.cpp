#include "probe/elf/dynamic.hpp"

#include <elf.h>
#include <gelf.h>

#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include "probe/base/text.hpp"

namespace fusegate::probe {
namespace {

// Far above what linkers leave: some 40 entries, some 100 libraries, one or two notes.
constexpr std::uint64_t dynamic_size_limit = 1u << 20;
constexpr std::size_t needed_limit = 1024;
constexpr std::size_t folder_limit = 256;
constexpr std::size_t library_name_limit = 4096;  // PATH_MAX of Linux
constexpr std::size_t note_sections_limit = 64;
constexpr std::uint64_t note_size_limit = 64u << 10;
constexpr std::size_t build_id_limit = 64;  // in practice 8 to 32 bytes

std::vector<std::string> folders_of(std::string_view list) {
  std::vector<std::string> folders;
  for (const auto folder : split(list, ':')) {
    if (!folder.empty() && folders.size() < folder_limit) folders.emplace_back(folder);
  }
  return folders;
}

/// Stores an entry whose value is a string.
void store(GElf_Sxword tag, std::string_view text, DynamicSection& dynamic) {
  switch (tag) {
    case DT_SONAME:
      dynamic.soname = text;
      break;
    case DT_NEEDED:
      if (dynamic.needed.size() >= needed_limit || text.size() > library_name_limit) {
        throw UnreadableElf("needs more libraries, or with longer names, than can be");
      }
      dynamic.needed.emplace_back(text);
      break;
    case DT_RPATH:
      dynamic.rpath = folders_of(text);
      break;
    case DT_RUNPATH:
      dynamic.runpath = folders_of(text);
      break;
    default:
      break;
  }
}

bool is_text(GElf_Sxword tag) {
  return tag == DT_SONAME || tag == DT_NEEDED || tag == DT_RPATH || tag == DT_RUNPATH;
}

std::string hexadecimal(std::string_view bytes) {
  std::string digits;
  for (const char c : bytes) {
    fmt::format_to(std::back_inserter(digits), "{:02x}", static_cast<unsigned char>(c));
  }
  return digits;
}

/// The build id among the notes of a section.
std::string build_id_in(Elf_Data& data) {
  const std::string_view bytes(static_cast<const char*>(data.d_buf), data.d_size);
  constexpr std::string_view owner(ELF_NOTE_GNU, sizeof ELF_NOTE_GNU);
  GElf_Nhdr note;
  std::size_t name = 0;
  std::size_t content = 0;
  for (std::size_t at = 0; (at = ::gelf_getnote(&data, at, &note, &name, &content)) > 0;) {
    if (note.n_type == NT_GNU_BUILD_ID && note.n_descsz <= build_id_limit &&
        bytes.substr(name, note.n_namesz) == owner) {
      return hexadecimal(bytes.substr(content, note.n_descsz));
    }
  }
  return "";
}

}  // namespace

DynamicSection read_dynamic(const ElfFile& file) {
  DynamicSection dynamic;
  const auto* section = file.find(SHT_DYNAMIC);
  if (section == nullptr) return dynamic;
  const auto* strings = file.strings_of(*section);
  if (strings == nullptr) throw UnreadableElf("has a dynamic section without a table of strings");
  const auto table = file.bytes(*strings);
  if (section->size > dynamic_size_limit) throw UnreadableElf("has too large a dynamic section");
  Elf_Data* data = file.data(*section);
  const auto count = static_cast<int>(data->d_size / sizeof(Elf64_Dyn));
  for (int i = 0; i < count; ++i) {
    GElf_Dyn entry;
    if (::gelf_getdyn(data, i, &entry) == nullptr)
      throw UnreadableElf("has a broken dynamic section");
    if (entry.d_tag == DT_NULL) break;
    if (!is_text(entry.d_tag)) continue;
    const auto text = string_at(table, entry.d_un.d_val);
    if (!text) throw UnreadableElf("has a dynamic section with names outside its table of strings");
    store(entry.d_tag, *text, dynamic);
  }
  return dynamic;
}

std::string read_build_id(const ElfFile& file) {
  std::size_t left = note_sections_limit;
  for (const auto& section : file.sections()) {
    if (section.type != SHT_NOTE || section.size == 0 || section.size > note_size_limit) continue;
    if (left-- == 0) break;
    try {
      if (auto id = build_id_in(*file.data(section)); !id.empty()) return id;
    } catch (const UnreadableElf&) {
      // One broken note says nothing of the next.
    }
  }
  return "";
}

}  // namespace fusegate::probe
