#include "tools/fusegate/accept_list.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/files.hpp"
#include "probe/base/text.hpp"
#include "probe/sources/paths.hpp"
#include "probe/sources/problem.hpp"

namespace fusegate::tools {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uintmax_t file_limit = 256u << 20;
// No document of ours comes near it. What walks one by recursion would overflow the stack.
constexpr std::size_t depth_limit = 64;
const std::vector<std::string> keys{"id", "reason", "owner", "expires"};

/// Whether a text is a day that there is, as "2026-12-31".
bool is_date(std::string_view text) {
  constexpr std::string_view form = "0000-00-00";
  const bool has_form = text.size() == form.size() &&
                        std::equal(text.begin(), text.end(), form.begin(), [](char c, char f) {
                          return f == '0' ? c >= '0' && c <= '9' : c == f;
                        });
  if (!has_form) return false;
  const auto number = [&](std::size_t begin, std::size_t length) {
    unsigned value = 0;
    std::from_chars(text.data() + begin, text.data() + begin + length, value);
    return value;
  };
  const std::chrono::year_month_day day{std::chrono::year(static_cast<int>(number(0, 4))),
                                        std::chrono::month(number(5, 2)),
                                        std::chrono::day(number(8, 2))};
  return day.ok();
}

Accepted parse_entry(const Json& entry, const std::string& where) {
  if (!entry.is_object()) {
    throw UsageError(fmt::format("{} is no object; each has {}", where, join(keys, ", ")));
  }
  for (const auto& [key, value] : entry.items()) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    throw UsageError(fmt::format("{} has '{}', which is not known{}; each has {}", where,
                                 probe::shown(key), did_you_mean(key, keys), join(keys, ", ")));
  }
  for (const auto& key : keys) {
    const bool has_it = entry.contains(key) && entry[key].is_string() && entry[key] != "";
    if (!has_it) {
      throw UsageError(fmt::format("{} has no {}; each has {}", where, key, join(keys, ", ")));
    }
  }
  Accepted accepted{entry["id"], entry["reason"], entry["owner"], entry["expires"]};
  if (!is_date(accepted.expires)) {
    throw UsageError(fmt::format("{}: expires is '{}', not a date such as 2026-12-31", where,
                                 probe::shown(accepted.expires)));
  }
  return accepted;
}

/// Of an entry that matches nothing that is broken, what its use is instead.
std::string instead(const Accepted& entry, const Consequences& found) {
  const auto it = found.find(entry.id);
  if (it == found.end()) return "nothing has this id";
  return fmt::format("it is {} here", name_of(it->second));
}

}  // namespace

std::string words_of(const Accepted& accepted) {
  return fmt::format("accepted until {} by {}: {}", accepted.expires, accepted.owner,
                     accepted.reason);
}

const Accepted* AcceptList::find(const std::string& id) const {
  const auto it = std::find_if(entries.begin(), entries.end(),
                               [&](const Accepted& entry) { return entry.id == id; });
  return it == entries.end() ? nullptr : &*it;
}

Json read_json(const std::string& file, const char* option) {
  const auto text = probe::read_bounded(file, file_limit);
  if (!text) {
    const int reason = errno;
    const auto limit = reason == EFBIG ? fmt::format(" (more than {} MiB)", file_limit >> 20) : "";
    throw CannotRun(fmt::format("{}: {}{}", option, cannot_read(file, reason).what(), limit));
  }
  auto document = json_depth(*text) > depth_limit ? Json(Json::value_t::discarded)
                                                  : Json::parse(*text, nullptr, false);
  if (document.is_discarded()) {
    throw UsageError(fmt::format("{}: {} is no JSON document", option, probe::shown(file)));
  }
  return document;
}

AcceptList read_accept_list(const std::string& file, const std::string& today) {
  AcceptList list;
  if (file.empty()) return list;
  const auto document = read_json(file, "--accept");
  if (!document.is_array()) {
    throw UsageError(fmt::format("--accept: {} is no list", probe::shown(file)));
  }
  std::map<std::string, std::size_t> numbers;
  for (std::size_t i = 0; i < document.size(); ++i) {
    const auto where = fmt::format("--accept: entry {} of {}", i + 1, probe::shown(file));
    auto entry = parse_entry(document[i], where);
    if (const auto [it, is_new] = numbers.emplace(entry.id, i + 1); !is_new) {
      throw UsageError(fmt::format("{} has the id of entry {}, '{}': leave one of them", where,
                                   it->second, probe::shown(entry.id)));
    }
    (entry.expires < today ? list.expired : list.entries).push_back(std::move(entry));
  }
  return list;
}

void add_consequences(Consequences& found, const probe::EngineCheck& check) {
  for (const auto& [id, consequence] : findings_of(check)) {
    const auto [it, is_new] = found.emplace(id, consequence);
    if (!is_new && probe::breaks(consequence)) it->second = consequence;
  }
}

std::vector<std::string> notes_on(const AcceptList& list, const Consequences& found) {
  const auto is_broken = [&](const Accepted& entry) {
    const auto it = found.find(entry.id);
    return it != found.end() && probe::breaks(it->second);
  };
  std::vector<std::string> notes;
  for (const auto& entry : list.expired) {
    const auto who = fmt::format("{} ({}, {})", entry.id, entry.owner, entry.reason);
    notes.push_back(
        is_broken(entry)
            ? fmt::format("accepted until {} and broken again: {}", entry.expires, who)
            : fmt::format("accepted until {} and matches nothing that is broken, {}; it may be "
                          "removed from the list: {}",
                          entry.expires, instead(entry, found), who));
  }
  for (const auto& entry : list.entries) {
    if (is_broken(entry)) continue;
    notes.push_back(fmt::format(
        "accepted, but matches nothing that is broken, {}; it may be removed from the list: {} "
        "({}, {})",
        instead(entry, found), entry.id, entry.owner, entry.reason));
  }
  return notes;
}

}  // namespace fusegate::tools
