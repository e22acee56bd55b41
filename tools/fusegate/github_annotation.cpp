#include "tools/fusegate/github_annotation.hpp"

#include <fmt/format.h>

#include "probe/base/text.hpp"

namespace fusegate::tools {
namespace {

/// With what ends a command, and in a property what ends that (actions/toolkit, command.ts).
std::string escaped(std::string_view text, bool is_property) {
  std::string out;
  for (const char c : text) {
    const bool ends = c == '%' || c == '\r' || c == '\n';
    if (ends || (is_property && (c == ':' || c == ','))) {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return without_controls(out);
}

}  // namespace

std::string github_annotation(std::string_view level, std::string_view file, int line,
                              std::string_view title, std::string_view message) {
  return fmt::format("::{} file={},line={},title={}::{}", level, escaped(file, true), line,
                     escaped(title, true), escaped(message, false));
}

}  // namespace fusegate::tools
