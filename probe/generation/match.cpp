#include "probe/generation/match.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/json.hpp"
#include "probe/generation/defects.hpp"
#include "probe/surface/binding.hpp"
#include "probe/surface/compare_signatures.hpp"
#include "probe/surface/parse_signature.hpp"
#include "probe/surface/spelling.hpp"

namespace fusegate::probe {
namespace {

bool is_below(std::string_view name, const std::string& place, char separator) {
  return name.starts_with(place) &&
         (name.size() == place.size() || name[place.size()] == separator);
}

bool is_below_any(std::string_view module, const std::vector<std::string>& places) {
  return std::any_of(places.begin(), places.end(),
                     [&](const std::string& place) { return is_below(module, place, '.'); });
}

/// A signature in one spelling, where it is one.
std::string normal(const std::string& text) {
  const bool is_class = text.starts_with("class(");
  const auto signature = parse_signature(is_class ? text.substr(5) : text);
  if (!signature) return text;
  return (is_class ? "class" : "") + normal_signature(signature->parameters, signature->returns);
}

std::string binding_text(const std::string& binding) {
  return binding.empty() ? "python" : binding;
}

bool is_of(const Definition& definition, const Generation& generation) {
  return generation.module == definition.meaning.module->name &&
         generation.binding == binding_text(definition.appearance.binding) &&
         normal(generation.signature) == definition.appearance.normal;
}

class Matcher {
 public:
  Matcher(const std::vector<EntryContract>& contracts, const Subject& subject)
      : contracts_(contracts), subject_(subject), surface_(subject.loaded.surface) {
    for (const auto& contract : contracts) wanted_.insert(contract.symbol);
    for (const auto& [name, module] : surface_.modules()) {
      if (module.facts != nullptr && !is_ruled_out(module.file)) read(module);
    }
  }

  std::vector<ContractRow> run() {
    std::vector<ContractRow> rows;
    for (const auto& contract : contracts_) rows.push_back(match(contract));
    return rows;
  }

 private:
  [[nodiscard]] bool is_ruled_out(std::string_view file) const {
    return std::any_of(subject_.not_entry_points.begin(), subject_.not_entry_points.end(),
                       [&](const std::string& folder) {
                         return is_below(file, subject_.rules.package + "/" + folder, '/');
                       });
  }

  void read(const Module& module) {
    for (auto& definition : definitions_of(module, surface_, subject_.rules)) {
      if (!wanted_.contains(definition.name)) continue;
      const auto native = subject_.loaded.native_enums.find(module.name + "." + definition.name);
      if (native != subject_.loaded.native_enums.end()) {
        definition.appearance = appearance_of(native->second.values);
      }
      definitions_[definition.name].push_back(std::move(definition));
    }
  }

  ContractRow match(const EntryContract& contract) {
    ContractRow row;
    row.contract = contract.name;
    row.op = contract.op;
    const auto candidates = candidates_of(contract);
    if (candidates.empty()) {
      explain_absence(row, contract);
      return row;
    }
    const auto [definition, generation] = choose(contract, candidates);
    row.module = definition->meaning.module->name;
    row.where =
        fmt::format("{}:{}", definition->meaning.module->file, definition->meaning.statement->line);
    row.signature = definition->appearance.signature;
    row.binding = binding_text(definition->appearance.binding);
    if (const auto binding = compiled_function_of(definition->meaning)) {
      row.compiled_module = binding->module;
      row.compiled_symbol = binding->symbol;
    }
    add_names(row, *definition);
    row.known = generation;
    if (generation != nullptr) {
      row.status = ContractStatus::known;
      row.generation = generation->id;
    } else {
      row.status = ContractStatus::unknown;
      explain(row, contract, *definition);
    }
    row.defects = find_defects(contract, generation, subject_);
    return row;
  }

  [[nodiscard]] std::optional<Binding> compiled_function_of(const Meaning& meaning) const {
    if (meaning.kind != Meaning::Kind::function) return std::nullopt;
    return binding_of(std::get<Function>(meaning.statement->what), *meaning.module, surface_,
                      subject_.rules.bindings);
  }

