#include "suites/python_worker.hpp"

#include <span>

#include <nlohmann/json.hpp>

#include "probe/base/embedded.hpp"

namespace fusegate::embedded {
std::span<const EmbeddedFile> python_worker_files();
}  // namespace fusegate::embedded

namespace fusegate::suites {
namespace {

constexpr std::string_view package = "fusegate_worker/";

}  // namespace

std::vector<std::string> python_worker_command(const std::string& python,
                                               const nlohmann::ordered_json& config) {
  const auto all = embedded::python_worker_files();
  nlohmann::ordered_json files;
  for (const auto& file : all) {
    if (!file.name.starts_with(package)) continue;
    files[std::string(file.name.substr(package.size()))] = file.content;
  }
  const auto* bootstrap = find_embedded(all, "bootstrap.py");
  // A crash then says where in Python it was.
  return {python,
          "-X",
          "faulthandler",
          "-c",
          std::string(bootstrap->content),
          files.dump(),
          config.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)};
}

}  // namespace fusegate::suites
