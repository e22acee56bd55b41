#include "suites/journal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

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

/// Nothing for a line that is no header as this program writes it.
std::optional<JournalHeader> parse_header(const std::string& line) {
  try {
    const Json json = Json::parse(line);
    if (json.at("schema") != schema_name || json.at("schema_version") != schema_version) return {};
    return JournalHeader{.plan = json.at("plan").get<std::string>(),
                         .implementations = json.at("implementations"),
                         .tool = json.at("tool").get<std::string>(),
                         .started = json.at("started").get<std::string>()};
  } catch (const Json::exception&) {
    return {};
  }
}

/// Throws UsageError when a run of `here` cannot go on with a journal of `there`.
void check_header(const std::filesystem::path& path, const JournalHeader& there,
                  const JournalHeader& here) {
  const auto require_same = [&](const char* what, const Json& then, const Json& now) {
    if (then == now) return;
    const auto text = [](const Json& json) {
      return json.is_string() ? json.get<std::string>() : json.dump();
    };
    throw UsageError(fmt::format(
        "--resume: {} is of {} {}, this run of {}; give the same arguments as then, or run without "
        "--resume to begin anew",
        path.string(), what, text(then), text(now)));
  };
  require_same("fusegate", there.tool, here.tool);
  require_same("the implementations", there.implementations, here.implementations);
  require_same("the cases", there.plan, here.plan);
}

/// The id of a result's line, or nothing for a line that is none.
std::optional<std::string> parse_id(const std::string& line) {
  const Json result = Json::parse(line, nullptr, false);
  if (result.is_discarded() || !result.is_object()) return {};
  const auto id = result.find("id");
  if (id == result.end() || !id->is_string()) return {};
  return id->get<std::string>();
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
  const auto earlier = in.eof() ? std::nullopt : parse_header(line);
  if (!earlier) {
    throw UsageError(fmt::format(
        "{} is no journal of this program; remove it, or give another --out", path.string()));
  }
  check_header(path, *earlier, header);
  Journal journal(path, UniqueFd());
  journal.started_ = earlier->started;
  std::streamoff whole = in.tellg();
  while (std::getline(in, line) && !in.eof()) {
    const auto id = parse_id(line);
    if (!id) break;
    journal.earlier_.push_back(hash64(*id));
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
  while (std::getline(in, line)) visit(Json::parse(line));
}

}  // namespace fusegate::suites
