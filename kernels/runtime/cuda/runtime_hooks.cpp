#include "kernels/worker/runtime_hooks.hpp"

namespace fusegate::kernels {

const char* runtime_name() {
  return "cuda";
}

std::string device_architecture(const hipDeviceProp_t& properties) {
  return "sm_" + std::to_string(properties.major) + std::to_string(properties.minor);
}

}  // namespace fusegate::kernels
