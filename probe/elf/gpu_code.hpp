#pragma once

#include <string>
#include <vector>

namespace fusegate::probe {

class ElfFile;

/// The GPU code that a file carries.
struct GpuCode {
  /// Sorted, each once: "gfx942", "gfx90a:sramecc+:xnack-", "gfx9-4-generic", "amdgcnspirv" from
  /// HIP; "sm_90a" (machine code) and "compute_90" (PTX) from CUDA.
  std::vector<std::string> targets;
  /// Some code's targets are unknown: a compressed bundle, or a container that cannot be followed.
  bool more = false;
  std::vector<std::string> remarks;  ///< each completes "FILE ..."
};

/// Reads the containers' headers in the sections .hip_fatbin and .nv_fatbin, not the code. After
/// ElfFile::read_sections; never throws on what the containers hold.
///
/// - HIP: clang offload bundles at multiples of 4096 bytes (Clang documentation, "Clang Offload
///   Bundler", "Bundled Code Object Layout"; the alignment is clang's, CGCUDANV.cpp). Compressed
///   ones
///   ("CCOB") are not opened.
/// - CUDA: the format is not documented. A container is {u32 0xba55ed50, u16 version, u16 header
/// size,
///   u64 size}, an entry {u16 kind: 1 PTX, 2 machine code; u16 version; u32 header size; u64 size;
///   ...; at 28 u32 architecture; at 40 u64 flags: bit 20 the suffix "a", bit 21 "f"}, as nvcc 13.0
///   writes them.
[[nodiscard]] GpuCode read_gpu_code(const ElfFile& file);

}  // namespace fusegate::probe
