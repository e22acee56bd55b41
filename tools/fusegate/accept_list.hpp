#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace fusegate::tools {

/// Something that may be broken for a while.
struct Accepted {
  std::string id;  ///< of the use
  std::string reason;
  std::string owner;
  std::string expires;  ///< "2026-12-31", the last day on which it counts
};

/// What may be broken, as a person wrote it down.
struct AcceptList {
  std::vector<Accepted> entries;   ///< those that count today
  std::vector<std::string> notes;  ///< of entries that do not any more

  [[nodiscard]] const Accepted* find(const std::string& id) const;
  [[nodiscard]] bool has(const std::string& id) const { return find(id) != nullptr; }
};

/// Reads a JSON list of {id, reason, owner, expires}; an empty name is an empty list. Throws
/// CannotRun where the file cannot be read, and UsageError, with the entry, on anything else.
[[nodiscard]] AcceptList read_accept_list(const std::string& file);

/// A JSON file that a person named with `option`. Throws likewise.
[[nodiscard]] nlohmann::ordered_json read_json(const std::string& file, const char* option);

}  // namespace fusegate::tools
