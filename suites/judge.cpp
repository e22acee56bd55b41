#include "suites/judge.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "probe/base/hash.hpp"
#include "reference/ulp.hpp"

namespace fusegate::suites {
namespace {

// Smaller outputs prove little whatever they hold, by the command line's contract.
constexpr std::int64_t smallest_telling_output = 16;

// benchdnn mistrusts outputs with more zeros than this; NaN, which any NaN satisfies, is as weak.
constexpr double largest_trivial_share = 0.30;

std::string element_text(double value) {
  if (std::isnan(value)) return "nan";  // whose sign depends on the machine
  return fmt::format("{:.9g}", value);
}

std::uint64_t hash_row(std::span<const std::byte> bytes) {
  return hash64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

Judge::Judge(const Case& c, const Image& image, const reference::NumericPolicy& policy)
    : case_(c), image_(image), policy_(policy) {
  const auto& tensors = image.layout().tensors;
  const auto limits = c.op().limits(c, policy, find_recipe(c.word("inputs")).exact_sums_up_to);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (!tensors[i].output) continue;
    const Limit& limit = limits.at(outputs_.size());
    errors_.push_back(
        {.tensor = tensors[i].name, .limit_ulp = limit.ulps, .limit_derivation = limit.derivation});
    trivial_.push_back({.copy_of = std::vector<bool>(tensors.size(), true)});
    outputs_.push_back(i);
    rows_ = image.layout().buffers[tensors[i].buffer].rows;
  }
  first_actual_.resize(outputs_.size());
  for (const Tensor& tensor : tensors) {
    row_.emplace_back(static_cast<std::size_t>(tensor.columns));
  }
}

void Judge::find(const std::string& finding) {
  findings_.push_back(finding);
}

void Judge::look_for_damage(std::span<const std::byte> arena, Poison poison) {
  const auto damage = image_.find_damage(arena, poison);
  if (!damage) return;
  damaged_ = true;
  find(*damage);
}

/// Inputs of a row; those of one row stay from the first time on.
void Judge::load_row(std::int64_t row) {
  const auto& layout = image_.layout();
  for (std::size_t i = 0; i < layout.tensors.size(); ++i) {
    const Tensor& tensor = layout.tensors[i];
    if (tensor.output) continue;
    const bool is_single = tensor.is_single_row();
    if (!is_single || row == 0) image_.input_row(tensor, is_single ? 0 : row, row_[i]);
  }
}

void Judge::see_first(std::span<const std::byte> arena) {
  look_for_damage(arena, Poison::first);
  const auto& tensors = image_.layout().tensors;
  std::vector<std::span<const std::byte>> bytes(outputs_.size());
  for (std::int64_t row = 0; row < rows_; ++row) {
    load_row(row);
    case_.op().expect(case_, policy_, row_);
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      bytes[i] = image_.output_row(arena, tensors[outputs_[i]], row);
      compare_row(i, row, bytes[i]);
      hashes_.push_back(hash_row(bytes[i]));
    }
  }
}

void Judge::compare_row(std::size_t output, std::int64_t row, std::span<const std::byte> bytes) {
  const Tensor& tensor = image_.layout().tensors[outputs_[output]];
  const auto format = image_.layout().buffers[tensor.buffer].format;
  const auto& expected = row_[outputs_[output]];
  OutputError& error = errors_[output];
  Trivial& trivial = trivial_[output];
  actual_.resize(expected.size());
  reference::decode_row(format, bytes.data(), actual_);
  if (row == 0 && !actual_.empty()) first_actual_[output] = actual_.front();

  const std::size_t size = bytes.size() / expected.size();
  for (std::size_t column = 0; column < expected.size(); ++column) {
    const double ulps = std::abs(reference::ulp_error(format, actual_[column], expected[column]));
    ++error.elements;
    if (!error.worst || ulps > error.max_ulp) {
      error.max_ulp = ulps;
      error.worst = {row, static_cast<std::int64_t>(column), expected[column], actual_[column]};
    }
    if (ulps > error.limit_ulp) {
      ++error.beyond_limit;
      error.unwritten +=
          image_.is_poison(tensor, Poison::first, bytes.subspan(column * size, size));
    }
    trivial.nan += std::isnan(expected[column]);
    trivial.zero +=
        std::abs(reference::ulp_error(format, 0.0, expected[column])) <= error.limit_ulp;
  }
  note_trivial(output, actual_);
}

void Judge::note_trivial(std::size_t output, std::span<const double> actual) {
  Trivial& trivial = trivial_[output];
  trivial.constant &= std::all_of(actual.begin(), actual.end(),
                                  [&](double value) { return value == first_actual_[output]; });
  const auto& tensors = image_.layout().tensors;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    trivial.copy_of[i] = trivial.copy_of[i] && !tensors[i].output &&
                         std::equal(actual.begin(), actual.end(), row_[i].begin(), row_[i].end());
  }
}

