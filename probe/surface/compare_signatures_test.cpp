#include "probe/surface/compare_signatures.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "probe/base/text.hpp"
#include "probe/surface/parse_signature.hpp"

namespace fusegate::probe {
namespace {

/// "kind(before -> after): who it breaks" of every change.
std::vector<std::string> changes(const char* before, const char* after) {
  std::vector<std::string> texts;
  for (const auto& change :
       compare_signatures(parse_signature(before).value(), parse_signature(after).value())) {
    const bool is_shift = change.kind == ChangeKind::positional_meaning_shifted;
    texts.push_back(
        fmt::format("{}{}: {}", name_of(change.kind),
                    is_shift ? "" : fmt::format("({} -> {})", change.before, change.after),
                    join(change.breaks, ",")));
  }
  return texts;
}

using Texts = std::vector<std::string>;

TEST(CompareSignatures, FindsNothingInAnotherSpelling) {
  EXPECT_EQ(changes("(a: Optional[torch.Tensor] = None, e=1e-05) -> None",
                    "(a: Tensor | None = None, e=1e-5) -> None"),
            Texts{});
}

TEST(CompareSignatures, CallsAnInsertedParameterAShift) {
  EXPECT_EQ(changes("(out, eps, flag: int = 0)", "(out, eps, gemma: bool = False, flag: int = 0)"),
            (Texts{"positional_meaning_shifted: positional",
                   "parameter_moved(flag at 3 -> flag at 4): positional",
                   "parameter_added_optional( -> gemma): "}));
}

TEST(CompareSignatures, SaysWhichArgumentMeansWhat) {
  const auto found = compare_signatures(parse_signature("(a, b=0)").value(),
                                        parse_signature("(a, c=0, b=0)").value());
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].reason,
            "positional argument 2 was b and is c: a call that passes it by position is still "
            "valid and means something else");
}

TEST(CompareSignatures, TakesAnAppendedParameterForNoShift) {
  EXPECT_EQ(changes("(a, b=0)", "(a, b=0, c=0)"), Texts{"parameter_added_optional( -> c): "});
}

TEST(CompareSignatures, TakesNoInsertedParameterForTheNewNameOfAnother) {
  EXPECT_EQ(
      changes("(x: Tensor, epsilon: float, out: Tensor)",
              "(x: Tensor, stream: int, eps: float, out: Tensor)"),
      (Texts{"parameter_renamed(epsilon -> eps): keyword", "positional_meaning_shifted: positional",
             "parameter_moved(epsilon at 2 -> eps at 3): positional",
             "parameter_moved(out at 3 -> out at 4): positional",
             "parameter_added_required( -> stream): call"}));
}

TEST(CompareSignatures, BreaksNoPositionalCallByARename) {
  EXPECT_EQ(changes("(a, reg_buffer=None)", "(a, reg_ptr=None)"),
            Texts{"parameter_renamed(reg_buffer -> reg_ptr): keyword"});
}

TEST(CompareSignatures, FindsReorderedParameters) {
  EXPECT_EQ(changes("(a, b)", "(b, a)"), (Texts{"positional_meaning_shifted: positional",
                                                "parameter_moved(a at 1 -> a at 2): positional",
                                                "parameter_moved(b at 2 -> b at 1): positional"}));
}

TEST(CompareSignatures, FindsRemovedAndRequiredParameters) {
  EXPECT_EQ(changes("(a, b)", "(a)"), Texts{"parameter_removed(b -> ): positional,keyword"});
  EXPECT_EQ(changes("(a)", "(a, b)"), Texts{"parameter_added_required( -> b): call"});
  EXPECT_EQ(changes("(a, b=1)", "(a, b)"), Texts{"parameter_made_required(1 -> required): call"});
  EXPECT_EQ(changes("(a, b)", "(a, b=1)"), Texts{"parameter_default_changed(required -> 1): "});
  EXPECT_EQ(changes("(a, b=1)", "(a, b=2)"), Texts{"parameter_default_changed(1 -> 2): call"});
  EXPECT_EQ(changes("(a, b=1)", "(a, b=1.0)"), Texts{"parameter_default_changed(1 -> 1.0): call"});
}

TEST(CompareSignatures, KnowsThatVariadicParametersTakeTheRest) {
  EXPECT_EQ(changes("(a, b)", "(a, *args, **kwargs)"),
            Texts({"parameter_removed(b -> ): ", "parameter_added_optional( -> args): ",
                   "parameter_added_optional( -> kwargs): "}));
}

TEST(CompareSignatures, FindsChangedKinds) {
  EXPECT_EQ(changes("(a, b)", "(a, *, b)"),
            Texts{"parameter_kind_changed(positional_or_keyword -> keyword_only): positional"});
  EXPECT_EQ(changes("(a, b)", "(a, b, /)"),
            (Texts{"parameter_kind_changed(positional_or_keyword -> positional_only): keyword",
                   "parameter_kind_changed(positional_or_keyword -> positional_only): keyword"}));
}

TEST(CompareSignatures, ComparesTypesAndReturns) {
  EXPECT_EQ(changes("(a: int)", "(a: bool)"), Texts{"parameter_type_changed(int -> bool): "});
  EXPECT_EQ(changes("() -> Tensor", "() -> None"), Texts{"return_changed(Tensor -> None): value"});
  EXPECT_EQ(changes("()", "() -> None"), Texts{"return_changed(not declared -> None): "});
}

}  // namespace
}  // namespace fusegate::probe
