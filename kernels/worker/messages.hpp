// The worker protocol's messages as values: what both ends of the pipe share. See PROTOCOL.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace fusegate::kernels {

inline constexpr int protocol_version = 1;
inline constexpr std::size_t max_message_bytes = std::size_t{1} << 20;
inline constexpr const char* arena_variable = "FUSEGATE_ARENA_FD";

struct TensorArgument {
  std::string name;
  std::string dtype;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t row_stride = 0;  ///< elements
  std::uint64_t offset = 0;     ///< bytes from the arena's start
};

using Scalar = std::variant<std::int64_t, double, std::string>;

struct RunRequest {
  std::string op;
  std::map<std::string, Scalar> parameters;
  std::vector<TensorArgument> tensors;
  std::uint64_t arena_bytes = 0;
  std::uint64_t schedule = 0;
};

struct LaunchRecord {
  std::string kernel;
  std::array<std::uint32_t, 3> grid{};
  std::array<std::uint32_t, 3> block{};
  int vector = 0;
  int cached = 0;
};

struct RunResult {
  std::vector<LaunchRecord> launches;
  std::optional<double> device_us;
  /// What the case changed of the worker's process, and whether it was put back.
  std::vector<std::string> side_effects;
  bool ends = false;  ///< the worker ends after this answer: what was left in it may disturb others
};

/// What came of compiling.
struct PrepareResult {
  double seconds = 0;
  std::vector<std::string> modules;  ///< files of machine code that were loaded for it
  std::vector<std::string> side_effects;
  bool ends = false;
};

enum class ErrorKind {
  unsupported,
  no_device,
  out_of_memory,
  runtime,
  kernel_fault,
  invalid_request,
};

/// An answer that is no result. A worker throws it, the server sends it, the client throws it
/// again.
class WorkerError : public std::runtime_error {
 public:
  WorkerError(ErrorKind kind, const std::string& message, bool fatal = false)
      : std::runtime_error(message), kind_(kind), fatal_(fatal) {}

  [[nodiscard]] ErrorKind kind() const { return kind_; }
  /// The worker ends after this.
  [[nodiscard]] bool fatal() const { return fatal_; }

 private:
  ErrorKind kind_;
  bool fatal_;
};

[[nodiscard]] const char* error_kind_name(ErrorKind kind);
/// An unknown name is a runtime error: a newer worker may have more kinds.
[[nodiscard]] ErrorKind parse_error_kind(const std::string& name);

// nlohmann finds these. from_json throws nlohmann::json::exception for documents of another shape.
void to_json(nlohmann::ordered_json& json, const TensorArgument& tensor);
void from_json(const nlohmann::ordered_json& json, TensorArgument& tensor);
void to_json(nlohmann::ordered_json& json, const RunRequest& request);
void from_json(const nlohmann::ordered_json& json, RunRequest& request);
void to_json(nlohmann::ordered_json& json, const LaunchRecord& launch);
void from_json(const nlohmann::ordered_json& json, LaunchRecord& launch);
void to_json(nlohmann::ordered_json& json, const RunResult& result);
/// Throws std::out_of_range as well, for sizes that cannot be and for more than 1000 launches.
void from_json(const nlohmann::ordered_json& json, RunResult& result);
void from_json(const nlohmann::ordered_json& json, PrepareResult& result);

}  // namespace fusegate::kernels
