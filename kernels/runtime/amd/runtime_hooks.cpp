#include "kernels/worker/runtime_hooks.hpp"

namespace fusegate::kernels {

const char* runtime_name() {
  return "amd";
}

std::string device_architecture(const hipDeviceProp_t& properties) {
  // "gfx942:sramecc+:xnack-": the features are not part of the architecture.
  const std::string name = properties.gcnArchName;
  return name.substr(0, name.find(':'));
}

}  // namespace fusegate::kernels
