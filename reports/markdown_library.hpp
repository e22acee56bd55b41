#pragma once

#include <nlohmann/json_fwd.hpp>

namespace fusegate::reports {

class Markdown;

/// One element of a report's `libraries`: what it is, its entry points that are there, with what
/// unknown ones differ in, its known defects, what is wrong with its compiled modules, and what
/// came of importing it. What an element lacks is left out.
void write_library(Markdown& out, const nlohmann::ordered_json& library);

}  // namespace fusegate::reports
