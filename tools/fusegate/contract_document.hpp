#pragma once

#include <nlohmann/json_fwd.hpp>

#include "probe/engine/conditions/profile.hpp"
#include "tools/fusegate/contract_outcome.hpp"
#include "tools/fusegate/sources.hpp"

namespace fusegate::tools {

inline constexpr const char* contract_schema_name = "fusegate.contract";
inline constexpr const char* contract_schema_version = "1.0";
inline constexpr const char* contract_schema_major = "1.";

/// What a check of one library found (reports/schema/contract.schema.json).
[[nodiscard]] nlohmann::ordered_json document_of(const probe::EngineLocation& engine,
                                                 const LibrarySources& library,
                                                 const probe::Profile& profile,
                                                 const ContractOutcome& outcome);

/// What is assumed, by name, as --assume takes it: NAME alone is NAME=1.
[[nodiscard]] nlohmann::ordered_json to_json(const probe::Profile& profile);

/// counts_of as an object.
[[nodiscard]] nlohmann::ordered_json counts_to_json(const probe::EngineCheck& check);

}  // namespace fusegate::tools
