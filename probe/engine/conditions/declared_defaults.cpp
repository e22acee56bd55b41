#include "probe/engine/conditions/declared_defaults.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>
#include <utility>

#include "probe/base/text.hpp"
#include "probe/engine/conditions/environment_value.hpp"
#include "probe/surface/brackets.hpp"

namespace fusegate::probe {
namespace {

// What stands after the name of a variable in what reads it: more is no literal.
constexpr std::size_t literal_limit = 200;

/// How much of the text's beginning is the name of a variable.
std::size_t name_length(std::string_view text) {
  std::size_t length = 0;
  for (const auto c : text) {
    const bool is_digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
    const bool is_part =
        std::isupper(static_cast<unsigned char>(c)) != 0 || c == '_' || (is_digit && length > 0);
    if (!is_part) break;
    ++length;
  }
  return length;
}

/// "False" of "False  # note" and of "EnvBool(False, secret=True)".
std::string_view declared_text(std::string_view text) {
  text = trim(text.substr(0, find_outside(text, '#')));
  const auto open = text.find('(');
  if (open == text.npos || open == 0 || !text.ends_with(')')) return text;
  return split_outside(text.substr(open + 1, text.size() - open - 2), ',').front();
}

/// What a variable's value is taken for, whether it is declared (False) or read ("0").
PythonValue meaning_of(const PythonValue& literal) {
  return literal.text() == nullptr ? literal : declared_value(*literal.text());
}

class Defaults {
 public:
  std::map<std::string, std::string> read(std::string_view python) {
    for (const auto line : split(python, '\n')) read_declaration(trim(line));
    for (auto at = python.find("(\""); at != python.npos; at = python.find("(\"", at + 1)) {
      read_use(python, at, at + 2);
    }
    // As formatters break a line.
    for (auto at = python.find("(\n"); at != python.npos; at = python.find("(\n", at + 1)) {
      const auto quote = python.find_first_not_of(" \n", at + 1);
      if (quote != python.npos && python[quote] == '"') read_use(python, at, quote + 1);
    }
    for (const auto& name : doubtful_) found_.erase(name);
    return std::move(found_);
  }

 private:
  void read_declaration(std::string_view line) {
    const auto length = name_length(line);
    const auto rest = trim(line.substr(length));
    if (length == 0 || !(rest.starts_with(':') || rest.starts_with('='))) return;
    const auto equals = find_outside(rest, '=');
    if (equals == rest.npos || rest.substr(equals).starts_with("==")) return;
    add(line.substr(0, length), declared_text(rest.substr(equals + 1)));
  }

  /// `getenv("NAME", DEFAULT)`, of which the brackets are at `open` and the name at `begin`.
  void read_use(std::string_view python, std::size_t open, std::size_t begin) {
    const bool is_call =
        open > 0 && std::isalnum(static_cast<unsigned char>(python[open - 1])) != 0;
    const auto length = name_length(python.substr(begin));
    const auto behind = begin + length;
    if (!is_call || length == 0 || python.substr(behind, 2) != "\",") return;
    const auto text = python.substr(behind + 2, literal_limit);
    const auto end = std::min(find_outside(text, ')'), find_outside(text, ','));
    if (end != text.npos) add(python.substr(begin, length), trim(text.substr(0, end)));
  }

  void add(std::string_view name, std::string_view value) {
    const auto literal = parse_literal(value);
    const auto [it, is_new] = found_.emplace(name, value);
    const auto before = is_new ? literal : parse_literal(it->second);
    const bool is_known =
        literal && before && compare("==", meaning_of(*literal), meaning_of(*before)).value();
    if (!is_known) doubtful_.emplace(name);
  }

  std::map<std::string, std::string> found_;
  std::set<std::string> doubtful_;
};

}  // namespace

std::map<std::string, std::string> read_declared_defaults(std::string_view python) {
  return Defaults().read(python);
}

}  // namespace fusegate::probe
