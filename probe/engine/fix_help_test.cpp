#include "probe/engine/fix_help.hpp"

#include <gtest/gtest.h>

#include "probe/engine/test_engine.hpp"

namespace fusegate::probe {
namespace {

class FixHelpTest : public EngineTest {
 protected:
  FixHelpTest() {
    contract_.contracts.push_back(parse_entry_contract(R"json({
      "contract": "norm", "op": "rms_norm", "summary": "A norm.", "symbol": "norm",
      "generations": [{"id": "old", "module": "lib.old", "signature": "(x, weight, eps)",
                       "binding": "python", "releases": [{"first": "1.0", "last": "1.0"}]}]})json"));
    contract_.contracts.push_back(parse_entry_contract(R"json({
      "contract": "_norm", "op": "rms_norm", "summary": "A norm.", "symbol": "_norm",
      "generations": [{"id": "in_place", "module": "lib.old",
                       "signature": "(out, x, weight, eps)", "binding": "python",
                       "outputs": ["out"], "releases": [{"first": "1.1", "last": null}]}]})json"));
  }

  FixHelp help_for(std::size_t index) {
    return fix_help(check_.uses.at(index), *loaded_, contract_.contracts);
  }
};

TEST_F(FixHelpTest, WritesTheImportAndTheCallOfWhatMoved) {
  check("from lib.old import norm\n", {{"old.py", "def _norm(out, x, weight, eps): ...\n"}});
  const auto help = help_for(0);
  EXPECT_EQ(
      help.snippet,
      (Texts{"-from lib.old import norm", "+from lib.old import _norm",
             "+_norm(out=<tensor that gets the result>, x=<x>, weight=<weight>, eps=<eps>)"}));
  EXPECT_EQ(help.text.at(2), "It writes its results to out, which the caller gives.");
}

TEST_F(FixHelpTest, WritesTheCallThatFits) {
  check("from lib.a import f\ndef run(y):\n  f(y, 2, mode=3)\n",
        {{"a.py", "def f(x, weight, scale): ...\n"}});
  const auto help = help_for(1);
  EXPECT_EQ(help.snippet, Texts{"+f(x=y, weight=2, scale=<scale>)"});
  EXPECT_TRUE(help.text.at(1).starts_with("Without mode: ")) << help.text.at(1);
}

TEST_F(FixHelpTest, NamesWhatServesTheSameOp) {
  check("from lib.old import norm\n", {{"old.py", "def other(a): ...\n"}, {"new.py", ""}});
  EXPECT_EQ(help_for(0).text, Texts{"Nothing in this release does rms_norm."});
  check("from lib.gone import thing\n", {});
  EXPECT_TRUE(help_for(0).text.at(0).starts_with("Nothing like it is in this release"));
}

}  // namespace
}  // namespace fusegate::probe
