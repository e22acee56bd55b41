#include <fmt/format.h>

#include "reference/bounds.hpp"
#include "reference/rms_norm.hpp"
#include "suites/ops/building.hpp"
#include "suites/ops/ops.hpp"

namespace fusegate::suites {
namespace {

// Positions in the layout.
enum Position : std::size_t { q_x, kv_x, q_weight, kv_weight, q_out, kv_out };

std::vector<Parameter> parameters() {
  std::vector<Parameter> list{
      dtype_parameter(),
      tokens_parameter(),
      width_parameter("q_hidden", "elements of a row of q"),
      width_parameter("kv_hidden", "elements of a row of kv"),
      eps_parameter("q_eps"),
      eps_parameter("kv_eps"),
      {.name = "projection",
       .otherwise = std::int64_t{0},
       .largest = 1 << 20,
       .meaning =
           "q_x and kv_x are the first columns of shared rows of so many elements, placed by "
           "q_x_offset; 0: they have rows of their own"},
      stride_parameter("q_x"),
      stride_parameter("kv_x"),
      stride_parameter("q_out"),
      stride_parameter("kv_out")};
  for (const char* tensor : {"q_x", "kv_x", "q_weight", "kv_weight", "q_out", "kv_out"}) {
    list.push_back(offset_parameter(tensor));
  }
  add_input_parameters(list);
  return list;
}

std::string objection(const Case& c) {
  const auto q = c.integer("q_hidden");
  const auto kv = c.integer("kv_hidden");
  for (const auto& [tensor, columns] :
       {std::pair{"q_x", q}, {"kv_x", kv}, {"q_out", q}, {"kv_out", kv}}) {
    const auto why = stride_objection(c, tensor, columns);
    if (!why.empty()) return why;
  }
  const auto projection = c.integer("projection");
  if (projection == 0) return "";
  if (projection < q + kv) {
    return fmt::format("projection={} is shorter than q_hidden + kv_hidden = {}", projection,
                       q + kv);
  }
  for (const char* name : {"q_x_stride", "kv_x_stride", "kv_x_offset"}) {
    if (c.integer(name) != 0) return fmt::format("{} has no meaning with a projection", name);
  }
  return "";
}

Layout layout(const Case& c) {
  LayoutBuilder builder(c);
  const auto q = c.integer("q_hidden");
  const auto kv = c.integer("kv_hidden");
  if (const auto projection = c.integer("projection"); projection != 0) {
    builder.add_slices("projection", projection, c.integer("q_x_offset"),
                       {{"q_x", q}, {"kv_x", kv}});
  } else {
    builder.add_rows("q_x", Content::activation, q);
    builder.add_rows("kv_x", Content::activation, kv);
  }
  builder.add_weight("q_weight", q);
  builder.add_weight("kv_weight", kv);
  builder.add_output("q_out", q);
  builder.add_output("kv_out", kv);
  return builder.take();
}

std::map<std::string, Value> scalars(const Case& c) {
  return {{"q_eps", c.real("q_eps")}, {"kv_eps", c.real("kv_eps")}};
}

void expect(const Case& c, const reference::NumericPolicy&, RowValues& row) {
  reference::rms_norm(row[q_x], row[q_weight], c.real("q_eps"), row[q_out]);
  reference::rms_norm(row[kv_x], row[kv_weight], c.real("kv_eps"), row[kv_out]);
}

std::vector<Limit> limits(const Case& c, const reference::NumericPolicy& policy,
                          std::int64_t exact_up_to) {
  std::vector<Limit> result;
  for (const char* width : {"q_hidden", "kv_hidden"}) {
    const auto bound = reference::norm_bound({.format = case_format(c),
                                              .width = c.integer(width),
                                              .exact_sums = c.integer(width) <= exact_up_to,
                                              .store = policy.store,
                                              .rounds_before_weight = policy.rounds_before_weight});
    result.push_back({bound.ulps, bound.derivation});
  }
  return result;
}

}  // namespace

Op dual_rms_norm_op() {
  return {.name = "dual_rms_norm",
          .meaning = "q_out = rms_norm(q_x, q_weight, q_eps) and the same for kv, in one launch",
          .parameters = parameters(),
          .objection = objection,
          .layout = layout,
          .scalars = scalars,
          .expect = expect,
          .limits = limits};
}

}  // namespace fusegate::suites
