#include <elf.h>

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "probe/base/text.hpp"
#include "probe/elf/checks.hpp"
#include "probe/elf/gpu_targets.hpp"

namespace fusegate::probe {
namespace {

BinaryFinding unreadable(const std::string& name, const BinaryModule& module, std::string what) {
  return {FindingKind::unreadable,
          shown(name),
          std::move(what),
          {shown(module.path)},
          "remove the file, or install or build it anew"};
}

BinaryFinding wrong_machine(const std::string& name, const BinaryModule& module,
                            const ModuleMachine& machine) {
  return {FindingKind::wrong_machine,
          shown(name),
          fmt::format("it is for {}, this machine is {}", machine_text(module.elf),
                      machine_text(machine.elf)),
          {shown(module.path)},
          fmt::format("install a build for {}", machine_text(machine.elf))};
}

bool serves(const GpuCode& code, const std::string& architecture) {
  return std::any_of(code.targets.begin(), code.targets.end(),
                     [&](const auto& target) { return runs_on(target, architecture); });
}

bool is_for_nvidia(std::string_view name) {
  return name.starts_with("sm_") || name.starts_with("compute_");
}

/// The machine's GPUs that the code is meant for: those of a vendor that it has code for, or all
/// where there is no such one.
std::vector<std::string> meant_for(const GpuCode& code,
                                   const std::vector<std::string>& architectures) {
  std::vector<std::string> meant;
  for (const auto& architecture : architectures) {
    const bool same_vendor = std::any_of(
        code.targets.begin(), code.targets.end(),
        [&](const auto& target) { return is_for_nvidia(target) == is_for_nvidia(architecture); });
    if (same_vendor) meant.push_back(architecture);
  }
  return meant.empty() ? architectures : meant;
}

}  // namespace

std::vector<BinaryFinding> check_file(const std::string& name, const BinaryModule& module,
                                      const ModuleMachine& machine) {
  if (module.elf.bits != 0 && !same_machine(module.elf, machine.elf)) {
    return {wrong_machine(name, module, machine)};
  }
  if (!module.readable) {
    const auto& problems = module.problems;
    return {unreadable(name, module, problems.empty() ? "was not read" : problems.back().what)};
  }
  if (module.elf.type != ET_DYN) {
    return {unreadable(name, module, "is no shared library, but another kind of ELF file")};
  }
  std::vector<BinaryFinding> findings;
  const auto& code = module.gpu_code;
  if (code.more || code.targets.empty()) return findings;
  for (const auto& architecture : meant_for(code, machine.gpu_architectures)) {
    if (serves(code, architecture)) continue;
    findings.push_back(
        {FindingKind::missing_gpu_target,
         shown(name),
         fmt::format("it has no code for {}, which is in this machine", shown(architecture)),
         {fmt::format("has code for {}", join(code.targets, ", "))},
         fmt::format("build or install it for {}", shown(architecture))});
  }
  return findings;
}

}  // namespace fusegate::probe
