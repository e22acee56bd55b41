#include "suites/journal.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "probe/base/error.hpp"
#include "probe/base/files.hpp"
#include "probe/base/hash.hpp"

namespace fusegate::suites {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* schema_name = "fusegate.journal";
constexpr int schema_version = 1;

Json header_to_json(const JournalHeader& header) {
  return {{"schema", schema_name},
          {"schema_version", schema_version},
          {"tool", header.tool},
          {"plan", header.plan},
          {"implementations", header.implementations},
          {"started", header.started}};
}

UniqueFd open_journal(const std::filesystem::path& path, int flags) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC | flags, 0666));
  if (!fd) throw CannotRun(fmt::format("cannot open {}: {}", path.string(), std::strerror(errno)));
  return fd;
}

/// Throws UsageError unless `line` is the header of a journal that `header` may go on with. Returns
/// when that run began.
std::string check_header(const std::filesystem::path& path, const std::string& line,
                         const JournalHeader& header) {
  const Json json = Json::parse(line, nullptr, false);
  if (json.is_discarded() || !json.is_object() || json.value("schema", "") != schema_name ||
      json.value("schema_version", 0) != schema_version) {
    throw UsageError(fmt::format(
        "{} is no journal of this program; remove it, or give another --out", path.string()));
  }
  const auto refuse = [&](const char* what, const std::string& there, const std::string& here) {
    throw UsageError(fmt::format(
        "--resume: {} is of {} {}, this run of {}; give the same arguments as then, or run without "
        "--resume to begin anew",
        path.string(), what, there, here));
  };
  if (const auto tool = json.value("tool", ""); tool != header.tool) {
    refuse("fusegate", tool, header.tool);
  }
  const Json implementations = header.implementations;
  if (json.value("implementations", Json()) != implementations) {
    refuse("the implementations", json.value("implementations", Json()).dump(),
           implementations.dump());
  }
  if (const auto plan = json.value("plan", ""); plan != header.plan) {
    refuse("the cases", plan, header.plan);
  }
  return json.value("started", "");
}

}  // namespace

Journal Journal::create(const std::filesystem::path& path, const JournalHeader& header) {
  Journal journal(path, open_journal(path, O_CREAT | O_TRUNC));
  journal.started_ = header.started;
  journal.append(header_to_json(header));
  journal.count_ = 0;
  return journal;
}

Journal Journal::resume(const std::filesystem::path& path, const JournalHeader& header) {
  std::ifstream in(path);
  std::string line;
  if (!std::getline(in, line)) {
    throw UsageError(
        fmt::format("--resume: there is no journal {}; run without --resume first", path.string()));
  }
  Journal journal(path, UniqueFd());
  journal.started_ = check_header(path, line, header);
  std::streamoff whole = in.tellg();
  while (std::getline(in, line) && !in.eof()) {
    const Json result = Json::parse(line, nullptr, false);
    if (result.is_discarded() || !result.contains("id")) break;
    journal.earlier_.push_back(hash64(result["id"].get<std::string>()));
    whole = in.tellg();
  }
  std::sort(journal.earlier_.begin(), journal.earlier_.end());
  journal.count_ = journal.earlier_.size();
  journal.fd_ = open_journal(path, 0);
  if (::ftruncate(journal.fd_.get(), whole) != 0) {
    throw CannotRun(fmt::format("cannot write to {}: {}", path.string(), std::strerror(errno)));
  }
  return journal;
}

void Journal::append(const Json& result) {
  try {
    write_all(fd_.get(), result.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  } catch (const std::system_error& error) {
    throw CannotRun(fmt::format(
        "cannot write to {}: {}; the {} results in it are kept: make room and go on with --resume",
        path_.string(), error.code().message(), count_));
  }
  ++count_;
}

bool Journal::has(const std::string& id) const {
  return std::binary_search(earlier_.begin(), earlier_.end(), hash64(id));
}

void Journal::for_each(const std::function<void(const Json&)>& visit) const {
  std::ifstream in(path_);
  std::string line;
  std::getline(in, line);  // the header
  while (std::getline(in, line))
    visit(Json::parse(line));
}

}  // namespace fusegate::suites
