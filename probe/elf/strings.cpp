#include "probe/elf/strings.hpp"

#include <elf.h>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "probe/elf/elf_file.hpp"

namespace fusegate::probe {
namespace {

constexpr std::size_t candidate_limit = 4096;
constexpr std::size_t piece_size = 1u << 20;
constexpr std::uint64_t total_limit = 1u << 30;

bool is_read_only_data(const ElfSection& section) {
  constexpr std::uint64_t kinds = SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR;
  // The GPU's code lies in read-only sections, too, and has strings of its own.
  return section.type == SHT_PROGBITS && (section.flags & kinds) == SHF_ALLOC &&
         section.name.find("fatbin") == std::string::npos &&
         section.name.find("FatBin") == std::string::npos;
}

/// Whether a string can begin after this byte: it cannot be part of the same text.
bool ends_text(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte >= 0x7f;
}

/// Looks for strings in bytes that come in pieces.
class Search {
 public:
  explicit Search(const std::vector<std::string>& candidates) {
    for (const auto& candidate : candidates) {
      const auto [it, is_new] = places_.emplace(candidate, StringPlace::absent);
      if (!is_new || candidate.empty() || candidate.size() > candidate_limit) continue;
      by_last_[static_cast<unsigned char>(candidate.back())].push_back(&*it);
      longest_ = std::max(longest_, candidate.size());
    }
  }

  void section(const ElfFile& file, const ElfSection& section) {
    std::string window;
    std::string piece;
    for (std::uint64_t offset = 0; offset < section.size; offset += piece_size) {
      file.read(section, offset, piece_size, piece);
      // What ends in this piece may begin in the last: as much of it stays as can matter.
      if (window.size() > longest_ + 1) window.erase(0, window.size() - longest_ - 1);
      const std::size_t begin = window.size();
      window += piece;
      look(window, begin, offset + piece.size() == window.size());
    }
  }

  StringPlaces take() { return std::move(places_); }

 private:
  /// Looks at the strings that end at or after `begin`; `at_start`: the section starts here.
  void look(std::string_view window, std::size_t begin, bool at_start) {
    for (auto end = window.find('\0', begin); end != window.npos;
         end = window.find('\0', end + 1)) {
      if (end == 0) continue;
      for (auto* entry : by_last_[static_cast<unsigned char>(window[end - 1])]) {
        const auto& candidate = entry->first;
        if (entry->second == StringPlace::whole || !window.substr(0, end).ends_with(candidate)) {
          continue;
        }
        const std::size_t first = end - candidate.size();
        const bool whole = first == 0 ? at_start : ends_text(window[first - 1]);
        entry->second = whole ? StringPlace::whole : StringPlace::tail;
      }
    }
  }

  StringPlaces places_;
  std::array<std::vector<StringPlaces::value_type*>, 256> by_last_;
  std::size_t longest_ = 0;
};

}  // namespace

std::string_view name_of(StringPlace place) {
  switch (place) {
    case StringPlace::absent:
      return "absent";
    case StringPlace::tail:
      return "tail";
    case StringPlace::whole:
      return "whole";
  }
  return "";
}

StringPlaces find_strings(const ElfFile& file, const std::vector<std::string>& candidates) {
  Search search(candidates);
  std::uint64_t total = 0;
  for (const auto& section : file.sections()) {
    if (!is_read_only_data(section)) continue;
    if (section.size > total_limit - total) {
      throw UnreadableElf(fmt::format("has more than {} GiB of read-only data", total_limit >> 30));
    }
    total += section.size;
    search.section(file, section);
  }
  return search.take();
}

}  // namespace fusegate::probe
