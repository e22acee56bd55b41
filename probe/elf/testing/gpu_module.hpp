#pragma once

#include <string>

#include "probe/elf/testing/containers.hpp"
#include "probe/elf/testing/support.hpp"

namespace fusegate::probe {

/// module_gpu.so with these contents of its two sections; they become as long as their contents,
/// and none where that is empty.
inline std::filesystem::path write_gpu_module(const std::filesystem::path& path,
                                              const std::string& hip, const std::string& cuda) {
  const auto original = test_module("module_gpu.so");
  Bytes bytes(original);
  const auto table = bytes.get<std::uint64_t>(40);
  for (const auto& [name, content] : {std::pair(".hip_fatbin", hip), {".nv_fatbin", cuda}}) {
    const auto section = section_of(original, name);
    bytes.put_text(section.offset, content);
    bytes.put<std::uint64_t>(table + section.index * 64 + 32, content.size());
  }
  return bytes.write(path);
}

}  // namespace fusegate::probe
