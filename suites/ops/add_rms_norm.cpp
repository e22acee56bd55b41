#include "reference/bounds.hpp"
#include "reference/rms_norm.hpp"
#include "suites/ops/building.hpp"
#include "suites/ops/ops.hpp"

namespace fusegate::suites {
namespace {

// Positions in the layout.
enum Position : std::size_t { x, residual, weight, out, residual_out };

std::vector<Parameter> parameters() {
  std::vector<Parameter> list{
      dtype_parameter(),
      tokens_parameter(),
      width_parameter("hidden", "elements of a row"),
      eps_parameter("eps"),
      flag_parameter("in_place", "1: out is x's memory and residual_out the residual's"),
      stride_parameter("x"),
      stride_parameter("residual"),
      stride_parameter("out"),
      stride_parameter("residual_out"),
      offset_parameter("x"),
      offset_parameter("residual"),
      offset_parameter("weight"),
      offset_parameter("out"),
      offset_parameter("residual_out")};
  add_input_parameters(list);
  return list;
}

bool in_place(const Case& c) {
  return c.integer("in_place") == 1;
}

std::string objection(const Case& c) {
  for (const char* tensor : {"x", "residual", "out", "residual_out"}) {
    const auto why = stride_objection(c, tensor, c.integer("hidden"));
    if (!why.empty()) return why;
  }
  if (!in_place(c)) return "";
  for (const char* name :
       {"out_stride", "out_offset", "residual_out_stride", "residual_out_offset"}) {
    if (c.integer(name) != 0) return std::string(name) + " has no meaning with in_place=1";
  }
  return "";
}

Layout layout(const Case& c) {
  LayoutBuilder builder(c);
  const auto hidden = c.integer("hidden");
  builder.add_rows("x", Content::activation, hidden);
  builder.add_rows("residual", Content::residual, hidden);
  builder.add_weight("weight", hidden);
  if (in_place(c)) {
    builder.add_output_in_place("out", "x");
    builder.add_output_in_place("residual_out", "residual");
  } else {
    builder.add_output("out", hidden);
    builder.add_output("residual_out", hidden);
  }
  return builder.take();
}

std::map<std::string, Value> scalars(const Case& c) {
  return {{"eps", c.real("eps")}};
}

void expect(const Case& c, const reference::NumericPolicy& policy, RowValues& row) {
  reference::residual_add(row[x], row[residual], case_format(c), policy, row[residual_out]);
  reference::rms_norm(row[residual_out], row[weight], c.real("eps"), row[out]);
}

std::vector<Limit> limits(const Case& c, const reference::NumericPolicy& policy,
                          std::int64_t exact_up_to) {
  const auto norm = reference::norm_bound({.format = case_format(c),
                                           .width = c.integer("hidden"),
                                           .exact_sums = c.integer("hidden") <= exact_up_to,
                                           .with_residual = true,
                                           .store = policy.store,
                                           .rounds_before_weight = policy.rounds_before_weight});
  const auto sum = reference::residual_bound(case_format(c), policy.store);
  return {{norm.ulps, norm.derivation}, {sum.ulps, sum.derivation}};
}

}  // namespace

Op add_rms_norm_op() {
  return {.name = "add_rms_norm",
          .meaning = "residual_out = x + residual; out = rms_norm(x + residual, weight, eps)",
          .parameters = parameters(),
          .objection = objection,
          .layout = layout,
          .scalars = scalars,
          .expect = expect,
          .limits = limits};
}

}  // namespace fusegate::suites
