// For formats_check.py: the conversions of formats.hpp as a filter, host-endian words in and out.
//   formats_dump decode FORMAT                    uint32 patterns -> float64
//   formats_dump encode FORMAT [toward_zero] [saturate]   float64 -> uint32 patterns
#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

#include "reference/formats.hpp"

namespace {

using namespace fusegate::reference;

// Nothing at the end of the input.
template <typename In, typename F>
int filter(const F& convert) {
  using Out = decltype(convert(In{}));
  std::vector<In> in(1 << 16);
  std::vector<Out> out(in.size());
  for (;;) {
    const std::size_t count = std::fread(in.data(), sizeof(In), in.size(), stdin);
    if (count == 0) break;
    std::transform(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(count), out.begin(),
                   convert);
    if (std::fwrite(out.data(), sizeof(Out), count, stdout) != count) return 1;
  }
  return std::ferror(stdin) != 0 || std::fflush(stdout) != 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  const auto has = [&](std::string_view word) {
    return std::find(arguments.begin(), arguments.end(), word) != arguments.end();
  };
  const auto format = arguments.size() < 2 ? std::nullopt : parse_format(arguments[1]);
  if (!format || has("encode") == has("decode")) {
    std::fputs("usage: formats_dump decode|encode FORMAT [toward_zero] [saturate]\n", stderr);
    return 2;
  }
  if (has("decode")) {
    return filter<std::uint32_t>([&](std::uint32_t bits) { return decode(*format, bits); });
  }
  const Rounding rounding = has("toward_zero") ? Rounding::toward_zero : Rounding::nearest_even;
  const Overflow overflow = has("saturate") ? Overflow::saturate : Overflow::to_special;
  return filter<double>([&](double value) { return encode(*format, value, rounding, overflow); });
}
