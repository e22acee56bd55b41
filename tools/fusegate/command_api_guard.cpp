#include <fmt/format.h>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "probe/library/guard.hpp"
#include "tools/fusegate/commands.hpp"
#include "tools/fusegate/console.hpp"

namespace fusegate::tools {

ExitCode run_command(const ApiGuardOptions& options, const CommonOptions& common) {
  if (!common.json.empty()) throw UsageError("api guard writes Python; redirect its output");
  std::vector<std::string> names;
  for (const auto& contract : probe::known_libraries()) {
    for (const auto& implementation : contract.implementations) {
      names.push_back(implementation.name);
      if (implementation.name != options.implementation) continue;
      write_document("-", probe::python_guard(contract, implementation, options.op));
      return ExitCode::good;
    }
  }
  throw UsageError(fmt::format("there is no implementation '{}' of a library{}; there are {}",
                               options.implementation, did_you_mean(options.implementation, names),
                               join(names, ", ")));
}

}  // namespace fusegate::tools
