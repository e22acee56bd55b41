#include "kernels/worker/runtime_hooks.hpp"

#include <cstdint>
#include <limits>
#include <stdexcept>

#include "kernels/runtime/simt/simt.hpp"
#include "kernels/worker/options.hpp"

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
    if (value != "32" && value != "64") throw std::invalid_argument("wants 32 or 64");
    config.warp_size = value == "32" ? 32 : 64;
  } else if (name == "devices") {
    config.devices = static_cast<int>(whole_number(value, 1, 64));
  } else if (name == "threads") {
    config.threads = static_cast<int>(whole_number(value, 0, 1024));
  } else if (name == "memory-bytes") {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    config.memory_bytes = static_cast<std::size_t>(whole_number(value, 1, most));
  } else if (name == "hang-seconds") {
    config.hang_seconds = positive_number(value);
  } else if (name == "block-seconds") {
    config.block_seconds = positive_number(value);
  } else {
    return false;
  }
  simt::configure(config);
  return true;
}

const char* runtime_options() {
  return " --warp-size=64 --devices=1 --threads=0 --memory-bytes=8589934592 --hang-seconds=10 "
         "--block-seconds=30";
}

}  // namespace fusegate::kernels
