// Workers that are a few lines of shell, each with one fault.
#pragma once

#include <chrono>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "suites/arena.hpp"
#include "suites/implementation.hpp"
#include "suites/worker_client.hpp"

namespace fusegate::suites {

inline Implementation scripted(const std::string& script) {
  return {"scripted", {"sh", "-c", script}};
}

/// Reads a request and answers it. Requests are numbered from 1.
inline std::string answer(int id, const std::string& result) {
  return fmt::format("read request; echo '{{\"id\": {}, \"result\": {}}}'; ", id, result);
}

inline std::string answer_error(int id, const std::string& kind, const std::string& message,
                                bool fatal = false) {
  return fmt::format(
      "read request; echo '{{\"id\": {}, \"error\": {{\"kind\": \"{}\", \"message\": \"{}\", "
      "\"fatal\": {}}}}}'; ",
      id, kind, message, fatal);
}

inline const std::string hello = answer(1, R"({"protocol": 1})");

/// Waits for the end of its input, as a worker that has nothing else to do.
inline const std::string wait = "cat > /dev/null";

/// A worker that answers everything, and `run` as `body` says: shell that leaves the result in
/// $result, or prints something else and goes on with the next request. The request is in $request
/// and its number in $n.
inline Implementation worker_that(const std::string& body) {
  return scripted(
      R"(n=0
         while read -r request; do
           n=$((n+1))
           result='{}'
           case $request in
             *'"method":"hello"'*) result='{"protocol": 1}' ;;
             *'"method":"describe"'*)
               result='{"runtime": "sh", "device": {"name": "shell"}, "versions": {"sh": "1"}}' ;;
             *'"method":"list"'*) result='{"operations": [{"op": "rms_norm"}]}' ;;
             *'"method":"run"'*) result='{"launches": []}'
               )" +
      body + R"(
               ;;
           esac
           echo "{\"id\": $n, \"result\": $result}"
         done)");
}

/// For worker_that(): answers with an error.
inline std::string fails_with(const std::string& kind, bool fatal = false) {
  return fmt::format(R"(echo "{{\"id\": $n, \"error\": {{\"kind\": \"{}\", )"
                     R"(\"message\": \"it says why\", \"fatal\": {}}}}}"; continue)",
                     kind, fatal);
}

/// Long enough for any machine; a test that meets it has failed.
inline constexpr std::chrono::milliseconds patience{30'000};

class WorkerClientTest : public testing::Test {
 protected:
  Arena arena_;

  [[nodiscard]] WorkerClient start_worker(const std::string& script,
                                          std::chrono::milliseconds time_limit = patience) const {
    return WorkerClient(scripted(script), arena_.fd(), -1, time_limit);
  }
  // How a worker is lost that has been greeted and is asked to describe itself.
  [[nodiscard]] WorkerLost lost(const std::string& script,
                                std::chrono::milliseconds time_limit = patience) const {
    auto worker = start_worker(hello + script);
    try {
      static_cast<void>(worker.describe(time_limit));
    } catch (const WorkerLost& error) {
      return error;
    }
    ADD_FAILURE() << "it was not lost";
    return {Verdict::pass, "", ""};
  }
};

}  // namespace fusegate::suites
