// Sources that ask much of a parser, and parsers that do not do their work.

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include <gtest/gtest.h>

#include "probe/base/files.hpp"
#include "probe/base/temporary_folder.hpp"
#include "probe/base/test_support.hpp"
#include "probe/sources/package_files.hpp"
#include "probe/sources/python_facts.hpp"
#include "probe/sources/test_files.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

using Names = std::vector<std::string>;

Names files_with_facts(const PythonFacts& facts) {
  Names names;
  for (const auto& [file, line] : facts.lines) names.push_back(file);
  return names;
}

/// "WHERE: WHAT" of each problem.
Names texts_of(const std::vector<Problem>& problems) {
  Names texts;
  for (const auto& problem : problems) texts.push_back(problem.where + ": " + problem.what);
  return texts;
}

class Sources : public testing::Test {
 protected:
  [[nodiscard]] const fs::path& root() const { return folder_.path(); }

  void write(const std::string& name, std::string_view text) const {
    write_file(root() / name, text);
  }
  [[nodiscard]] PythonFacts read(const Names& files) const {
    return read_python_facts(root(), files, test_python());
  }

  TemporaryFolder folder_;
};

class UnreadableSource : public Sources {
 protected:
  void SetUp() override { FUSEGATE_NEEDS_PYTHON(); }

  /// The one problem that there is when the file is read between two good ones, which lose nothing.
  [[nodiscard]] std::string problem_of(const std::string& name) const {
    write("first.py", "def f(): ...\n");
    write("last.py", "def f(): ...\n");
    const auto facts = read({"first.py", name, "last.py"});
    EXPECT_EQ(files_with_facts(facts), (Names{"first.py", "last.py"}));
    const auto problems = texts_of(facts.problems);
    EXPECT_EQ(problems.size(), 1u) << join(problems, "\n");
    return problems.empty() ? "" : problems.front();
  }

  [[nodiscard]] std::string problem_of_text(std::string_view text) const {
    write("p/a.py", text);
    return problem_of("p/a.py");
  }
};

TEST_F(UnreadableSource, SyntaxErrorsHaveALine) {
  expect_contains(problem_of_text("x = 1\ndef f(:\n  pass\n"),
                  "p/a.py:2: does not parse as Python 3.");
}

TEST_F(UnreadableSource, MergeMarkers) {
  expect_contains(problem_of_text("x = 1\n<<<<<<< HEAD\ny = 1\n=======\ny = 2\n>>>>>>> a\n"),
                  "p/a.py:2: does not parse");
}

TEST_F(UnreadableSource, Python2) {
  expect_contains(problem_of_text("def f():\n  print 'x'\n"), "p/a.py:2: does not parse");
}

TEST_F(UnreadableSource, ATemplateOfAGenerator) {
  expect_contains(problem_of_text("def {{ name }}(): ...\n"), "p/a.py:1: does not parse");
}

TEST_F(UnreadableSource, BytesThatAreNotUtf8) {
  EXPECT_EQ(problem_of_text("def f(a='\xff'): ...\n"),
            "p/a.py: is not in the encoding that it declares");
}

TEST_F(UnreadableSource, AnEncodingThatNobodyKnows) {
  expect_contains(problem_of_text("# coding: klingon\ndef f(): ...\n"), "encoding");
}

TEST_F(UnreadableSource, AByteOrderMarkAgainstTheDeclaration) {
  expect_contains(problem_of_text("\xef\xbb\xbf# coding: latin-1\ndef f(): ...\n"), "encoding");
}

TEST_F(UnreadableSource, AZeroByte) {
  expect_contains(problem_of_text(std::string_view("x = 1\n\0def f(): ...\n", 20)),
                  "p/a.py:2: does not parse");
}

TEST_F(UnreadableSource, AGeneratedFileOf50Megabytes) {
  write("p/a.py", "def f(): ...\n");
  fs::resize_file(root() / "p/a.py", 50u << 20);
  EXPECT_EQ(problem_of("p/a.py"), "p/a.py: is larger than 16 MiB, not read");
}

TEST_F(UnreadableSource, ALinkToItself) {
  fs::create_directory(root() / "p");
  fs::create_symlink("a.py", root() / "p/a.py");
  EXPECT_EQ(problem_of("p/a.py"), "p/a.py: cannot be read");
}

