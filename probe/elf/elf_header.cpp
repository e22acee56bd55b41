#include "probe/elf/elf_header.hpp"

#include <elf.h>

#include <bit>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace fusegate::probe {
namespace {

std::string machine_name(unsigned machine) {
  switch (machine) {
    case EM_386:
      return "x86";
    case EM_X86_64:
      return "x86-64";
    case EM_ARM:
      return "ARM";
    case EM_AARCH64:
      return "AArch64";
    case EM_PPC64:
      return "PowerPC64";
    case EM_S390:
      return "S/390";
    case EM_RISCV:
      return "RISC-V";
    case EM_LOONGARCH:
      return "LoongArch";
    case EM_AMDGPU:
      return "AMD GPU";
    case EM_CUDA:
      return "NVIDIA GPU";
    default:
      return fmt::format("machine {}", machine);
  }
}

bool is_64_bit_by_name(unsigned machine) {
  return machine == EM_X86_64 || machine == EM_AARCH64 || machine == EM_PPC64;
}

std::string type_text(unsigned type) {
  switch (type) {
    case ET_REL:
      return "object file";
    case ET_EXEC:
      return "executable";
    case ET_DYN:
      return "shared library";
    case ET_CORE:
      return "core dump";
    default:
      return fmt::format("type {}", type);
  }
}

}  // namespace

ElfHeader header_of_this_machine() {
#if defined(__x86_64__)
  constexpr unsigned machine = EM_X86_64;
#elif defined(__aarch64__)
  constexpr unsigned machine = EM_AARCH64;
#elif defined(__powerpc64__)
  constexpr unsigned machine = EM_PPC64;
#elif defined(__riscv)
  constexpr unsigned machine = EM_RISCV;
#else
#error "name the ELF machine of this architecture here"
#endif
  return {sizeof(void*) * 8, std::endian::native == std::endian::big, machine, ET_DYN};
}

bool same_machine(const ElfHeader& a, const ElfHeader& b) {
  return a.bits == b.bits && a.big_endian == b.big_endian && a.machine == b.machine;
}

std::string machine_text(const ElfHeader& header) {
  std::string text = machine_name(header.machine);
  const bool named = is_64_bit_by_name(header.machine);
  if (header.bits == 32 && header.machine != EM_386) text = "32-bit " + text;
  if (header.bits == 64 && !named) text = "64-bit " + text;
  return header.big_endian ? "big-endian " + text : text;
}

nlohmann::ordered_json to_json(const ElfHeader& header) {
  return {{"bits", header.bits},
          {"byte_order", header.big_endian ? "big" : "little"},
          {"machine", machine_name(header.machine)},
          {"type", type_text(header.type)}};
}

}  // namespace fusegate::probe
