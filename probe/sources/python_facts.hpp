#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "probe/sources/problem.hpp"

namespace fusegate::probe {

/// What a script of probe/facts said of some files.
struct PythonFacts {
  std::map<std::string, std::string> lines;  ///< by file; of python_facts.py for parse_module_facts
  std::vector<Problem> problems;             ///< by file
  std::string python_version;                ///< of the interpreter that read them; empty: none did
};

/// How long one interpreter may run.
inline constexpr std::chrono::seconds python_run_limit{60};

/// Has the interpreter parse the files, named below `root`; it does not import them. Several run
/// side by side, on as many processors as there are. A file that cannot be read or parsed is a
/// problem, also one on which the interpreter crashes or hangs; so is an interpreter that cannot be
/// started. None may run longer than `run_limit`. `script` is one that keeps to the protocol of
/// probe/facts/common.py.
[[nodiscard]] PythonFacts read_python_facts(const std::filesystem::path& root,
                                            const std::vector<std::string>& files,
                                            const std::string& python,
                                            std::chrono::milliseconds run_limit = python_run_limit,
                                            std::string_view script = "python_facts.py");

}  // namespace fusegate::probe
