#include "probe/engine/conditions/declared_defaults.hpp"

#include <map>
#include <string>

#include <gtest/gtest.h>

namespace fusegate::probe {
namespace {

using Defaults = std::map<std::string, std::string>;

TEST(ReadDeclaredDefaults, ReadsAnnotatedNames) {
  EXPECT_EQ(
      read_declared_defaults("if TYPE_CHECKING:\n"
                             "    USE_A: bool = False\n"
                             "    LIMIT: int = 268_435_456  # bytes\n"
                             "    MODE: Literal[\"a\", \"b\"] = \"a\"\n"
                             "    PORT: int | None = None\n"),
      (Defaults{
          {"USE_A", "False"}, {"LIMIT", "268_435_456"}, {"MODE", "\"a\""}, {"PORT", "None"}}));
}

TEST(ReadDeclaredDefaults, ReadsFieldsOfAClass) {
  EXPECT_EQ(read_declared_defaults("class Envs:\n"
                                   "    USE_A = EnvBool(False)\n"
                                   "    LAYOUT = EnvStr(\"nhd\", secret=True)\n"),
            (Defaults{{"USE_A", "False"}, {"LAYOUT", "\"nhd\""}}));
}

TEST(ReadDeclaredDefaults, ReadsWhatTheCodeItselfFallsBackTo) {
  EXPECT_EQ(read_declared_defaults("x = os.getenv(\"USE_A\", \"1\") == \"1\"\n"
                                   "y = env_with_choices(\n"
                                   "    \"MODE\",\n"
                                   "    \"auto\",\n"
                                   "    [\"auto\", \"asm\"])\n"),
            (Defaults{{"USE_A", "\"1\""}, {"MODE", "\"auto\""}}));
}

TEST(ReadDeclaredDefaults, AcceptsTwoThatMeanTheSame) {
  EXPECT_EQ(read_declared_defaults("USE_A: bool = True\nos.getenv(\"USE_A\", \"1\")\n"),
            (Defaults{{"USE_A", "True"}}));
}

TEST(ReadDeclaredDefaults, LeavesOutWhatIsContradictoryOrComputed) {
  EXPECT_EQ(read_declared_defaults("A: bool = False\nos.getenv(\"A\", \"1\")\n"
                                   "B: bool = False\nos.getenv(\"B\", default_value)\n"
                                   "C = EnvBool(_default_hip)\n"
                                   "D: str = os.path.join(A, \"b\")\n"),
            Defaults{});
}

TEST(ReadDeclaredDefaults, TakesOtherTextForNothing) {
  EXPECT_EQ(read_declared_defaults("(\"A\", \"B\")\nif A == 1: pass\n# A = 1\nx = f(A, \"1\")\n"),
            Defaults{});
}

}  // namespace
}  // namespace fusegate::probe
