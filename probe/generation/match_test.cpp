#include "probe/generation/match.hpp"

#include <gtest/gtest.h>

#include "probe/base/test_support.hpp"
#include "probe/surface/test_package.hpp"

namespace fusegate::probe {
namespace {

/// A norm in two generations, of which the second lives in another module, and a method.
std::vector<EntryContract> toy_contracts() {
  return {parse_entry_contract(R"json({
    "contract": "norm", "op": "rms_norm", "summary": "a norm", "symbol": "norm",
    "generations": [
      {"id": "returning", "module": "p.a", "signature": "(x: Tensor, eps: float = 1e-6) -> Tensor",
       "binding": "python", "releases": [{"first": "1.0", "last": "1.1"}]},
      {"id": "in_place", "module": "p.b", "signature": "(out: Optional[Tensor], x, eps) -> None",
       "binding": "pybind_torch", "outputs": ["out"],
       "adapter": {"arguments": {"input": "x"}, "returns": ["out"]},
       "releases": [{"first": "1.2", "last": null}]}],
    "defects": [
      {"id": "by_file", "summary": "no barrier", "consequence": "wrong_result_race",
       "source": "a file", "releases": [{"first": "1.0", "last": "1.0"}],
       "features": [{"file": ["csrc/k.h", "meta/csrc/k.h"], "lacks": "barrier  ();"}]},
      {"id": "by_parameter", "summary": "cannot scale", "consequence": "error", "source": "a call",
       "releases": [{"first": "1.0", "last": null}],
       "features": [{"symbol": "p.norm", "lacks_parameter": "scale"}]},
      {"id": "by_condition", "summary": "swallowed", "consequence": "misleading", "source": "init",
       "releases": [{"first": "1.0", "last": null}],
       "features": [{"symbol": "p.norm", "under": "try"}]},
      {"id": "by_generation", "summary": "writes first", "consequence": "other_meaning",
       "source": "its signature", "generations": ["in_place"],
       "releases": [{"first": "1.2", "last": null}]},
      {"id": "by_release", "summary": "slow", "consequence": "slow", "source": "an issue",
       "releases": [{"first": "1.1", "last": "1.2"}]}]})json"),
          parse_entry_contract(R"json({
    "contract": "Group.reduce", "op": "all_reduce", "summary": "a sum", "symbol": "Group.reduce",
    "generations": [
      {"id": "first", "module": "p.a", "signature": "(self, x)", "binding": "python",
       "releases": [{"first": "1.1", "last": null}]}]})json")};
}

const char* const returning =
    "def norm(x: torch.Tensor,\n         eps: float = 0.000001) -> Tensor:\n  return x\n";
const char* const in_place =
    "@compile_ops('m')\ndef norm(out: Tensor | None, x, eps) -> None: ...\n";

class MatchTest : public PackageTest {
 protected:
  void read(const Files& files, const std::string& version = "") {
    package_.emplace(files);
    rules_ = toy_rules();
    const Subject subject{package_->loaded(), package_->tree(), rules_, ruled_out_, version};
    rows_ = match_contracts(contracts_, subject);
  }
  [[nodiscard]] const ContractRow& norm() const { return rows_.at(0); }
  [[nodiscard]] std::string defects() const {
    std::string text;
    for (const auto& found : norm().defects) {
      text += found.defect.id + (found.is_certain ? "" : "?") + ": " + found.evidence + "\n";
    }
    return text;
  }