  /// A file that cannot be read and that had it in a known release may have it still.
  void explain_absence(ContractRow& row, const EntryContract& contract) const {
    const auto& unread = subject_.loaded.unreadable;
    for (const auto& file : unread) {
      const auto module = module_of(file);
      const bool may_have_it =
          std::any_of(contract.generations.begin(), contract.generations.end(),
                      [&](const Generation& generation) { return generation.module == module; });
      if (!may_have_it) continue;
      row.status = ContractStatus::unknown;
      row.where = file;
      row.reason =
          fmt::format("{} could not be read, where known releases have {}", file, contract.symbol);
      return;
    }
    row.reason = unread.empty()
                     ? fmt::format("nothing defines {}", contract.symbol)
                     : fmt::format("nothing that could be read defines {}; {} files could not",
                                   contract.symbol, unread.size());
  }

  /// The definitions of the contract's symbol, without those that are another contract's.
  std::vector<const Definition*> candidates_of(const EntryContract& contract) const {
    std::vector<const Definition*> candidates;
    const auto it = definitions_.find(contract.symbol);
    if (it == definitions_.end()) return candidates;
    for (const auto& definition : it->second) {
      const auto& module = definition.meaning.module->name;
      const bool is_ours = contract.modules.empty() || is_below_any(module, contract.modules);
      if (is_ours && !is_claimed_elsewhere(contract, module)) candidates.push_back(&definition);
    }
    return candidates;
  }

  /// Another contract of the same symbol says that the module is its own, and more exactly.
  [[nodiscard]] bool is_claimed_elsewhere(const EntryContract& contract,
                                          const std::string& module) const {
    const auto exactness = [&](const EntryContract& c) {
      std::size_t longest = 0;
      for (const auto& place : c.modules) {
        if (is_below(module, place, '.')) longest = std::max(longest, place.size());
      }
      return longest;
    };
    return std::any_of(contracts_.begin(), contracts_.end(), [&](const EntryContract& other) {
      return &other != &contract && other.symbol == contract.symbol &&
             exactness(other) > exactness(contract);
    });
  }

  /// The definition that is a known generation; else the one that the topmost module has; else the
  /// first.
  std::pair<const Definition*, const Generation*> choose(
      const EntryContract& contract, const std::vector<const Definition*>& candidates) {
    for (const auto* candidate : candidates) {
      for (const auto& generation : contract.generations) {
        if (is_of(*candidate, generation)) return {candidate, &generation};
      }
    }
    for (const auto* candidate : candidates) {
      for (const auto& meaning : surface_.lookup(top_name(contract.symbol))) {
        if (meaning.statement == candidate->meaning.statement) return {candidate, nullptr};
      }
    }
    return {candidates.front(), nullptr};
  }

  [[nodiscard]] std::string top_name(const std::string& symbol) const {
    return subject_.rules.package + "." + symbol;
  }

  void add_names(ContractRow& row, const Definition& definition) {
    for (const auto& meaning : surface_.lookup(top_name(definition.name))) {
      if (meaning.statement != definition.meaning.statement) continue;
      row.names.push_back(top_name(definition.name));
      row.condition = condition_text(meaning.conditions);
      break;
    }
    const auto own = row.module + "." + definition.name;
    if (row.names.empty()) row.condition = condition_text(definition.meaning.conditions);
    if (row.names.empty() || row.names.front() != own) row.names.push_back(own);
  }

  /// The generation that is most like the definition, and every difference from it.
  void explain(ContractRow& row, const EntryContract& contract, const Definition& definition) {
    const auto found = parse_signature(row.signature);
    const Generation* nearest = nullptr;
    std::vector<std::string> difference;
    // Later generations first: of two that are as near, a new release follows the later one.
    for (auto it = contract.generations.rbegin(); it != contract.generations.rend(); ++it) {
      auto texts = differences(*it, definition, found);
      if (nearest != nullptr && texts.size() >= difference.size()) continue;
      nearest = &*it;
      difference = std::move(texts);
    }
    if (nearest == nullptr) return;
    row.nearest = nearest->id;
    row.difference = std::move(difference);
  }