void Judge::see_repetition(std::span<const std::byte> arena, Poison poison) {
  look_for_damage(arena, poison);
  const auto& tensors = image_.layout().tensors;
  std::size_t position = 0;
  for (std::int64_t row = 0; row < rows_; ++row) {
    for (const std::size_t output : outputs_) {
      if (hash_row(image_.output_row(arena, tensors[output], row)) == hashes_[position++]) continue;
      find(fmt::format("a repetition gave other bits in row {} of {}", row, tensors[output].name));
      return;
    }
  }
}

/// The outputs beyond their limits, or "".
std::string Judge::describe_wrong() const {
  std::string text;
  for (const OutputError& error : errors_) {
    if (error.beyond_limit == 0) continue;
    text += fmt::format(
        "{}{}[{}, {}] is {}, expected {}: {:.4g} ulp, the limit is {:.4g}; {} of {} elements are "
        "beyond it",
        text.empty() ? "" : "; ", error.tensor, error.worst->row, error.worst->column,
        element_text(error.worst->actual), element_text(error.worst->expected), error.max_ulp,
        error.limit_ulp, error.beyond_limit, error.elements);
    if (error.unwritten > 0) text += fmt::format(", {} were never written", error.unwritten);
  }
  return text;
}

/// Which trivial implementation would have passed, or "".
std::string Judge::why_vacuous() const {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    if (errors_[i].elements < smallest_telling_output) continue;
    const Trivial& trivial = trivial_[i];
    const auto& name = errors_[i].tensor;
    const auto elements = static_cast<double>(errors_[i].elements);
    const auto share = [&](std::int64_t count) { return static_cast<double>(count) / elements; };
    if (share(trivial.zero) > largest_trivial_share) {
      return fmt::format("zeros would be right in {:.0f}% of {}", 100 * share(trivial.zero), name);
    }
    if (share(trivial.nan) > largest_trivial_share) {
      return fmt::format("NaN would be right in {:.0f}% of {}", 100 * share(trivial.nan), name);
    }
    if (trivial.constant) return fmt::format("all elements of {} are the same", name);
    for (std::size_t t = 0; t < trivial.copy_of.size(); ++t) {
      if (!trivial.copy_of[t]) continue;
      return fmt::format("{} equals the input {}", name, image_.layout().tensors[t].name);
    }
  }
  return "";
}

void Judge::conclude(Result& result) const {
  result.policy = reference::policy_text(policy_, case_.op().is_quantized);
  result.errors = errors_;
  result.damaged = damaged_;
  std::vector<std::string> reasons = findings_;
  if (const auto wrong = describe_wrong(); !wrong.empty()) reasons.insert(reasons.begin(), wrong);
  if (!reasons.empty()) {
    result.verdict = Verdict::fail;
    result.reason = fmt::format("{}", fmt::join(reasons, "; "));
    return;
  }
  result.verdict = Verdict::pass;
  for (const OutputError& error : errors_) {
    if (error.elements >= smallest_telling_output) continue;
    result.notes.push_back(
        fmt::format("{} has {} elements: exempt from the vacuity test, which needs {}",
                    error.tensor, error.elements, smallest_telling_output));
  }
  if (const auto vacuous = why_vacuous(); !vacuous.empty()) {
    result.verdict = Verdict::mistrusted;
    result.reason = "the pass proves nothing: " + vacuous;
  }
}

}  // namespace fusegate::suites
