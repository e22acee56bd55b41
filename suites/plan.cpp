#include "suites/plan.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "probe/base/error.hpp"
#include "probe/base/hash.hpp"
#include "probe/base/text.hpp"

namespace fusegate::suites {
namespace {

// Counting them takes half a minute.
constexpr std::uint64_t most_cases = 10'000'000;

}  // namespace

Shard parse_shard(const std::string& text) {
  Shard shard;
  const auto parts = split(text, '/');
  const auto number = [&](std::size_t part, std::uint64_t& value) {
    const auto word = parts[part];
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    return error == std::errc{} && end == word.data() + word.size();
  };
  if (parts.size() != 2 || !number(0, shard.index) || !number(1, shard.count) || shard.index < 1 ||
      shard.index > shard.count) {
    throw UsageError(fmt::format("--shard {}: wants I/N with I from 1 to N, as in 2/4", text));
  }
  --shard.index;
  return shard;
}

Plan::Plan(const PlanOptions& options) : models_(options.models), shard_(options.shard) {
  if (!options.match.empty()) match_.emplace(options.match);
  std::uint64_t all = 0;
  for (const auto& line : options.lines) {
    lists_.push_back(parse_cases(line, options.seed));
    all += std::min(lists_.back().size(), most_cases + 1);
    if (all > most_cases) {
      throw UsageError(fmt::format(
          "'{}' makes more than {} cases; give shorter lists or several runs", line, most_cases));
    }
  }
  std::uint64_t digest = 0;
  bool any = false;
  for_all([&](const Case& c, std::uint64_t position) {
    if (const auto why = c.op().objection(c); !why.empty()) {
      throw UsageError(fmt::format("'{}': {}", c.line(), why));
    }
    any = true;
    if (position % shard_.count != shard_.index) return true;
    digest = hash64(fmt::format("{} {}", digest, c.line()));
    ++size_;
    return true;
  });
  // A misspelt expression must not look like a success.
  if (!any && match_) {
    throw UsageError(fmt::format(
        "--match '{}' matches none of the cases; fusegate check --list shows them", options.match));
  }
  digest_ = fmt::format("{:016x}", digest);
}

void Plan::for_each(const std::function<bool(const Case&)>& visit) const {
  for_all([&](const Case& c, std::uint64_t position) {
    return position % shard_.count != shard_.index || visit(c);
  });
}

std::vector<std::string> Plan::models_of(const Case& c) const {
  std::vector<std::string> models;
  for (std::size_t l = 0; l < std::min(lists_.size(), models_.size()); ++l) {
    if (models_[l].empty() || !lists_[l].contains(c)) continue;
    for (const auto& model : models_[l]) {
      if (std::find(models.begin(), models.end(), model) == models.end()) models.push_back(model);
    }
  }
  return models;
}

void Plan::for_all(const std::function<bool(const Case&, std::uint64_t)>& visit) const {
  std::uint64_t position = 0;
  for (std::size_t l = 0; l < lists_.size(); ++l) {
    for (std::uint64_t i = 0; i < lists_[l].size(); ++i) {
      const Case c = lists_[l].at(i);
      // A case that an earlier line has too was visited there.
      const bool repeated =
          std::any_of(lists_.begin(), lists_.begin() + static_cast<std::ptrdiff_t>(l),
                      [&](const CaseList& earlier) { return earlier.contains(c); });
      if (repeated || (match_ && !match_->is_in(c.line()))) continue;
      if (!visit(c, position++)) return;
    }
  }
}

}  // namespace fusegate::suites
