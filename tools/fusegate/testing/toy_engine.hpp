// A made-up engine that looks like a known one, and a made-up library, one of whose functions it
// imports in vain and one of which it calls wrongly.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "probe/base/files.hpp"
#include "probe/base/temporary_folder.hpp"
#include "probe/base/text.hpp"
#include "probe/sources/test_files.hpp"
#include "tools/fusegate/testing/program.hpp"

namespace fusegate::testing {

class ToyEngine : public ::testing::Test {
 protected:
  using Files = std::map<std::string, std::string>;

  void SetUp() override {
    FUSEGATE_NEEDS_PYTHON();
    write("engine",
          {{"sglang/srt/server_args.py", ""},
           {"sglang/srt/models/registry.py", ""},
           {"sglang/srt/layers/norm.py",
            "if get_bool_env_var('SGLANG_USE_AITER') and is_hip():\n"
            "    from aiter.ops.norm import fast_norm\n"},
           {"sglang/srt/models/toy.py",
            "from sglang.srt.layers.norm import fast_norm\nEntryClass = ToyForCausalLM\n"},
           {"sglang/srt/late.py", "def run(x):\n    import aiter\n    aiter.norm(x, scale=1)\n"}});
    write("library", {{"aiter/__init__.py", "from .ops.norms import norm\n"},
                      {"aiter/jit/core.py", ""},
                      {"aiter/ops/__init__.py", ""},
                      {"aiter/ops/norms.py", "def norm(x, eps=1e-6): ...\n"}});
  }

  /// A second library, `flashinfer`, which the engine uses, too.
  void write_other_library() {
    write("flashinfer", {{"flashinfer/__init__.py", ""}, {"flashinfer/norm.py", ""}});
    write("engine", {{"sglang/srt/other.py", "import flashinfer\nflashinfer.gone()\n"}});
  }

  /// Files below a folder of the test's own.
  void write(const std::string& folder, const Files& files) {
    for (const auto& [name, text] : files) probe::write_file(folder_.path() / folder / name, text);
  }
  [[nodiscard]] std::string path(const std::string& name) const {
    return (folder_.path() / name).native();
  }

  /// fusegate with these arguments, without the user's cache.
  Finished run(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--python", python_});
    return fusegate(arguments, {{{"FUSEGATE_CACHE_DIR", ""}}});
  }

  /// contract check of the engine on the library, on a machine where it is used.
  Finished check(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"contract",          "check",     "--engine",
                                       path("engine"),      "--library", "aiter=" + path("library"),
                                       "--assume",          "gfx942",    "--assume",
                                       "SGLANG_USE_AITER=1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
  Json document(const std::vector<std::string>& more = {}) {
    auto arguments = more;
    arguments.insert(arguments.end(), {"--json", "-"});
    return Json::parse(check(arguments).output);
  }

  static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }

  /// From here on a Python runs in which nothing is installed.
  void use_bare_python() {
    probe::write_program(path("python"),
                         fmt::format("exec {} -S \"$@\"\n", shell_quoted(probe::test_python())));
    python_ = path("python");
  }

  TemporaryFolder folder_;

 private:
  std::string python_ = probe::test_python();
};

}  // namespace fusegate::testing
