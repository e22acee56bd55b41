// Options that several commands have, or one command has many of.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "tools/fusegate/options.hpp"

namespace fusegate::tools {

void add_common(CLI::App& app, CommonOptions& common);

/// Which implementations, on which cases.
void add_cases(CLI::App& command, CaseOptions& cases);

/// --library, any number of times.
CLI::Option* add_libraries(CLI::App& command, std::vector<std::string>& libraries);

/// --library, or --repo and --rev.
void add_source(CLI::App& command, SourceOptions& source);

/// --engine, once or any number of times.
void add_engine(CLI::App& command, std::string& engine);
void add_engines(CLI::App& command, std::vector<std::string>& engines);

/// --assume, any number of times.
void add_assumptions(CLI::App& command, std::vector<std::string>& assumptions);

/// What of a contract check counts, and how it is said.
void add_judgement(CLI::App& command, ContractCheckOptions& options);

/// What to list.
void add_list(CLI::App& list, ListOptions& options);

}  // namespace fusegate::tools
