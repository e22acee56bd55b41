#include "kernels/worker/server.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "fusegate_version.hpp"

namespace fusegate::kernels {
namespace {

using Json = nlohmann::ordered_json;

/// The shared memory that the parent gave us.
class Arena {
 public:
  Arena() {
    if (const char* number = std::getenv(arena_variable)) fd_ = std::atoi(number);
  }
  ~Arena() { unmap(); }
  // Owns a mapping.
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  std::span<std::byte> map(std::size_t bytes) {
    if (bytes > bytes_) {
      unmap();
      void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
      if (memory == MAP_FAILED) {
        throw WorkerError(ErrorKind::out_of_memory,
                          fmt::format("cannot map {} bytes of the arena (descriptor {}): {}", bytes,
                                      fd_, std::strerror(errno)));
      }
      memory_ = static_cast<std::byte*>(memory);
      bytes_ = bytes;
    }
    return {memory_, bytes};
  }

 private:
  void unmap() {
    if (memory_ != nullptr) ::munmap(memory_, bytes_);
    memory_ = nullptr;
    bytes_ = 0;
  }

  int fd_ = -1;
  std::byte* memory_ = nullptr;
  std::size_t bytes_ = 0;
};

/// The pipe to the parent, taken away from everything else in the process.
class Channel {
 public:
  Channel()
      : in_(::fdopen(::fcntl(0, F_DUPFD_CLOEXEC, 3), "r")), out_(::fcntl(1, F_DUPFD_CLOEXEC, 3)) {
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::dup2(nothing, 0);
    ::close(nothing);
    ::dup2(2, 1);
  }
  ~Channel() {
    std::free(line_);
    std::fclose(in_);
    ::close(out_);
  }
  // Owns descriptors.
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  std::optional<std::string> read() {
    const ssize_t length = ::getline(&line_, &capacity_, in_);
    if (length < 0) return std::nullopt;
    return std::string(line_, static_cast<std::size_t>(length));
  }

  void write(const Json& message) {
    const std::string text = message.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    std::string_view left = text;
    while (!left.empty()) {
      const ssize_t n = ::write(out_, left.data(), left.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) std::_Exit(1);  // the parent is gone
      left.remove_prefix(static_cast<std::size_t>(n));
    }
  }

 private:
  std::FILE* in_;
  int out_;
  char* line_ = nullptr;
  std::size_t capacity_ = 0;
};

std::size_t element_bytes(const std::string& dtype) {
  if (dtype == "fp32") return 4;
  if (dtype == "fp16" || dtype == "bf16") return 2;
  return 1;
}

/// Whether a tensor ends at or before `bytes`; in an order that cannot overflow.
bool is_inside(const TensorArgument& tensor, std::uint64_t bytes) {
  if (tensor.rows < 0 || tensor.columns < 0 || tensor.row_stride < 0) return false;
  if (tensor.offset > bytes) return false;
  const std::uint64_t room = (bytes - tensor.offset) / element_bytes(tensor.dtype);
  const auto columns = static_cast<std::uint64_t>(tensor.columns);
  if (tensor.rows == 0) return true;
  if (columns > room) return false;
  const auto steps = static_cast<std::uint64_t>(tensor.rows - 1);
  const auto stride = static_cast<std::uint64_t>(tensor.row_stride);
  return steps == 0 || stride <= (room - columns) / steps;
}

/// A request that points outside the arena is the parent's mistake; it must not become a crash.
void check_inside_arena(const RunRequest& request) {
  for (const auto& tensor : request.tensors) {
    if (is_inside(tensor, request.arena_bytes)) continue;
    throw WorkerError(ErrorKind::invalid_request,
                      fmt::format("tensor {} does not lie in the arena's {} bytes", tensor.name,
                                  request.arena_bytes));
  }
}

Json hello(const Json& params, const std::string& worker_name) {
  const int wanted = params.value("protocol", 0);
  if (wanted != protocol_version) {
    throw WorkerError(
        ErrorKind::invalid_request,
        fmt::format("protocol {} was asked for, this worker speaks {}", wanted, protocol_version));
  }
  return {{"protocol", protocol_version},
          {"worker", worker_name},
          {"version", FUSEGATE_VERSION},
          {"commit", FUSEGATE_COMMIT}};
}

Json answer(Provider& provider, Arena& arena, const std::string& worker_name,
            const std::string& method, const Json& params) {
  if (method == "hello") return hello(params, worker_name);
  if (method == "describe") return provider.describe();
  if (method == "list") return provider.list();
  if (method == "shutdown") return Json::object();
  if (method == "run") {
    const auto request = params.get<RunRequest>();
    check_inside_arena(request);
    return provider.run(request, arena.map(request.arena_bytes));
  }
  throw WorkerError(ErrorKind::invalid_request, fmt::format("there is no method '{}'", method));
}

Json error_answer(ErrorKind kind, const std::string& message, bool fatal) {
  return {{"kind", error_kind_name(kind)}, {"message", message}, {"fatal", fatal}};
}

}  // namespace

int serve(Provider& provider, const std::string& worker_name) {
  Channel channel;
  Arena arena;
  while (const auto line = channel.read()) {
    Json reply{{"id", nullptr}};
    bool last = false;
    try {
      const auto request = Json::parse(*line);
      reply["id"] = request.at("id");
      const auto method = request.at("method").get<std::string>();
      last = method == "shutdown";
      reply["result"] =
          answer(provider, arena, worker_name, method, request.value("params", Json::object()));
    } catch (const WorkerError& error) {
      last = error.fatal();
      reply["error"] = error_answer(error.kind(), error.what(), error.fatal());
    } catch (const Json::exception& error) {
      reply["error"] = error_answer(ErrorKind::invalid_request, error.what(), false);
    }
    channel.write(reply);
    if (last) break;
  }
  return 0;
}

}  // namespace fusegate::kernels
