#include "kernels/worker/runtime_hooks.hpp"

#include <stdexcept>

#include "kernels/runtime/simt/simt.hpp"

namespace fusegate::kernels {

const char* runtime_name() {
  return "simt";
}

std::string device_architecture(const hipDeviceProp_t&) {
  return "cpu";
}

void choose_schedule(std::uint64_t schedule) {
  simt::set_schedule_seed(schedule);
}

std::string kernel_fault_text() {
  return simt::fault_text();
}

bool apply_runtime_option(std::string_view name, const std::string& value) {
  // Options add up: the last word on each is the command line's.
  static simt::Config config;
  if (name == "warp-size") {
    config.warp_size = std::stoi(value);
  } else if (name == "devices") {
    config.devices = std::stoi(value);
  } else if (name == "threads") {
    config.threads = std::stoi(value);
  } else if (name == "memory-bytes") {
    config.memory_bytes = std::stoull(value);
  } else if (name == "hang-seconds") {
    config.hang_seconds = std::stod(value);
  } else {
    return false;
  }
  simt::configure(config);
  return true;
}

}  // namespace fusegate::kernels
