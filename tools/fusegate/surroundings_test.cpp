// The program where it is given little, or where those it works with mean harm.
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "probe/base/files.hpp"
#include "probe/base/temporary_folder.hpp"
#include "tools/fusegate/testing/program.hpp"

namespace fusegate::testing {
namespace {

namespace fs = std::filesystem;

const std::string line = "rms_norm dtype=bf16 tokens=1 hidden=64 eps=1e-06";
const std::string one_case = " --with builtin/simt --match '" + line + "' ";

// ---- Little of everything -----------------------------------------------------------------------

TEST(Surroundings, WithoutStandardStreamsLeaveTheReportAsItIs) {
  const TemporaryFolder folder;
  const Finished run =
      in_shell("$FUSEGATE run -v --out " + folder.path().string() + one_case + "<&- >&- 2>&-");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(fusegate({"report", "validate", folder.path() / "report.json"}).exit_code, 0);
}

TEST(Surroundings, WithoutStandardOutputADocumentForItIsNoSuccess) {
  EXPECT_EQ(in_shell("$FUSEGATE probe host >&-").exit_code, 3);
  EXPECT_EQ(in_shell("$FUSEGATE check --json - '" + line + "' >&-").exit_code, 3);
}

TEST(Surroundings, WithFewDescriptorsAreEnough) {
  const Finished run = in_shell("ulimit -n 48; $FUSEGATE check --with builtin/simt '" + line + "'");
  EXPECT_EQ(run.exit_code, 0) << run.output << run.errors;
}

TEST(Surroundings, WithoutHomePathAndTermDoNotMatter) {
  const Finished run = in_shell("env -i $FUSEGATE check --with builtin/simt '" + line + "'");
  EXPECT_EQ(run.exit_code, 0) << run.output << run.errors;
}

// ---- Workers that mean harm ---------------------------------------------------------------------

/// A worker in Python that answers `run` with `answer`, an expression; its device is called
/// `device`.
class Worker {
 public:
  Worker(const std::string& answer, const std::string& device) {
    std::ofstream(path()) << R"(
import json, sys
for line in sys.stdin:
    request = json.loads(line)
    method = request["method"]
    answer = {"result": {}}
    if method == "hello":
        answer = {"result": {"protocol": 1}}
    elif method == "describe":
        answer = {"result": {"runtime": "python", "device": {"name": )"
                          << device << R"(}}}
    elif method == "run":
        answer = )" << answer
                          << R"(
    print(json.dumps({"id": request["id"], **answer}), flush=True)
)";
  }
  [[nodiscard]] std::string definition() const { return "odd=python3 " + path().string(); }

 private:
  [[nodiscard]] fs::path path() const { return folder_.path() / "worker.py"; }
  TemporaryFolder folder_;
};

std::string error(const std::string& kind, const std::string& message) {
  return R"({"error": {"kind": ")" + kind + R"(", "message": )" + message + "}}";
}

TEST(HarmfulWorker, SendsNothingThatATerminalObeys) {
  const Worker worker(error("runtime", R"("\33[2J\nforged: 1254 pass\u202e")"),
                      R"("\33]0;title\7 <b>")");
  const TemporaryFolder folder;
  const Finished run = fusegate({"run", "--color", "always", "--worker", worker.definition(),
                                 "--match", line, "--out", folder.path()});
  EXPECT_EQ(run.exit_code, 1);
  const std::string report = read_text(folder.path() / "report.md").value();
  const Finished show = fusegate({"report", "show", folder.path() / "report.json"});
  for (const auto& text : {run.output, report, show.output}) {
    for (const char* control : {"\033[2J", "\033]", "\a", "\xe2\x80\xae", "\nforged"}) {
      EXPECT_EQ(text.find(control), std::string::npos) << text;
    }
  }
  EXPECT_NE(run.output.find("\\x1b[2J\n            forged: 1254 pass"), std::string::npos)
      << run.output;
}

TEST(HarmfulWorker, ThatSupportsNothingIsNoSuccess) {
  const Worker worker(error("unsupported", "\"not here\""), "\"x\"");
  const Finished run = fusegate({"check", "--worker", worker.definition(), line});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_NE(run.output.find("none of the cases is supported"), std::string::npos) << run.output;
}

TEST(HarmfulWorker, WithAnEndlessListOfLaunchesCostsNoTime) {
  const Worker worker(R"({"result": {"launches": [{}] * 250000}})", "\"x\"");
  const Finished run = fusegate({"check", "--worker", worker.definition(), line},
                                {.time_limit = std::chrono::seconds(20)});
  EXPECT_EQ(run.exit_code, 1) << run.output << run.errors;
}

}  // namespace
}  // namespace fusegate::testing
