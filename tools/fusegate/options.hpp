#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tools/fusegate/exit_code.hpp"

namespace fusegate::tools {

/// What every command takes.
struct CommonOptions {
  std::string json;  ///< a file, "-" for standard output, or empty
  bool quiet = false;
  bool verbose = false;
  std::string color = "auto";
  std::string python = "python3";
  std::vector<std::string> command_line;  ///< as it was given
};

/// Which implementations, on which cases.
struct CaseOptions {
  std::vector<std::string> with;       ///< implementations; empty: what the machine is best at
  std::vector<std::string> workers;    ///< NAME=COMMAND
  std::vector<std::string> libraries;  ///< [NAME=]PATH or NAME
  bool interpret = false;              ///< Triton kernels without a GPU
  bool beyond_limits = false;          ///< runs also what a library says it does not take
  std::string suite;
  std::string match;
  std::int64_t seed = 0;
  std::string shard = "1/1";
  double case_timeout_seconds = 60;
};

struct RunOptions {
  CaseOptions cases;
  std::vector<std::string> lines;    ///< instead of the suite
  std::vector<std::string> engines;  ///< [NAME=]PATH or NAME
  std::vector<std::string> assumptions;
  std::string out = "fusegate-report";
  bool resume = false;
};

struct CheckOptions {
  CaseOptions cases;
  std::vector<std::string> lines;
  bool list = false;
  int repeat = 2;
};

/// Versions of a library, side by side.
struct MatrixOptions {
  std::string file;
  std::string out = "fusegate-matrix";
  bool resume = false;
  std::string shard = "1/1";
  std::vector<std::string> only;
  bool collect = false;
};

struct DoctorOptions {
  std::vector<std::string> libraries;
};

struct ProbeOptions {
  std::string what;  ///< host, device, library, engine; empty: all
  std::vector<std::string> libraries;
  std::vector<std::string> engines;
  bool live = false;
  int live_timeout_seconds = 120;
};

/// The sources of one library: where it lies, or a revision of a repository.
struct SourceOptions {
  std::vector<std::string> libraries;  ///< [NAME=]PATH or NAME
  std::string repository;
  std::string revision;
};

struct ApiShowOptions {
  SourceOptions source;
  std::vector<std::string> symbols;  ///< empty: all
};

struct ApiIdentifyOptions {
  std::vector<std::string> libraries;  ///< [NAME=]PATH or NAME
};

struct ApiCapabilitiesOptions {
  std::vector<std::string> libraries;  ///< [NAME=]PATH or NAME
};

struct ApiDiffOptions {
  std::string before, after;  ///< libraries, or revisions of the repository
  std::string repository;
  std::vector<std::string> libraries;  ///< NAME, where the repository alone does not tell
  std::vector<std::string> symbols;    ///< empty: all
  bool all = false;
};

struct ApiTimelineOptions {
  std::string repository;
  std::vector<std::string> libraries;  ///< NAME, where the repository alone does not tell
  std::string tags;                    ///< a glob; empty: the library's releases
  std::vector<std::string> symbols;    ///< empty: all
};

struct ApiGuardOptions {
  std::string implementation;  ///< of a library, as --with takes it
  std::string op;
};

struct ContractListOptions {
  std::string engine;                  ///< [NAME=]PATH or NAME
  std::vector<std::string> libraries;  ///< only uses of these; empty: of all that are known
};

struct ContractCheckOptions {
  std::string engine;                  ///< [NAME=]PATH or NAME
  std::vector<std::string> libraries;  ///< [NAME=]PATH or NAME
  std::vector<std::string> assumptions;
  std::string format = "text";  ///< text, github
  std::string baseline;         ///< a document of an earlier check: what it has is not new
  std::string accepted;         ///< a list of what may be broken, until when
  std::string written_for;      ///< the release of a library for which the engine was written
  std::vector<std::string> explain;
  bool callers = false;  ///< also in the document, for all that breaks when it is called
  bool all = false;
};

struct ContractGatesOptions {
  std::string engine;   ///< NAME, NAME=RELEASE, [NAME=]PATH, or empty: all
  std::string release;  ///< empty: all, or that of the path
};

struct ReportOptions {
  std::string action;  ///< show, validate
  std::string file;
};

struct ListOptions {
  std::string what;
  std::string suite;  ///< of cases
};

struct SchemaOptions {
  std::string name;
};

struct VersionOptions {};

using Command =
    std::variant<RunOptions, CheckOptions, MatrixOptions, DoctorOptions, ProbeOptions,
                 ApiShowOptions, ApiIdentifyOptions, ApiCapabilitiesOptions, ApiDiffOptions,
                 ApiTimelineOptions, ApiGuardOptions, ContractListOptions, ContractCheckOptions,
                 ContractGatesOptions, ReportOptions, ListOptions, SchemaOptions, VersionOptions>;

struct Invocation {
  CommonOptions common;
  Command command;
};

/// Reads the command line. Prints help and gives an exit code when that is all there is to do.
/// Throws UsageError, naming the nearest option or command for a mistyped one.
[[nodiscard]] std::variant<Invocation, ExitCode> parse_command_line(int argc, char** argv);

}  // namespace fusegate::tools
