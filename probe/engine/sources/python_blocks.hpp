#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fusegate::probe {

/// A compound statement whose body is being read.
struct Block {
  enum class Kind { function, class_, if_, for_, while_, with, try_, match, case_ };
  enum class Part { body, handler, otherwise, finally };
  Kind kind = Kind::function;
  std::size_t column = 0;
  Part part = Part::body;
  /// What is between the keyword and the colon of this part; empty after `else`.
  std::string_view head;
  std::vector<std::string_view> earlier;  ///< of an if: the tests before this part
  // Of a try:
  int line = 0;
  std::size_t first_import = 0, end_import = 0;  ///< of its body, indices
  std::vector<std::string> caught;               ///< by its handlers
};

/// What the blocks around a statement make of it; the fields are those of ScannedImport.
struct Surroundings {
  bool runs = true;  ///< false: not when the module is imported, nor in a call
  std::string function;
  std::vector<std::string> around;
};
[[nodiscard]] Surroundings surroundings_of(const std::vector<Block>& blocks);

/// The line of the innermost try in whose body, and in the same function, the statement is, or 0.
[[nodiscard]] int try_line_of(const std::vector<Block>& blocks);

/// What surroundings_of costs, in bytes looked at.
[[nodiscard]] std::size_t effort_of(const std::vector<Block>& blocks);

/// Makes the clause that `keyword` begins (else, elif, except, finally) the part of a block that is
/// being read. False, and nothing done, for a clause that such a block cannot have.
bool continue_block(Block& block, std::string_view keyword, std::string_view head,
                    std::size_t import_count);

/// Of `except (A, B) as e`: "(A, B)".
[[nodiscard]] std::string caught_types(std::string_view head);

}  // namespace fusegate::probe
