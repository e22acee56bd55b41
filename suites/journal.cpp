#include "suites/journal.hpp"

#include <fcntl.h>
#include <sys/file.h>

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
#include "probe/base/text.hpp"
#include "suites/result.hpp"

namespace fusegate::suites {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* schema_name = "fusegate.journal";
constexpr int schema_version = 1;
// No result comes near them.
constexpr std::size_t longest_line = 4u << 20;
constexpr std::size_t deepest = 64;

Json header_to_json(const JournalHeader& header) {
  return {{"schema", schema_name},
          {"schema_version", schema_version},
          {"tool", header.tool},
          {"plan", header.plan},
          {"implementations", header.implementations},
          {"started", header.started}};
}

std::string to_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Opening one would wait for a writer or reader.
void refuse_pipe(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_fifo(path, error)) return;
  throw CannotRun(fmt::format("cannot use {}: it is a pipe; remove it", path.string()));
}

UniqueFd open_journal(const std::filesystem::path& path, int flags) {
  refuse_pipe(path);
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC | flags, 0666));
  if (!fd) throw CannotRun(fmt::format("cannot open {}: {}", path.string(), std::strerror(errno)));
  return fd;
}

/// Nothing for a line that this program did not write.
std::optional<Json> parse_line(const std::string& line) {
  if (line.size() > longest_line || json_depth(line) > deepest) return {};
  Json json = Json::parse(line, nullptr, false);
  return json.is_discarded() ? std::nullopt : std::optional(std::move(json));
}

/// Nothing for a line that is no header as this program writes it.
std::optional<JournalHeader> parse_header(const std::string& line) {
  try {
    const Json json = parse_line(line).value_or(Json());
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

/// Held until it is closed, or its process has ended.
UniqueFd lock_folder_of(const std::filesystem::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // File systems that cannot lock go without: opening the journal says whether they work at all.
  if (fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    throw CannotRun(
        fmt::format("another run is writing into {}; wait for its end, or give another --out",
                    folder.string()));
  }
  return fd;
}

std::string text_member(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

/// What of a description is the same in every start of the same worker.
std::string identity_text(Json description) {
  description.erase("import_seconds");
  return to_text(description);
}

}  // namespace

Journal::Journal(std::filesystem::path path)
    : path_(std::move(path)), lock_(lock_folder_of(path_)) {}

Journal Journal::create(const std::filesystem::path& path, const JournalHeader& header) {
  Journal journal(path);
  std::error_code error;
  if (std::filesystem::is_regular_file(path, error)) {
    std::filesystem::rename(path, path.string() + ".old", error);
  }
  journal.fd_ = open_journal(path, O_CREAT | O_TRUNC);
  journal.started_ = header.started;
  journal.append_line(header_to_json(header));
  return journal;
}

Journal Journal::resume(const std::filesystem::path& path, const JournalHeader& header,
                        const std::function<bool(const Json&)>& is_sound) {
  refuse_pipe(path);
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
  Journal journal(path);
  journal.started_ = earlier->started;
  journal.read_earlier(in, line, is_sound);
  journal.fd_ = open_journal(path, 0);
  return journal;
}

/// Takes over what counts of the file and writes it anew without the rest.
void Journal::read_earlier(std::ifstream& in, const std::string& header_line,
                           const std::function<bool(const Json&)>& is_sound) {
  AtomicFile kept(path_);
  kept.write(header_line + "\n");
  std::string line;
  while (std::getline(in, line) && !in.eof()) {
    const auto json = parse_line(line);
    if (!json || !json->is_object()) {
      ++damaged_;
    } else if (take_over(*json, is_sound)) {
      kept.write(line + "\n");
    }
  }
  kept.commit();
  count_ = earlier_.size();
}

/// Whether a line stays.
bool Journal::take_over(const Json& line, const std::function<bool(const Json&)>& is_sound) {
  if (const auto described = line.find("implementation");
      described != line.end() && described->is_object()) {
    const auto name = text_member(*described, "name");
    return implementations_.emplace(name, identity_text(*described)).second;
  }
  if (text_member(line, "verdict") == verdict_name(Verdict::skipped)) return false;
  const auto id = text_member(line, "id");
  const bool sound =
      id == result_id(text_member(line, "implementation"), text_member(line, "case"));
  if (!sound || !is_sound(line) || !earlier_.insert(hash64(id)).second) {
    ++damaged_;
    return false;
  }
  return true;
}

void Journal::record_implementation(const Json& description) {
  const auto name = description.at("name").get<std::string>();
  const std::string text = identity_text(description);
  const auto [earlier, added] = implementations_.emplace(name, text);
  if (added) {
    append_line({{"implementation", description}});
  } else if (earlier->second != text) {
    throw UsageError(fmt::format(
        "--resume: the results of {} in {} are of another worker, device or build than this one; "
        "run without --resume to begin anew. Then: {}. Now: {}",
        name, path_.string(), earlier->second, text));
  }
}

void Journal::append(const Json& result) {
  append_line(result);
  ++count_;
}

void Journal::append_line(const Json& json) {
  try {
    write_all(fd_.get(), to_text(json) + "\n");
  } catch (const std::system_error& error) {
    throw CannotRun(fmt::format(
        "cannot write to {}: {}; the {} results in it are kept: make room and go on with --resume",
        path_.string(), error.code().message(), count_));
  }
}

bool Journal::has(const std::string& id) const {
  return earlier_.contains(hash64(id));
}

void Journal::for_each(const std::function<void(const Json&)>& visit) const {
  std::ifstream in(path_);
  std::string line;
  std::getline(in, line);  // the header
  while (std::getline(in, line)) {
    const auto json = parse_line(line);
    if (json && json->contains("id")) visit(*json);
  }
}

}  // namespace fusegate::suites