TEST_F(UnreadableSource, AFileThatIsGone) {
  EXPECT_EQ(problem_of("p/a.py"), "p/a.py: cannot be read");
}

TEST_F(UnreadableSource, AFolder) {
  fs::create_directories(root() / "p/a.py");
  EXPECT_EQ(problem_of("p/a.py"), "p/a.py: cannot be read");
}

TEST_F(UnreadableSource, AFileThatMayNotBeRead) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  write("p/a.py", "def f(): ...\n");
  fs::permissions(root() / "p/a.py", fs::perms::none);
  EXPECT_EQ(problem_of("p/a.py"), "p/a.py: cannot be read");
}

TEST_F(UnreadableSource, ANameThatATerminalWouldObey) {
  write("p/\x1b[2J.py", "def f(:\n");
  expect_contains(problem_of("p/\x1b[2J.py"), "p/\\x1b[2J.py:1: does not parse");
}

class ReadableSource : public UnreadableSource {
 protected:
  /// The facts of a text, as the script wrote them.
  [[nodiscard]] std::string facts_of(std::string_view text) const {
    write("a.py", text);
    const auto facts = read({"a.py"});
    for (const auto& problem : texts_of(facts.problems)) ADD_FAILURE() << problem;
    const auto it = facts.lines.find("a.py");
    return it == facts.lines.end() ? "" : it->second;
  }
};

TEST_F(ReadableSource, MayBeginWithAByteOrderMark) {
  EXPECT_EQ(facts_of("\xef\xbb\xbf"
                     "def f(a): ...\n"),
            facts_of("def f(a): ...\n"));
}

TEST_F(ReadableSource, IsDecodedAsItDeclares) {
  EXPECT_EQ(facts_of("# coding: latin-1\ndef f(a='\xe9'): ...\n"),
            facts_of("# coding: utf-8\ndef f(a='é'): ...\n"));
}

TEST_F(ReadableSource, MayEndItsLinesInAnyWay) {
  EXPECT_EQ(facts_of("x = 1\r\ny = '\f'\rdef f(\r\n a): ...\r"),
            facts_of("x = 1\ny = '\f'\ndef f(\n a): ...\n"));
}

TEST_F(ReadableSource, MayBeEmpty) {
  EXPECT_EQ(facts_of(""), "{\"conditions\":[[]],\"body\":[]}");
}

TEST_F(ReadableSource, MayHaveStringsThatNoUtf8CanHold) {
  expect_contains(facts_of("x = ['\\ud800']\n"), "\"strings\"");
}

