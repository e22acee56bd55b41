#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace fusegate::reports {

// What a Markdown document is made of. Text from elsewhere (a library, a device, a worker,
// another's report) goes through `cell` or `code`: nothing in it may end a table's cell, begin
// markup or be HTML.

/// As plain text.
[[nodiscard]] std::string cell(const std::string& text);

/// As code; a backtick cannot be escaped there. Nothing for nothing: two backticks would begin a
/// code span.
[[nodiscard]] std::string code(const std::string& text);

/// What an object has under a key, as text and not escaped; nothing for null and for no such key.
[[nodiscard]] std::string text_of(const nlohmann::ordered_json& object, const char* key);

/// The same as a cell.
[[nodiscard]] std::string cell_of(const nlohmann::ordered_json& object, const char* key);

/// What an object has under a key, where that is a list; otherwise an empty one.
[[nodiscard]] const nlohmann::ordered_json& list_at(const nlohmann::ordered_json& object,
                                                    const char* key);

/// "unknown" for nothing.
[[nodiscard]] std::string or_unknown(const std::string& text);

/// A document that is written line by line.
class Markdown {
 public:
  void line(const std::string& text = "");
  void row(const std::vector<std::string>& cells);
  void table(const std::vector<std::string>& heads);
  [[nodiscard]] std::string take();

 private:
  std::string text_;
};

/// A list of what a report's part could not read, each as "place: what is wrong (fix: how to mend
/// it)"; nothing for none.
void write_problems(Markdown& out, const nlohmann::ordered_json& problems);

}  // namespace fusegate::reports
