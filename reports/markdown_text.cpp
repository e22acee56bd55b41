#include "reports/markdown_text.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "probe/base/text.hpp"

namespace fusegate::reports {

using Json = nlohmann::ordered_json;

namespace {

/// Of any of which a report may have.
std::string problem_text(const Json& problem) {
  if (problem.is_string()) return problem.get<std::string>();
  auto text = text_of(problem, "what");
  if (text.empty()) return problem.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (const auto where = text_of(problem, "where"); !where.empty()) text = where + ": " + text;
  if (const auto fix = text_of(problem, "fix"); !fix.empty()) text += " (fix: " + fix + ")";
  return text;
}

}  // namespace

std::string cell(const std::string& text) {
  std::string out;
  for (const char c : foreign_text(text, 0)) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '\r':
      case '\n':
        out += ' ';
        break;
      case '\\':
      case '|':
      case '`':
      case '*':
      case '_':
      case '~':
      case '[':
      case ']':
        out += std::string("\\") + c;
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string code(const std::string& text) {
  if (text.empty()) return "";
  std::string out = "`";
  bool even = true;  // backslashes right before
  for (const char c : foreign_text(text, 0)) {
    // To some parsers a backslash escapes the next one even in code, and a pipe only after an odd
    // number of them.
    if (c == '|') out += even ? "\\" : "\\\\";
    out += c == '`' || c == '\n' || c == '\r' ? ' ' : c;
    even = c != '\\' || !even;
  }
  return out + "`";
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::string cell_of(const Json& object, const char* key) {
  return cell(text_of(object, key));
}

const Json& list_at(const Json& object, const char* key) {
  static const Json none = Json::array();
  if (!object.is_object()) return none;
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : none;
}

void Markdown::line(const std::string& text) {
  text_ += text + "\n";
}

void Markdown::row(const std::vector<std::string>& cells) {
  for (const auto& entry : cells) text_ += "| " + entry + " ";
  text_ += "|\n";
}

void Markdown::table(const std::vector<std::string>& heads) {
  row(heads);
  row(std::vector<std::string>(heads.size(), "---"));
}

std::string Markdown::take() {
  return std::move(text_);
}

std::string or_unknown(const std::string& text) {
  return text.empty() ? "unknown" : text;
}

void write_problems(Markdown& out, const Json& problems) {
  for (const auto& problem : problems) out.line("- problem: " + cell(problem_text(problem)));
  if (!problems.empty()) out.line();
}

}  // namespace fusegate::reports
