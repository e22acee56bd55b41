#include "probe/surface/cpp_enum.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace fusegate::probe {
namespace {

/// "NAME=VALUE ..." of the enumeration T in a header; "nothing" where there is none.
std::string values_in(std::string_view header) {
  const auto found = find_cpp_enum(header, "T");
  if (!found) return "nothing";
  std::string text;
  for (const auto& [name, value] : found->members) {
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, value);
  }
  return text;
}

TEST(FindCppEnum, ReadsTheFormsOfAnEnumeration) {
  for (const char* header :
       {"enum T { a, b };", "enum class T { a, b };", "enum struct T { a, b, };",
        "enum class T : int { a, b };", "enum class T : std::uint8_t { a = 0, b = 1 };",
        "typedef enum { a, b } T;", "typedef enum S { a, b } T;",
        "enum class T\n{\n  a,\n  b\n}\n;", "enum Other { c };\nenum class T { a, b };",
        "enum class T;\nenum class T { a, b };", "namespace n { enum class T { a, b }; }",
        "enum T{a,b};", "enum class [[nodiscard]] T { a, b };",
        "enum class __attribute__((visibility(\"default\"))) T { a, b };",
        "struct S { enum T { a, b } field; };"}) {
    EXPECT_EQ(values_in(header), "a=0 b=1") << header;
  }
}

TEST(FindCppEnum, CountsAsCppDoes) {
  EXPECT_EQ(values_in("enum T { a = 3, b, c = -1, d, e = 0x1F, f };"),
            "a=3 b=4 c=-1 d=0 e=31 f=32");
  EXPECT_EQ(values_in("enum T { a = 010, b = -0, c = 0 };"), "a=8 b=0 c=0");
  EXPECT_EQ(values_in("enum T { a = 9223372036854775807, b = -9223372036854775807 };"),
            "a=9223372036854775807 b=-9223372036854775807");
}

TEST(FindCppEnum, PassesOverComments) {
  EXPECT_EQ(values_in("// enum T { c };\nenum T { /* c, */ a, // b, \n b /* } */ };"), "a=0 b=1");
}

TEST(FindCppEnum, SaysTheLine) {
  EXPECT_EQ(find_cpp_enum("/*\n\n*/\n// x\nenum T { a };", "T").value().line, 5);
}

TEST(FindCppEnum, FindsAnEmptyOne) {
  EXPECT_EQ(values_in("enum class T : int {};"), "");
}

TEST(FindCppEnum, DoesNotGuessWhatIsMoreThanAnInteger) {
  for (const char* header :
       {"enum T { a = BASE };", "enum T { a = 1 + 1 };", "enum T { a = 1 << 2 };",
        "enum T { a = sizeof(int) };", "enum T { a = 'x' };", "enum T { a = (1) };",
        "enum T {\n#ifdef X\n a,\n#endif\n b };", "enum T { LIST(a) };", "enum T { a = 1 b };",
        "enum T { a = 9223372036854775808 };", "enum T { a = };", "enum T { = 1 };",
        "enum T { a = 9223372036854775807, b };", "enum T { a = 1u };", "enum T { a = 08 };",
        "enum T { a = 0b1 };", "enum T { a = 1'000 };"}) {
    EXPECT_EQ(values_in(header), "nothing") << header;
  }
}

TEST(FindCppEnum, FindsNothingWhereThereIsNone) {
  for (const char* header :
       {"", "enum class T;", "enum class Tee { a };", "class T { a };", "enum { a };", "enum",
        "enum T", "enum T {", "enum T { a", "enum T { a,", "enum T { a = 1", "typedef enum { a }",
        "typedef enum { a } S, T2;", "/* enum T { a };", "enum S : T { a };", "T { a };"}) {
    EXPECT_EQ(values_in(header), "nothing") << header;
  }
}

}  // namespace
}  // namespace fusegate::probe
