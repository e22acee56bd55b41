#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "reference/formats.hpp"
#include "reference/policy.hpp"

namespace fusegate::suites {

class Case;

/// A bound parameter of a case.
using Value = std::variant<std::int64_t, double, std::string>;

/// What an op is asked with, by name.
struct Parameter {
  enum class Kind { integer, real, word };
  std::string name;
  Kind kind = Kind::integer;
  std::optional<Value> otherwise;  ///< when a line does not give it; none: every line must
  // What may be given.
  std::int64_t smallest = 0;  ///< integer
  std::int64_t largest = std::numeric_limits<std::int64_t>::max();
  std::vector<std::string> words;  ///< word
  std::string meaning;             ///< one line for people
};

/// How the runner makes a tensor's elements up: see recipe.hpp.
enum class Content { activation, residual, weight, constant };

/// Rows of memory that tensors lie in.
struct Buffer {
  std::string name;
  reference::Format format;
  std::int64_t rows = 0;
  std::int64_t stride = 0;        ///< elements from row to row
  std::int64_t displacement = 0;  ///< elements by which it starts behind an aligned address
};

/// Columns of a buffer, under the name that the op gives them. An input and an output that lie on
/// the same columns mean an operation in place.
struct Tensor {
  std::string name;
  std::size_t buffer = 0;
  std::int64_t column = 0;  ///< the first
  std::int64_t columns = 0;
  bool output = false;
  Content content = Content::activation;  ///< inputs
  double value = 0;                       ///< of all elements, where the content is constant

  /// Whether it has one row, whatever the other tensors have.
  [[nodiscard]] bool is_single_row() const {
    return !output && (content == Content::weight || content == Content::constant);
  }
};

struct Layout {
  std::vector<Buffer> buffers;
  std::vector<Tensor> tensors;
};

/// Elements of one row, by the tensor's index in the layout. Tensors of a single row have that.
using RowValues = std::vector<std::vector<double>>;

/// The largest error that a right implementation of a policy can have in an output.
struct Limit {
  double ulps = 0;
  std::string derivation;  ///< how it comes about, in one line
};

/// The meaning of a fused operation: its parameters, its tensors, what it computes, and how
/// exactly. Library-neutral, and row by row. Adding one is a file in ops/ and a line in op.cpp.
struct Op {
  std::string name;
  std::string meaning;  ///< one line for people
  std::vector<Parameter> parameters;
  /// Why a case with sound parameters makes no sense all the same, or "".
  std::function<std::string(const Case& c)> objection;
  std::function<Layout(const Case& c)> layout;
  /// The scalars that an implementation is called with.
  std::function<std::map<std::string, Value>(const Case& c)> scalars;
  /// Computes the output rows of `row` from its inputs, in double: infinitely precise as far as the
  /// judge can tell, but for roundings that the policy asks for.
  std::function<void(const Case& c, const reference::NumericPolicy& policy, RowValues& row)> expect;
  /// A limit for each output, in their order. `exact_up_to`: in rows no wider than this the inputs'
  /// sums of squares are exact in fp32 in any order.
  std::function<std::vector<Limit>(const Case& c, const reference::NumericPolicy& policy,
                                   std::int64_t exact_up_to)>
      limits;
  bool is_quantized = false;  ///< what a policy says of codes and scales matters

  /// The position of a parameter, if there is one of that name.
  [[nodiscard]] std::optional<std::size_t> find_parameter(std::string_view parameter) const;
};

/// All ops that this build knows.
[[nodiscard]] std::span<const Op> all_ops();

/// Throws UsageError for an unknown name, naming the nearest.
[[nodiscard]] const Op& find_op(std::string_view name);

}  // namespace fusegate::suites
