#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fusegate::probe {

class ElfFile;

/// How a text occurs in the read-only data of a file.
enum class StringPlace {
  absent,
  tail,   ///< only as the end of longer texts
  whole,  ///< as a text of its own
};

[[nodiscard]] std::string_view name_of(StringPlace place);

/// What was looked for, and how it occurs.
using StringPlaces = std::map<std::string, StringPlace, std::less<>>;

/// Which of `candidates` the read-only sections of `file` hold as NUL-terminated strings. Linkers
/// store a string that another one ends with only once ("gemma_norm" as the end of
/// "use_gemma_norm", for sections with SHF_MERGE and SHF_STRINGS: System V gABI, "Sections"), so
/// that `tail` may be a string of its own as well as none. Empty and overlong (above 4096 bytes)
/// candidates are absent. After ElfFile::read_sections; throws UnreadableElf, also on more than 1
/// GiB of such sections.
[[nodiscard]] StringPlaces find_strings(const ElfFile& file,
                                        const std::vector<std::string>& candidates);

}  // namespace fusegate::probe
