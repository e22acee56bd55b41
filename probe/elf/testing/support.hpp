#pragma once

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

#include "probe/base/files.hpp"
#include "probe/base/temporary_folder.hpp"
#include "probe/elf/binding.hpp"
#include "probe/elf/elf_file.hpp"
#include "probe/elf/finding.hpp"
#include "probe/elf/module.hpp"

// What the tests of this folder share: the modules that CMakeLists.txt builds, and changed copies.

namespace fusegate::probe {

inline std::filesystem::path test_module(const std::string& name) {
  return std::filesystem::path(FUSEGATE_ELF_MODULES) / name;
}

/// The markers of a library that does not exist, so that no test depends on one that does.
inline BindingMarkers toy_markers() {
  BindingMarkers markers;
  markers.develop_functions = {"_set_toy_stream"};
  markers.develop_types = {"12toy_tensor_t"};
  markers.ctypes_version_symbol = "toy_ctypes_abi_version";
  return markers;
}

inline BinaryModule read_test_module(const std::string& name,
                                     const std::vector<std::string>& strings = {}) {
  return read_module(test_module(name), toy_markers(), strings);
}

/// The one section of that name.
inline ElfSection section_of(const std::filesystem::path& path, std::string_view name) {
  ElfFile file(path);
  file.read_sections();
  for (const auto& section : file.sections()) {
    if (section.name == name) return section;
  }
  throw std::runtime_error("no section " + std::string(name));
}

/// A file's bytes, to be changed and written elsewhere.
class Bytes {
 public:
  explicit Bytes(const std::filesystem::path& path) : bytes_(read_text(path).value()) {}

  template <class Number>
  Bytes& put(std::uint64_t offset, Number number) {
    std::memcpy(bytes_.data() + offset, &number, sizeof number);
    return *this;
  }
  Bytes& put_text(std::uint64_t offset, std::string_view text) {
    bytes_.replace(offset, text.size(), text);
    return *this;
  }
  Bytes& cut(std::size_t size) {
    bytes_.resize(size);
    return *this;
  }
  template <class Number>
  [[nodiscard]] Number get(std::uint64_t offset) const {
    Number number{};
    std::memcpy(&number, bytes_.data() + offset, sizeof number);
    return number;
  }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] std::string& text() { return bytes_; }

  std::filesystem::path write(const std::filesystem::path& path) const {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes_;
    return path;
  }

 private:
  std::string bytes_;
};

/// "binding_mismatch missing_symbol": the kinds of the findings, in their order.
inline std::string kinds_of(const std::vector<BinaryFinding>& findings) {
  std::string kinds;
  for (const auto& finding : findings) {
    kinds += (kinds.empty() ? "" : " ") + std::string(name_of(finding.kind));
  }
  return kinds;
}

}  // namespace fusegate::probe
