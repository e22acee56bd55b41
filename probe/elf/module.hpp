#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/elf/binding.hpp"
#include "probe/elf/elf_header.hpp"
#include "probe/elf/gpu_code.hpp"
#include "probe/elf/strings.hpp"
#include "probe/elf/symbols.hpp"
#include "probe/sources/problem.hpp"

namespace fusegate::probe {

/// What a compiled module's file tells without being loaded. Names are as they stand in the file;
/// show them with shown().
struct BinaryModule {
  std::filesystem::path path;
  bool readable = false;  ///< false: only path, elf, modified and problems mean something
  ElfHeader elf;
  std::chrono::nanoseconds modified{};  ///< since the epoch
  std::string soname;
  std::vector<std::string> needed;
  std::vector<std::string> rpath;
  std::vector<std::string> runpath;
  std::string build_id;  ///< hexadecimal
  std::vector<ExportedSymbol> exported;
  std::vector<UndefinedSymbol> undefined;
  GpuCode gpu_code;
  StringPlaces strings;  ///< how those that were asked for occur
  ModuleBinding binding;
  std::vector<Problem> problems;
};

/// Reads a compiled module; `strings` are looked for in its read-only data, besides those of
/// `markers`. Executes and maps nothing of it. What cannot be read is a Problem; never throws.
[[nodiscard]] BinaryModule read_module(const std::filesystem::path& path,
                                       const BindingMarkers& markers,
                                       const std::vector<std::string>& strings);

/// {path, readable, elf, soname, needed[], rpath[], runpath[], build_id, modified, binding{kind,
/// evidence[], reason}, gpu_targets[], gpu_targets_complete, exported_symbols, undefined_symbols,
/// problems[]}: the symbols' numbers, not their names, which can be 100,000.
[[nodiscard]] nlohmann::ordered_json to_json(const BinaryModule& module);

}  // namespace fusegate::probe
