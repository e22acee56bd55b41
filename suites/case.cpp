#include "suites/case.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"

namespace fusegate::suites {
namespace {

constexpr std::uint64_t max_list = 1'000'000;

/// What parsing one `key=value` needs for its messages.
struct Place {
  const Op& op;
  const Parameter& parameter;

  [[noreturn]] void fail(std::string_view given, const std::string& why) const {
    throw UsageError(fmt::format("{}: {}={}: {}", op.name, parameter.name, given, why));
  }
};

template <class Number>
bool parse_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

std::int64_t parse_integer(const Place& place, std::string_view text) {
  std::int64_t number = 0;
  if (!parse_number(text, number) || number < place.parameter.smallest ||
      number > place.parameter.largest) {
    place.fail(text, fmt::format("is not a whole number from {} to {}", place.parameter.smallest,
                                 place.parameter.largest));
  }
  return number;
}

/// "8", "1..8", "64..512:64" or "pow2:512..8192".
void add_integers(const Place& place, std::string_view item, std::vector<Value>& values) {
  constexpr std::string_view powers = "pow2:";
  const bool doubling = item.starts_with(powers);
  std::string_view range = doubling ? item.substr(powers.size()) : item;
  const auto dots = range.find("..");
  if (dots == std::string_view::npos) {
    if (doubling) place.fail(item, "pow2: wants a range, as in pow2:512..8192");
    values.emplace_back(parse_integer(place, item));
    return;
  }
  const auto colon = range.find(':', dots);
  const std::int64_t first = parse_integer(place, range.substr(0, dots));
  const std::int64_t last = parse_integer(
      place, range.substr(dots + 2, colon == std::string_view::npos ? colon : colon - dots - 2));
  std::int64_t step = 1;
  if (colon != std::string_view::npos &&
      (doubling || !parse_number(range.substr(colon + 1), step) || step < 1)) {
    place.fail(item, "the step after ':' must be a whole number of at least 1, without pow2");
  }
  if (first > last) place.fail(item, "the range is empty");
  if (doubling && (first < 1 || (first & (first - 1)) != 0)) {
    place.fail(item, "pow2: wants a range that begins with a power of two");
  }
  for (std::int64_t value = first; value <= last;) {
    values.emplace_back(value);
    if (values.size() > max_list) place.fail(item, fmt::format("more than {} values", max_list));
    const std::int64_t increment = doubling ? value : step;
    if (value > std::numeric_limits<std::int64_t>::max() - increment) return;
    value += increment;
  }
}

double parse_real(const Place& place, std::string_view text) {
  double number = 0;
  if (!parse_number(text, number) || !std::isfinite(number) || number < 0) {
    place.fail(text, "is not a finite number of at least 0, as in 1e-06");
  }
  return number == 0 ? 0.0 : number;  // -0 is the same case as 0 and has its line
}

std::string parse_word(const Place& place, std::string_view text) {
  const auto& words = place.parameter.words;
  if (std::find(words.begin(), words.end(), text) == words.end()) {
    place.fail(text, fmt::format("is none of {}{}", join(words, ", "), did_you_mean(text, words)));
  }
  return std::string(text);
}

std::vector<Value> parse_list(const Place& place, std::string_view text) {
  std::vector<Value> values;
  for (const std::string_view item : split(text, ',')) {
    switch (place.parameter.kind) {
      case Parameter::Kind::integer:
        add_integers(place, item, values);
        break;
      case Parameter::Kind::real:
        values.emplace_back(parse_real(place, item));
        break;
      case Parameter::Kind::word:
        values.emplace_back(parse_word(place, item));
        break;
    }
  }
  if (text.find(',') == text.npos) return values;  // one range repeats nothing
  std::set<Value> seen;
  std::vector<Value> unique;
  for (auto& value : values) {
    if (seen.insert(value).second) unique.push_back(std::move(value));
  }
  return unique;
}

std::vector<std::string> parameter_names(const Op& op) {
  std::vector<std::string> names;
  for (const auto& parameter : op.parameters) names.push_back(parameter.name);
  return names;
}

}  // namespace

std::string value_text(const Value& value) {
  return std::visit([](const auto& v) { return fmt::format("{}", v); }, value);
}

Case::Case(const Op& op, std::vector<Value> values) : op_(&op), values_(std::move(values)) {}

const Value& Case::value(std::string_view name) const {
  return values_.at(op_->find_parameter(name).value());
}

std::int64_t Case::integer(std::string_view name) const {
  return std::get<std::int64_t>(value(name));
}

double Case::real(std::string_view name) const {
  return std::get<double>(value(name));
}

const std::string& Case::word(std::string_view name) const {
  return std::get<std::string>(value(name));
}

std::string Case::line() const {
  std::string text = op_->name;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const Parameter& parameter = op_->parameters[i];
    if (parameter.otherwise == values_[i]) continue;
    text += fmt::format(" {}={}", parameter.name, value_text(values_[i]));
  }
  return text;
}

CaseList::CaseList(const Op& op, std::vector<std::vector<Value>> values)
    : op_(&op), values_(std::move(values)), size_(1) {
  for (const auto& list : values_) {
    if (size_ > std::numeric_limits<std::uint64_t>::max() / list.size()) {
      throw UsageError(fmt::format("{}: too many combinations", op.name));
    }
    size_ *= list.size();
  }
}

Case CaseList::at(std::uint64_t index) const {
  std::vector<Value> chosen(values_.size());
  for (std::size_t i = values_.size(); i-- > 0;) {
    chosen[i] = values_[i][index % values_[i].size()];
    index /= values_[i].size();
  }
  return {*op_, std::move(chosen)};
}

bool CaseList::contains(const Case& c) const {
  if (&c.op() != op_) return false;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (std::find(values_[i].begin(), values_[i].end(), c.values()[i]) == values_[i].end()) {
      return false;
    }
  }
  return true;
}

CaseList parse_cases(std::string_view line, std::int64_t seed) {
  const auto words = split_words(line);
  if (words.empty()) throw UsageError("an empty line is no case; one begins with an op's name");
  const Op& op = find_op(words.front());
  std::vector<std::vector<Value>> values(op.parameters.size());
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto equals = words[i].find('=');
    if (equals == std::string_view::npos) {
      throw UsageError(fmt::format("{}: '{}' is not key=value", op.name, words[i]));
    }
    const auto key = words[i].substr(0, equals);
    const auto position = op.find_parameter(key);
    if (!position) {
      const auto names = parameter_names(op);
      throw UsageError(fmt::format("{}: there is no parameter '{}'{}; there are {}", op.name, key,
                                   did_you_mean(key, names), join(names, ", ")));
    }
    if (!values[*position].empty()) {
      throw UsageError(fmt::format("{}: {} is given twice", op.name, key));
    }
    values[*position] = parse_list({op, op.parameters[*position]}, words[i].substr(equals + 1));
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Parameter& parameter = op.parameters[i];
    if (!values[i].empty()) continue;
    if (parameter.name == "seed") {
      values[i] = {seed};
    } else if (parameter.otherwise) {
      values[i] = {*parameter.otherwise};
    } else {
      throw UsageError(
          fmt::format("{}: {}= is missing ({})", op.name, parameter.name, parameter.meaning));
    }
  }
  return {op, std::move(values)};
}

Case parse_case(std::string_view line) {
  const CaseList list = parse_cases(line);
  if (list.size() != 1) {
    throw UsageError(
        fmt::format("'{}' stands for {} cases where one is wanted", line, list.size()));
  }
  return list.at(0);
}

}  // namespace fusegate::suites
