#include "probe/base/pattern.hpp"

#include <regex.h>

#include <array>

#include <fmt/format.h>

#include "probe/base/error.hpp"

namespace fusegate {

// <regex> would do, but takes seconds to compile and overflows the stack on long texts.
struct Pattern::Compiled {
  explicit Compiled(const std::string& expression) {
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
