#include "kernels/c_abi/c_module.hpp"

#include <dlfcn.h>

#include <fmt/format.h>

#include "kernels/worker/messages.hpp"

namespace fusegate::kernels {
namespace {

constexpr int void_version = 1;
constexpr int status_version = 2;

[[noreturn]] void refuse(const std::string& what) {
  throw WorkerError(ErrorKind::no_device, what);
}

void* load(const std::string& file) {
  // All symbols now, so that one that is missing is told here and not by a crash; and none for
  // others, so that what it has in common with this program stays its own.
  void* handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) refuse(fmt::format("{} cannot be loaded: {}", file, ::dlerror()));
  return handle;
}

int version_of(void* handle, const CCallTable& table) {
  if (table.version_symbol.empty()) return void_version;
  void* found = ::dlsym(handle, table.version_symbol.c_str());
  if (found == nullptr) return void_version;
  const int version = reinterpret_cast<int (*)()>(found)();
  if (version != void_version && version != status_version) {
    refuse(fmt::format("{}: {} says {}; known are {} and {}, so its functions are not called",
                       table.module, table.version_symbol, version, void_version, status_version));
  }
  return version;
}

}  // namespace

CModule::CModule(const CCallTable& table) {
  void* handle = load(table.module);
  version_ = version_of(handle, table);
  for (const auto& entry : table.entries) {
    void* found = ::dlsym(handle, entry.symbol.c_str());
    if (found == nullptr) refuse(fmt::format("{} has no {}", table.module, entry.symbol));
    functions_.push_back(
        std::make_unique<CFunction>(found, entry.arguments, version_ == status_version));
  }
  if (table.error_symbol.empty()) return;
  if (void* found = ::dlsym(handle, table.error_symbol.c_str())) {
    last_error_ = reinterpret_cast<const char* (*)()>(found);
  }
}

std::string CModule::last_error() const {
  const char* text = last_error_ == nullptr ? nullptr : last_error_();
  return text == nullptr ? "" : text;
}

}  // namespace fusegate::kernels
