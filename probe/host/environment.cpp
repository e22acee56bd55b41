#include "probe/host/environment.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace fusegate::probe {
namespace {

constexpr std::array<std::string_view, 11> recorded_names{
    "AMD_SERIALIZE_KERNEL", "CUDA_VISIBLE_DEVICES",     "GPU_DEVICE_ORDINAL", "HIP_LAUNCH_BLOCKING",
    "HIP_VISIBLE_DEVICES",  "HSA_OVERRIDE_GFX_VERSION", "HSA_XNACK",          "LD_LIBRARY_PATH",
    "PYTORCH_ROCM_ARCH",    "ROCR_VISIBLE_DEVICES",     "SGLANG_USE_AITER"};

constexpr std::array<std::string_view, 2> recorded_prefixes{"AITER_", "VLLM_ROCM_USE_AITER"};

/// Whether a path may go on after this character: /home/al is not the beginning of /home/alice.
bool continues_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
}

std::string replace_home(std::string_view value, std::string_view home) {
  while (home.size() > 1 && home.back() == '/') home.remove_suffix(1);
  if (home.size() < 2) return std::string(value);
  std::string out;
  for (;;) {
    const auto at = value.find(home);
    if (at == std::string_view::npos) return out.append(value);
    out.append(value.substr(0, at));
    value.remove_prefix(at + home.size());
    out.append(!value.empty() && continues_name(value.front()) ? home : "~");
  }
}

std::string valid_utf8(const std::string& text) {
  using Json = nlohmann::json;
  return Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace))
      .get<std::string>();
}

}  // namespace

bool is_recorded_variable(std::string_view name) {
  return std::ranges::find(recorded_names, name) != recorded_names.end() ||
         std::ranges::any_of(recorded_prefixes,
                             [&](std::string_view prefix) { return name.starts_with(prefix); });
}

std::string recorded_value(std::string_view value, std::string_view home) {
  std::string text = replace_home(value, home);
  std::string cut;
  if (text.size() > longest_recorded_value) {
    cut = fmt::format("... (cut: {} characters in all)", text.size());
    text.resize(longest_recorded_value);
  }
  return valid_utf8(text) + cut;
}

std::map<std::string, std::string> recorded_environment() {
  std::map<std::string, std::string> recorded;
  const char* home = std::getenv("HOME");
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view setting = *entry;
    const auto equals = setting.find('=');
    if (equals == std::string_view::npos || !is_recorded_variable(setting.substr(0, equals))) {
      continue;
    }
    recorded.emplace(setting.substr(0, equals),
                     recorded_value(setting.substr(equals + 1), home == nullptr ? "" : home));
  }
  return recorded;
}

}  // namespace fusegate::probe
