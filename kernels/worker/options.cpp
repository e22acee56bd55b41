#include "kernels/worker/options.hpp"

#include <charconv>
#include <cmath>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>

namespace fusegate::kernels {
namespace {

/// Whether `text` is a number and nothing else.
template <class Number>
bool parse(const std::string& text, Number& number) {
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && rest == end;
}

}  // namespace

std::int64_t whole_number(const std::string& text, std::int64_t least, std::int64_t most) {
  std::int64_t number = 0;
  if (parse(text, number) && number >= least && number <= most) return number;
  throw std::invalid_argument(fmt::format("wants a whole number from {} to {}", least, most));
}

double positive_number(const std::string& text) {
  double number = 0;
  if (parse(text, number) && number > 0 && std::isfinite(number)) return number;
  throw std::invalid_argument("wants a number above 0, as in 0.5 or 20");
}

}  // namespace fusegate::kernels
