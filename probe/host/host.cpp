#include "probe/host/host.hpp"

#include <gnu/libc-version.h>
#include <sched.h>
#include <sys/utsname.h>

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string_view>
#include <system_error>

#include <nlohmann/json.hpp>

#include "probe/base/files.hpp"
#include "probe/base/text.hpp"
#include "probe/host/environment.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// What stands after `key` and `separator` on the first line that begins with `key`; empty when
/// there is none.
std::string value_of(std::string_view text, std::string_view key, char separator) {
  for (const auto line : split(text, '\n')) {
    const auto at = line.find(separator);
    if (at == std::string_view::npos || trim(line.substr(0, at)) != key) continue;
    auto value = trim(line.substr(at + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    return std::string(value);
  }
  return "";
}

void read_os(const fs::path& root, HostFacts& facts) {
  auto release = read_text(root / "etc/os-release");
  if (!release) release = read_text(root / "usr/lib/os-release");
  facts.os_name = value_of(release.value_or(""), "NAME", '=');
  facts.os_version = value_of(release.value_or(""), "VERSION", '=');
  if (facts.os_version.empty()) {
    facts.os_version = value_of(release.value_or(""), "VERSION_ID", '=');
  }
}

/// Memory in bytes; /proc/meminfo counts in KiB, whatever it writes.
std::uint64_t read_memory(const fs::path& root) {
  const auto text = value_of(read_text(root / "proc/meminfo").value_or(""), "MemTotal", ':');
  std::uint64_t kib = 0;
  std::from_chars(text.data(), text.data() + text.size(), kib);
  return kib * 1024;
}

/// Stops at the line it wants: on large machines the kernel takes long to write all of cpuinfo.
std::string read_cpu_model(const fs::path& root) {
  std::ifstream cpuinfo(root / "proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    if (auto model = value_of(line, "model name", ':'); !model.empty()) return model;
  }
  return "";
}

unsigned count_usable_cores() {
  // The kernel refuses a mask that is smaller than its own.
  for (int cores = 1024; cores <= 1 << 20; cores *= 2) {
    const std::unique_ptr<cpu_set_t, void (*)(cpu_set_t*)> mask(
        CPU_ALLOC(static_cast<std::size_t>(cores)), [](cpu_set_t* set) { CPU_FREE(set); });
    const std::size_t size = CPU_ALLOC_SIZE(static_cast<std::size_t>(cores));
    if (mask != nullptr && ::sched_getaffinity(0, size, mask.get()) == 0) {
      return static_cast<unsigned>(CPU_COUNT_S(size, mask.get()));
    }
  }
  return 0;
}

std::string container_hint(const fs::path& root) {
  std::error_code ignored;
  if (std::getenv("KUBERNETES_SERVICE_HOST") != nullptr) return "kubernetes";
  if (fs::exists(root / ".dockerenv", ignored)) return "docker";
  if (fs::exists(root / "run/.containerenv", ignored)) return "podman";
  const auto cgroup = read_text(root / "proc/1/cgroup").value_or("");
  if (cgroup.find("kubepods") != std::string::npos) return "kubernetes";
  for (const char* kind : {"docker", "podman", "lxc"}) {
    if (cgroup.find(kind) != std::string::npos) return kind;
  }
  return "";
}

void put(Json& json, const char* key, const std::string& value) {
  if (!value.empty()) json[key] = value;
}

}  // namespace

HostFacts read_host(const HostOptions& options) {
  HostFacts facts;
  read_os(options.root, facts);
  utsname names{};
  if (::uname(&names) == 0) {
    facts.kernel_release = names.release;
    facts.machine = names.machine;
  }
  facts.cpu_model = read_cpu_model(options.root);
  facts.usable_cores = count_usable_cores();
  facts.memory_bytes = read_memory(options.root);
  facts.glibc_version = ::gnu_get_libc_version();
  facts.container = container_hint(options.root);
  facts.python = find_python(options.python);
  facts.toolchains = find_toolchains(options.root);
  facts.drivers = read_drivers(options.root);
  facts.environment = recorded_environment();
  return facts;
}

void to_json(Json& json, const HostFacts& facts) {
  json = Json::object();
  Json os = Json::object();
  put(os, "name", facts.os_name);
  put(os, "version", facts.os_version);
  json["operating_system"] = std::move(os);
  put(json, "kernel_release", facts.kernel_release);
  put(json, "machine", facts.machine);
  put(json, "cpu_model", facts.cpu_model);
  if (facts.usable_cores > 0) json["usable_cores"] = facts.usable_cores;
  if (facts.memory_bytes > 0) json["memory_bytes"] = facts.memory_bytes;
  put(json, "glibc_version", facts.glibc_version);
  put(json, "container", facts.container);
  if (facts.python.found()) json["python"] = facts.python;
  json["toolchains"] = facts.toolchains;
  json["drivers"] = facts.drivers;
  json["environment"] = facts.environment;
}

}  // namespace fusegate::probe
