#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace fusegate::probe {

/// What the first bytes of an ELF file say of the machine that it is for.
struct ElfHeader {
  unsigned bits = 0;  ///< 32 or 64; 0: no ELF file was read
  bool big_endian = false;
  unsigned machine = 0;  ///< EM_* of <elf.h>
  unsigned type = 0;     ///< ET_* of <elf.h>: ET_DYN for a shared library

  bool operator==(const ElfHeader&) const = default;
};

/// The header of a shared library that this program's machine can load.
[[nodiscard]] ElfHeader header_of_this_machine();

/// Whether class, byte order and machine are the same; the loader looks at these before all else.
[[nodiscard]] bool same_machine(const ElfHeader& a, const ElfHeader& b);

/// "x86-64", "AArch64", "32-bit ARM", "big-endian PowerPC64"; "machine 999" where it has no name.
[[nodiscard]] std::string machine_text(const ElfHeader& header);

/// {bits, byte_order, machine, type}: "little", "x86-64", "shared library".
[[nodiscard]] nlohmann::ordered_json to_json(const ElfHeader& header);

}  // namespace fusegate::probe
