#pragma once

#include <nlohmann/json_fwd.hpp>

namespace fusegate::reports {

class Markdown;

/// One element of a report's `engines`: what it is, how much it uses each library, and what of it
/// breaks on the libraries of the run. What an element lacks is left out.
void write_engine(Markdown& out, const nlohmann::ordered_json& engine);

}  // namespace fusegate::reports
