#include "probe/elf/gpu_targets.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "probe/base/text.hpp"

namespace fusegate::probe {
namespace {

struct GenericProcessor {
  std::string_view name;
  std::string_view members;
};

constexpr std::array<GenericProcessor, 7> generic_processors{{
    {"gfx9-generic", "gfx900 gfx902 gfx904 gfx906 gfx909 gfx90c"},
    {"gfx9-4-generic", "gfx940 gfx941 gfx942 gfx950"},
    {"gfx10-1-generic", "gfx1010 gfx1011 gfx1012 gfx1013"},
    {"gfx10-3-generic", "gfx1030 gfx1031 gfx1032 gfx1033 gfx1034 gfx1035 gfx1036"},
    {"gfx11-generic", "gfx1100 gfx1101 gfx1102 gfx1103 gfx1150 gfx1151 gfx1152 gfx1153"},
    {"gfx12-generic", "gfx1200 gfx1201"},
    {"gfx12-5-generic", "gfx1250 gfx1251"},
}};

bool generic_serves(std::string_view generic, std::string_view processor) {
  for (const auto& known : generic_processors) {
    if (known.name != generic) continue;
    const auto members = split_words(known.members);
    return std::find(members.begin(), members.end(), processor) != members.end();
  }
  constexpr std::string_view suffix = "-generic";
  if (!generic.ends_with(suffix)) return false;
  std::string prefix(generic.substr(0, generic.size() - suffix.size()));
  std::erase(prefix, '-');
  return processor.starts_with(prefix);
}

/// Whether no feature has another sign in the other list.
bool features_agree(const std::vector<std::string_view>& a,
                    const std::vector<std::string_view>& b) {
  const auto contradicts = [](std::string_view x, std::string_view y) {
    return !x.empty() && x.size() == y.size() && x.back() != y.back() &&
           x.substr(0, x.size() - 1) == y.substr(0, y.size() - 1);
  };
  // The first of each is the processor.
  return std::none_of(a.begin() + 1, a.end(), [&](const auto& feature) {
    return std::any_of(b.begin() + 1, b.end(),
                       [&](const auto& other) { return contradicts(feature, other); });
  });
}

bool runs_on_amd(std::string_view target, std::string_view architecture) {
  if (target == "amdgcnspirv") return true;
  const auto wanted = split(target, ':');
  const auto given = split(architecture, ':');
  // Until code object version 3 features followed the processor with a + each.
  const auto processor = wanted.front().substr(0, wanted.front().find('+'));
  const bool same = processor == given.front() || generic_serves(processor, given.front());
  return same && features_agree(wanted, given);
}

struct Capability {
  int major = 0;
  int minor = 0;
  char suffix = '\0';
};

/// "sm_90a", "compute_120".
std::optional<Capability> capability_of(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  int number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || number < 10) return std::nullopt;
  Capability capability{number / 10, number % 10};
  if (end != name.data() + name.size()) capability.suffix = *end;
  return capability;
}

bool runs_on_nvidia(std::string_view target, const Capability& device) {
  const auto code = capability_of(target, "sm_");
  const auto ptx = capability_of(target, "compute_");
  if (!code && !ptx) return false;
  const auto& wanted = code ? *code : *ptx;
  const bool same_major = device.major == wanted.major;
  if (wanted.suffix == 'a') return same_major && device.minor == wanted.minor;
  if (code || wanted.suffix == 'f') return same_major && device.minor >= wanted.minor;
  return device.major > wanted.major || (same_major && device.minor >= wanted.minor);
}

}  // namespace

bool runs_on(std::string_view target, std::string_view architecture) {
  if (const auto device = capability_of(architecture, "sm_")) {
    return runs_on_nvidia(target, *device);
  }
  return runs_on_amd(target, architecture);
}

}  // namespace fusegate::probe
