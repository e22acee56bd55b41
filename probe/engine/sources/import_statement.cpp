#include "probe/engine/sources/import_statement.hpp"

#include "probe/engine/sources/python_lines.hpp"

namespace fusegate::probe {
namespace {

/// The names and single characters of a statement.
class Tokens {
 public:
  explicit Tokens(std::string_view statement) : cursor_{statement} { next(); }

  [[nodiscard]] std::string_view peek() const { return token_; }
  [[nodiscard]] bool is_name() const {
    return !token_.empty() && is_name_character(token_[0]) && (token_[0] < '0' || token_[0] > '9');
  }

  void next() {
    skip_space(cursor_);
    token_ = read_name(cursor_);
    if (!token_.empty() || cursor_.at_end()) return;
    token_ = cursor_.text.substr(cursor_.at++, 1);
  }
  bool accept(std::string_view token) {
    if (token_ != token) return false;
    next();
    return true;
  }
  std::string take_name() {
    if (!is_name()) return "";
    std::string name(token_);
    next();
    return name;
  }

 private:
  PythonCursor cursor_;
  std::string_view token_;
};

std::string read_dotted(Tokens& tokens) {
  auto name = tokens.take_name();
  while (!name.empty() && tokens.accept(".")) name += "." + tokens.take_name();
  return name;
}

void read_names(Tokens& tokens, ImportStatement& statement) {
  do {
    auto name = statement.is_from ? tokens.take_name() : read_dotted(tokens);
    if (name.empty()) return;
    std::string bound_as;
    if (tokens.accept("as")) bound_as = tokens.take_name();
    statement.names.emplace_back(std::move(name), std::move(bound_as));
  } while (tokens.accept(","));
}

/// What is between `from` and the names; false if it is broken.
bool read_origin(Tokens& tokens, ImportStatement& statement) {
  while (tokens.accept(".")) ++statement.level;
  if (tokens.peek() != "import") statement.module = read_dotted(tokens);
  const bool is_somewhere = statement.level > 0 || !statement.module.empty();
  return tokens.accept("import") && is_somewhere;
}

}  // namespace

ImportStatement parse_import(std::string_view text) {
  Tokens tokens(text);
  ImportStatement statement;
  statement.is_from = tokens.accept("from");
  if (statement.is_from ? !read_origin(tokens, statement) : !tokens.accept("import")) return {};
  if (statement.is_from && tokens.accept("*")) {
    statement.names.emplace_back("*", "");
    return statement;
  }
  if (statement.is_from) tokens.accept("(");
  read_names(tokens, statement);
  return statement;
}

}  // namespace fusegate::probe
