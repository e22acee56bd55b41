#include "probe/engine/sources/import_scan.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "probe/engine/sources/import_statement.hpp"
#include "probe/engine/sources/python_blocks.hpp"
#include "probe/engine/sources/python_lines.hpp"

namespace fusegate::probe {
namespace {

/// What one file may cost beyond reading it: bytes that are handed out or looked at to name what is
/// around imports. A file made for it (a long name from which many are imported, imports below
/// many tests) reaches any amount; the largest files of engines stay below a twentieth.
constexpr std::size_t work_limit = std::size_t{16} << 20;

struct Scan {
  PythonCursor cursor;
  std::vector<Block> blocks;  ///< around the cursor, outermost first
  std::vector<ScannedImport> imports;
  std::size_t counted = 0;  ///< up to here, lines are counted
  int line = 1;             ///< of `counted`
  std::size_t work = 0;
};

/// The line of a place that is not before the last one that was asked for.
int line_at(Scan& scan, std::size_t at) {
  const auto passed = scan.cursor.text.substr(scan.counted, at - scan.counted);
  scan.line += static_cast<int>(std::ranges::count(passed, '\n'));
  scan.counted = at;
  return scan.line;
}

/// Whether there is still work left for this much; after the first thing that was too much, none.
bool afford(Scan& scan, std::size_t size) {
  scan.work += std::min(size, work_limit);
  return scan.work <= work_limit;
}

void add_imports(Scan& scan, std::size_t begin) {
  if (!afford(scan, effort_of(scan.blocks))) return;
  auto surroundings = surroundings_of(scan.blocks);
  if (!surroundings.runs) return;
  ScannedImport found;
  found.line = line_at(scan, begin);
  found.function = std::move(surroundings.function);
  found.around = std::move(surroundings.around);
  found.try_line = try_line_of(scan.blocks);
  std::size_t shared = sizeof(found) + found.function.size();
  for (const auto& text : found.around) shared += sizeof(text) + text.size();
  auto statement = parse_import(scan.cursor.text.substr(begin, scan.cursor.at - begin));
  found.level = statement.level;
  for (auto& [name, bound_as] : statement.names) {
    if (!afford(scan, shared + statement.module.size() + name.size())) return;
    found.module = statement.is_from ? statement.module : std::move(name);
    if (statement.is_from) found.name = std::move(name);
    found.bound_as = std::move(bound_as);
    scan.imports.push_back(found);
  }
}

/// The statements up to the line's end, compound ones not among them.
void read_simple_statements(Scan& scan) {
  auto& cursor = scan.cursor;
  while (true) {
    skip_blanks(cursor);
    const auto begin = cursor.at;
    const auto word = read_name(cursor);
    skip_statement(cursor);
    if (word == "import" || word == "from") add_imports(scan, begin);
    if (cursor.at_end()) return;
    if (cursor.text[cursor.at++] == '\n') return;
  }
}

/// Now that its handlers are known: says of the imports in a body what is caught. One without
/// handlers catches nothing, so that what is around it counts.
void settle_try(Scan& scan, Block block) {
  if (block.part == Block::Part::body) block.end_import = scan.imports.size();
  std::size_t size = 0;
  for (const auto& types : block.caught) size += sizeof(types) + types.size();
  const int outer = block.caught.empty() ? try_line_of(scan.blocks) : 0;
  for (auto at = block.first_import; at < block.end_import; ++at) {
    auto& import = scan.imports[at];
    if (import.try_line != block.line) continue;
    if (block.caught.empty())
      import.try_line = outer;
    else if (afford(scan, size))
      import.handlers = block.caught;
  }
}

/// Ends the blocks that a statement in this column is not in.
void close_blocks(Scan& scan, std::size_t column) {
  while (!scan.blocks.empty() && scan.blocks.back().column >= column) {
    auto block = std::move(scan.blocks.back());
    scan.blocks.pop_back();
    if (block.kind == Block::Kind::try_) settle_try(scan, std::move(block));
  }
}

/// The kind of block that a statement may begin with its first word.
std::optional<Block::Kind> block_kind(std::string_view word) {
  using Kind = Block::Kind;
  constexpr std::array<std::pair<std::string_view, Kind>, 9> words{{{"if", Kind::if_},
                                                                    {"def", Kind::function},
                                                                    {"for", Kind::for_},
                                                                    {"try", Kind::try_},
                                                                    {"with", Kind::with},
                                                                    {"case", Kind::case_},
                                                                    {"class", Kind::class_},
                                                                    {"while", Kind::while_},
                                                                    {"match", Kind::match}}};
  if (word.size() < 2 || word.size() > 5) return std::nullopt;
  const auto found = std::ranges::find(words, word, &std::pair<std::string_view, Kind>::first);
  return found == words.end() ? std::nullopt : std::optional(found->second);
}

bool is_clause(std::string_view word) {
  return word == "else" || word == "elif" || word == "except" || word == "finally";
}

/// Whether what looks like the head of a match is one: `match: int` and `match[0]: int = 1` are
/// not. Its colon ends the line, and there is something before it.
bool is_match_head(PythonCursor cursor, std::string_view head) {
  ++cursor.at;
  skip_blanks(cursor);
  PythonCursor subject{head};
  skip_space(subject);
  return !subject.at_end() && (cursor.at_end() || cursor.peek() == '\n' || cursor.peek() == '#');
}

/// From behind the keyword past the colon, and what is between; nothing, and behind the keyword,
/// for what is no head after all.
std::optional<std::string_view> read_head(Scan& scan, std::optional<Block::Kind> kind) {
  auto& cursor = scan.cursor;
  const auto begin = cursor.at;
  if (skip_head(cursor)) {
    const auto head = cursor.text.substr(begin, cursor.at - begin);
    if (kind != Block::Kind::match || is_match_head(cursor, head)) {
      ++cursor.at;
      return head;
    }
  }
  cursor.at = begin;
  return std::nullopt;
}

void open_block(Scan& scan, Block::Kind kind, std::size_t column, std::size_t begin,
                std::string_view head) {
  Block block{.kind = kind, .column = column, .head = head};
  if (kind == Block::Kind::try_) {
    block.line = line_at(scan, begin);
    block.first_import = scan.imports.size();
  }
  scan.blocks.push_back(std::move(block));
}

void read_line(Scan& scan, std::size_t column) {
  auto& cursor = scan.cursor;
  auto& blocks = scan.blocks;
  const auto begin = cursor.at;
  auto word = read_name(cursor);
  if (word == "async") {
    skip_blanks(cursor);
    word = read_name(cursor);
  }
  close_blocks(scan, column + 1);
  if (is_clause(word) && !blocks.empty() && blocks.back().column == column) {
    const auto head = read_head(scan, std::nullopt);
    if (head && continue_block(blocks.back(), word, *head, scan.imports.size())) {
      return read_simple_statements(scan);
    }
  }
  close_blocks(scan, column);
  auto kind = block_kind(word);
  const bool in_match = !blocks.empty() && blocks.back().kind == Block::Kind::match;
  if (kind == Block::Kind::case_ && !in_match) kind.reset();
  const auto head = kind ? read_head(scan, kind) : std::nullopt;
  if (head)
    open_block(scan, *kind, column, begin, *head);
  else
    cursor.at = begin;
  read_simple_statements(scan);
}

}  // namespace

std::vector<ScannedImport> scan_imports(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::string translated;
  if (text.find('\r') != text.npos) {
    translated.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
      const bool is_return = text[at] == '\r';
      translated += is_return ? '\n' : text[at];
      if (is_return && text.substr(at + 1).starts_with('\n')) ++at;
    }
    text = translated;
  }
  Scan scan{.cursor = {text}};
  while (const auto column = next_statement_line(scan.cursor)) read_line(scan, *column);
  close_blocks(scan, 0);
  return std::move(scan.imports);
}

}  // namespace fusegate::probe
