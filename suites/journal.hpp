#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/base/unique_fd.hpp"

namespace fusegate::suites {

/// What a journal begins with: enough to know whether a run may go on with it.
struct JournalHeader {
  std::string plan;                          ///< digest of its cases
  std::vector<std::string> implementations;  ///< in their order
  std::string tool;                          ///< version and commit of fusegate
  std::string started;                       ///< when the run began, ISO 8601 in UTC
};

/// Results as they came, a line of JSON each, behind a header line. Each is in the file as soon as
/// it is appended, so that whatever ends the program leaves all results but the one under way.
class Journal {
 public:
  /// Begins a new one in place of what is there. Throws CannotRun with the path and the reason.
  static Journal create(const std::filesystem::path& path, const JournalHeader& header);

  /// Goes on with an earlier one: drops a last line that is not whole. Throws UsageError when there
  /// is none, or when it is of other cases, implementations or another build than `header` says.
  static Journal resume(const std::filesystem::path& path, const JournalHeader& header);

  /// Throws CannotRun when the disk is full or gone; what is in the file stays.
  void append(const nlohmann::ordered_json& result);

  /// Whether a result with this id was in it when it was opened.
  [[nodiscard]] bool has(const std::string& id) const;
  [[nodiscard]] std::uint64_t size() const { return count_; }
  [[nodiscard]] const std::string& started() const { return started_; }

  /// Calls `visit` for every result in the file, in their order.
  void for_each(const std::function<void(const nlohmann::ordered_json&)>& visit) const;

 private:
  Journal(std::filesystem::path path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  std::filesystem::path path_;
  UniqueFd fd_;
  std::string started_;
  std::vector<std::uint64_t> earlier_;  ///< ids from before, sorted: 8 bytes a result
  std::uint64_t count_ = 0;
};

}  // namespace fusegate::suites
