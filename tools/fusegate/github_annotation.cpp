#include "tools/fusegate/github_annotation.hpp"

#include <fmt/format.h>

#include "probe/base/text.hpp"

namespace fusegate::tools {
namespace {

/// A property's value: commas and colons end one.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : without_controls(text)) {
    if (c == '%') {
      out += "%25";
    } else if (c == ',' || c == ':') {
      out += c == ',' ? "%2C" : "%3A";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string github_annotation(std::string_view level, std::string_view file, int line,
                              std::string_view title, std::string_view message) {
  return fmt::format("::{} file={},line={},title={}::{}", level, escaped(file), line,
                     escaped(title), without_controls(message));
}

}  // namespace fusegate::tools
