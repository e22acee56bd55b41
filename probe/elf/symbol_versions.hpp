#pragma once

#include <map>
#include <string>

namespace fusegate::probe {

class ElfFile;

struct SymbolVersion {
  std::string name;
  std::string library;  ///< that is to have it; empty where the file itself defines it
};

/// The versions that a file defines and needs, by the number that its symbols name them by.
/// The file's own name, number 1, is none. What is broken ends the list.
[[nodiscard]] std::map<unsigned, SymbolVersion> read_versions(const ElfFile& file);

}  // namespace fusegate::probe
