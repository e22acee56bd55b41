#pragma once

#include "probe/device/backend.hpp"

namespace fusegate::probe {

/// GPUs of both vendors from the kernel's own files below options.root, for where no library
/// answers and for what the libraries leave out: the KFD topology, the PCI bus with the files that
/// amdgpu puts there (Linux, Documentation/gpu/amdgpu), and /proc/driver/nvidia. Each PCI function
/// or partition once.
[[nodiscard]] BackendAnswer ask_sysfs(const SurveyOptions& options);

}  // namespace fusegate::probe
