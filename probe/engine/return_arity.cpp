#include "probe/engine/return_arity.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "probe/base/text.hpp"
#include "probe/surface/brackets.hpp"
#include "probe/surface/spelling.hpp"

namespace fusegate::probe {
namespace {

enum class Verdict { fits, doubtful, fails };

/// How many there are in "tuple[A, B]"; nothing of "tuple[A, ...]" and of all that is no tuple.
std::optional<std::size_t> tuple_size(std::string_view type) {
  constexpr std::string_view start = "tuple[";
  if (!type.starts_with(start) || !type.ends_with(']')) return std::nullopt;
  const auto inside = type.substr(start.size(), type.size() - start.size() - 1);
  if (inside == "()") return 0;
  const auto items = split_outside(inside, ',');
  if (std::find(items.begin(), items.end(), "...") != items.end()) return std::nullopt;
  return items.size();
}

Verdict verdict_on(std::string_view type, std::size_t count) {
  constexpr std::array never{"None", "bool", "int", "float"};
  if (std::find(never.begin(), never.end(), type) != never.end()) return Verdict::fails;
  // Legal along the first dimension, which hardly anybody means.
  if (type == "Tensor") return Verdict::doubtful;
  const auto size = tuple_size(type);
  return !size || *size == count ? Verdict::fits : Verdict::fails;
}

}  // namespace

std::optional<CallMismatch> check_return_arity(const std::string& annotation, int count) {
  if (count < 0) return std::nullopt;
  const auto normal = normal_annotation(annotation);
  // Where one alternative fits, the call may be one that gets it.
  auto best = Verdict::fails;
  for (const auto type : split_outside(normal, '|')) {
    best = std::min(best, verdict_on(type, static_cast<std::size_t>(count)));
  }
  if (best == Verdict::fits) return std::nullopt;
  const auto names = fmt::format("{} name{}", count, count == 1 ? "" : "s");
  return CallMismatch{
      CallMismatch::Kind::return_arity, "",
      normal == "None" ? fmt::format("the result is unpacked to {}, but nothing is returned", names)
                       : fmt::format("the result is unpacked to {}, but {} is returned", names,
                                     trim(annotation)),
      best == Verdict::fails};
}

}  // namespace fusegate::probe
