// The reader of compiled modules (probe/elf), up to the findings that come of one. What the loader
// would make of it is left out: that depends on the files of the machine.

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <nlohmann/json.hpp>

#include "probe/base/unique_fd.hpp"
#include "probe/elf/checks.hpp"

namespace {

using namespace fusegate::probe;

/// A file in memory, because the reader reads files. It is always the same one, because a module
/// must export PyInit_100 to be called an extension: the corpus has one that does.
class MemoryFile {
 public:
  MemoryFile() {
    const fusegate::UniqueFd fd(::memfd_create("fuzz", MFD_CLOEXEC));
    if (!fd || ::dup2(fd.get(), number) != number) std::abort();
  }

  [[nodiscard]] static std::string path() { return "/proc/self/fd/" + std::to_string(number); }

  void hold(const std::uint8_t* bytes, std::size_t size) const {
    if (::ftruncate(number, 0) != 0) std::abort();
    if (::pwrite(number, bytes, size, 0) != static_cast<ssize_t>(size)) std::abort();
  }

 private:
  static constexpr int number = 100;
};

DeclaredModule declaration(const std::string& path) {
  return {"toy",
          path,
          ForeignInterface::pybind,
          PassedTensors::own,
          {{"norm", {"input", "gemma_norm"}}},
          {}};
}

BindingMarkers markers() {
  BindingMarkers toy;
  toy.develop_functions = {"_set_toy_stream"};
  toy.develop_types = {"12toy_tensor_t"};
  toy.ctypes_version_symbol = "toy_ctypes_abi_version";
  return toy;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const MemoryFile file;
  static const auto declared = declaration(file.path());
  static const auto toy_markers = markers();
  file.hold(bytes, size);
  const auto module = read_module(declared.file, toy_markers, strings_of(declared));
  (void)to_json(module).dump();
  (void)to_json(check_file(declared.name, module, {header_of_this_machine(), {"gfx942"}})).dump();
  (void)to_json(check_declaration(declared, module)).dump();
  return 0;
}
