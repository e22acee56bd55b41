// What GPUs have in common: they choose the order of threads themselves, tell no more of a fault
// than its code, and have no settings here.
#include "kernels/worker/runtime_hooks.hpp"

namespace fusegate::kernels {

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
