// The suite of models' shapes against what is known of the models elsewhere.
#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "probe/engine/gates/model_shapes.hpp"
#include "suites/case.hpp"
#include "suites/suite.hpp"

namespace fusegate::tools {
namespace {

using Widths = std::set<std::int64_t>;

std::optional<probe::ModelShape> shape_of(const std::string& name) {
  for (auto& model : probe::known_model_shapes()) {
    const auto& names = model.names;
    if (std::find(names.begin(), names.end(), name) != names.end()) return model;
  }
  return std::nullopt;
}

/// Widths over which a model's norms may run.
Widths widths_of(const probe::ModelShape& model) {
  Widths widths{model.hidden};
  for (const auto& width : {model.q_lora, model.kv_lora, model.head_dim}) {
    if (width) widths.insert(*width);
  }
  if (model.qk_norm == "per_layer") {
    widths.insert(*model.heads * *model.head_dim);
    widths.insert(*model.kv_heads * *model.head_dim);
  }
  return widths;
}

void expect_of(const suites::Case& c, const probe::ModelShape& model, const std::string& name) {
  const auto has = [&](const char* parameter) { return c.op().find_parameter(parameter); };
  for (const char* eps : {"eps", "q_eps", "kv_eps"}) {
    if (!has(eps)) continue;
    EXPECT_EQ(c.real(eps), model.eps) << name << ": " << c.line();
  }
  const auto widths = widths_of(model);
  for (const char* width : {"hidden", "q_hidden", "kv_hidden"}) {
    if (!has(width)) continue;
    EXPECT_TRUE(widths.contains(c.integer(width))) << name << ": " << c.line();
  }
  if (has("q_hidden") && model.q_lora) {
    EXPECT_EQ(c.integer("q_hidden"), *model.q_lora) << name << ": " << c.line();
  }
  if (c.op().name == "add_rms_norm") {
    EXPECT_EQ(c.integer("hidden"), model.hidden) << name << ": " << c.line();
  }
}

TEST(ModelsSuite, AgreesWithWhatIsKnownOfTheModels) {
  for (const auto& line : suites::find_suite("models").lines) {
    for (const auto& name : line.models) {
      const auto model = shape_of(name);
      ASSERT_TRUE(model) << "probe/engines/models.json has no " << name;
      const auto cases = suites::parse_cases(line.line);
      for (std::uint64_t i = 0; i < cases.size(); ++i) expect_of(cases.at(i), *model, name);
    }
  }
}

}  // namespace
}  // namespace fusegate::tools
