#pragma once

#include <nlohmann/json_fwd.hpp>

#include "probe/engine/attribute_contracts.hpp"
#include "tools/fusegate/console.hpp"

namespace fusegate::tools {

// What `contract check` tells of an engine's own objects.

/// Whether an attribute is missing for sure.
[[nodiscard]] bool breaks(const probe::AttributeReport& report);

/// The missing ones, and with `all` those of which it is not known, too.
void print_attributes(const Console& console, const probe::AttributeReport& report, bool all);

/// The missing ones, for GitHub's log.
void print_attribute_annotations(const Console& console, const probe::AttributeReport& report);

/// Adds `attributes` and `attribute_counts` {ok, missing, unresolved} to the document of a check.
void add_attributes(const probe::AttributeReport& report, nlohmann::ordered_json& document);

}  // namespace fusegate::tools
