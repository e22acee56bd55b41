#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reference/policy.hpp"
#include "suites/image.hpp"
#include "suites/result.hpp"

namespace fusegate::suites {

/// Looks at the memory that runs of a case left behind, and says what they prove.
class Judge {
 public:
  Judge(const Case& c, const Image& image, const reference::NumericPolicy& policy);

  /// The first run, poisoned with Poison::first: guards and values.
  void see_first(std::span<const std::byte> arena);
  /// A repetition: guards, and the same bits as the first.
  void see_repetition(std::span<const std::byte> arena, Poison poison);

  /// Fills in verdict, reason, policy, errors and notes.
  void conclude(Result& result) const;

 private:
  /// Of one output: how many elements a trivial implementation would get right.
  struct Trivial {
    std::int64_t zero = 0;      ///< a zero would be within the limit
    std::int64_t nan = 0;       ///< any NaN is right
    bool constant = true;       ///< all elements are the same
    std::vector<bool> copy_of;  ///< for each tensor: the output equals it
  };

  void load_row(std::int64_t row);
  void compare_row(std::size_t output, std::int64_t row, std::span<const std::byte> bytes);
  void note_trivial(std::size_t output, std::span<const double> actual);
  void find(const std::string& finding);
  void look_for_damage(std::span<const std::byte> arena, Poison poison);
  [[nodiscard]] std::string describe_wrong() const;
  [[nodiscard]] std::string why_vacuous() const;

  const Case& case_;
  const Image& image_;
  reference::NumericPolicy policy_;
  std::vector<std::size_t> outputs_;   ///< positions of output tensors in the layout
  std::vector<OutputError> errors_;    ///< for each output
  std::vector<Trivial> trivial_;       ///< for each output
  std::vector<double> first_actual_;   ///< for each output
  std::vector<std::uint64_t> hashes_;  ///< of all output rows of the first run
  RowValues row_;
  std::vector<double> actual_;
  std::vector<std::string> findings_;
  bool damaged_ = false;
  std::int64_t rows_ = 0;
};

}  // namespace fusegate::suites
