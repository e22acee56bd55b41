#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "probe/base/pattern.hpp"
#include "suites/case.hpp"

namespace fusegate::suites {

/// A part of a plan: the cases whose position leaves `index` when divided by `count`.
struct Shard {
  std::uint64_t index = 0;
  std::uint64_t count = 1;
};

/// Parses "I/N", I from 1 to N. Throws UsageError.
[[nodiscard]] Shard parse_shard(const std::string& text);

struct PlanOptions {
  std::vector<std::string> lines;
  /// For each line, the models that meet its shapes; empty: nobody says.
  std::vector<std::vector<std::string>> models;
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

  /// The models that meet the case's shapes, of all lines that have it, each once.
  [[nodiscard]] std::vector<std::string> models_of(const Case& c) const;

  /// The same for plans of the same cases, and for no others.
  [[nodiscard]] const std::string& digest() const { return digest_; }

 private:
  /// The same for the cases of all shards, with their positions.
  void for_all(const std::function<bool(const Case&, std::uint64_t)>& visit) const;

  std::vector<CaseList> lists_;
  std::vector<std::vector<std::string>> models_;  ///< by list; those at the end may have none
  std::optional<Pattern> match_;
  Shard shard_;
  std::uint64_t size_ = 0;
  std::string digest_;
};

}  // namespace fusegate::suites
