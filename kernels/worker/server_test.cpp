// The server with a provider that goes wrong in every way.
#include "kernels/worker/server.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <exception>
#include <new>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace fusegate::kernels {
namespace {

using Json = nlohmann::ordered_json;

class FailingProvider final : public Provider {
 public:
  explicit FailingProvider(std::exception_ptr error) : error_(std::move(error)) {}
  Json describe() override { std::rethrow_exception(error_); }
  Json list() override { return {{"operations", Json::array()}}; }
  RunResult run(const RunRequest&, std::span<std::byte>) override { return {}; }

 private:
  std::exception_ptr error_;
};

/// What a server in a process of its own answers: it takes its standard streams for itself.
std::vector<Json> answers(Provider& provider, const std::string& requests) {
  std::array<int, 2> in{}, out{};
  EXPECT_EQ(::pipe(in.data()), 0);
  EXPECT_EQ(::pipe(out.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(in[0], 0);
    ::dup2(out[1], 1);
    for (const int fd : {in[0], in[1], out[0], out[1]}) ::close(fd);
    ::_exit(serve(provider, "a worker"));
  }
  ::close(in[0]);
  ::close(out[1]);
  // Less than a pipe holds, both ways.
  EXPECT_EQ(::write(in[1], requests.data(), requests.size()),
            static_cast<ssize_t>(requests.size()));
  ::close(in[1]);
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t n = 0; (n = ::read(out[0], buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(n));
  }
  ::close(out[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status)) << "it was ended by signal " << WTERMSIG(status);
  std::vector<Json> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) found.push_back(Json::parse(line));
  return found;
}

const std::string two_requests =
    "{\"id\": 1, \"method\": \"describe\"}\n{\"id\": 2, \"method\": \"list\"}\n";

TEST(Server, CallsAShortageOutOfMemoryAndGoesOn) {
  for (const auto& error :
       {std::make_exception_ptr(std::bad_alloc()),
        std::make_exception_ptr(std::system_error(ENOMEM, std::generic_category(), "mmap")),
        std::make_exception_ptr(std::system_error(EAGAIN, std::generic_category(), "thread"))}) {
    FailingProvider provider(error);
    const auto replies = answers(provider, two_requests);
    ASSERT_EQ(replies.size(), 2u);
    EXPECT_EQ(replies[0].at("id"), 1);
    EXPECT_EQ(replies[0].at("error").at("kind"), "out_of_memory");
    EXPECT_EQ(replies[0].at("error").at("fatal"), false);
    EXPECT_TRUE(replies[1].contains("result"));
  }
}

TEST(Server, EndsAfterAnythingElseThatItDoesNotKnow) {
  for (const auto& error :
       {std::make_exception_ptr(std::logic_error("no such thing")),
        std::make_exception_ptr(std::system_error(EIO, std::generic_category(), "a file"))}) {
    FailingProvider provider(error);
    const auto replies = answers(provider, two_requests);
    ASSERT_EQ(replies.size(), 1u);
    EXPECT_EQ(replies[0].at("error").at("kind"), "runtime");
    EXPECT_EQ(replies[0].at("error").at("fatal"), true);
  }
}

TEST(Server, HandsOnWhatTheProviderSays) {
  FailingProvider provider(
      std::make_exception_ptr(WorkerError(ErrorKind::unsupported, "no such op")));
  const auto replies = answers(provider, two_requests);
  ASSERT_EQ(replies.size(), 2u);
  EXPECT_EQ(replies[0].at("error").at("kind"), "unsupported");
  EXPECT_EQ(replies[0].at("error").at("message"), "no such op");
}

}  // namespace
}  // namespace fusegate::kernels
