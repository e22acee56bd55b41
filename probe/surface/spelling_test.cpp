#include "probe/surface/spelling.hpp"

#include <gtest/gtest.h>

namespace fusegate::probe {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(NormalAnnotation, IsTheSameForOneType) {
  for (const auto& [a, b] : Pairs{{"Optional[int]", "int | None"},
                                  {"Optional[int]", "Union[int, None]"},
                                  {"Optional[int]", "None | int"},
                                  {"typing.Optional[int]", "Optional[int]"},
                                  {"Optional[Optional[int]]", "Optional[int]"},
                                  {"Optional[Union[int, str]]", "Union[int, str, None]"},
                                  {"Union[int, Union[str, int]]", "int | str"},
                                  {"torch.Tensor", "Tensor"},
                                  {"\"torch.Tensor\"", "Tensor"},
                                  {"'Tensor'", "Tensor"},
                                  {"Optional['Tensor']", "'Optional[torch.Tensor]'"},
                                  {"List[int]", "list[int]"},
                                  {"typing.List", "list"},
                                  {"Dict[str, List[int]]", "dict[str,list[int]]"},
                                  {"Tuple[int, ...]", "tuple[int, ...]"},
                                  {"Tuple[int, str,]", "tuple[int, str]"},
                                  {"Callable[[int, str], None]", "typing.Callable[[int,str],None]"},
                                  {"Callable[..., int]", "Callable[...,int]"},
                                  {"Type[A]", "type[A]"},
                                  {"Literal['a', \"b\"]", "Literal[\"a\", 'b']"},
                                  {"Optional[Literal['a']]", "Literal[\"a\"] | None"},
                                  {"Größe", "m.Größe"}}) {
    EXPECT_EQ(normal_annotation(a), normal_annotation(b)) << a << " and " << b;
  }
}

TEST(NormalAnnotation, IsAnotherForAnotherType) {
  for (const auto& [a, b] : Pairs{{"int", "Optional[int]"},
                                  {"int", "float"},
                                  {"List[int]", "List[str]"},
                                  {"List[int]", "Tuple[int]"},
                                  {"list", "list[int]"},
                                  {"Tuple[int, ...]", "Tuple[int]"},
                                  {"Optional[List[int]]", "List[Optional[int]]"},
                                  {"Callable[[int], str]", "Callable[[str], int]"},
                                  {"Literal['a']", "Literal['b']"},
                                  {"Literal['a']", "a"},
                                  {"Literal['None']", "Literal[None]"},
                                  {"Literal['1']", "Literal[1]"},
                                  {"Literal['x.a']", "Literal['a']"},
                                  {"Literal['List']", "Literal['list']"},
                                  {"Literal['a | b']", "Literal['a', 'b']"},
                                  {"Literal['a', 'b']", "Literal['b', 'a', 'b', 'c']"},
                                  {"Annotated[int, 'x.y']", "Annotated[int, 'y']"},
                                  {"f(int)", "f(str)"}}) {
    EXPECT_NE(normal_annotation(a), normal_annotation(b)) << a << " and " << b;
  }
}

TEST(NormalAnnotation, KeepsWhatIsNoType) {
  for (const std::string& text :
       std::vector<std::string>{"",
                                " ",
                                "f(x)",
                                "int |",
                                "| int",
                                "Optional[",
                                "Optional[int",
                                "Optional[int]]",
                                "a b",
                                "'",
                                "'int",
                                "1 + 2",
                                "[,]",
                                "a..b",
                                "a.",
                                "Tuple[()]",
                                "{'a': 1}",
                                "lambda: 1",
                                "*a",
                                std::string(100'000, '['),
                                "Optional[" + std::string(100'000, '\'')}) {
    EXPECT_EQ(normal_annotation(text), text);
  }
}

TEST(NormalAnnotation, EndsOnWhatNestsWithoutEnd) {
  std::string text = "int";
  for (int depth = 0; depth < 10'000; ++depth) text = "Optional[" + text + "]";
  EXPECT_EQ(normal_annotation(text), text);
}

TEST(NormalAnnotation, IsItsOwnNormalForm) {
  for (const char* text : {"Optional[Union[int, 'List[str]']]", "Callable[[int], Optional[str]]",
                           "f(x)", "Literal['a', 1]", "Dict[str, Tuple[int, ...]]"}) {
    const auto normal = normal_annotation(text);
    EXPECT_EQ(normal_annotation(normal), normal) << text;
  }
}

TEST(NormalValue, IsTheSameForOneValue) {
  for (const auto& [a, b] : Pairs{{"1e-5", "1e-05"},
                                  {"1e-6", "0.000001"},
                                  {"1E-6", "1e-6"},
                                  {"1.0", "1."},
                                  {"0.5", ".5"},
                                  {"-1e-05", "-1e-5"},
                                  {"'a'", "\"a\""},
                                  {"''", "\"\""}}) {
    EXPECT_EQ(normal_value(a), normal_value(b)) << a << " and " << b;
  }
}

TEST(NormalValue, IsAnotherForAnotherValue) {
  for (const auto& [a, b] : Pairs{{"1", "1.0"},
                                  {"0", "-0.0"},
                                  {"1e5", "100000"},
                                  {"1e-5", "1e-6"},
                                  {"1.0000000000000002", "1.0"},
                                  {"'1'", "1"},
                                  {"'a'", "'b'"},
                                  {"None", "'None'"},
                                  {"1024 * 1024", "1048576"},
                                  {"0x1e5", "1e5"},
                                  {"1e999", "1e1000"}}) {
    EXPECT_NE(normal_value(a), normal_value(b)) << a << " and " << b;
  }
}

TEST(NormalValue, KeepsWhatIsNoPlainValue) {
  for (const char* text : {"", "'", "\"", "None", "f(1.0)", "a.b", "e", "0xe", "1_000.0", "'a\"b'",
                           "'a' 'b'", "'a\\n'", "b'a'", "[1.0]", "-x.y"}) {
    EXPECT_EQ(normal_value(text), text);
  }
}

TEST(NormalSignature, IsOfAllItsParts) {
  const Parameter a{"a", ParameterKind::positional_or_keyword, "1e-05", "Optional[torch.Tensor]"};
  const Parameter b{"b", ParameterKind::keyword_only, "'x'", std::nullopt};
  EXPECT_EQ(normal_signature({a, b}, "List[int]"),
            "(a: Tensor | None = 1e-05, *, b=\"x\") -> list[int]");
  EXPECT_EQ(normal_signature({}, std::nullopt), "()");
}

TEST(NormalSignature, KeepsNamesAndKinds) {
  const Parameter a{"a", ParameterKind::positional_or_keyword, std::nullopt, std::nullopt};
  auto other = a;
  other.name = "b";
  EXPECT_NE(normal_signature({a}, std::nullopt), normal_signature({other}, std::nullopt));
  other = a;
  other.kind = ParameterKind::keyword_only;
  EXPECT_NE(normal_signature({a}, std::nullopt), normal_signature({other}, std::nullopt));
}

}  // namespace
}  // namespace fusegate::probe
