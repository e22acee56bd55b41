#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "probe/sources/problem.hpp"

namespace fusegate::probe {

/// What the script probe/facts/python_facts.py said of some files.
struct PythonFacts {
  std::map<std::string, std::string> lines;  ///< by file, for parse_module_facts
  std::vector<Problem> problems;             ///< by file
  std::string python_version;                ///< of the interpreter that read them; empty: none did
};

/// Has the interpreter parse the files, named below `root`; it does not import them. Several run
/// side by side, on as many processors as there are. A file that cannot be read or parsed is a
/// problem, also one on which the interpreter crashes or hangs; so is an interpreter that cannot be
/// started. None may run longer than `run_limit`.
[[nodiscard]] PythonFacts read_python_facts(
    const std::filesystem::path& root, const std::vector<std::string>& files,
    const std::string& python, std::chrono::milliseconds run_limit = std::chrono::seconds(60));

}  // namespace fusegate::probe
