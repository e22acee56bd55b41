#include "probe/elf/module.hpp"

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/elf/dynamic.hpp"
#include "probe/elf/elf_file.hpp"
#include "probe/elf/shown_json.hpp"

namespace fusegate::probe {
namespace {

using nlohmann::ordered_json;

void report(BinaryModule& module, std::string what) {
  module.problems.push_back({shown(module.path), std::move(what), ""});
}

void fill(BinaryModule& module, const ElfFile& file, const BindingMarkers& markers,
          std::vector<std::string> strings) {
  auto dynamic = read_dynamic(file);
  module.soname = std::move(dynamic.soname);
  module.needed = std::move(dynamic.needed);
  module.rpath = std::move(dynamic.rpath);
  module.runpath = std::move(dynamic.runpath);
  module.build_id = read_build_id(file);
  auto symbols = read_symbols(file);
  module.exported = std::move(symbols.exported);
  module.undefined = std::move(symbols.undefined);
  if (symbols.left_out > 0) {
    report(module, fmt::format("has {} symbols whose names cannot be read", symbols.left_out));
  }
  for (auto& marker : strings_of(markers)) strings.push_back(std::move(marker));
  module.strings = find_strings(file, strings);
  module.gpu_code = read_gpu_code(file);
  for (const auto& remark : module.gpu_code.remarks) report(module, remark);
}

}  // namespace

BinaryModule read_module(const std::filesystem::path& path, const BindingMarkers& markers,
                         const std::vector<std::string>& strings) {
  BinaryModule module;
  module.path = path;
  try {
    ElfFile file(path);
    module.elf = file.header();
    module.modified = file.modified();
    file.read_sections();
    fill(module, file, markers, strings);
    module.readable = true;
    module.binding = classify_binding(module, markers);
  } catch (const UnreadableElf& error) {
    report(module, error.what());
    module.binding.reason = error.what();
  }
  return module;
}

ordered_json to_json(const BinaryModule& module) {
  return {{"path", shown(module.path)},
          {"readable", module.readable},
          {"elf", module.elf.bits == 0 ? ordered_json() : to_json(module.elf)},
          {"soname", shown_or_null(module.soname)},
          {"needed", shown_list(module.needed)},
          {"rpath", shown_list(module.rpath)},
          {"runpath", shown_list(module.runpath)},
          {"build_id", shown_or_null(module.build_id)},
          {"binding", to_json(module.binding)},
          {"gpu_targets", module.gpu_code.targets},
          {"gpu_targets_complete", !module.gpu_code.more},
          {"exported_symbols", module.exported.size()},
          {"undefined_symbols", module.undefined.size()},
          {"problems", to_json(module.problems)}};
}

}  // namespace fusegate::probe
