#include "tools/fusegate/facts.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "fusegate_version.hpp"
#include "probe/host/host.hpp"
#include "probe/library/contract.hpp"
#include "probe/library/library.hpp"

namespace fusegate::tools {

using Json = nlohmann::ordered_json;

Json survey_libraries(const std::vector<std::string>& arguments, const std::string& python) {
  Json libraries = Json::array();
  if (arguments.empty()) return libraries;
  const auto contracts = probe::known_libraries();
  for (const auto& argument : arguments) {
    const auto request = probe::parse_library_argument(argument, contracts);
    libraries.push_back(to_json(probe::survey_library(request, python, contracts)));
  }
  return libraries;
}

Json survey_host(const std::string& python) {
  return probe::read_host({.python = python});
}

Json tool_identity() {
  return {{"name", "fusegate"}, {"version", FUSEGATE_VERSION}, {"commit", FUSEGATE_COMMIT}};
}

std::string tool_version_text() {
  return fmt::format("{} ({})", FUSEGATE_VERSION, FUSEGATE_COMMIT);
}

}  // namespace fusegate::tools
