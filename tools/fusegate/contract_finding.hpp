#pragma once

#include <string>
#include <vector>

#include "probe/engine/engine_check.hpp"

namespace fusegate::tools {

/// What of a check can be accepted, known of a baseline and asked for: it has an id.
struct Finding {
  std::string id;
  probe::Consequence consequence = probe::Consequence::fine;
};

[[nodiscard]] Finding finding_of(const probe::JudgedUse& judged);
/// Reading an attribute that is missing raises; one of which nothing is known may do so.
[[nodiscard]] Finding finding_of(const probe::AttributeGap& gap);

/// Each id once: the uses, then the engine's own attributes.
[[nodiscard]] std::vector<Finding> findings_of(const probe::EngineCheck& check);

/// The consequence of a missing or unresolved attribute.
[[nodiscard]] probe::Consequence consequence_of(probe::AttributeStatus status);

}  // namespace fusegate::tools
