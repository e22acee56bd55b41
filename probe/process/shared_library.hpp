#pragma once

#include <memory>
#include <span>
#include <string>

namespace fusegate {

/// A library opened at run time, closed with the last copy of this object.
class SharedLibrary {
 public:
  /// Opens the first of `names` that is there. Throws CannotRun with the loader's reason for each
  /// name when none is.
  explicit SharedLibrary(std::span<const char* const> names);

  /// The function called `name`, or nullptr. The type comes from a declaration of it, as in
  /// find<decltype(&rsmi_init)>("rsmi_init").
  template <class Function>
  [[nodiscard]] Function find(const char* name) const {
    return reinterpret_cast<Function>(find_address(name));
  }

  /// As find, but throws CannotRun naming the library and the missing function.
  template <class Function>
  [[nodiscard]] Function require(const char* name) const {
    return reinterpret_cast<Function>(require_address(name));
  }

  /// The file that the loader found.
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  [[nodiscard]] void* find_address(const char* name) const;
  [[nodiscard]] void* require_address(const char* name) const;

  std::shared_ptr<void> handle_;
  std::string path_;
};

}  // namespace fusegate
