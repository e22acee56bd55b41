// fusegate-worker-cabi-RUNTIME --calls=JSON: a worker for the C functions of a compiled module.
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "kernels/c_abi/c_provider.hpp"
#include "kernels/worker/runtime_hooks.hpp"
#include "kernels/worker/worker_main.hpp"

namespace {

using namespace fusegate::kernels;

CCallTable read_table(const std::string& text) {
  try {
    return parse_call_table(text);
  } catch (const nlohmann::json::exception& error) {
    throw std::invalid_argument(std::string("is no call table: ") + error.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::optional<CCallTable> table;
  const auto device = read_command_line(argc, argv,
                                        {.apply =
                                             [&](std::string_view name, const std::string& value) {
                                               if (name != "calls") return false;
                                               table = read_table(value);
                                               return true;
                                             },
                                         .names = " --calls=JSON"});
  if (!device) return 2;
  if (!table) {
    std::fprintf(stderr, "%s: --calls=JSON is missing: which functions of which module\n", argv[0]);
    return 2;
  }
  CProvider provider(std::move(*table), *device);
  return serve(provider, std::string("fusegate-worker-cabi-") + runtime_name());
}
