#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "probe/elf/testing/support.hpp"
#include "probe/library/contract.hpp"
#include "probe/library/test_files.hpp"

// A made-up library with compiled modules, for tests: the files are those of probe/elf.

namespace fusegate::probe {

inline LibraryContract toy_contract_with_modules() {
  return parse_library_contract(R"({
    "name": "toy", "import_name": "toylib", "distributions": ["toy-lib"],
    "package_markers": ["core.py"], "version_sources": [{"from": "distribution"}],
    "bindings": [{"decorator": "compiled", "symbol_keyword": "symbol", "ffi_keyword": "ffi",
                  "ffi_default": "pybind", "develop_keyword": "own"}],
    "compiled_modules": {
      "file": "{module}.so", "folders": ["jit"], "variables": ["TOY_JIT_DIR"],
      "home_folders": [".toy/jit"], "loaded_folders": ["toytorch/lib"],
      "develop_functions": ["_set_toy_stream"], "develop_types": ["12toy_tensor_t"],
      "ctypes_version_symbol": "toy_ctypes_abi_version",
      "sources": {"file": "toylib/jit/build.json", "list": "srcs",
                  "folders": {"TOY_DIR": ["toylib_meta/csrc", "csrc"]}}}})");
}

/// Declarations of Python that fit the modules of those names.
inline constexpr std::string_view sound_declarations = R"(
PLAIN = "module_ctypes_v2"

@compiled("module_torch", symbol="norm")
def torch_norm(input: torch.Tensor, eps: float = 1e-6) -> None: ...
@compiled("module_develop", own=True)
def norm(input: "torch.Tensor", gemma_norm: bool) -> None: ...
@compiled("module_develop")
def use_gemma_norm(eps: float) -> bool: ...
@compiled(PLAIN, ffi="ctypes")
def toy_norm(rows: torch.Tensor) -> None: ...
@compiled("module_later")
def later(x: torch.Tensor) -> None: ...
)";

/// Makes the package, with these declarations, below `root`, and what it finds loaded.
inline void write_toy_library(const std::filesystem::path& root, std::string_view declarations) {
  write_file(root / "toylib/__init__.py", "from .norm import *\n");
  write_file(root / "toylib/core.py", "def compiled(module, symbol=None): ...\n");
  write_file(root / "toylib/norm.py",
             "import torch\nfrom .core import compiled\n" + std::string(declarations));
  std::filesystem::create_directories(root / "toylib/jit");
  std::filesystem::create_directories(root / "toytorch/lib");
  std::filesystem::copy_file(test_module("torch/libtorch.so"), root / "toytorch/lib/libtorch.so");
}

/// Copies files of probe/elf's tests to a folder.
inline void add_modules(const std::filesystem::path& folder,
                        const std::vector<std::string>& names) {
  std::filesystem::create_directories(folder);
  for (const auto& name : names) {
    const auto file = test_module(name);
    std::filesystem::copy_file(file, folder / file.filename());
  }
}

}  // namespace fusegate::probe
