// A library's C functions for tests: the modules are those of kernels/providers/testing/c_module.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "suites/c_implementation.hpp"
#include "suites/testing/known_library.hpp"

namespace fusegate::suites {

/// AITER with the compiled functions behind these contracts, whose names are theirs with an
/// underscore before and "_raw" behind, in the newest generation. `library` must outlive it.
inline probe::Identification library_with(const probe::LibraryContract& library,
                                          const std::vector<std::string>& contracts) {
  probe::Identification found;
  found.location.name = library.name;
  found.location.root = FUSEGATE_C_LIBRARY;
  for (const auto& name : contracts) {
    const auto& contract = contract_named(library, name);
    const auto& generation = contract.generations.back();
    probe::ContractRow row;
    row.contract = name;
    row.op = contract.op;
    row.status = probe::ContractStatus::known;
    row.generation = generation.id;
    row.module = generation.module;
    row.compiled_module = "module_rmsnorm";
    row.compiled_symbol = name.substr(1, name.size() - std::string_view("__raw").size());
    row.known = &generation;
    found.contracts.push_back(row);
  }
  return found;
}

/// A process that finds modules in `folder`.
inline CUse modules_in(const std::filesystem::path& folder) {
  CUse use{.workers = FUSEGATE_WORKERS};
  use.surroundings.default_folders = probe::default_library_folders();
  use.surroundings.variables = {{"AITER_JIT_DIR", folder.native()}};
  return use;
}

inline std::filesystem::path c_modules(const std::string& variant) {
  return std::filesystem::path(FUSEGATE_C_MODULES) / variant;
}

}  // namespace fusegate::suites
