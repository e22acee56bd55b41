#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "probe/base/pattern.hpp"
#include "suites/case.hpp"

namespace fusegate::suites {

/// A named list of lines, read from a data file.
struct Suite {
  std::string name;
  std::string meaning;  ///< one line for people
  std::vector<std::string> lines;
};

[[nodiscard]] std::span<const Suite> all_suites();
/// Throws UsageError for an unknown name, naming the nearest.
[[nodiscard]] const Suite& find_suite(const std::string& name);

/// A part of a plan: the cases whose position leaves `index` when divided by `count`.
struct Shard {
  std::uint64_t index = 0;
  std::uint64_t count = 1;
};

/// Parses "I/N", I from 1 to N. Throws UsageError.
[[nodiscard]] Shard parse_shard(const std::string& text);

struct PlanOptions {
  std::vector<std::string> lines;
  std::int64_t seed = 0;
  std::string match;  ///< a regular expression (POSIX extended) that lines must contain; empty: all
  Shard shard;
};

/// Cases in their order, made when they are asked for.
class Plan {
 public:
  /// Looks at every case once. Throws UsageError for lines that do not parse, for a case that makes
  /// no sense, for more than ten million cases, for a bad expression and for one that matches none.
  explicit Plan(const PlanOptions& options);

  [[nodiscard]] std::uint64_t size() const { return size_; }

  /// Calls `visit` for each case of the shard until it returns false.
  void for_each(const std::function<bool(const Case&)>& visit) const;

  /// The same for plans of the same cases, and for no others.
  [[nodiscard]] const std::string& digest() const { return digest_; }

 private:
  /// The same for the cases of all shards, with their positions.
  void for_all(const std::function<bool(const Case&, std::uint64_t)>& visit) const;

  std::vector<CaseList> lists_;
  std::optional<Pattern> match_;
  Shard shard_;
  std::uint64_t size_ = 0;
  std::string digest_;
};

}  // namespace fusegate::suites
