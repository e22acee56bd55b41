#include "probe/engine/conditions/profile.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "probe/engine/conditions/platform.hpp"

namespace fusegate::probe {
namespace {

/// A name as Python has it, with dots.
bool is_dotted_name(std::string_view text) {
  const auto parts = split(text, '.');
  return std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
    return !part.empty() && std::isdigit(static_cast<unsigned char>(part.front())) == 0 &&
           std::all_of(part.begin(), part.end(), is_name_character);
  });
}

void set_architecture(Profile& profile, const std::string& architecture) {
  if (!profile.architecture.empty() && profile.architecture != architecture) {
    throw UsageError(fmt::format("--assume: only one GPU can be assumed: {} or {}",
                                 profile.architecture, architecture));
  }
  profile.architecture = architecture;
}

}  // namespace

const char* name_of(Truth truth) {
  switch (truth) {
    case Truth::no:
      return "no";
    case Truth::yes:
      return "yes";
    case Truth::open:
      return "open";
  }
  return "";
}

void parse_assumption(Profile& profile, std::string_view text) {
  const auto equals = text.find('=');
  const auto name = text.substr(0, equals);
  if (equals == text.npos) {
    if (const auto architecture = parse_architecture(name)) {
      return set_architecture(profile, *architecture);
    }
  }
  const bool is_broken_gpu = name.starts_with("gfx") || name.starts_with("sm_");
  if (is_broken_gpu || !is_dotted_name(name)) {
    throw UsageError(
        fmt::format("--assume: '{}' is nothing to assume: give a GPU (gfx942, sm_90), an "
                    "environment variable or Python "
                    "name (NAME=VALUE), or NAME for NAME=1",
                    printable(text, 80)));
  }
  const std::string value(equals == text.npos ? "1" : text.substr(equals + 1));
  const auto [it, is_new] = profile.variables.emplace(name, value);
  if (!is_new && it->second != value) {
    throw UsageError(fmt::format("--assume: {} cannot be assumed to be both '{}' and '{}'", name,
                                 it->second, value));
  }
}

}  // namespace fusegate::probe
