#include "probe/engine/sources/python_blocks.hpp"

#include <algorithm>
#include <array>

#include "probe/base/text.hpp"
#include "probe/engine/sources/python_lines.hpp"

namespace fusegate::probe {
namespace {

// Beyond these it is no source that a person wrote, and giving it whole to each import below takes
// time out of proportion.
constexpr std::size_t head_limit = 1000;
constexpr std::size_t chain_limit = 100;  ///< of an if: tests that are kept

/// What a test says without being evaluated.
enum class Outcome { open, never, always };

std::string shown(std::string_view head) {
  if (head.size() <= head_limit) return one_line(head);
  return one_line(head.substr(0, head_limit)) + "...";
}

/// The test without white space and with one kind of quotes.
std::string bare(std::string_view test) {
  std::string text;
  for (const char c : test) {
    if (c != ' ') text += c == '\'' ? '"' : c;
  }
  return text;
}

/// What looking at a head costs, the short ones with what each costs at least.
std::size_t effort(std::string_view head) {
  return std::min(head.size(), head_limit) + 64;
}

Outcome outcome_of(std::string_view test) {
  const bool is_negated = test.starts_with("not ");
  const auto text = bare(one_line(is_negated ? test.substr(4) : test));
  constexpr std::array<std::string_view, 2> true_ones{"True", "1"};
  constexpr std::array<std::string_view, 5> false_ones{
      "False", "0", "TYPE_CHECKING", "__name__==\"__main__\"", "\"__main__\"==__name__"};
  const bool is_dotted = std::all_of(text.begin(), text.end(),
                                     [](char c) { return c == '.' || is_name_character(c); });
  const bool is_true = std::ranges::find(true_ones, text) != true_ones.end();
  const bool is_false = std::ranges::find(false_ones, text) != false_ones.end() ||
                        (is_dotted && text.ends_with(".TYPE_CHECKING"));
  if (!is_true && !is_false) return Outcome::open;
  return is_true != is_negated ? Outcome::always : Outcome::never;
}

/// Adds what must hold for this part of an if; false if it never runs.
bool append_tests(const Block& block, std::vector<std::string>& around) {
  for (const auto head : block.earlier) {
    const auto test = shown(head);
    const auto outcome = outcome_of(test);
    if (outcome == Outcome::always) return false;
    if (outcome == Outcome::open) around.push_back("else of " + test);
  }
  if (block.part == Block::Part::otherwise) return true;
  const auto test = shown(block.head);
  const auto outcome = outcome_of(test);
  if (outcome == Outcome::open) around.push_back("if " + test);
  return outcome != Outcome::never;
}

void append_loop(const Block& block, std::string_view word, std::vector<std::string>& around) {
  const bool is_else = block.part == Block::Part::otherwise;
  around.push_back((is_else ? "else of " : "") + std::string(word));
}

void append_try(const Block& block, std::vector<std::string>& around) {
  switch (block.part) {
    case Block::Part::body:
      around.emplace_back("try");
      break;
    case Block::Part::handler: {
      const auto types = caught_types(block.head);
      around.push_back(types.empty() ? "except" : "except " + types);
      break;
    }
    case Block::Part::otherwise:
      around.emplace_back("else of try");
      break;
    case Block::Part::finally:
      break;  // whatever happens, it runs
  }
}

/// False if what is in the block never runs.
bool append_around(const Block& block, std::vector<std::string>& around) {
  switch (block.kind) {
    case Block::Kind::if_:
      return append_tests(block, around);
    case Block::Kind::for_:
      append_loop(block, "for", around);
      break;
    case Block::Kind::while_:
      append_loop(block, "while", around);
      break;
    case Block::Kind::with:
      around.push_back("with " + shown(block.head));
      break;
    case Block::Kind::try_:
      append_try(block, around);
      break;
    case Block::Kind::match:
      around.emplace_back("match");
      break;
    case Block::Kind::function:
      around.clear();  // what is around a definition tells nothing of a call
      break;
    case Block::Kind::class_:
    case Block::Kind::case_:
      break;
  }
  return true;
}

std::string_view defined_name(const Block& block) {
  PythonCursor cursor{block.head.substr(0, head_limit)};
  skip_blanks(cursor);
  return read_name(cursor);
}

}  // namespace

Surroundings surroundings_of(const std::vector<Block>& blocks) {
  Surroundings found;
  std::string path;
  for (const auto& block : blocks) {
    if (!append_around(block, found.around)) {
      found.runs = false;
      return found;
    }
    if (block.kind != Block::Kind::function && block.kind != Block::Kind::class_) continue;
    if (!path.empty()) path += '.';
    path += defined_name(block);
    if (block.kind == Block::Kind::function) found.function = path;
  }
  return found;
}

int try_line_of(const std::vector<Block>& blocks) {
  for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) {
    if (block->kind == Block::Kind::function) return 0;
    if (block->kind == Block::Kind::try_ && block->part == Block::Part::body) return block->line;
  }
  return 0;
}

std::size_t effort_of(const std::vector<Block>& blocks) {
  std::size_t size = 0;
  for (const auto& block : blocks) {
    size += effort(block.head);
    for (const auto head : block.earlier) size += effort(head);
  }
  return size;
}

bool continue_block(Block& block, std::string_view keyword, std::string_view head,
                    std::size_t import_count) {
  using Kind = Block::Kind;
  const bool is_if = block.kind == Kind::if_;
  const bool is_try = block.kind == Kind::try_;
  const bool is_loop = block.kind == Kind::for_ || block.kind == Kind::while_;
  const bool is_else = keyword == "else" && (is_if || is_loop || is_try);
  const bool is_handler = keyword == "except" && is_try;
  const bool is_finally = keyword == "finally" && is_try;
  if (!is_else && !is_handler && !is_finally && !(keyword == "elif" && is_if)) return false;
  if (is_try && block.part == Block::Part::body) block.end_import = import_count;
  if (is_if && block.earlier.size() < chain_limit) block.earlier.push_back(block.head);
  block.head = head;
  if (is_else) block.part = Block::Part::otherwise;
  if (is_finally) block.part = Block::Part::finally;
  if (is_handler) {
    block.part = Block::Part::handler;
    block.caught.push_back(caught_types(head));
  }
  return true;
}

std::string caught_types(std::string_view head) {
  auto types = shown(head);
  if (types.starts_with('*')) types.erase(0, types.find_first_not_of("* "));
  std::size_t end = types.size();
  while (end > 0 && is_name_character(types[end - 1])) --end;
  const auto before_name = trim(std::string_view(types).substr(0, end));
  const bool is_named = end < types.size() && before_name.ends_with("as") &&
                        before_name.size() > 2 &&
                        !is_name_character(before_name[before_name.size() - 3]);
  return one_line(is_named ? before_name.substr(0, before_name.size() - 2) : types);
}

}  // namespace fusegate::probe
