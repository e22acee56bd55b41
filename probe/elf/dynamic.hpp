#pragma once

#include <string>
#include <vector>

#include "probe/elf/elf_file.hpp"

namespace fusegate::probe {

/// What a file tells the loader of itself and of the libraries that it needs. Names are as they
/// stand there.
struct DynamicSection {
  std::string soname;
  std::vector<std::string> needed;   ///< in the loader's order
  std::vector<std::string> rpath;    ///< folders, without empty ones, at most 256
  std::vector<std::string> runpath;  ///< folders, without empty ones, at most 256
};

/// Nothing but empty fields for a file without a dynamic section. After ElfFile::read_sections;
/// throws UnreadableElf, also on more than 1024 needed libraries.
[[nodiscard]] DynamicSection read_dynamic(const ElfFile& file);

/// The GNU build id as hexadecimal digits, empty where there is none or it cannot be read.
[[nodiscard]] std::string read_build_id(const ElfFile& file);

}  // namespace fusegate::probe
