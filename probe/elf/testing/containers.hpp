#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Containers of GPU code as compilers write them (gpu_code.hpp), around code that is none.

namespace fusegate::probe {

template <class Number>
void append_number(std::string& bytes, Number number) {
  bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
}

/// A bundle of clang's for these entries, such as "hipv4-amdgcn-amd-amdhsa--gfx942", with 64 bytes
/// of code each, behind an empty one for the host.
inline std::string hip_bundle(const std::vector<std::string>& names) {
  std::vector<std::string> entries{"host-x86_64-unknown-linux-gnu-"};
  entries.insert(entries.end(), names.begin(), names.end());
  std::string bytes = "__CLANG_OFFLOAD_BUNDLE__";
  append_number<std::uint64_t>(bytes, entries.size());
  constexpr std::uint64_t first = 2048;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    append_number<std::uint64_t>(bytes, i == 0 ? first : first + (i - 1) * 64);
    append_number<std::uint64_t>(bytes, i == 0 ? 0 : 64);
    append_number<std::uint64_t>(bytes, entries[i].size());
    bytes += entries[i];
  }
  bytes.resize(first + names.size() * 64, '\0');
  return bytes;
}

inline std::string hip_entry(std::string_view target) {
  return "hipv4-amdgcn-amd-amdhsa--" + std::string(target);
}

/// `bytes` up to the next place where a bundle may begin.
inline std::string padded(std::string bytes) {
  bytes.resize((bytes.size() + 4095) / 4096 * 4096, '\0');
  return bytes;
}

struct CudaImage {
  std::uint16_t kind = 2;  ///< 1: PTX
  std::uint32_t architecture = 0;
  std::uint64_t flags = 0;
};

/// A container of nvcc's with 16 bytes of code for each image.
inline std::string cuda_container(const std::vector<CudaImage>& images) {
  std::string entries;
  for (const auto& image : images) {
    append_number<std::uint16_t>(entries, image.kind);
    append_number<std::uint16_t>(entries, 0x101);
    append_number<std::uint32_t>(entries, 64);
    append_number<std::uint64_t>(entries, 16);
    entries.append(12, '\0');
    append_number<std::uint32_t>(entries, image.architecture);
    append_number<std::uint64_t>(entries, 0);
    append_number<std::uint64_t>(entries, image.flags);
    entries.append(16 + 16, '\0');
  }
  std::string bytes;
  append_number<std::uint32_t>(bytes, 0xba55ed50);
  append_number<std::uint16_t>(bytes, 1);
  append_number<std::uint16_t>(bytes, 16);
  append_number<std::uint64_t>(bytes, entries.size());
  return bytes + entries;
}

}  // namespace fusegate::probe
