#include "probe/engine/call_check.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "probe/base/test_support.hpp"
#include "probe/surface/brackets.hpp"
#include "probe/surface/parse_signature.hpp"

namespace fusegate::probe {
namespace {

using Texts = std::vector<std::string>;

Signature signature(const char* text) {
  return parse_signature(text).value();
}

/// The arguments that "a, b, *c, key=d, **e" writes down.
CallArguments call(std::string_view text) {
  CallArguments arguments;
  if (text.empty()) return arguments;
  for (const auto part : split_outside(text, ',')) {
    const auto equals = part.find('=');
    if (part.starts_with("**")) {
      arguments.has_double_star = true;
    } else if (part.starts_with('*')) {
      arguments.has_star = true;
    } else if (equals != part.npos) {
      arguments.arguments.push_back(
          {std::string(part.substr(equals + 1)), std::string(part.substr(0, equals))});
    } else if (arguments.has_star) {
      ++arguments.behind_star;
    } else {
      arguments.arguments.push_back({std::string(part), ""});
    }
  }
  return arguments;
}

/// "kind(parameter)", with "?" behind what is not certain.
Texts kinds(const std::vector<CallMismatch>& found) {
  Texts texts;
  for (const auto& one : found) {
    texts.push_back(
        fmt::format("{}({}){}", name_of(one.kind), one.parameter, one.is_certain ? "" : "?"));
  }
  return texts;
}

Texts check(const char* arguments, const char* text) {
  return kinds(check_call(call(arguments), signature(text), false, {}, std::nullopt));
}

TEST(CheckCall, AcceptsWhatPythonAccepts) {
  EXPECT_EQ(check("", "()"), Texts{});
  EXPECT_EQ(check("1, 2", "(a, b)"), Texts{});
  EXPECT_EQ(check("1, b=2", "(a, b, c=3)"), Texts{});
  EXPECT_EQ(check("1, 2, c=3", "(a, /, b, *, c)"), Texts{});
  EXPECT_EQ(check("1, 2, 3, x=4", "(a, *args, **kwargs)"), Texts{});
  EXPECT_EQ(check("1, a=2", "(a, /, **kwargs)"), Texts{});
}

TEST(CheckCall, FindsWhatIsNotGiven) {
  EXPECT_EQ(check("1", "(a, b)"), Texts{"missing_required(b)"});
  EXPECT_EQ(check("1", "(a, *, b)"), Texts{"missing_required(b)"});
  EXPECT_EQ(check("1, 2", "(a, *args, b)"), Texts{"missing_required(b)"});
}

TEST(CheckCall, TakesStarredArgumentsForWhatIsMissing) {
  EXPECT_EQ(check("1, *rest", "(a, b, c)"), Texts{});
  EXPECT_EQ(check("1, **rest", "(a, b, *, c)"), Texts{});
  EXPECT_EQ(check("1, *rest", "(a, b, *, c)"), Texts{"missing_required(c)"});
  EXPECT_EQ(check("**rest", "(a, /, b)"), Texts{"missing_required(a)"});
}

TEST(CheckCall, FindsUnknownKeywords) {
  EXPECT_EQ(check("a=1, c=2", "(a, b=0)"), Texts{"unknown_keyword(c)"});
  EXPECT_EQ(check("a=1", "(a, /)"), (Texts{"unknown_keyword(a)", "missing_required(a)"}));
}

TEST(CheckCall, NamesTheNearestParameter) {
  const auto found =
      check_call(call("epsilom=1"), signature("(epsilon=0)"), false, {}, std::nullopt);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].detail, "there is no parameter epsilom; the nearest name is epsilon");
}

TEST(CheckCall, FindsTooManyByPosition) {
  const auto found = check_call(call("1, x.y, 3"), signature("(a, *, b=0)"), false, {}, {});
  ASSERT_EQ(kinds(found), Texts{"too_many_positional()"});
  EXPECT_EQ(found[0].detail,
            "3 arguments are passed by position, 1 can be taken so: argument 2 (`x.y`) has no "
            "parameter");
}

TEST(CheckCall, CountsWhatStandsBehindAStar) {
  EXPECT_EQ(check("*rest, 1, 2", "(a, b)"), Texts{});
  EXPECT_EQ(check("*rest, 1, 2, 3", "(a, b)"), Texts{"too_many_positional()"});
}

TEST(CheckCall, FindsWhatIsGivenTwice) {
  const auto found = check_call(call("1, 2, b=3"), signature("(a, b)"), false, {}, std::nullopt);
  ASSERT_EQ(kinds(found), Texts{"given_twice(b)"});
  EXPECT_EQ(found[0].detail, "parameter b is given twice: by position (2) and as b=`3`");
}

