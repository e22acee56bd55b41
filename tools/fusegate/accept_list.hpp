#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/engine/engine_check.hpp"
#include "tools/fusegate/contract_finding.hpp"

namespace fusegate::tools {

/// Something that may be broken for a while.
struct Accepted {
  std::string id;  ///< of the use
  std::string reason;
  std::string owner;
  std::string expires;  ///< "2026-12-31", the last day on which it counts
};

/// "accepted until 2026-12-31 by me: because"
[[nodiscard]] std::string words_of(const Accepted& accepted);

/// What may be broken, as a person wrote it down.
struct AcceptList {
  std::vector<Accepted> entries;  ///< those that count
  std::vector<Accepted> expired;  ///< those that do not any more

  [[nodiscard]] const Accepted* find(const std::string& id) const;
  [[nodiscard]] bool has(const std::string& id) const { return find(id) != nullptr; }
};

/// Reads a JSON list of {id, reason, owner, expires}; an empty name is an empty list. `today` is as
/// `expires`. Throws CannotRun where the file cannot be read, and UsageError, with the entry, on
/// anything else.
[[nodiscard]] AcceptList read_accept_list(const std::string& file, const std::string& today);

/// What everything of some checks came to, by its id: the worst, where several checks have it.
using Consequences = std::map<std::string, probe::Consequence>;
void add_consequences(Consequences& found, const probe::EngineCheck& check);

/// What a person should know of the list: entries that expired, and those that match nothing that
/// is broken.
[[nodiscard]] std::vector<std::string> notes_on(const AcceptList& list, const Consequences& found);

/// A JSON file that a person named with `option`. Throws likewise.
[[nodiscard]] nlohmann::ordered_json read_json(const std::string& file, const char* option);

}  // namespace fusegate::tools
