// What the memory of a case holds before it runs, and what it must hold afterwards.
//
// Each buffer lies between two redzones in one arena. Everything that is no input element is
// poison: a NaN of the buffer's format, of one kind in a first run and of another in a second. So
// what a kernel never writes shows as poison, what it should not read makes its results NaN or
// different from run to run, and any byte outside its outputs must come back as it was.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "suites/case.hpp"
#include "suites/recipe.hpp"

namespace fusegate::suites {

inline constexpr std::size_t redzone_bytes = 4096;
inline constexpr std::size_t arena_alignment = 256;

/// Which of the two poisons.
enum class Poison { first, second };

/// The bit pattern of a poisoned element. Buffers that only outputs lie in have one of their own: a
/// NaN that a kernel has computed from an input's poison is not an element that it left alone.
[[nodiscard]] std::uint32_t poison_bits(reference::Format format, Poison poison, bool output);

/// A case's memory. Row by row: nothing here grows with the number of rows, but for the inputs of
/// small cases, which are kept because they are wanted several times.
class Image {
 public:
  explicit Image(const Case& c);

  /// Poison for a cache line, which every element size divides.
  using Line = std::array<std::byte, 64>;

  [[nodiscard]] const Layout& layout() const { return layout_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  /// Bytes from the arena's start to the first element of a tensor.
  [[nodiscard]] std::size_t offset(const Tensor& tensor) const;

  /// Writes all of the arena as it is before a run.
  void write(std::span<std::byte> arena, Poison poison) const;

  /// Looks for a byte outside the outputs that is not as write() left it. Says where: "2 bytes
  /// behind the end of out were overwritten".
  [[nodiscard]] std::optional<std::string> find_damage(std::span<const std::byte> arena,
                                                       Poison poison) const;

  /// The values of an input's row, as the tensor's format holds them.
  void input_row(const Tensor& tensor, std::int64_t row, std::span<double> values) const;

  /// Whether an element of an output is still poison. Never, in place: no poison was written there.
  [[nodiscard]] bool is_poison(const Tensor& output, Poison poison,
                               std::span<const std::byte> element) const;

  /// The elements of an output's row.
  [[nodiscard]] std::span<const std::byte> output_row(std::span<const std::byte> arena,
                                                      const Tensor& tensor, std::int64_t row) const;

 private:
  struct Place {
    std::size_t begin;  ///< of the first redzone
    std::size_t data;
    std::size_t data_bytes;
    bool output;  ///< nothing but outputs lies in it
  };

  /// The elements of an input's row, as memory holds them.
  void input_row_bytes(std::size_t tensor, std::int64_t row, std::span<std::byte> bytes) const;
  void make_input_row(std::size_t tensor, std::int64_t row, std::span<std::byte> bytes) const;
  void keep_inputs();
  [[nodiscard]] std::size_t row_bytes(const Tensor& tensor) const;
  [[nodiscard]] Line poison_of(std::size_t buffer, Poison poison) const;
  void make_buffer_row(std::size_t buffer, std::int64_t row, Poison poison,
                       std::span<std::byte> bytes) const;
  [[nodiscard]] std::optional<std::string> find_redzone_damage(std::span<const std::byte> arena,
                                                               std::size_t buffer,
                                                               Poison poison) const;
  [[nodiscard]] std::optional<std::string> find_row_damage(std::span<const std::byte> actual,
                                                           std::span<const std::byte> expected,
                                                           std::size_t buffer,
                                                           std::int64_t row) const;

  Case case_;
  Layout layout_;
  const Recipe* recipe_;
  std::int64_t seed_;
  std::vector<Place> places_;
  std::vector<std::vector<std::byte>> kept_;  ///< rows of each tensor; empty: made when wanted
  std::size_t bytes_ = 0;
};

}  // namespace fusegate::suites