  std::vector<EntryContract> contracts_ = toy_contracts();
  std::vector<std::string> ruled_out_{"reference"};
  SurfaceRules rules_;
  std::optional<TestPackage> package_;
  std::vector<ContractRow> rows_;
};

TEST_F(MatchTest, RecognisesAGenerationInAnotherSpelling) {
  read({{"p/__init__.py", "from .a import *\n"}, {"p/a.py", returning}});
  EXPECT_EQ(norm().status, ContractStatus::known);
  EXPECT_EQ(norm().generation, "returning");
  EXPECT_EQ(norm().where, "p/a.py:1");
  EXPECT_EQ(norm().names, (std::vector<std::string>{"p.norm", "p.a.norm"}));
}

TEST_F(MatchTest, RecognisesTheBinding) {
  read({{"p/__init__.py", ""}, {"p/b.py", in_place}});
  EXPECT_EQ(norm().generation, "in_place");
  EXPECT_EQ(norm().binding, "pybind_torch");
  EXPECT_EQ(norm().names, std::vector<std::string>{"p.b.norm"});
}

TEST_F(MatchTest, SaysWhatIsMissing) {
  read({{"p/__init__.py", ""}, {"p/a.py", "x = 1\n"}});
  EXPECT_EQ(norm().status, ContractStatus::missing);
  EXPECT_EQ(norm().reason, "nothing defines norm");
}

TEST_F(MatchTest, ExplainsAnUnknownGenerationByTheNearest) {
  read({{"p/__init__.py", ""},
        {"p/b.py",
         "@compile_ops('m')\ndef norm(out: Optional[Tensor], eps, inp, mode) -> None: ...\n"}});
  EXPECT_EQ(norm().status, ContractStatus::unknown);
  EXPECT_EQ(norm().nearest, "in_place");
  EXPECT_EQ(join(norm().difference, "\n"),
            "positional argument 2 was x and is eps: a call that passes it by position means "
            "something else\n"
            "there is no parameter x any more\n"
            "parameter eps moved from place 3 to 2\n"
            "parameter inp is new and has no default: all calls as before fail\n"
            "parameter mode is new and has no default: all calls as before fail");
}

TEST_F(MatchTest, SaysThatADefinitionMovedOrIsBoundOtherwise) {
  read({{"p/__init__.py", ""},
        {"p/c.py",
         "@compile_ops('m', develop=True)\ndef norm(out: Optional[Tensor], x, eps) -> None: "
         "...\n"}});
  EXPECT_EQ(norm().status, ContractStatus::unknown);
  EXPECT_EQ(join(norm().difference, "\n"),
            "it moved from p.b to p.c\nit was bound by pybind_torch and is by pybind_develop");
}

TEST_F(MatchTest, PrefersTheKnownDefinitionOfSeveral) {
  read({{"p/__init__.py", "from .c import norm\n"},
        {"p/a.py", returning},
        {"p/c.py", "def norm(y): ...\n"},
        {"p/reference/r.py", "def norm(z): ...\n"}});
  EXPECT_EQ(norm().generation, "returning");
  EXPECT_EQ(norm().names, std::vector<std::string>{"p.a.norm"}) << "p.norm is another function";
}

TEST_F(MatchTest, LooksNotIntoFoldersThatAreRuledOut) {
  read({{"p/__init__.py", ""}, {"p/reference/r.py", "def norm(z): ...\n"}});
  EXPECT_EQ(norm().status, ContractStatus::missing);
}

TEST_F(MatchTest, GivesADefinitionToTheContractThatNamesItsModule) {
  auto other = contracts_[0];
  other.name = "sub.norm";
  other.modules = {"p.sub"};
  contracts_.push_back(other);
  read({{"p/__init__.py", ""}, {"p/sub/__init__.py", ""}, {"p/sub/x.py", "def norm(y): ...\n"}});
  EXPECT_EQ(norm().status, ContractStatus::missing);
  EXPECT_EQ(rows_.at(2).module, "p.sub.x");
}

TEST_F(MatchTest, FindsMethods) {
  read({{"p/__init__.py", ""}, {"p/a.py", "class Group:\n  def reduce(self, x): ...\n"}});
  EXPECT_EQ(rows_.at(1).generation, "first");
  EXPECT_EQ(rows_.at(1).where, "p/a.py:2");
}

TEST_F(MatchTest, TellsDefectsByTheirFeatures) {
  const Files files{{"p/__init__.py", "try:\n  from .a import norm\nexcept ImportError: pass\n"},
                    {"p/a.py", returning},
                    {"csrc/k.h", "void f() {}\n"}};
  read(files, "9.9");
  EXPECT_EQ(
      defects(),
      "by_file: seen in csrc/k.h\nby_parameter: seen in p.norm\nby_condition: seen in p.norm\n");
}

TEST_F(MatchTest, TakesAFeatureForMoreThanTheVersion) {
  read({{"p/__init__.py", "from .a import norm\n"},
        {"p/a.py", "def norm(x, scale): ...\n"},
        {"meta/csrc/k.h", "f();\nbarrier\n();\n"}},
       "1.0");
  EXPECT_EQ(defects(), "");
}

TEST_F(MatchTest, TakesAFileThatIsNotAmongShippedSourcesForTold) {
  read({{"p/__init__.py", "from .a import norm\n"},
        {"p/a.py", "def norm(x, scale): ...\n"},
        {"meta/other.h", ""}},
       "1.0");
  EXPECT_EQ(defects(), "");
}

TEST_F(MatchTest, GoesByTheVersionWhereNoFeatureTells) {
  read({{"p/__init__.py", "from .a import norm\n"}, {"p/a.py", "def norm(x, scale): ...\n"}},
       "1.0");
  EXPECT_EQ(defects(), "by_file?: release 1.0 has it; the file that shows it is not here\n");
  read({{"p/__init__.py", ""}, {"p/b.py", in_place}}, "1.2");
  expect_contains(defects(), "by_generation: generation in_place has it\n");
  expect_contains(defects(), "by_release?: release 1.2 has it\n");
}

TEST_F(MatchTest, SaysThatNothingTellsWithoutAVersion) {
  read({{"p/__init__.py", "from .a import norm\n"}, {"p/a.py", "def norm(x, scale): ...\n"}});
  EXPECT_EQ(defects(),
            "by_file?: neither a feature nor a version tells; the file that shows it is not here\n"
            "by_generation?: neither a feature nor a version tells\n"
            "by_release?: neither a feature nor a version tells\n");
}

TEST_F(MatchTest, NamesTheReleasesThatFit) {
  const auto fits = [&] {
    std::string text;
    for (const auto& [first, last] :
         fitting_releases(contracts_, rows_, {"1.0", "1.1", "1.2", "1.3"})) {
      text += first + ".." + last.value_or("") + " ";
    }
    return text;
  };
  read({{"p/__init__.py", ""}, {"p/a.py", returning}});
  EXPECT_EQ(fits(), "1.0..1.0 ") << "1.1 has Group.reduce";
  read({{"p/__init__.py", ""},
        {"p/b.py", in_place},
        {"p/a.py", "class Group:\n  def reduce(self, x): ...\n"}});
  EXPECT_EQ(fits(), "1.2.. ");
  read({{"p/__init__.py", ""}, {"p/b.py", in_place}});
  EXPECT_EQ(fits(), "");
}

TEST_F(MatchTest, FitsNoReleaseWithAnUnknownGeneration) {
  read({{"p/__init__.py", ""}, {"p/a.py", "def norm(x, scale, eps): ...\n"}});
  EXPECT_EQ(norm().status, ContractStatus::unknown);
  EXPECT_TRUE(fitting_releases(contracts_, rows_, {"1.0", "1.1", "1.2"}).empty());
}

TEST_F(MatchTest, TakesWhatCouldNotBeReadForUnknown) {
  FUSEGATE_NEEDS_PYTHON();
  read({{"p/__init__.py", ""}, {"p/a.py", "<<<<<<< ours\ndef norm(x): ...\n"}});
  EXPECT_EQ(norm().status, ContractStatus::unknown);
  EXPECT_EQ(norm().reason, "p/a.py could not be read, where known releases have norm");
  EXPECT_EQ(norm().where, "p/a.py");
}

TEST_F(MatchTest, NamesTheCompiledFunction) {
  read({{"p/__init__.py", ""}, {"p/b.py", in_place}});
  EXPECT_EQ(norm().compiled_module, "m");
  EXPECT_EQ(norm().compiled_symbol, "norm");
  read({{"p/__init__.py", ""}, {"p/a.py", returning}});
  EXPECT_EQ(norm().compiled_module, "");
}

TEST_F(MatchTest, TellsADefectByTheParametersPlace) {
  contracts_[0].defects = {{"shift", "", "", "", "", {}, {}, {}}};
  Feature feature;
  feature.symbol = "p.norm";
  feature.has_parameter = "gemma";
  feature.at_place = 2;
  contracts_[0].defects[0].features = {feature};
  read({{"p/__init__.py", "from .a import norm"}, {"p/a.py", "def norm(x, gemma, eps): ...\n"}});
  EXPECT_EQ(defects(), "shift: seen in p.norm\n");
  read({{"p/__init__.py", "from .a import norm"}, {"p/a.py", "def norm(x, eps, gemma): ...\n"}});
  EXPECT_EQ(defects(), "");
}

TEST_F(MatchTest, WritesARow) {
  read({{"p/__init__.py", ""}, {"p/b.py", in_place}}, "1.2");
  const auto json = to_json(norm());
  EXPECT_EQ(json.at("status"), "known");
  EXPECT_EQ(json.at("adapter").dump(), R"({"arguments":{"input":"x"},"returns":["out"]})");
  EXPECT_EQ(json.at("outputs"), nlohmann::ordered_json::parse(R"(["out"])"));
  EXPECT_EQ(json.at("defects").back().at("id"), "by_release");
  EXPECT_EQ(json.at("defects").back().at("certain"), false);
  EXPECT_TRUE(json.at("nearest").is_null());
}

}  // namespace
}  // namespace fusegate::probe
