#include "probe/base/pattern.hpp"

#include <regex.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/format.h>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"

namespace fusegate {
namespace {

constexpr std::size_t longest = 4096;
constexpr double most_copies = 1000;

/// The product of all upper bounds in braces: the C library writes their operands out so often,
/// nested ones multiplied.
double expansion(const std::string& expression) {
  double product = 1;
  for (std::size_t open = expression.find('{'); open != expression.npos;
       open = expression.find('{', open + 1)) {
    const auto numbers = expression.substr(open + 1, expression.find('}', open) - open - 1);
    const auto comma = numbers.find(',');
    const auto bound = numbers.substr(comma == numbers.npos ? 0 : comma + 1);
    product *= std::max(1.0, std::strtod(bound.empty() ? numbers.c_str() : bound.c_str(), nullptr));
  }
  return product;
}

}  // namespace

// <regex> would do, but takes seconds to compile and overflows the stack on long texts.
struct Pattern::Compiled {
  explicit Compiled(const std::string& expression) {
    if (expression.size() > longest || expansion(expression) > most_copies) {
      throw UsageError(
          fmt::format("'{}' is too large a regular expression: at most {} characters, and counts "
                      "that multiply to at most {}",
                      printable(expression, 80), longest, most_copies));
    }
    const int error = ::regcomp(&regex, expression.c_str(), REG_EXTENDED | REG_NOSUB);
    if (error == 0) return;
    std::array<char, 128> reason{};
    ::regerror(error, &regex, reason.data(), reason.size());
    throw UsageError(fmt::format("'{}' is no regular expression: {}", expression, reason.data()));
  }
  ~Compiled() { ::regfree(&regex); }
  // Owns the compiled expression.
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;

  regex_t regex{};
};

Pattern::Pattern(const std::string& expression)
    : compiled_(std::make_unique<Compiled>(expression)) {}
Pattern::~Pattern() = default;
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;

bool Pattern::is_in(const std::string& text) const {
  return ::regexec(&compiled_->regex, text.c_str(), 0, nullptr, 0) == 0;
}

}  // namespace fusegate
