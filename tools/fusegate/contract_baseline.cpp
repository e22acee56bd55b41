#include "tools/fusegate/contract_baseline.hpp"

#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "tools/fusegate/accept_list.hpp"
#include "tools/fusegate/contract_document.hpp"

namespace fusegate::tools {
namespace {

using Json = nlohmann::ordered_json;
using probe::Consequence;

/// What the words of a key mean.
using Meanings = std::map<std::string, Consequence>;

Meanings words_of_consequences() {
  Meanings words;
  for (const auto consequence : probe::all_consequences) words[name_of(consequence)] = consequence;
  return words;
}

Meanings words_of_statuses() {
  using probe::AttributeStatus;
  Meanings words{{"ok", Consequence::fine}};
  for (const auto status : {AttributeStatus::missing, AttributeStatus::unresolved}) {
    words[name_of(status)] = consequence_of(status);
  }
  return words;
}

/// One file that should be a document of contract check.
class Reader {
 public:
  Reader(const std::string& file, const std::string& engine) : file_(file), engine_(engine) {}

  Baseline run() {
    const auto document = read_json(file_, "--baseline");
    if (!document.is_array()) {
      add(document, "");
    } else {
      for (std::size_t i = 0; i < document.size(); ++i) {
        add(document[i], fmt::format("check {}", i + 1));
      }
    }
    return std::move(baseline_);
  }

 private:
  [[noreturn]] void refuse(const std::string& where, const std::string& what) const {
    throw UsageError(fmt::format("--baseline: {}: {}{}{}", probe::shown(file_), where,
                                 where.empty() ? "" : ": ", what));
  }

  /// A text of an object, or nothing.
  static std::optional<std::string> text_at(const Json& object, const char* key) {
    if (!object.is_object()) return std::nullopt;
    const auto it = object.find(key);
    return it != object.end() && it->is_string() ? std::optional(it->get<std::string>())
                                                 : std::nullopt;
  }

  std::string name_at(const Json& check, const char* key, const std::string& where) const {
    const auto it = check.find(key);
    const auto name = it == check.end() ? std::nullopt : text_at(*it, "name");
    if (!name) refuse(where, fmt::format("it does not name its {}", key));
    return *name;
  }

  void add(const Json& check, const std::string& where) {
    if (text_at(check, "schema") != contract_schema_name) {
      refuse(where, "it is no document of contract check (write one with --json FILE)");
    }
    const auto version = text_at(check, "schema_version").value_or("");
    if (!version.starts_with(contract_schema_major)) {
      refuse(where, fmt::format("it is of schema '{}'; this fusegate reads {}x",
                                probe::shown(version), contract_schema_major));
    }
    const auto name = name_at(check, "engine", where);
    if (name != engine_) {
      refuse(where, fmt::format("it is of the engine {}, not of {}", probe::shown(name), engine_));
    }
    auto& earlier = baseline_.by_library[name_at(check, "library", where)];
    const auto uses = check.find("uses");
    if (uses == check.end()) refuse(where, "it has no uses");
    if (!uses->is_array()) refuse(where, "its uses are no list");
    for (std::size_t i = 0; i < uses->size(); ++i) {
      add_row(earlier, (*uses)[i], "consequence", consequences_, place_of(where, "use", i));
    }
    // Documents of before attributes were looked at have none.
    const auto attributes = check.find("attributes");
    if (attributes == check.end()) return;
    if (!attributes->is_array()) refuse(where, "its attributes are no list");
    for (std::size_t i = 0; i < attributes->size(); ++i) {
      add_row(earlier, (*attributes)[i], "status", statuses_, place_of(where, "attribute", i));
    }
  }

  static std::string place_of(const std::string& where, const char* kind, std::size_t index) {
    return fmt::format("{}{}{} {}", where, where.empty() ? "" : ", ", kind, index + 1);
  }

  void add_row(EarlierCheck& earlier, const Json& row, const char* key, const Meanings& meanings,
               const std::string& place) const {
    const auto id = text_at(row, "id");
    const auto word = text_at(row, key);
    if (!id) refuse(place, "it has no id");
    if (!word) refuse(place, fmt::format("it has no {}", key));
    const auto meaning = meanings.find(*word);
    if (meaning == meanings.end()) {
      std::vector<std::string> words;
      for (const auto& [known, consequence] : meanings) words.push_back(known);
      refuse(place, fmt::format("its {} is '{}', which is none of {}", key, probe::shown(*word),
                                join(words, ", ")));
    }
    // Where two versions of a library were checked, what broke on one of them is not new.
    const auto [it, is_new] = earlier.emplace(*id, meaning->second);
    if (!is_new && !probe::breaks(it->second)) it->second = meaning->second;
  }

  const std::string& file_;
  const std::string& engine_;
  const Meanings consequences_ = words_of_consequences();
  const Meanings statuses_ = words_of_statuses();
  Baseline baseline_;
};

}  // namespace

const EarlierCheck* Baseline::find(const std::string& library) const {
  const auto it = by_library.find(library);
  return it == by_library.end() ? nullptr : &it->second;
}

Baseline read_baseline(const std::string& file, const std::string& engine) {
  return file.empty() ? Baseline{} : Reader(file, engine).run();
}

std::vector<std::string> mended_since(const EarlierCheck& earlier,
                                      const probe::EngineCheck& check) {
  std::set<std::string> broken;
  for (const auto& [id, consequence] : findings_of(check)) {
    if (probe::breaks(consequence)) broken.insert(id);
  }
  std::vector<std::string> mended;
  for (const auto& [id, consequence] : earlier) {
    if (probe::breaks(consequence) && !broken.contains(id)) mended.push_back(id);
  }
  return mended;
}

}  // namespace fusegate::tools