TEST(CheckCall, LeavesSelfToTheAttribute) {
  const auto method = signature("(self, a)");
  EXPECT_EQ(kinds(check_call(call("1"), method, true, {}, std::nullopt)), Texts{});
  EXPECT_EQ(kinds(check_call(call("1"), method, false, {}, std::nullopt)),
            Texts{"missing_required(a)"});
  EXPECT_EQ(kinds(check_call(call("1"), signature("(*args)"), true, {}, std::nullopt)), Texts{});
}

Texts check_results(int count, const char* text) {
  CallArguments arguments;
  arguments.unpacked = count;
  return kinds(check_call(arguments, signature(text), false, {}, std::nullopt));
}

TEST(CheckCall, ComparesTheNumberOfResults) {
  EXPECT_EQ(check_results(2, "() -> tuple[Tensor, Tensor]"), Texts{});
  EXPECT_EQ(check_results(3, "() -> Tuple[torch.Tensor, torch.Tensor]"), Texts{"return_arity()"});
  EXPECT_EQ(check_results(2, "() -> None"), Texts{"return_arity()"});
  EXPECT_EQ(check_results(2, "() -> Tensor"), Texts{"return_arity()?"});
}

TEST(CheckCall, SaysNothingOfResultsThatAreNotDeclared) {
  for (const char* text : {"()", "() -> Any", "() -> tuple[Tensor, ...]", "() -> Pair",
                           "() -> tuple", "() -> list[Tensor]", "() -> 'torch.Size'"}) {
    EXPECT_EQ(check_results(2, text), Texts{}) << text;
  }
}

TEST(CheckCall, AcceptsResultsOfWhichOneAlternativeFits) {
  EXPECT_EQ(check_results(2, "() -> Tensor | tuple[Tensor, Tensor]"), Texts{});
  EXPECT_EQ(check_results(2, "() -> Optional[Tuple[Tensor, Tensor]]"), Texts{});
  EXPECT_EQ(check_results(3, "() -> Optional[Tuple[Tensor, Tensor]]"), Texts{"return_arity()"});
}

TEST(CheckCall, SaysWhatIsReturned) {
  CallArguments arguments;
  arguments.unpacked = 2;
  const auto nothing = check_call(arguments, signature("() -> None"), false, {}, std::nullopt);
  ASSERT_EQ(nothing.size(), 1u);
  EXPECT_EQ(nothing[0].detail, "the result is unpacked to 2 names, but nothing is returned");
}

constexpr const char* before = "(q, q_weight, q_eps, k, k_weight, k_eps)";
constexpr const char* after = "(q_out=None, q_scale=None, k=None, q=None, q_weight=None)";

TEST(CheckCall, FindsShiftsByTheNamesOfEarlierReleases) {
  const auto found = check_call(call("x, w, self.q_eps"), signature(after), false,
                                {signature(before)}, std::nullopt);
  ASSERT_EQ(kinds(found), Texts{"positional_meaning_shifted(k)?"});
  EXPECT_EQ(found[0].detail,
            "argument 3 (`self.q_eps`) reaches parameter k, which was the place of q_eps in an "
            "earlier release");
}

TEST(CheckCall, FindsShiftsFromTheSignatureThatWasMeant) {
  const auto found = check_call(call("x, flag"), signature("(a, gemma=False, sensitive=0)"), false,
                                {}, signature("(a, sensitive=0)"));
  ASSERT_EQ(kinds(found), Texts{"positional_meaning_shifted(gemma)"});
  EXPECT_EQ(found[0].detail,
            "argument 2 (`flag`) reaches parameter gemma, which was the place of sensitive when "
            "this call was written");
}

TEST(CheckCall, DoubtsAShiftThatPassesTheDefault) {
  const auto now = signature("(a, gemma=False, sensitive=0)");
  const auto meant = signature("(a, sensitive=0)");
  EXPECT_EQ(kinds(check_call(call("x, 0"), now, false, {}, meant)),
            Texts{"positional_meaning_shifted(gemma)?"});
  EXPECT_EQ(kinds(check_call(call("x, 1"), now, false, {}, meant)),
            Texts{"positional_meaning_shifted(gemma)"});
}

TEST(CheckCall, TakesARenamedParameterForTheSame) {
  const auto now = signature("(a, epsilon)");
  EXPECT_EQ(kinds(check_call(call("x, eps"), now, false, {signature("(a, eps)")}, {})), Texts{});
  EXPECT_EQ(kinds(check_call(call("x, eps"), now, false, {}, signature("(a, eps)"))), Texts{});
}

TEST(CheckCall, TrustsWhatTheCallIsWrittenFor) {
  const auto now = signature("(b, a)");
  EXPECT_EQ(kinds(check_call(call("a, b"), now, false, {signature("(a, b)")}, now)), Texts{});
}

}  // namespace
}  // namespace fusegate::probe
