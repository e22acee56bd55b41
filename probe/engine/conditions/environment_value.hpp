#pragma once

#include <optional>
#include <string_view>

#include "probe/engine/conditions/python_value.hpp"
#include "probe/engine/sources/engine_rules.hpp"

namespace fusegate::probe {

/// What an environment variable's text means where it is declared nowhere as what: a Python literal
/// ("1", "None", "false" as False), else the text.
[[nodiscard]] PythonValue declared_value(std::string_view text);

/// What a read makes of a variable's text, or of the default that stands for it. Nothing where the
/// read would raise.
[[nodiscard]] std::optional<PythonValue> read_as(EnvironmentRead::As as, const PythonValue& raw);

}  // namespace fusegate::probe
