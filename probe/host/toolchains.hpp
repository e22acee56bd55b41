#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace fusegate::probe {

/// An installed program or toolkit; both empty when there is none.
struct Installed {
  std::string version;
  std::string path;  ///< of its root folder, or of the program

  [[nodiscard]] bool found() const { return !path.empty(); }
  bool operator==(const Installed&) const = default;
};

struct Toolchains {
  Installed rocm;  ///< the release, from .info/version in its folder
  Installed hip;   ///< hip_version.h, which a distribution may have without ROCm's folder
  Installed cuda;  ///< the toolkit with nvcc

  bool operator==(const Toolchains&) const = default;
};

/// Looks below `root` in $ROCM_PATH and /opt/rocm, /usr, nvcc's place on PATH, $CUDA_HOME and
/// /usr/local/cuda. Reads files; only an nvcc on PATH that has none beside it is asked itself.
[[nodiscard]] Toolchains find_toolchains(const std::filesystem::path& root);

/// The interpreter that `command` names, by a path or as found on PATH, with the version it tells
/// itself. Runs `command --version`, for half a second at most; when it does not answer in time,
/// the version is that of the file's name (3.11), or empty.
[[nodiscard]] Installed find_python(const std::string& command);

void to_json(nlohmann::ordered_json& json, const Installed& installed);
/// {rocm, hip, cuda}, each only when it is there.
void to_json(nlohmann::ordered_json& json, const Toolchains& toolchains);

}  // namespace fusegate::probe