TEST_F(ReadableSource, IsReadWhereThereIsMuchOfIt) {
  Names names;
  for (int i = 0; i < 40; ++i) {
    names.push_back(fmt::format("p/{:02}.py", i));
    write(names.back(), fmt::format("def f{}(): ...\n#{}\n", i, std::string(20'000, 'x')));
  }
  EXPECT_EQ(files_with_facts(read(names)), names);
}

TEST_F(ReadableSource, IsNeverTooMuchForOneInterpreter) {
  write_program(root() / "python",
                "input=$(cat); printf '%s\\n' \"$input\" >>'" + (root() / "log").native() +
                    "'\nprintf '%s' \"$input\" | exec " + test_python() + " \"$@\"\n");
  Names names;
  for (int i = 0; i < 20; ++i) {
    names.push_back(fmt::format("p/{:02}.py", i));
    write(names.back(), "#" + std::string(1u << 20, 'x') + "\n");
  }
  EXPECT_EQ(files_with_facts(read_python_facts(root(), names, root() / "python")), names);
  const auto log = read_text(root() / "log").value_or("");
  const auto requests = split(trim(log), '\n');
  EXPECT_GE(requests.size(), 3u);
  for (const auto request : requests) {
    EXPECT_LE(std::count(request.begin(), request.end(), '/'), 8) << request;
  }
}

TEST_F(ReadableSource, IsNotRun) {
  for (const char* name : {"ast.py", "json.py", "p/__init__.py", "sitecustomize.py"}) {
    write(name, "raise SystemExit('imported')\n");
  }
  write("p/a.py", "raise SystemExit('executed')\ndef f(): ...\n");
  // As where a person has put the library on the path, or stands in its folder.
  write_program(root() / "python",
                "cd '" + root().native() + "'\nPYTHONPATH=. exec " + test_python() + " \"$@\"\n");
  const auto facts = read_python_facts(root(), {"p/a.py"}, root() / "python");
  EXPECT_EQ(files_with_facts(facts), Names{"p/a.py"});
}

/// A Python that does something else than to read b.py; without b.py it does its work.
class BadPython : public Sources {
 protected:
  void SetUp() override { FUSEGATE_NEEDS_PYTHON(); }

  /// What comes of three files when this happens at the second.
  [[nodiscard]] PythonFacts read_with(const std::string& misdeed,
                                      std::chrono::milliseconds run_limit = 60s) const {
    for (const char* name : {"a.py", "b.py", "c.py"}) write(name, "def f(): ...\n");
    write_program(root() / "python",
                  "input=$(cat)\ncase $input in\n*'\"b.py\"'*)\n"
                  "  echo '{\"python\": \"3.8.0\"}'\n"
                  "  echo '{\"reading\": \"a.py\"}'; echo '{\"facts\": \"a.py\"}'; echo '{}'\n"
                  "  echo '{\"reading\": \"b.py\"}'\n  " +
                      misdeed + ";;\n*) printf '%s' \"$input\" | exec " + test_python() +
                      " \"$@\";;\nesac\n");
    return read_python_facts(root(), {"a.py", "b.py", "c.py"}, root() / "python", run_limit);
  }
};

TEST_F(BadPython, ThatCrashesCostsThatFile) {
  const auto facts = read_with("kill -SEGV $$");
  EXPECT_EQ(files_with_facts(facts), (Names{"a.py", "c.py"}));
  EXPECT_EQ(texts_of(facts.problems),
            Names{"b.py: made Python 3.8.0 stop: it was killed by SIGSEGV; left out"});
}

TEST_F(BadPython, ThatHangsCostsThatFile) {
  const auto facts = read_with("sleep 100", 10s);
  EXPECT_EQ(files_with_facts(facts), (Names{"a.py", "c.py"}));
  EXPECT_EQ(texts_of(facts.problems), Names{"b.py: took more than 10 s to parse; left out"});
}

TEST_F(BadPython, ThatStopsInTheMiddleOfALineCostsThatFile) {
  const auto facts = read_with("printf '{\"facts\": \"b.py\"}\\n{\"bo'; exit 1");
  EXPECT_EQ(files_with_facts(facts), (Names{"a.py", "c.py"}));
  EXPECT_EQ(texts_of(facts.problems),
            Names{"b.py: made Python 3.8.0 stop: it exited with status 1; left out"});
}

TEST(UselessPython, IsReportedOnce) {
  const TemporaryFolder folder;
  const auto python = folder.path() / "python";
  const auto problems_with = [&](const std::string& script) {
    write_program(python, script);
    auto problems = texts_of(read_python_facts(folder.path(), {"a.py", "b.py"}, python).problems);
    for (auto& problem : problems) problem.erase(0, python.native().size());
    return problems;
  };
  EXPECT_EQ(problems_with("exit 3\n"), Names{": could not read the sources: exited with status 3"});
  EXPECT_EQ(problems_with("echo no Python here >&2; exit 127\n"),
            Names{": could not read the sources: exited with status 127: no Python here"});
  EXPECT_EQ(problems_with("cat\n"), Names{": could not read the sources: exited with status 0"});
  EXPECT_EQ(problems_with("echo '[]'; echo '{\"facts\": 1}'; echo '{\"problem\": 1}'\n"),
            Names{": could not read the sources: exited with status 0"});
}

TEST(UselessPython, ThatIsNotThereIsReportedWithTheFix) {
  const auto facts = read_python_facts("/", {"a.py", "b.py"}, "/nonexistent/python3");
  ASSERT_EQ(facts.problems.size(), 1u);
  expect_contains(facts.problems[0].what, "install Python 3.8 or later, or name one with --python");
}

}  // namespace
}  // namespace fusegate::probe
