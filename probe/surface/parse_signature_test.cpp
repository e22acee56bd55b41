#include "probe/surface/parse_signature.hpp"

#include <string>

#include <gtest/gtest.h>

namespace fusegate::probe {
namespace {

TEST(ParseSignature, ReadsBackWhatIsWritten) {
  for (const std::string text :
       {"()", "(a)", "(a, b=1)", "(a: int, /, b: T = 1, *, c, d: str = 'x, y') -> R",
        "(*args: int, c=None, **kw)", "(a, /)", "(self, *, w: torch.Tensor)",
        "(a: Optional[Tuple[int, ...]] = (1, 2), b: Dict[str, int] = {1: 2}) -> tuple[A, B]",
        "(a=lambda x: x == 1, b=x <= 2)", "(a='it\\'s', b=\")(\")"}) {
    const auto signature = parse_signature(text);
    ASSERT_TRUE(signature) << text;
    EXPECT_EQ(signature->text, text);
  }
}

TEST(ParseSignature, TellsKindsApart) {
  const auto signature = parse_signature("(a, /, b, *c, d=1, **e)");
  ASSERT_TRUE(signature);
  std::string kinds;
  for (const auto& parameter : signature->parameters) {
    kinds += parameter.name + ":" + name_of(parameter.kind) + " ";
  }
  EXPECT_EQ(kinds,
            "a:positional_only b:positional_or_keyword c:var_positional d:keyword_only "
            "e:var_keyword ");
}

TEST(ParseSignature, SeparatesAnnotationAndDefault) {
  const auto signature = parse_signature("(a: Callable[[int], str] = f(x=1)) -> Dict[str, int]");
  ASSERT_TRUE(signature);
  EXPECT_EQ(signature->parameters[0].annotation, "Callable[[int], str]");
  EXPECT_EQ(signature->parameters[0].default_value, "f(x=1)");
  EXPECT_EQ(signature->returns, "Dict[str, int]");
}

TEST(ParseSignature, RefusesWhatIsNone) {
  for (const char* text : {"", "a", "(a", "(a, (b))", "(a) b", "enum {A=0}", "= 1", "(a b)", "(,)",
                           "('a')", "(a, 1)"}) {
    EXPECT_FALSE(parse_signature(text)) << text;
  }
}

}  // namespace
}  // namespace fusegate::probe
