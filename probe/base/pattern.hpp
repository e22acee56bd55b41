#pragma once

#include <memory>
#include <string>

namespace fusegate {

/// A POSIX extended regular expression, as in grep -E.
class Pattern {
 public:
  /// Throws UsageError, naming what is wrong with it; also where counts such as a{1,255} multiply
  /// to more than the memory for them is worth.
  explicit Pattern(const std::string& expression);
  ~Pattern();
  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;

  /// Whether `text` contains a match.
  [[nodiscard]] bool is_in(const std::string& text) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace fusegate
