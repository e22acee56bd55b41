#include "reference/rms_norm.hpp"

#include "reference/bounds.hpp"
#include "suites/ops/building.hpp"
#include "suites/ops/ops.hpp"

namespace fusegate::suites {
namespace {

std::vector<Parameter> parameters() {
  std::vector<Parameter> list{dtype_parameter(),
                              tokens_parameter(),
                              width_parameter("hidden", "elements of a row"),
                              eps_parameter("eps"),
                              stride_parameter("x"),
                              stride_parameter("out"),
                              offset_parameter("x"),
                              offset_parameter("weight"),
                              offset_parameter("out")};
  add_input_parameters(list);
  return list;
}

std::string objection(const Case& c) {
  const auto hidden = c.integer("hidden");
  const auto x = stride_objection(c, "x", hidden);
  return x.empty() ? stride_objection(c, "out", hidden) : x;
}

Layout layout(const Case& c) {
  LayoutBuilder builder(c);
  const auto hidden = c.integer("hidden");
  builder.add_rows("x", Content::activation, hidden);
  builder.add_weight("weight", hidden);
  builder.add_output("out", hidden);
  return builder.take();
}

std::map<std::string, Value> scalars(const Case& c) {
  return {{"eps", c.real("eps")}};
}

void expect(const Case& c, const reference::NumericPolicy&, RowValues& row) {
  reference::rms_norm(row[0], row[1], c.real("eps"), row[2]);
}

std::vector<Limit> limits(const Case& c, const reference::NumericPolicy& policy,
                          std::int64_t exact_up_to) {
  const auto bound = reference::norm_bound({.format = case_format(c),
                                            .width = c.integer("hidden"),
                                            .exact_sums = c.integer("hidden") <= exact_up_to,
                                            .store = policy.store,
                                            .rounds_before_weight = policy.rounds_before_weight});
  return {{bound.ulps, bound.derivation}};
}

}  // namespace

Op rms_norm_op() {
  return {.name = "rms_norm",
          .meaning = "out = x / sqrt(mean(x^2) + eps) * weight",
          .parameters = parameters(),
          .objection = objection,
          .layout = layout,
          .scalars = scalars,
          .expect = expect,
          .limits = limits};
}

}  // namespace fusegate::suites
