#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fusegate::probe {

/// "0000:05:00.0", as lspci -D and sysfs write it.
[[nodiscard]] std::string pci_address_text(unsigned domain, unsigned bus, unsigned device,
                                           unsigned function);

/// An address as another tool writes it ("00000000:C1:00.0", NVML) in the form above. What is not
/// an address comes back as it is.
[[nodiscard]] std::string canonical_pci_address(std::string_view text);

/// A PCI function and, where the GPU is partitioned (DPX, CPX), which partition of it.
struct PartitionAddress {
  std::string pci;
  unsigned partition = 0;
};

/// The identifier of rsmi_dev_pci_id_get and amdsmi_get_gpu_bdf_id: domain [63:32], partition
/// [31:28], bus [15:8], device [7:3], function [2:0] (rocm_smi.h, ROCm 6.1 to 7). A KFD node's
/// domain << 32 | location_id is the same. ROCm 5 leaves [31:16] zero.
[[nodiscard]] PartitionAddress decode_bdf_id(std::uint64_t id);

}  // namespace fusegate::probe
