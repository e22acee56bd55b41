// The readers of contracts (probe/generation, probe/library): on a file that breaks the schema they
// may throw what their headers say, nothing else.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <nlohmann/json.hpp>

#include "probe/library/contract.hpp"

namespace {

using namespace fusegate::probe;

void read_entry(std::string_view text) {
  try {
    const auto contract = parse_entry_contract(text);
    for (const auto& generation : contract.generations) {
      (void)contains(generation.releases, "0.1.14.post1");
    }
    for (const auto& defect : contract.defects) (void)contains(defect.releases, "0.1.14.post1");
  } catch (const nlohmann::json::exception&) {
  }
}

void read_library(std::string_view text) {
  try {
    (void)parse_library_contract(text);
  } catch (const nlohmann::json::exception&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  read_entry(text);
  read_library(text);
  return 0;
}
