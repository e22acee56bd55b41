#include "probe/host/toolchains.hpp"

#include <unistd.h>

#include <cctype>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/files.hpp"
#include "probe/base/text.hpp"
#include "probe/process/subprocess.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

/// `path`, which is absolute, below `root`.
fs::path below(const fs::path& root, const fs::path& path) {
  return root / path.relative_path();
}

/// The folders an environment variable names, then the usual ones, without the empty.
std::vector<fs::path> places(const char* variable, std::vector<fs::path> usual) {
  if (const char* named = std::getenv(variable); named != nullptr && *named == '/') {
    usual.insert(usual.begin(), named);
  }
  return usual;
}

/// What stands after "#define NAME" in a C header; empty when it is not defined.
std::string macro_value(std::string_view header, std::string_view name) {
  for (const auto line : split(header, '\n')) {
    const auto words = split_words(line);
    if (words.size() >= 3 && words[0] == "#define" && words[1] == name) {
      return std::string(words[2]);
    }
  }
  return "";
}

std::string hip_version_in(std::string_view header) {
  const auto major = macro_value(header, "HIP_VERSION_MAJOR");
  if (major.empty()) return "";
  return fmt::format("{}.{}.{}", major, macro_value(header, "HIP_VERSION_MINOR"),
                     macro_value(header, "HIP_VERSION_PATCH"));
}

/// CUDA_VERSION in cuda.h is major * 1000 + minor * 10.
std::string cuda_version_in(std::string_view header) {
  const int number = std::atoi(macro_value(header, "CUDA_VERSION").c_str());
  return number <= 0 ? "" : fmt::format("{}.{}", number / 1000, number % 1000 / 10);
}

/// version.json of a toolkit: {"cuda": {"name": ..., "version": "13.0.2"}, ...}.
std::string cuda_version_in_json(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  const nlohmann::json::json_pointer version("/cuda/version");
  const bool told = json.is_object() && json.contains(version) && json[version].is_string();
  return told ? json[version].get<std::string>() : "";
}

std::optional<fs::path> find_on_path(const std::string& command) {
  const char* path = std::getenv("PATH");
  for (const auto folder : split(path == nullptr ? "" : path, ':')) {
    const fs::path candidate = fs::path(folder) / command;
    std::error_code ignored;
    if (!folder.empty() && fs::is_regular_file(candidate, ignored) &&
        ::access(candidate.c_str(), X_OK) == 0) {
      return candidate;
    }
  }
  return std::nullopt;
}

Installed find_rocm(const fs::path& root) {
  for (const auto& folder : places("ROCM_PATH", {"/opt/rocm"})) {
    const auto text = read_text(below(root, folder) / ".info/version");
    if (text) return {std::string(trim(*text)), folder.string()};
  }
  return {};
}

Installed find_hip(const fs::path& root) {
  for (const auto& folder : places("ROCM_PATH", {"/opt/rocm", "/usr"})) {
    const auto header = read_text(below(root, folder) / "include/hip/hip_version.h");
    if (header) return {hip_version_in(*header), folder.string()};
  }
  return {};
}

/// The toolkit in `folder`, when its files tell which it is.
Installed cuda_in(const fs::path& root, const fs::path& folder) {
  const auto here = below(root, folder);
  std::error_code ignored;
  if (!fs::exists(here / "bin/nvcc", ignored)) return {};
  std::string version = cuda_version_in_json(read_text(here / "version.json").value_or(""));
  if (version.empty()) version = cuda_version_in(read_text(here / "include/cuda.h").value_or(""));
  return version.empty() ? Installed{} : Installed{version, folder.string()};
}

/// What a program prints when it is asked for its version; empty when it takes long.
std::string version_output(const fs::path& program) {
  using namespace std::chrono_literals;
  try {
    return run_command({{program.string(), "--version"}, {}, {}}, "", 500ms).output;
  } catch (const std::system_error&) {
    return "";  // not a program after all
  }
}

/// The nvcc on PATH may be a script that starts one elsewhere. Only it knows its version then:
/// "... release 13.0, V13.0.88".
Installed ask_nvcc(const fs::path& nvcc) {
  const std::string output = version_output(nvcc);
  for (const auto word : split_words(output)) {
    if (word.size() > 1 && word[0] == 'V' && std::isdigit(static_cast<unsigned char>(word[1]))) {
      return {std::string(word.substr(1)), nvcc.string()};
    }
  }
  return {};
}

Installed find_cuda(const fs::path& root) {
  if (const auto nvcc = find_on_path("nvcc")) {
    std::error_code ignored;
    auto found = cuda_in(root, fs::canonical(*nvcc, ignored).parent_path().parent_path());
    if (!found.found() && root == "/") found = ask_nvcc(*nvcc);
    if (found.found()) return found;
  }
  for (const auto& folder : places("CUDA_HOME", {"/usr/local/cuda", "/usr"})) {
    if (auto found = cuda_in(root, folder); found.found()) return found;
  }
  return {};
}

/// "3.11" of /usr/bin/python3.11; empty when the name tells nothing.
std::string version_in_name(const fs::path& program) {
  std::error_code ignored;
  const std::string name = fs::canonical(program, ignored).filename().string();
  constexpr std::string_view prefix = "python";
  const bool told = name.starts_with(prefix) && name.find('.') != std::string::npos;
  return told ? name.substr(prefix.size()) : "";
}

}  // namespace

Toolchains find_toolchains(const fs::path& root) {
  return {find_rocm(root), find_hip(root), find_cuda(root)};
}

Installed find_python(const std::string& command) {
  const auto program = command.find('/') != std::string::npos ? fs::path(command)
                                                              : find_on_path(command).value_or("");
  if (program.empty() || ::access(program.c_str(), X_OK) != 0) return {};
  Installed python{version_in_name(program), program.string()};
  const std::string output = version_output(program);
  const auto words = split_words(output);
  if (words.size() == 2 && words[0] == "Python") python.version = words[1];
  return python;
}

void to_json(nlohmann::ordered_json& json, const Installed& installed) {
  json = nlohmann::ordered_json::object();
  if (!installed.version.empty()) json["version"] = installed.version;
  json["path"] = installed.path;
}

void to_json(nlohmann::ordered_json& json, const Toolchains& toolchains) {
  json = nlohmann::ordered_json::object();
  if (toolchains.rocm.found()) json["rocm"] = toolchains.rocm;
  if (toolchains.hip.found()) json["hip"] = toolchains.hip;
  if (toolchains.cuda.found()) json["cuda"] = toolchains.cuda;
}

}  // namespace fusegate::probe
