#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace fusegate {

/// How many threads are worth starting: the processors that this process may run on, 16 at most.
[[nodiscard]] inline std::size_t worthwhile_threads() {
  const std::size_t processors = std::thread::hardware_concurrency();
  return processors == 0 ? 1 : processors < 16 ? processors : 16;
}

/// Calls action(0) .. action(count - 1), spread over the processors, in no particular order. Ends
/// when all calls have; then throws the first exception that one of them threw.
template <class Action>
void parallel_for(std::size_t count, const Action& action) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr first_error;
  const auto work = [&] {
    for (std::size_t index = next++; index < count; index = next++) {
      try {
        action(index);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!first_error) first_error = std::current_exception();
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t more = 1; more < worthwhile_threads() && more < count; ++more) {
      threads.emplace_back(work);
    }
    work();
  }
  if (first_error) std::rethrow_exception(first_error);
}

}  // namespace fusegate