  static std::vector<std::string> differences(const Generation& generation,
                                              const Definition& definition,
                                              const std::optional<Signature>& found) {
    std::vector<std::string> texts;
    const auto& module = definition.meaning.module->name;
    if (generation.module != module) {
      texts.push_back(fmt::format("it moved from {} to {}", generation.module, module));
    }
    const auto binding = binding_text(definition.appearance.binding);
    if (generation.binding != binding) {
      texts.push_back(fmt::format("it was bound by {} and is by {}", generation.binding, binding));
    }
    const auto before = parse_signature(generation.signature);
    if (before && found) {
      for (const auto& change : compare_signatures(*before, *found)) texts.push_back(change.reason);
    } else if (normal(generation.signature) != definition.appearance.normal) {
      texts.push_back(fmt::format("it was {} and is {}", generation.signature,
                                  definition.appearance.signature));
    }
    return texts;
  }

  const std::vector<EntryContract>& contracts_;
  const Subject& subject_;
  Surface& surface_;
  std::set<std::string> wanted_;
  std::map<std::string, std::vector<Definition>> definitions_;
};

nlohmann::ordered_json to_json(const FoundDefect& found) {
  const auto& defect = found.defect;
  return {{"id", defect.id},
          {"summary", defect.summary},
          {"consequence", defect.consequence},
          {"when", text_or_null(defect.when)},
          {"certain", found.is_certain},
          {"evidence", found.evidence},
          {"source", defect.source}};
}

/// Whether a release would have given this row.
bool fits(const EntryContract& contract, const ContractRow& row, const std::string& release) {
  if (row.status == ContractStatus::unknown) return false;
  if (row.known != nullptr) return contains(row.known->releases, release);
  return std::none_of(contract.generations.begin(), contract.generations.end(),
                      [&](const Generation& g) { return contains(g.releases, release); });
}

}  // namespace

const char* name_of(ContractStatus status) {
  constexpr std::array names{"known", "unknown", "missing"};
  return names[static_cast<std::size_t>(status)];
}

std::vector<ContractRow> match_contracts(const std::vector<EntryContract>& contracts,
                                         const Subject& subject) {
  return Matcher(contracts, subject).run();
}

std::vector<ReleaseRange> fitting_releases(const std::vector<EntryContract>& contracts,
                                           const std::vector<ContractRow>& rows,
                                           const std::vector<std::string>& releases) {
  std::vector<ReleaseRange> ranges;
  bool is_open = false;
  for (std::size_t at = 0; at < releases.size(); ++at) {
    bool all_fit = true;
    for (std::size_t index = 0; index < rows.size(); ++index) {
      all_fit = all_fit && fits(contracts[index], rows[index], releases[at]);
    }
    if (all_fit && is_open) ranges.back().last = releases[at];
    if (all_fit && !is_open) ranges.push_back({releases[at], releases[at]});
    is_open = all_fit;
  }
  // The newest that is known, or a later one that changed nothing.
  if (is_open) ranges.back().last = std::nullopt;
  return ranges;
}

nlohmann::ordered_json to_json(const ContractRow& row) {
  nlohmann::ordered_json json{{"contract", row.contract},
                              {"op", row.op},
                              {"status", name_of(row.status)},
                              {"generation", text_or_null(row.generation)},
                              {"module", text_or_null(row.module)},
                              {"where", text_or_null(row.where)},
                              {"signature", text_or_null(row.signature)},
                              {"binding", text_or_null(row.binding)},
                              {"compiled_module", text_or_null(row.compiled_module)},
                              {"names", row.names},
                              {"condition", text_or_null(row.condition)},
                              {"nearest", text_or_null(row.nearest)},
                              {"difference", row.difference},
                              {"reason", text_or_null(row.reason)},
                              {"returns", nullptr},
                              {"outputs", nlohmann::ordered_json::array()},
                              {"adapter", nullptr},
                              {"note", nullptr},
                              {"limits", nullptr},
                              {"defects", nlohmann::ordered_json::array()}};
  if (row.known != nullptr) {
    json["returns"] = text_or_null(row.known->returns);
    json["outputs"] = row.known->outputs;
    if (row.known->adapter) json["adapter"] = to_json(*row.known->adapter);
    json["note"] = text_or_null(row.known->note);
    if (row.known->limits) json["limits"] = to_json(*row.known->limits);
  }
  for (const auto& defect : row.defects) json["defects"].push_back(to_json(defect));
  return json;
}

}  // namespace fusegate::probe
