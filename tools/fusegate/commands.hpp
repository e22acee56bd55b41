// One function a command, each in a file of its own. They throw UsageError and CannotRun.
#pragma once

#include "tools/fusegate/options.hpp"

namespace fusegate::tools {

[[nodiscard]] ExitCode run_command(const RunOptions& options, const CommonOptions& common);
[[nodiscard]] ExitCode run_command(const CheckOptions& options, const CommonOptions& common);
[[nodiscard]] ExitCode run_command(const DoctorOptions& options, const CommonOptions& common);
[[nodiscard]] ExitCode run_command(const ProbeOptions& options, const CommonOptions& common);
[[nodiscard]] ExitCode run_command(const MatrixOptions& options, const CommonOptions& common);
[[nodiscard]] ExitCode run_command(const ApiShowOptions& options, const CommonOptions& common);
[[nodiscard]] ExitCode run_command(const ApiIdentifyOptions& options, const CommonOptions& common);
[[nodiscard]] ExitCode run_command(const ApiCapabilitiesOptions& options,
                                   const CommonOptions& common);
[[nodiscard]] ExitCode run_command(const ApiDiffOptions& options, const CommonOptions& common);
[[nodiscard]] ExitCode run_command(const ApiGuardOptions& options, const CommonOptions& common);
[[nodiscard]] ExitCode run_command(const ApiTimelineOptions& options, const CommonOptions& common);
[[nodiscard]] ExitCode run_command(const ContractListOptions& options, const CommonOptions& common);
[[nodiscard]] ExitCode run_command(const ContractCheckOptions& options,
                                   const CommonOptions& common);
[[nodiscard]] ExitCode run_command(const ContractGatesOptions& options,
                                   const CommonOptions& common);
[[nodiscard]] ExitCode run_command(const ReportOptions& options, const CommonOptions& common);
[[nodiscard]] ExitCode run_command(const ListOptions& options, const CommonOptions& common);
[[nodiscard]] ExitCode run_command(const SchemaOptions& options, const CommonOptions& common);
[[nodiscard]] ExitCode run_command(const VersionOptions& options, const CommonOptions& common);

}  // namespace fusegate::tools
