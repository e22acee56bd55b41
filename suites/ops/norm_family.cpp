#include "suites/ops/norm_family.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "reference/bounds.hpp"
#include "reference/quantize.hpp"
#include "reference/rms_norm.hpp"
#include "suites/ops/building.hpp"
#include "suites/ops/ops.hpp"

namespace fusegate::suites {
namespace {

constexpr double usual_static_scale = 0x1p-6;

bool is_quantized(const NormSpec& spec) {
  return spec.quantization != Quantization::none;
}

bool is_in_place(const NormSpec& spec, const Case& c) {
  return spec.adds_residual && c.integer("in_place") == 1;
}

bool hands_on_norm(const NormSpec& spec, const Case& c) {
  return is_quantized(spec) && c.integer("with_norm") == 1;
}

reference::Format out_format(const NormSpec& spec, const Case& c) {
  if (!is_quantized(spec)) return case_format(c);
  return reference::parse_format(c.word("quant_dtype")).value();
}

// ---- Parameters ------------------------------------------------------------------------------

void add_quantization_parameters(std::vector<Parameter>& list, const NormSpec& spec) {
  list.push_back({.name = "quant_dtype",
                  .kind = Parameter::Kind::word,
                  .words = {"e4m3fn", "e4m3fnuz", "int8"},
                  .meaning = "element type of out"});
  if (spec.quantization == Quantization::static_scale) {
    list.push_back({.name = "scale",
                    .kind = Parameter::Kind::real,
                    .otherwise = usual_static_scale,
                    .meaning = "what an element of out counts"});
  }
  list.push_back(flag_parameter("with_norm", "1: the norm in dtype is an output too, norm_out"));
}

std::vector<Parameter> parameters(const NormSpec& spec) {
  std::vector<Parameter> list{dtype_parameter()};
  list.push_back(tokens_parameter());
  list.push_back(width_parameter("hidden", "elements of a row"));
  list.push_back(eps_parameter("eps"));
  if (is_quantized(spec)) add_quantization_parameters(list, spec);
  std::vector<const char*> rows{"x", "out"};
  std::vector<const char*> all{"x", "weight", "out"};
  if (spec.adds_residual) {
    list.push_back(flag_parameter(
        "in_place", is_quantized(spec) ? "1: residual_out is the residual's memory"
                                       : "1: out is x's memory and residual_out the residual's"));
    rows = {"x", "residual", "out", "residual_out"};
    all = {"x", "residual", "weight", "out", "residual_out"};
  }
  for (const char* tensor : rows) list.push_back(stride_parameter(tensor));
  for (const char* tensor : all) list.push_back(offset_parameter(tensor));
  add_input_parameters(list);
  return list;
}

/// Parameters of tensors that have no place of their own in such a case.
std::vector<const char*> meaningless(const NormSpec& spec, const Case& c) {
  if (!is_in_place(spec, c)) return {};
  if (is_quantized(spec)) return {"residual_out_stride", "residual_out_offset"};
  return {"out_stride", "out_offset", "residual_out_stride", "residual_out_offset"};
}

std::string objection(const NormSpec& spec, const Case& c) {
  for (const char* tensor : {"x", "residual", "out", "residual_out"}) {
    if (!c.op().find_parameter(std::string(tensor) + "_stride")) continue;
    const auto why = stride_objection(c, tensor, c.integer("hidden"));
    if (!why.empty()) return why;
  }
  for (const char* name : meaningless(spec, c)) {
    if (c.integer(name) != 0) return std::string(name) + " has no meaning with in_place=1";
  }
  if (spec.quantization == Quantization::static_scale && !(c.real("scale") > 0)) {
    return "scale must be above 0";
  }
  return "";
}

// ---- Tensors ---------------------------------------------------------------------------------

Layout layout(const NormSpec& spec, const Case& c) {
  LayoutBuilder builder(c);
  const auto hidden = c.integer("hidden");
  builder.add_rows("x", Content::activation, hidden);
  if (spec.adds_residual) builder.add_rows("residual", Content::residual, hidden);
  builder.add_weight("weight", hidden);
  if (spec.quantization == Quantization::static_scale) {
    builder.add_constant("scale", c.real("scale"));
  }
  if (is_in_place(spec, c) && !is_quantized(spec)) {
    builder.add_output_in_place("out", "x");
  } else {
    builder.add_output("out", hidden, out_format(spec, c));
  }
  if (spec.adds_residual && is_in_place(spec, c)) {
    builder.add_output_in_place("residual_out", "residual");
  } else if (spec.adds_residual) {
    builder.add_output("residual_out", hidden);
  }
  if (spec.quantization == Quantization::dynamic) {
    builder.add_output("scale", 1, reference::Format::fp32);
  }
  if (hands_on_norm(spec, c)) builder.add_output("norm_out", hidden);
  return builder.take();
}

/// Where the tensors of layout() stand in it.
struct Positions {
  std::size_t x = 0, residual = 0, weight = 0, given_scale = 0;
  std::size_t out = 0, residual_out = 0, scale = 0, norm_out = 0;

