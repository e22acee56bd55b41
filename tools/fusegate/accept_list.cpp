#include "tools/fusegate/accept_list.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/sources/paths.hpp"
#include "probe/sources/problem.hpp"
#include "tools/fusegate/console.hpp"

namespace fusegate::tools {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uintmax_t file_limit = 256u << 20;

bool is_date(const std::string& text) {
  const std::string form = "0000-00-00";
  return text.size() == form.size() &&
         std::equal(text.begin(), text.end(), form.begin(),
                    [](char c, char f) { return f == '0' ? c >= '0' && c <= '9' : c == f; });
}

Accepted parse_entry(const Json& entry, const std::string& file, std::size_t number) {
  constexpr std::array keys{"id", "reason", "owner", "expires"};
  for (const char* key : keys) {
    const bool has_it =
        entry.is_object() && entry.contains(key) && entry[key].is_string() && entry[key] != "";
    if (!has_it) {
      throw UsageError(fmt::format("--accept: entry {} of {} has no {}; each has {}", number + 1,
                                   probe::shown(file), key, "id, reason, owner and expires"));
    }
  }
  Accepted accepted{entry["id"], entry["reason"], entry["owner"], entry["expires"]};
  if (!is_date(accepted.expires)) {
    throw UsageError(
        fmt::format("--accept: entry {} of {}: expires is '{}', not a date such as "
                    "2026-12-31",
                    number + 1, probe::shown(file), probe::shown(accepted.expires)));
  }
  return accepted;
}

}  // namespace

const Accepted* AcceptList::find(const std::string& id) const {
  const auto it = std::find_if(entries.begin(), entries.end(),
                               [&](const Accepted& entry) { return entry.id == id; });
  return it == entries.end() ? nullptr : &*it;
}

Json read_json(const std::string& file, const char* option) {
  const auto text = probe::read_bounded(file, file_limit);
  if (!text) throw CannotRun(fmt::format("{}: cannot read {}", option, probe::shown(file)));
  auto document = Json::parse(*text, nullptr, false);
  if (document.is_discarded()) {
    throw UsageError(fmt::format("{}: {} is no JSON document", option, probe::shown(file)));
  }
  return document;
}

AcceptList read_accept_list(const std::string& file) {
  AcceptList list;
  if (file.empty()) return list;
  const auto document = read_json(file, "--accept");
  if (!document.is_array()) {
    throw UsageError(fmt::format("--accept: {} is no list", probe::shown(file)));
  }
  const auto today = utc_now().substr(0, 10);
  for (std::size_t i = 0; i < document.size(); ++i) {
    auto entry = parse_entry(document[i], file, i);
    if (entry.expires < today) {
      list.notes.push_back(fmt::format("accepted until {} and broken again: {} ({}, {})",
                                       entry.expires, entry.id, entry.owner, entry.reason));
    } else {
      list.entries.push_back(std::move(entry));
    }
  }
  return list;
}

}  // namespace fusegate::tools
