// What the tests of the judge share.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "reference/ulp.hpp"
#include "suites/judge.hpp"
#include "suites/test_support.hpp"

namespace fusegate::suites {

/// A case that a right implementation has run, for a test to spoil before it is judged.
struct Trial {
  Case c;
  Image image{c};
  reference::NumericPolicy policy;
  std::vector<std::byte> arena = rightly_run(Poison::first);

  explicit Trial(const std::string& line, reference::NumericPolicy policy_ = {})
      : c(parse_case(line)), policy(policy_) {}

  [[nodiscard]] std::vector<std::byte> rightly_run(Poison poison) const {
    auto memory = fresh_arena(image, poison);
    run_rightly(c, image, memory, policy);
    return memory;
  }

  [[nodiscard]] std::size_t place(const char* name, std::int64_t row, std::int64_t column) const {
    const Tensor& tensor = tensor_of(image, name);
    const auto stride = image.layout().buffers[tensor.buffer].stride;
    return image.offset(tensor) +
           static_cast<std::size_t>(row * stride + column) * element_bytes(image, tensor);
  }
  double get(const char* name, std::int64_t row, std::int64_t column) {
    double value = 0;
    reference::decode_row(format(name), &arena[place(name, row, column)], {&value, 1});
    return value;
  }
  void set(const char* name, std::int64_t row, std::int64_t column, double value) {
    reference::encode_row(format(name), {&value, 1}, &arena[place(name, row, column)]);
  }
  /// Adds so many units in the last place.
  void shift(const char* name, std::int64_t row, std::int64_t column, double ulps) {
    const double value = get(name, row, column);
    set(name, row, column, value + ulps * reference::ulp_size(format(name), value));
  }
  void leave_unwritten(const char* name, std::int64_t row, std::int64_t column) {
    const auto at = place(name, row, column);
    const auto fresh = fresh_arena(image);
    const auto size = element_bytes(image, tensor_of(image, name));
    std::copy_n(fresh.begin() + static_cast<std::ptrdiff_t>(at), size,
                arena.begin() + static_cast<std::ptrdiff_t>(at));
  }

  [[nodiscard]] Result judge() const {
    Judge judge(c, image, policy);
    judge.see_first(arena);
    return conclude(judge);
  }
  [[nodiscard]] Result judge_with(const std::vector<std::byte>& repetition, Poison poison) const {
    Judge judge(c, image, policy);
    judge.see_first(arena);
    judge.see_repetition(repetition, poison);
    return conclude(judge);
  }

 private:
  [[nodiscard]] reference::Format format(const char* name) const {
    return image.layout().buffers[tensor_of(image, name).buffer].format;
  }
  static Result conclude(const Judge& judge) {
    Result result;
    judge.conclude(result);
    return result;
  }
};

}  // namespace fusegate::suites