  Positions(const NormSpec& spec, const Case& c) {
    std::size_t next = 1;
    if (spec.adds_residual) residual = next++;
    weight = next++;
    if (spec.quantization == Quantization::static_scale) given_scale = next++;
    out = next++;
    if (spec.adds_residual) residual_out = next++;
    if (spec.quantization == Quantization::dynamic) scale = next++;
    if (hands_on_norm(spec, c)) norm_out = next++;
  }
};

// ---- What is right ---------------------------------------------------------------------------

void expect_codes(const NormSpec& spec, const Case& c, const Positions& at,
                  const reference::NumericPolicy& policy, RowValues& row) {
  const auto codes = out_format(spec, c);
  if (at.norm_out != 0) row[at.norm_out] = row[at.out];
  double scale = spec.quantization == Quantization::static_scale ? row[at.given_scale][0] : 0;
  if (spec.quantization == Quantization::dynamic) {
    scale = reference::row_scale(row[at.out], codes, policy);
    row[at.scale][0] = scale;
  }
  reference::scaled_row(row[at.out], scale, codes, policy, row[at.out]);
}

void expect(const NormSpec& spec, const Case& c, const reference::NumericPolicy& policy,
            RowValues& row) {
  const Positions at(spec, c);
  std::size_t source = at.x;
  if (spec.adds_residual) {
    reference::residual_add(row[at.x], row[at.residual], case_format(c), policy,
                            row[at.residual_out]);
    source = at.residual_out;
  }
  reference::rms_norm(row[source], row[at.weight], c.real("eps"), row[at.out],
                      spec.adds_to_weight ? 1.0 : 0.0);
  if (is_quantized(spec)) expect_codes(spec, c, at, policy, row);
}

Limit to_limit(const reference::UlpBound& bound) {
  return {bound.ulps, bound.derivation};
}

std::vector<Limit> limits(const NormSpec& spec, const Case& c,
                          const reference::NumericPolicy& policy, std::int64_t exact_up_to) {
  const reference::NormBound norm{.format = case_format(c),
                                  .width = c.integer("hidden"),
                                  .exact_sums = c.integer("hidden") <= exact_up_to,
                                  .with_residual = spec.adds_residual,
                                  .store = policy.store,
                                  .rounds_before_weight = policy.rounds_before_weight,
                                  .adds_to_weight = spec.adds_to_weight};
  const bool is_dynamic = spec.quantization == Quantization::dynamic;
  std::vector<Limit> list;
  list.push_back(to_limit(is_quantized(spec) ? reference::code_bound(norm, out_format(spec, c),
                                                                     is_dynamic, policy.codes)
                                             : reference::norm_bound(norm)));
  if (spec.adds_residual) {
    list.push_back(to_limit(reference::residual_bound(case_format(c), policy.store)));
  }
  if (is_dynamic) list.push_back(to_limit(reference::scale_bound(norm)));
  if (hands_on_norm(spec, c)) list.push_back(to_limit(reference::norm_bound(norm)));
  return list;
}

// ---- Words -----------------------------------------------------------------------------------

std::string name_of(const NormSpec& spec) {
  std::string name = spec.adds_residual ? "add_" : "";
  name += spec.adds_to_weight ? "gemma_rms_norm" : "rms_norm";
  if (spec.quantization == Quantization::static_scale) name += "_static_quant";
  if (spec.quantization == Quantization::dynamic) name += "_dynamic_quant";
  return name;
}

std::string meaning_of(const NormSpec& spec) {
  const std::string weight = spec.adds_to_weight ? "(weight + 1)" : "weight";
  const bool is_plain = !spec.adds_residual && !is_quantized(spec);
  if (is_plain) return "out = x / sqrt(mean(x^2) + eps) * " + weight;
  std::string text;
  std::string norm = "norm(x)";
  if (spec.adds_residual) {
    text = "residual_out = x + residual; ";
    norm = "norm(x + residual)";
  }
  const auto normed = norm + " * " + weight;
  if (spec.quantization == Quantization::static_scale) {
    return text + "out = " + normed + " / scale in quant_dtype, scale given";
  }
  if (spec.quantization == Quantization::dynamic) {
    return text + "scale = largest |" + normed + "| of the row / largest code; out = " + normed +
           " / scale in quant_dtype";
  }
  return text + "out = " + normed;
}

}  // namespace

Op norm_op(const NormSpec& spec) {
  return {
      .name = name_of(spec),
      .meaning = meaning_of(spec),
      .parameters = parameters(spec),
      .objection = [spec](const Case& c) { return objection(spec, c); },
      .layout = [spec](const Case& c) { return layout(spec, c); },
      .scalars =
          [](const Case& c) {
            return std::map<std::string, Value>{{"eps", c.real("eps")}};
          },
      .expect = [spec](const Case& c, const reference::NumericPolicy& policy,
                       RowValues& row) { expect(spec, c, policy, row); },
      .limits = [spec](const Case& c, const reference::NumericPolicy& policy,
                       std::int64_t exact_up_to) { return limits(spec, c, policy, exact_up_to); },
      .is_quantized = is_quantized(spec)};
}

}  // namespace fusegate::suites
