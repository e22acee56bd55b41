#include "kernels/worker/server.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "fusegate_version.hpp"
#include "kernels/shortage.hpp"
#include "kernels/worker/request_check.hpp"

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
      require_size(bytes);
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
  /// What lies beyond the end of a file can be mapped, and kills who touches it.
  void require_size(std::size_t bytes) const {
    struct stat status {};
    if (::fstat(fd_, &status) != 0) {
      throw WorkerError(ErrorKind::invalid_request,
                        fmt::format("there is no arena: {} names descriptor {}: {}", arena_variable,
                                    fd_, std::strerror(errno)));
    }
    if (bytes > static_cast<std::uint64_t>(status.st_size)) {
      throw WorkerError(
          ErrorKind::invalid_request,
          fmt::format("arena_bytes is {}, but the arena has {} bytes", bytes, status.st_size));
    }
  }

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
    check_request(request);
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
    } catch (const std::exception& error) {
      // Whatever it was, a line that says so is worth more than a crash. After anything but a
      // shortage nobody knows what state this process is in.
      last = !is_shortage(error);
      reply["error"] =
          error_answer(last ? ErrorKind::runtime : ErrorKind::out_of_memory, error.what(), last);
    }
    channel.write(reply);
    if (last) break;
  }
  return 0;
}

}  // namespace fusegate::kernels
