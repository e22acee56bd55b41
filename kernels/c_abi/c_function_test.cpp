#include "kernels/c_abi/c_function.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/worker/messages.hpp"

namespace fusegate::kernels {
namespace {

/// What `gather` was called with.
std::vector<double> gathered;

// More integers than registers take, with real numbers between them.
extern "C" int gather(std::uint64_t a, float b, int c, std::int64_t d, double e, int f, int g,
                      std::uint64_t h, int i, float j, int k) {
  gathered = {static_cast<double>(a),
              b,
              static_cast<double>(c),
              static_cast<double>(d),
              e,
              static_cast<double>(f),
              static_cast<double>(g),
              static_cast<double>(h),
              static_cast<double>(i),
              j,
              static_cast<double>(k)};
  return -7;
}

std::vector<CArgument> parameters(const std::vector<CType>& types) {
  std::vector<CArgument> all;
  for (const auto type : types) {
    CArgument one;
    one.name = "rows";
    one.type = type;
    all.push_back(one);
  }
  return all;
}

CFunction function(const std::vector<CType>& types, bool returns_status) {
  return CFunction(reinterpret_cast<void*>(&gather), parameters(types), returns_status);
}

TEST(CFunction, PassesEachArgumentInItsTypeAndPlace) {
  using T = CType;
  const CFunction call(reinterpret_cast<void*>(&gather),
                       parameters({T::uint64, T::float32, T::int32, T::int64, T::float64, T::int32,
                                   T::int32, T::uint64, T::int32, T::float32, T::int32}),
                       true);
  using Integer = std::int64_t;
  const std::vector<CValue> values{
      Integer{1} << 40, 0.5,         Integer{-3}, Integer{-1} << 40, 0.25, Integer{6}, Integer{7},
      Integer{1} << 41, Integer{-9}, 1.5,         Integer{11}};
  EXPECT_EQ(call(values), -7);
  EXPECT_EQ(gathered,
            (std::vector<double>{0x1p40, 0.5, -3, -0x1p40, 0.25, 6, 7, 0x1p41, -9, 1.5, 11}));
}

TEST(CFunction, WithoutAStatusReturnsNone) {
  static int calls;
  struct Local {
    static void count() { ++calls; }
  };
  const CFunction call(reinterpret_cast<void*>(&Local::count), {}, false);
  EXPECT_EQ(call({}), 0);
  EXPECT_EQ(calls, 1);
}

TEST(CFunction, RefusesWhatItsParameterCannotHold) {
  const auto call = function({CType::int32}, false);
  try {
    call(std::vector<CValue>{std::int64_t{1} << 31});
    FAIL() << "it was called";
  } catch (const WorkerError& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unsupported);
    EXPECT_STREQ(error.what(), "rows would be 2147483648, but it is an int of 32 bits");
  }
}

}  // namespace
}  // namespace fusegate::kernels
