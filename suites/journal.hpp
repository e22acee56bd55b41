#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <map>
#include <string>
#include <unordered_set>
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
/// Before the results of an implementation stands what it is: a line {"implementation": {...}}.
/// One journal of a folder is open at a time, in all processes.
class Journal {
 public:
  /// Begins a new one; results of an earlier run stay, as PATH.old. Throws CannotRun with the path
  /// and the reason.
  static Journal create(const std::filesystem::path& path, const JournalHeader& header);

  /// Goes on with an earlier one. Drops what is no whole result of its own (see damaged()), and
  /// cases that were skipped: they are still to be run. `is_sound` is asked of each result as well.
  /// Throws UsageError when there is none, or when it is of other cases, implementations or another
  /// build than `header` says.
  static Journal resume(
      const std::filesystem::path& path, const JournalHeader& header,
      const std::function<bool(const nlohmann::ordered_json&)>& is_sound = [](const auto&) {
        return true;
      });

  /// Notes what an implementation is. Throws UsageError when it is another than the one that the
  /// results under this name came from.
  void record_implementation(const nlohmann::ordered_json& description);

  /// Throws CannotRun when the disk is full or gone; what is in the file stays.
  void append(const nlohmann::ordered_json& result);

  /// Whether a result with this id was in it when it was opened.
  [[nodiscard]] bool has(const std::string& id) const;
  [[nodiscard]] std::uint64_t size() const { return count_; }
  /// Lines that resume() dropped: damaged, repeated, or under the id of another case.
  [[nodiscard]] std::uint64_t damaged() const { return damaged_; }
  [[nodiscard]] const std::string& started() const { return started_; }

  /// Calls `visit` for every result in the file, in their order.
  void for_each(const std::function<void(const nlohmann::ordered_json&)>& visit) const;

 private:
  explicit Journal(std::filesystem::path path);

  void append_line(const nlohmann::ordered_json& json);
  void read_earlier(std::ifstream& in, const std::string& header_line,
                    const std::function<bool(const nlohmann::ordered_json&)>& is_sound);
  bool take_over(const nlohmann::ordered_json& line,
                 const std::function<bool(const nlohmann::ordered_json&)>& is_sound);

  std::filesystem::path path_;
  UniqueFd lock_;
  UniqueFd fd_;
  std::string started_;
  std::unordered_set<std::uint64_t> earlier_;  ///< hashes of ids from before
  std::uint64_t count_ = 0;
  std::uint64_t damaged_ = 0;
  std::map<std::string, std::string> implementations_;  ///< name, description as text
};

}  // namespace fusegate::suites
