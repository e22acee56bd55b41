#include "suites/ops/building.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "suites/recipe.hpp"

namespace fusegate::suites {
namespace {

constexpr std::int64_t max_width = 1 << 20;
constexpr std::int64_t max_tokens = 1 << 24;
constexpr std::int64_t max_displacement = 1 << 10;

}  // namespace

Parameter dtype_parameter() {
  return {.name = "dtype",
          .kind = Parameter::Kind::word,
          .words = {"fp32", "fp16", "bf16"},
          .meaning = "element type of all tensors"};
}

Parameter tokens_parameter() {
  return {.name = "tokens", .largest = max_tokens, .meaning = "rows"};
}

Parameter width_parameter(const std::string& name, const std::string& meaning) {
  return {.name = name, .smallest = 1, .largest = max_width, .meaning = meaning};
}

Parameter eps_parameter(const std::string& name) {
  return {.name = name,
          .kind = Parameter::Kind::real,
          .meaning = "added to the mean of squares, under the root"};
}

Parameter stride_parameter(const std::string& tensor) {
  return {.name = tensor + "_stride",
          .otherwise = std::int64_t{0},
          .largest = max_width,
          .meaning = "elements from row to row; 0: the row's width"};
}

Parameter offset_parameter(const std::string& tensor) {
  return {.name = tensor + "_offset",
          .otherwise = std::int64_t{0},
          .largest = max_displacement,
          .meaning = "elements by which it starts behind an address aligned to 256 bytes"};
}

Parameter flag_parameter(const std::string& name, const std::string& meaning) {
  return {.name = name, .otherwise = std::int64_t{0}, .largest = 1, .meaning = meaning};
}

void add_input_parameters(std::vector<Parameter>& parameters) {
  std::vector<std::string> names;
  for (const auto& recipe : all_recipes()) names.push_back(recipe.name);
  parameters.push_back({.name = "inputs",
                        .kind = Parameter::Kind::word,
                        .otherwise = std::string("normal"),
                        .words = std::move(names),
                        .meaning = "how inputs are made up; see list recipes"});
  parameters.push_back({.name = "seed", .otherwise = std::int64_t{0}, .meaning = "of the inputs"});
}

reference::Format case_format(const Case& c) {
  return reference::parse_format(c.word("dtype")).value();
}

std::int64_t LayoutBuilder::parameter(const std::string& tensor, const char* which) const {
  const auto name = tensor + which;
  return case_.op().find_parameter(name) ? case_.integer(name) : 0;
}

void LayoutBuilder::add(const Tensor& tensor, std::int64_t rows, reference::Format format) {
  const auto stride = parameter(tensor.name, "_stride");
  layout_.buffers.push_back({.name = tensor.name,
                             .format = format,
                             .rows = rows,
                             .stride = stride == 0 ? tensor.columns : stride,
                             .displacement = parameter(tensor.name, "_offset")});
  layout_.tensors.push_back(tensor);
  layout_.tensors.back().buffer = layout_.buffers.size() - 1;
}

void LayoutBuilder::add_rows(const std::string& tensor, Content content, std::int64_t columns) {
  add({.name = tensor, .columns = columns, .content = content}, case_.integer("tokens"),
      case_format(case_));
}

void LayoutBuilder::add_weight(const std::string& tensor, std::int64_t columns) {
  add({.name = tensor, .columns = columns, .content = Content::weight}, 1, case_format(case_));
}

void LayoutBuilder::add_constant(const std::string& tensor, double value) {
  add({.name = tensor, .columns = 1, .content = Content::constant, .value = value}, 1,
      reference::Format::fp32);
}

void LayoutBuilder::add_output(const std::string& tensor, std::int64_t columns,
                               std::optional<reference::Format> format) {
  add({.name = tensor, .columns = columns, .output = true}, case_.integer("tokens"),
      format.value_or(case_format(case_)));
}

void LayoutBuilder::add_output_in_place(const std::string& tensor, const std::string& input) {
  Tensor output = *std::find_if(layout_.tensors.begin(), layout_.tensors.end(),
                                [&](const Tensor& t) { return t.name == input; });
  output.name = tensor;
  output.output = true;
  layout_.tensors.push_back(std::move(output));
}

void LayoutBuilder::add_slices(const std::string& buffer, std::int64_t width,
                               std::int64_t displacement, const std::vector<Slice>& slices) {
  std::int64_t column = 0;
  for (const auto& slice : slices) {
    layout_.tensors.push_back({.name = slice.tensor,
                               .buffer = layout_.buffers.size(),
                               .column = column,
                               .columns = slice.columns,
                               .output = false,
                               .content = Content::activation});
    column += slice.columns;
  }
  layout_.buffers.push_back({.name = buffer,
                             .format = case_format(case_),
                             .rows = case_.integer("tokens"),
                             .stride = width,
                             .displacement = displacement});
}

std::string stride_objection(const Case& c, const std::string& tensor, std::int64_t columns) {
  const auto stride = c.integer(tensor + "_stride");
  if (stride == 0 || stride >= columns) return "";
  return fmt::format("{}_stride={} is shorter than a row of {} elements", tensor, stride, columns);
}

}  // namespace fusegate::suites
