#pragma once

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include <fmt/format.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/device/device.hpp"

namespace fusegate::probe {

/// A made-up file system, written for one test.
class FakeTree {
 public:
  [[nodiscard]] const std::filesystem::path& root() const { return folder_.path(); }

  void write(const std::string& path, const std::string& text) {
    const auto file = root() / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }

  void make_folder(const std::string& path) { std::filesystem::create_directories(root() / path); }

  /// A KFD node of an MI300X, linked by XGMI to the nodes of `peers`.
  void add_mi300x(unsigned node, unsigned location_id, const std::vector<unsigned>& peers) {
    const auto folder = fmt::format("sys/class/kfd/kfd/topology/nodes/{}", node);
    write(folder + "/properties",
          fmt::format("cpu_cores_count 0\nsimd_count 1216\nsimd_per_cu 4\n"
                      "gfx_target_version 90402\nlocation_id {}\ndomain 0\nnum_xcc 8\n"
                      "max_engine_clk_fcompute 2100\nunique_id 13835058055282163713\n",
                      location_id));
    write(folder + "/mem_banks/0/properties", "heap_type 1\nsize_in_bytes 206141652992\n");
    // Every GPU has a PCIe link to its CPU, node 0.
    write(folder + "/io_links/0/properties",
          fmt::format("type 2\nnode_from {}\nnode_to 0\nweight 20\n", node));
    unsigned link = 1;
    for (const unsigned peer : peers) {
      write(fmt::format("{}/io_links/{}/properties", folder, link++),
            fmt::format("type 11\nnode_from {}\nnode_to {}\nweight 15\n", node, peer));
    }
  }

  void add_kfd_cpu_node(unsigned node) {
    write(fmt::format("sys/class/kfd/kfd/topology/nodes/{}/properties", node),
          "cpu_cores_count 96\nsimd_count 0\ngfx_target_version 0\nlocation_id 0\n");
  }

  void add_pci_device(const std::string& address, const std::string& vendor,
                      const std::string& device_class) {
    write("sys/bus/pci/devices/" + address + "/vendor", vendor + "\n");
    write("sys/bus/pci/devices/" + address + "/class", device_class + "\n");
    write("sys/bus/pci/devices/" + address + "/numa_node", "-1\n");
  }

 private:
  TemporaryFolder folder_;
};

/// Sets a variable for the length of a test.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const std::string& value) : name_(name) {
    const char* before = ::getenv(name);
    if (before != nullptr) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  ~ScopedVariable() {
    if (before_) {
      ::setenv(name_, before_->c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }
  // Holds a process-wide setting.
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

/// Where the build puts a stand-in for a vendor library: beside the test program.
inline std::filesystem::path stub_folder(const std::string& name) {
  return std::filesystem::canonical("/proc/self/exe").parent_path() / name;
}

/// Asks only the libraries in these folders, and `tree` in place of the machine's own files.
inline SurveyOptions with_stubs(const FakeTree& tree, const std::vector<std::string>& stubs) {
  SurveyOptions options;
  options.root = tree.root();
  for (const auto& stub : stubs) options.library_folders.push_back(stub_folder(stub));
  if (stubs.empty()) options.library_folders.push_back(tree.root());
  options.time_limit = std::chrono::seconds(60);  // sanitized builds on a busy machine
  return options;
}

/// The report of one backend; empty when it was not asked.
inline std::optional<BackendReport> report_of(const DeviceSurvey& survey, const std::string& name) {
  const auto at = std::ranges::find(survey.backends, name, &BackendReport::name);
  return at == survey.backends.end() ? std::nullopt : std::optional(*at);
}

}  // namespace fusegate::probe
