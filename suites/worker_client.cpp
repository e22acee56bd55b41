#include "suites/worker_client.hpp"

#include <stdexcept>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/text.hpp"

namespace fusegate::suites {
namespace {

using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;

constexpr int arena_fd_in_worker = 3;
constexpr auto grace = 2s;  // between asking a worker to end and ending it
constexpr std::size_t shown_garbage = 80;

// No answer comes near it. What copies a document by recursion would overflow the stack.
constexpr std::size_t deepest = 32;

SpawnOptions spawn_options(const Implementation& implementation, int arena_fd) {
  return {.argv = implementation.command,
          .inherit = {{arena_fd_in_worker, arena_fd}},
          .environment = {{kernels::arena_variable, std::to_string(arena_fd_in_worker)}}};
}

Json parse_line(const std::string& line) {
  if (json_depth(line) > deepest) throw std::runtime_error("it is nested too deeply");
  return Json::parse(line);
}

/// With U+FFFD for every byte that is no UTF-8: a worker may write anything, and its last words may
/// begin in the middle of a character.
std::string as_utf8(const std::string& text) {
  return Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace

WorkerClient::WorkerClient(const Implementation& implementation, int arena_fd, int interrupt_fd,
                           std::chrono::milliseconds time_limit)
    : process_(spawn_options(implementation, arena_fd)), interrupt_fd_(interrupt_fd) {
  const Json answer = call("hello", {{"protocol", kernels::protocol_version}}, time_limit);
  require_members("hello", answer, {{"protocol", kernels::protocol_version}});
  if (answer.contains("protocol") && answer["protocol"] != kernels::protocol_version) {
    lose(Verdict::error, fmt::format("the worker speaks protocol {}, this program {}",
                                     answer["protocol"].dump(), kernels::protocol_version));
  }
}

void WorkerClient::start_describing(std::chrono::milliseconds time_limit) {
  describing_ = send("describe", Json::object(), Clock::now() + time_limit);
}

Json WorkerClient::describe(std::chrono::milliseconds time_limit) {
  if (!describing_) start_describing(time_limit);
  Json answer =
      receive(*std::exchange(describing_, std::nullopt), Clock::now() + time_limit, time_limit);
  require_members("describe", answer,
                  {{"runtime", ""},
                   {"device", Json::object()},
                   {"versions", Json::object()},
                   {"prepares", false},
                   {"bf16", Json::object()},
                   {"interpreted", false}});
  return answer;
}

Json WorkerClient::list(std::chrono::milliseconds time_limit) {
  Json answer = call("list", Json::object(), time_limit);
  require_members("list", answer, {{"operations", Json::array()}});
  return answer;
}

void WorkerClient::require_members(const char* method, const Json& answer, const Json& members) {
  if (!answer.is_object()) {
    lose(Verdict::error, fmt::format("the worker's answer to {} is no object", method));
  }
  for (const auto& [name, like] : members.items()) {
    const auto found = answer.find(name);
    if (found == answer.end() || std::string_view(found->type_name()) == like.type_name()) continue;
    lose(Verdict::error, fmt::format("the worker's answer to {} has a {} of type {}, not {}",
                                     method, name, found->type_name(), like.type_name()));
  }
}

template <class Result>
Result WorkerClient::result_of(const char* method, const kernels::RunRequest& request,
                               std::chrono::milliseconds time_limit) {
  const Json answer = call(method, request, time_limit);
  try {
    return answer.get<Result>();
  } catch (const std::exception& error) {
    lose(Verdict::error, fmt::format("the worker's result is not of the protocol: {}",
                                     json_error_text(error.what())));
  }
}

kernels::RunResult WorkerClient::run(const kernels::RunRequest& request,
                                     std::chrono::milliseconds time_limit) {
  return result_of<kernels::RunResult>("run", request, time_limit);
}

kernels::PrepareResult WorkerClient::prepare(const kernels::RunRequest& request,
                                             std::chrono::milliseconds time_limit) {
  return result_of<kernels::PrepareResult>("prepare", request, time_limit);
}

void WorkerClient::shutdown() {
  try {
    call("shutdown", Json::object(), grace);
  } catch (const std::exception&) {
    // It ends one way or the other.
  }
  process_.close_input();
  if (!process_.wait_until(Clock::now() + grace)) process_.terminate(0ms);
}

Json WorkerClient::call(const std::string& method, const Json& params,
                        std::chrono::milliseconds time_limit) {
  const auto deadline = Clock::now() + time_limit;
  return receive(send(method, params, deadline), deadline, time_limit);
}

std::int64_t WorkerClient::send(const std::string& method, const Json& params,
                                Clock::time_point deadline) {
  const std::int64_t id = next_id_++;
  const Json request{{"id", id}, {"method", method}, {"params", params}};
  if (!process_.write(request.dump() + "\n", deadline)) {
    lose_ended("the worker takes no requests");
  }
  return id;
}

Json WorkerClient::receive(std::int64_t id, Clock::time_point deadline,
                           std::chrono::milliseconds time_limit) {
  const std::string line = read_answer(deadline, time_limit);
  try {
    const Json answer = parse_line(line);
    if (answer.at("id") != id) throw std::runtime_error("it answers another request");
    if (const auto error = answer.find("error"); error != answer.end()) {
      throw kernels::WorkerError(kernels::parse_error_kind(error->at("kind").get<std::string>()),
                                 error->at("message").get<std::string>(),
                                 error->value("fatal", false));
    }
    return answer.at("result");
  } catch (const kernels::WorkerError&) {
    throw;
  } catch (const std::exception&) {
    lose(Verdict::error, fmt::format("the worker sent a line that is no answer: '{}'",
                                     printable(line, shown_garbage)));
  }
}

std::string WorkerClient::read_answer(Clock::time_point deadline,
                                      std::chrono::milliseconds time_limit) {
  std::string line;
  switch (process_.read_line(line, deadline, kernels::max_message_bytes, interrupt_fd_)) {
    case ReadStatus::line:
      return line;
    case ReadStatus::interrupted:
      throw Interrupted();
    case ReadStatus::too_long:
      lose(Verdict::error,
           fmt::format("the worker sent a line of more than {} bytes, beginning with '{}'",
                       kernels::max_message_bytes, printable(line, shown_garbage)));
    case ReadStatus::deadline:
      lose(Verdict::timeout,
           fmt::format("no answer within {} s", std::chrono::duration<double>(time_limit).count()));
    case ReadStatus::end_of_file:
      break;
  }
  lose_ended("the worker closed its output");
}

/// A worker that ended is met in writing or in reading, as chance has it: the same is said of both.
void WorkerClient::lose_ended(const char* if_it_lives) {
  const auto status = process_.wait_until(Clock::now() + grace);
  lose(Verdict::crash,
       status ? fmt::format("the worker {} before it answered", status->text()) : if_it_lives);
}

void WorkerClient::lose(Verdict verdict, const std::string& message) {
  process_.terminate(verdict == Verdict::timeout ? std::chrono::milliseconds(grace) : 0ms);
  throw WorkerLost(verdict, message, as_utf8(process_.error_tail()));
}

}  // namespace fusegate::suites
