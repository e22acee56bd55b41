// Nothing that a library, a device, a worker or a report from elsewhere says may break out of its
// place in report.md or become HTML.
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/markdown.hpp"
#include "reports/test_support.hpp"

namespace fusegate::reports {
namespace {

using Json = nlohmann::ordered_json;

/// The same library, with `text` for every text in it.
Json with_text_everywhere(Json json, const std::string& text) {
  if (json.is_string()) return text;
  if (json.is_structured()) {
    for (auto& part : json) part = with_text_everywhere(part, text);
  }
  return json;
}

/// Its statuses as they are, so that all its parts show.
Json library_of(const std::string& text) {
  Json library = with_text_everywhere(some_library(), text);
  for (std::size_t i = 0; i < library["contracts"].size(); ++i) {
    library["contracts"][i]["status"] = some_library()["contracts"][i]["status"];
  }
  library["contracts"].push_back(library["contracts"][0]);
  library["contracts"].back()["status"] = text;
  library["problems"].push_back({{"what", text}});
  return library;
}

/// Also where a report has names for keys.
Json engine_of(const std::string& text) {
  Json engine = with_text_everywhere(some_engine(), text);
  engine["checks"][0]["assumed"] = {{text, text}};
  return engine;
}

// A report that says `text` wherever it can.
std::string render(const std::string& text) {
  Json result = some_result('1', "fail");
  for (const char* key : {"implementation", "op", "dtype", "case", "reason"}) result[key] = text;
  result["errors"] = {{text, result["errors"]["out"]}};
  Json odd_verdict = some_result('2');
  odd_verdict["verdict"] = text;

  Json envelope = some_envelope();
  for (const char* key : {"suite", "seed", "started", "finished", "cases"})
    envelope["run"][key] = text;
  envelope["run"]["could_not_run"] = {text};
  envelope["tool"]["version"] = envelope["tool"]["commit"] = text;
  Json& host = envelope["host"];
  host["operating_system"] = {{"name", text}, {"version", text}};
  for (const char* key : {"kernel_release", "cpu_model", "usable_cores"}) host[key] = text;
  Json& device = envelope["devices"][0];
  for (const char* key : {"index", "name", "architecture", "pci_address", "source"})
    device[key] = text;
  envelope["implementations"] = {{{"name", text},
                                  {"available", true},
                                  {"device", {{"name", text}, {"architecture", text}}},
                                  {"fingerprint", text}},
                                 {{"name", text}, {"available", false}, {"reason", text}}};
  envelope["libraries"] = {library_of(text)};
  envelope["engines"] = {engine_of(text)};

  Summary summary;
  summary.add(result);
  return render_markdown(envelope, summary, source_of({result, odd_verdict}));
}

std::string render_without_devices(const std::string& text) {
  Json envelope = some_envelope();
  envelope["devices"] = Json::array();
  envelope["device_sources"] = {{{"name", text}, {"failure", text}}};
  return render_markdown(envelope, Summary(), source_of({}));
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines(1);
  for (const char c : text) {
    if (c == '\n' || c == '\r') {
      lines.emplace_back();
    } else {
      lines.back() += c;
    }
  }
  return lines;
}

// The pipes of a row that end a cell. Parsers differ in what two backslashes before one mean: to
// some the second escapes the pipe, to others the first escapes the second.
std::size_t count_pipes(const std::string& row, bool pairs) {
  std::size_t pipes = 0;
  std::size_t backslashes = 0;
  for (const char c : row) {
    const bool escaped = pairs ? backslashes % 2 == 1 : backslashes > 0;
    if (c == '|' && !escaped) ++pipes;
    backslashes = c == '\\' ? backslashes + 1 : 0;
  }
  return pipes;
}

// What is left of a line without its code spans (CommonMark 6.1): what may be markup.
std::string without_code(const std::string& line) {
  std::string left;
  for (std::size_t i = 0; i < line.size();) {
    if (line[i] == '\\' && i + 1 < line.size()) {
      left += line.substr(i, 2);
      i += 2;
    } else if (line[i] == '`') {
      const auto run_end = std::min(line.find_first_not_of('`', i), line.size());
      const std::string run = line.substr(i, run_end - i);
      auto close = line.find(run, run_end);
      while (close != line.npos && (line[close - 1] == '`' || line[close + run.size()] == '`')) {
        close = line.find(run, close + 1);
      }
      if (close == line.npos) {
        left += run;  // opens nothing
        i = run_end;
      } else {
        i = close + run.size();
      }
    } else {
      left += line[i++];
    }
  }
  return left;
}

class HostileText : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Texts, HostileText,
                         testing::Values("a|b", "|", "||", "a\\|b", "a\\\\|b", "a\\\\\\|b", "\\",
                                         "a\\", "`", "``", "a`b", "`|`", "`<b>`", "```",
                                         "\\`<b>\\`", "<script>alert(1)</script>", "<b>", "<!-- ",
                                         "&lt;b&gt;", "<a href='x'>", "a\nb", "\n\n# x\n", "a\r\nb",
                                         "\r| x |", "\n| --- |\n", "**x**", "_x_", "__x__",
                                         "[x](javascript:y)", "![x](http://y)", "[x]: y", "~~x~~",
                                         "\\*x\\*", "\\[x\\](y)", "", " "));

TEST_P(HostileText, AddsNoLine) {
  EXPECT_EQ(lines_of(render(GetParam())).size(), lines_of(render("x")).size());
}

TEST_P(HostileText, LeavesEveryRowItsCells) {
  const auto plain = lines_of(render("x"));
  const auto hostile = lines_of(render(GetParam()));
  ASSERT_EQ(hostile.size(), plain.size());
  for (std::size_t i = 0; i < plain.size(); ++i) {
    if (!plain[i].starts_with("|")) continue;
    for (const bool pairs : {false, true})
      EXPECT_EQ(count_pipes(hostile[i], pairs), count_pipes(plain[i], pairs)) << hostile[i];
  }
}

TEST_P(HostileText, BecomesNoHtml) {
  for (const std::string& text : {render(GetParam()), render_without_devices(GetParam())}) {
    for (const std::string& line : lines_of(text)) {
      EXPECT_EQ(without_code(line).find('<'), std::string::npos) << line;
    }
  }
}

TEST_P(HostileText, BecomesNoMarkup) {
  // Our own lines have what is left of them with harmless text; all else is escaped.
  const auto markup = [](const std::string& line) {
    std::string found;
    const std::string text = without_code(line);
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\') {
        ++i;
      } else if (std::string("`*_[]~").find(text[i]) != std::string::npos) {
        found += text[i];
      }
    }
    return found;
  };
  const auto plain = lines_of(render("x"));
  const auto hostile = lines_of(render(GetParam()));
  ASSERT_EQ(hostile.size(), plain.size());
  for (std::size_t i = 0; i < plain.size(); ++i)
    EXPECT_EQ(markup(hostile[i]), markup(plain[i])) << hostile[i];
}

// What stands at the beginning of a line or a list's item can be a heading, a list or a quotation.
TEST(HostileText, BeginsNoLine) {
  for (const std::string& line : lines_of(render("LIBRARY")))
    EXPECT_FALSE(line.starts_with("LIBRARY") || line.starts_with("- LIBRARY")) << line;
}

}  // namespace
}  // namespace fusegate::reports
