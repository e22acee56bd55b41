#include "probe/process/shared_library.hpp"

#include <dlfcn.h>
#include <link.h>

#include <vector>

#include <fmt/format.h>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"

namespace fusegate {

SharedLibrary::SharedLibrary(std::span<const char* const> names) {
  std::vector<std::string> reasons;
  for (const char* name : names) {
    if (void* handle = ::dlopen(name, RTLD_NOW | RTLD_LOCAL)) {
      handle_ = std::shared_ptr<void>(handle, ::dlclose);
      link_map* map = nullptr;
      path_ = ::dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0 ? map->l_name : name;
      return;
    }
    reasons.emplace_back(::dlerror());
  }
  throw CannotRun(join(reasons, "; "));
}

void* SharedLibrary::find_address(const char* name) const {
  return ::dlsym(handle_.get(), name);
}

void* SharedLibrary::require_address(const char* name) const {
  if (void* address = find_address(name)) return address;
  throw CannotRun(fmt::format("{} has no function {}", path_, name));
}

}  // namespace fusegate
