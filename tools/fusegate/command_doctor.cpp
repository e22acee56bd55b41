#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/text.hpp"
#include "probe/device/device.hpp"
#include "probe/host/host.hpp"
#include "suites/runner.hpp"
#include "tools/fusegate/commands.hpp"
#include "tools/fusegate/console.hpp"
#include "tools/fusegate/facts.hpp"

namespace fusegate::tools {
namespace {

using Json = nlohmann::ordered_json;

constexpr auto worker_time_limit = std::chrono::seconds(10);

enum class State { good, absent, broken };

/// One thing that was looked at.
struct Finding {
  State state;
  std::string subject;
  std::string text;
  std::string fix;  ///< empty: nothing to mend
};

std::string gib(std::uint64_t bytes) {
  return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / (1u << 30));
}

std::string or_unknown(const std::string& text) {
  return text.empty() ? "unknown" : text;
}

void add_host(std::vector<Finding>& findings, const probe::HostFacts& host) {
  findings.push_back(
      {State::good, "host",
       fmt::format("{} {}, kernel {}, {}, glibc {}, {} cores, {}", host.os_name, host.os_version,
                   host.kernel_release, host.cpu_model, or_unknown(host.glibc_version),
                   host.usable_cores, gib(host.memory_bytes)),
       ""});
  if (host.python.found()) {
    findings.push_back({State::good, "python",
                        fmt::format("{} at {}", or_unknown(host.python.version), host.python.path),
                        ""});
  } else {
    findings.push_back({State::absent, "python", "no python3 on PATH: libraries cannot be read",
                        "install python3, or name an interpreter with --python"});
  }
  for (const auto& [name, toolkit] : {std::pair{"ROCm", &host.toolchains.rocm},
                                      {"HIP headers", &host.toolchains.hip},
                                      {"CUDA toolkit", &host.toolchains.cuda}}) {
    if (!toolkit->found()) continue;
    findings.push_back({State::good, name,
                        fmt::format("{} at {}", or_unknown(toolkit->version), toolkit->path), ""});
  }
}

std::string clock_text(const probe::DeviceClocks& clocks) {
  std::vector<std::string> parts;
  const auto add = [&](const char* what, const std::optional<unsigned>& now,
                       const std::optional<unsigned>& most) {
    if (!now && !most) return;
    parts.push_back(fmt::format("{} {}{} MHz", what, now ? std::to_string(*now) : "?",
                                most ? fmt::format(" of {}", *most) : ""));
  };
  add("core", clocks.core_mhz, clocks.core_max_mhz);
  add("memory", clocks.memory_mhz, clocks.memory_max_mhz);
  return join(parts, ", ");
}

std::string link_text(const probe::DeviceLink& link) {
  std::string text = fmt::format("{} to {}", link.type, link.peer);
  if (link.count) text += fmt::format(" x{}", *link.count);
  if (link.hops && *link.hops != 1) text += fmt::format(" over {} hops", *link.hops);
  return text;
}

std::string device_text(const probe::Device& device) {
  std::vector<std::string> parts{device.name.empty() ? device.vendor + " GPU" : device.name};
  if (device.architecture) parts.push_back(*device.architecture);
  if (device.memory_bytes) parts.push_back(gib(*device.memory_bytes));
  if (device.compute_units) parts.push_back(fmt::format("{} units", *device.compute_units));
  if (const auto clocks = clock_text(device.clocks); !clocks.empty()) parts.push_back(clocks);
  if (device.pci_address) parts.push_back(*device.pci_address);
  for (const auto& link : device.links) parts.push_back(link_text(link));
  return fmt::format("{} (through {})", join(parts, ", "), device.source);
}

void add_devices(std::vector<Finding>& findings, const probe::DeviceSurvey& survey) {
  for (const auto& device : survey.devices) {
    findings.push_back(
        {State::good, fmt::format("{} {}", device.vendor, device.index), device_text(device), ""});
  }
  if (survey.devices.empty()) {
    findings.push_back({State::absent, "GPU", "none found: kernels run on the CPU", ""});
  }
  for (const auto& backend : survey.backends) {
    if (backend.failure.empty()) continue;
    // What is not installed is no defect where other sources gave devices, or there are none.
    const State state = backend.found && backend.name != "sysfs" ? State::broken : State::absent;
    findings.push_back({state, backend.name, backend.failure, backend.fix});
  }
}

/// The subject stands before each text already.
std::string without_subject(const std::string& subject, const std::string& text) {
  return text.starts_with(subject + " ") ? text.substr(subject.size() + 1) : text;
}

void add_implementations(std::vector<Finding>& findings) {
  for (const auto& known : suites::known_implementations()) {
    try {
      suites::RunnerOptions options;
      options.start_time_limit = worker_time_limit;
      const suites::Session session(suites::find_implementation(known.name, {}), options);
      const Json& device = session.description().at("device");
      findings.push_back({State::good, known.name,
                          fmt::format("runs on {} ({})", device.value("name", ""),
                                      device.value("architecture", "")),
                          ""});
    } catch (const std::exception& error) {
      findings.push_back(
          {State::absent, known.name, without_subject(known.name, error.what()), ""});
    }
  }
}

/// "of 105 tracked entry points 84 known, 2 unknown, 19 missing; 3 known defects"
std::string counts_of(const std::vector<probe::ContractRow>& rows) {
  using Status = probe::ContractStatus;
  std::map<Status, std::size_t> counts;
  std::set<std::string> defects;
  for (const auto& row : rows) {
    ++counts[row.status];
    for (const auto& defect : row.defects) defects.insert(defect.defect.id);
  }
  return fmt::format(
      "of {} tracked entry points {} known, {} unknown, {} missing; {} known defects", rows.size(),
      counts[Status::known], counts[Status::unknown], counts[Status::missing], defects.size());
}

/// What speaks against calling a library: entry points that nobody knows how to call, a version
/// that its API contradicts, modules that cannot work.
void add_doubts(std::vector<Finding>& findings, const LibraryFacts& facts) {
  const auto& library = facts.library;
  const auto& name = library.location.name;
  std::vector<std::string> unknown;
  for (const auto& row : library.contracts) {
    if (row.status == probe::ContractStatus::unknown) unknown.push_back(row.contract);
  }
  if (!unknown.empty()) {
    findings.push_back({State::broken, name, "of no known generation: " + join(unknown, ", "),
                        fmt::format("fusegate api identify --library {}={} says how each differs",
                                    name, probe::shown(library.location.root))});
  }
  if (library.version_agrees == false) {
    findings.push_back({State::broken, name,
                        fmt::format("says version {}, but its entry points are those of {}",
                                    library.identity.version, releases_text(library.fits)),
                        "rely on the entry points; install it anew if that version was meant"});
  }
  for (const auto& finding : facts.compiled.survey.findings) {
    findings.push_back(
        {State::broken, name, fmt::format("{}: {}", finding.module, finding.what), finding.fix});
  }
}

void add_libraries(std::vector<Finding>& findings, const std::vector<LibraryFacts>& libraries) {
  for (const auto& facts : libraries) {
    const auto& library = facts.library;
    const auto& identity = library.identity;
    const auto what = library.failure.empty()
                          ? fmt::format("{}; its entry points are those of {}",
                                        counts_of(library.contracts), releases_text(library.fits))
                          : "not read";
    findings.push_back(
        {State::good, library.location.name,
         fmt::format("{} {} at {}: {}", or_unknown(identity.distribution),
                     or_unknown(identity.version), probe::shown(library.location.root), what),
         ""});
    add_doubts(findings, facts);
    for (const auto& problem : library.problems) {
      findings.push_back({State::broken, library.location.name, problem.what, problem.fix});
    }
  }
}

void print(const std::vector<Finding>& findings, const Console& console) {
  for (const auto& finding : findings) {
    const auto mark = finding.state == State::good     ? console.paint(Tone::good, "[ok]")
                      : finding.state == State::absent ? console.paint(Tone::warning, "[--]")
                                                       : console.paint(Tone::bad, "[!!]");
    const auto say = [&](const std::string& line) {
      finding.state == State::broken ? console.insist(line) : console.print(line);
    };
    say(fmt::format("{} {:<16} {}", mark, finding.subject, foreign_text(finding.text, 4)));
    if (!finding.fix.empty()) say(fmt::format("     {:<16} fix: {}", "", finding.fix));
  }
}

/// The same without colours, as a block that GitHub shows as it is.
void print_paste_block(const std::vector<Finding>& findings, const Console& console) {
  console.print("\nFor a bug report, paste this:\n```");
  console.print("fusegate " + tool_version_text());
  for (const auto& finding : findings) {
    const char* state = finding.state == State::good     ? ""
                        : finding.state == State::absent ? "- "
                                                         : "! ";
    console.print(fmt::format("{}{}: {}", state, finding.subject, foreign_text(finding.text, 4)));
  }
  console.print("```");
}

Json to_json(const std::vector<Finding>& findings) {
  Json list = Json::array();
  for (const auto& finding : findings) {
    const char* state = finding.state == State::good     ? "good"
                        : finding.state == State::absent ? "absent"
                                                         : "broken";
    list.push_back({{"state", state},
                    {"subject", finding.subject},
                    {"text", finding.text},
                    {"fix", finding.fix}});
  }
  return list;
}

}  // namespace

ExitCode run_command(const DoctorOptions& options, const CommonOptions& common) {
  const Console console(common);
  std::vector<Finding> findings;
  add_host(findings, probe::read_host({.python = common.python}));
  add_devices(findings, probe::survey_devices());
  add_implementations(findings);
  const auto contracts = probe::libraries_of_engines();
  add_libraries(findings, read_libraries(options.libraries, contracts, common.python));
  console.print("fusegate " + tool_version_text());
  print(findings, console);
  print_paste_block(findings, console);
  if (!common.json.empty()) {
    const Json document{{"tool", tool_identity()}, {"findings", to_json(findings)}};
    write_document(common.json, document.dump(1) + "\n");
  }
  // A diagnosis is no check: what is missing or broken here may be of no use to anybody.
  return ExitCode::good;
}

}  // namespace fusegate::tools
