#include "kernels/worker/runtime_hooks.hpp"

namespace fusegate::kernels {

const char* runtime_name() {
  return "cuda";
}

std::string device_architecture(const hipDeviceProp_t& properties) {
  return "sm_" + std::to_string(properties.major) + std::to_string(properties.minor);
}

void choose_schedule(std::uint64_t) {}

std::string kernel_fault_text() {
  return "";
}

bool apply_runtime_option(std::string_view, const std::string&) {
  return false;
}

const char* runtime_options() {
  return "";
}

}  // namespace fusegate::kernels
