#include "suites/op.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "suites/ops/norm_family.hpp"
#include "suites/ops/ops.hpp"

namespace fusegate::suites {
namespace {

std::vector<Op> make_ops() {
  std::vector<Op> ops;
  for (const auto quantization :
       {Quantization::none, Quantization::static_scale, Quantization::dynamic}) {
    for (const bool is_gemma : {false, true}) {
      for (const bool adds : {false, true}) ops.push_back(norm_op({adds, is_gemma, quantization}));
    }
    if (quantization == Quantization::none) ops.push_back(dual_rms_norm_op());
  }
  return ops;
}

}  // namespace

std::optional<std::size_t> Op::find_parameter(std::string_view parameter) const {
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [&](const Parameter& p) { return p.name == parameter; });
  if (found == parameters.end()) return std::nullopt;
  return static_cast<std::size_t>(found - parameters.begin());
}

std::span<const Op> all_ops() {
  static const auto ops = make_ops();
  return ops;
}

const Op& find_op(std::string_view name) {
  std::vector<std::string> names;
  for (const Op& op : all_ops()) {
    if (op.name == name) return op;
    names.push_back(op.name);
  }
  throw UsageError(fmt::format("there is no op '{}'{}; there are {}", name,
                               did_you_mean(name, names), join(names, ", ")));
}

}  // namespace fusegate::suites
