// What the files of this folder share: parameters that mean the same everywhere, and layouts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "suites/case.hpp"
#include "suites/op.hpp"

namespace fusegate::suites {

[[nodiscard]] Parameter dtype_parameter();
[[nodiscard]] Parameter tokens_parameter();
[[nodiscard]] Parameter width_parameter(const std::string& name, const std::string& meaning);
[[nodiscard]] Parameter eps_parameter(const std::string& name);
/// `TENSOR_stride` and `TENSOR_offset`, of a tensor with rows; weights have an offset alone.
[[nodiscard]] Parameter stride_parameter(const std::string& tensor);
[[nodiscard]] Parameter offset_parameter(const std::string& tensor);
[[nodiscard]] Parameter flag_parameter(const std::string& name, const std::string& meaning);
/// `inputs` and `seed`, the last two of every op.
void add_input_parameters(std::vector<Parameter>& parameters);

[[nodiscard]] reference::Format case_format(const Case& c);

/// Adds tensors to a layout, each in a buffer of its own unless said otherwise. Strides and
/// displacements come from the case's parameters of that tensor.
class LayoutBuilder {
 public:
  explicit LayoutBuilder(const Case& c) : case_(c) {}

  void add_rows(const std::string& tensor, Content content, std::int64_t columns);
  void add_weight(const std::string& tensor, std::int64_t columns);
  /// An input of one element.
  void add_constant(const std::string& tensor, double value);
  /// `format`: the case's dtype where it is left out.
  void add_output(const std::string& tensor, std::int64_t columns,
                  std::optional<reference::Format> format = std::nullopt);
  /// An output on the columns of an input.
  void add_output_in_place(const std::string& tensor, const std::string& input);
  /// Inputs side by side in rows of `width` elements, whose other columns nobody may touch.
  struct Slice {
    std::string tensor;
    std::int64_t columns;
  };
  void add_slices(const std::string& buffer, std::int64_t width, std::int64_t displacement,
                  const std::vector<Slice>& slices);

  [[nodiscard]] Layout take() { return std::move(layout_); }

 private:
  void add(const Tensor& tensor, std::int64_t rows, reference::Format format);
  /// A parameter of the tensor, as "out_stride"; 0 where the op has none.
  [[nodiscard]] std::int64_t parameter(const std::string& tensor, const char* which) const;

  const Case& case_;
  Layout layout_;
};

/// Why a stride that the case gives is too short, or "".
[[nodiscard]] std::string stride_objection(const Case& c, const std::string& tensor,
                                           std::int64_t columns);

}  // namespace fusegate::suites
