#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "probe/host/drivers.hpp"
#include "probe/host/toolchains.hpp"

namespace fusegate::probe {

/// The machine a run takes place on. What is not known is empty or 0, and left out of the JSON.
struct HostFacts {
  std::string os_name;         ///< "Debian GNU/Linux"
  std::string os_version;      ///< "12 (bookworm)"
  std::string kernel_release;  ///< "6.1.0-18-amd64"
  std::string machine;         ///< "x86_64"
  std::string cpu_model;
  unsigned usable_cores = 0;  ///< logical cores that this process may run on
  std::uint64_t memory_bytes = 0;
  std::string glibc_version;
  std::string container;  ///< "docker", "podman", "kubernetes" or "lxc" where that is obvious
  Installed python;
  Toolchains toolchains;
  GpuDrivers drivers;
  std::map<std::string, std::string> environment;  ///< by allow-list: environment.hpp
};

struct HostOptions {
  /// Where the file system's tree starts.
  std::filesystem::path root = "/";
  /// The interpreter to describe, a path or a name to look up on PATH.
  std::string python = "python3";
};

/// Reads files and asks the kernel; runs nothing but `python3 --version` and, where no file tells,
/// `nvcc --version`. Never throws for a fact that is not there.
[[nodiscard]] HostFacts read_host(const HostOptions& options = {});

void to_json(nlohmann::ordered_json& json, const HostFacts& facts);

}  // namespace fusegate::probe
