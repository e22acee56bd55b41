#include "probe/engine/resolve_use.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "probe/base/text.hpp"
#include "probe/surface/names.hpp"
#include "probe/surface/parameters.hpp"
#include "probe/surface/parse_signature.hpp"
#include "probe/surface/symbols.hpp"

namespace fusegate::probe {
namespace {

using Kind = Meaning::Kind;

std::string owner_of(const std::string& dotted) {
  const auto dot = dotted.rfind('.');
  return dot == dotted.npos ? "" : dotted.substr(0, dot);
}

std::string without_underscores(std::string name) {
  name.erase(0, std::min(name.find_first_not_of('_'), name.size()));
  return name;
}

/// What the import system sets in every module.
bool is_given_to_modules(const std::string& name) {
  constexpr std::array names{"__file__", "__name__", "__path__",   "__doc__",
                             "__spec__", "__dict__", "__package__"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// What a call of it is held against, and whether the first parameter is given by the attribute.
struct Callee {
  Signature signature;
  bool skip_first = false;
};

bool has_decorator(const Function& function, const std::string& name) {
  return std::any_of(function.decorators.begin(), function.decorators.end(),
                     [&](const Decorator& decorator) { return decorator.callee == name; });
}

std::optional<Callee> callee_of(const Meaning& meaning, bool through_instance, Surface& surface) {
  if (meaning.kind != Kind::function && meaning.kind != Kind::class_) return std::nullopt;
  const auto signature = signature_of(meaning, surface);
  if (!signature) return std::nullopt;
  if (meaning.kind == Kind::class_) {
    const auto& parameters = signature->parameters;
    const bool has_self = !parameters.empty() &&
                          (parameters.front().name == "self" || parameters.front().name == "cls");
    return Callee{*signature, has_self};
  }
  const auto& function = std::get<Function>(meaning.statement->what);
  const bool is_method = meaning.name.find('.') != std::string::npos;
  if (!is_method || has_decorator(function, "staticmethod")) return Callee{*signature, false};
  return Callee{*signature, through_instance || has_decorator(function, "classmethod")};
}

std::string text_of(const std::vector<CallMismatch>& mismatches) {
  std::vector<std::string> parts;
  for (const auto& mismatch : mismatches) parts.push_back(mismatch.detail);
  return join(parts, "; ");
}

}  // namespace

const char* name_of(UseStatus status) {
  constexpr std::array names{"ok", "missing", "moved", "mismatch", "unresolved"};
  return names[static_cast<std::size_t>(status)];
}

const ReachedSymbols& UseResolver::reached() {
  if (!reached_) reached_.emplace(loaded_);
  return *reached_;
}

const EntryContract* UseResolver::contract_of(const std::string& dotted) const {
  for (const auto& contract : contracts_) {
    if (!dotted.ends_with("." + contract.symbol)) continue;
    const auto module = dotted.substr(0, dotted.size() - contract.symbol.size() - 1);
    const bool is_ours = std::any_of(contract.generations.begin(), contract.generations.end(),
                                     [&](const Generation& generation) {
                                       return generation.module == module ||
                                              generation.module.starts_with(module + ".");
                                     });
    if (is_ours) return &contract;
  }
  return nullptr;
}

Resolution UseResolver::resolve(const Use& use) {
  auto found = find(use.symbol);
  if (use.is_module && found.status == UseStatus::unresolved && is_no_module(use.symbol)) {
    // What a package binds when it runs is no module of it.
    explain_absence(found, use.symbol);
  }
  if (use.kind == Use::Kind::call && use.call && found.status == UseStatus::ok) check(found, use);
  return found;
}

std::optional<bool> UseResolver::has(const std::string& dotted) {
  const auto found = find(dotted);
  if (found.status == UseStatus::unresolved) return std::nullopt;
  return found.status == UseStatus::ok;
}

std::optional<bool> UseResolver::has_parameter(const std::string& dotted, const std::string& name) {
  std::optional<bool> all;
  for (const auto& meaning : loaded_.surface.lookup(dotted)) {
    const auto callee = callee_of(meaning, false, loaded_.surface);
    const auto* function =
        meaning.statement == nullptr ? nullptr : std::get_if<Function>(&meaning.statement->what);
    const auto& erasing = loaded_.erasing_decorators;
    const bool is_erased =
        function != nullptr &&
        std::any_of(function->decorators.begin(), function->decorators.end(),
                    [&](const Decorator& one) { return erasing.contains(last_name(one.callee)); });
    const bool is_written = function == nullptr || function->decorators.empty();
    if (!callee || (!is_written && !is_erased)) return std::nullopt;
    const bool has = !is_erased && find_parameter(callee->signature.parameters, name) != nullptr;
    if (all && *all != has) return std::nullopt;
    all = has;
  }
  return all;
}

/// Whether there is no module of that name, although the package above it is read.
bool UseResolver::is_no_module(const std::string& dotted) {
  const auto* package = loaded_.surface.find_module(owner_of(dotted));
  return package != nullptr && package->facts != nullptr &&
         loaded_.surface.find_module(dotted) == nullptr && loaded_.surface.lookup(dotted).empty();
}

bool UseResolver::is_class(const std::string& dotted) {
  const auto meanings = loaded_.surface.lookup(dotted);
  return std::any_of(meanings.begin(), meanings.end(),
                     [](const Meaning& meaning) { return meaning.kind == Kind::class_; });
}

Resolution UseResolver::find(const std::string& dotted) {
  if (const auto it = known_.find(dotted); it != known_.end()) return it->second;
  Resolution found;
  if (const auto* contract = contract_of(dotted)) found.contract = contract->name;
  const auto owner = owner_of(dotted);
  const auto meanings = loaded_.surface.lookup(dotted);
  const auto member = owner.empty() ? std::nullopt : has_member(owner, last_name(dotted));
  if (member == true) {
    // Values of an enumeration that only a header has.
  } else if (meanings.empty() && is_given_to_modules(last_name(dotted)) &&
             loaded_.surface.find_module(owner) != nullptr) {
    // Python itself sets it.
  } else if (member == false || meanings.empty()) {
    const auto* unread = loaded_.surface.find_module(owner);
    if (unread != nullptr && unread->facts == nullptr) {
      found.status = UseStatus::unresolved;
      found.detail = fmt::format("{} could not be read", unread->file);
    } else if (unread != nullptr && !loaded_.surface.names_of(*unread).unknowns.empty()) {
      found.status = UseStatus::unresolved;
      found.detail = loaded_.surface.names_of(*unread).unknowns.front();
    } else {
      explain_absence(found, dotted);
    }
  } else {
    const auto& best =
        *std::find_if(meanings.begin(), meanings.end() - 1, [](const Meaning& meaning) {
          return meaning.kind != Kind::missing && meaning.kind != Kind::computed;
        });
    found.where = place_of(best);
    found.condition = condition_text(best.conditions);
    if (best.kind == Kind::missing) {
      explain_absence(found, dotted);
      if (found.status == UseStatus::missing) found.detail = best.reason + "; " + found.detail;
    } else if (best.kind == Kind::computed) {
      found.status = UseStatus::unresolved;
      found.detail = best.reason;
    }
  }
  known_[dotted] = found;
  return found;
}

/// Whether an enumeration has a member; nothing where the owner is none whose members are known.
std::optional<bool> UseResolver::has_member(const std::string& owner, const std::string& name) {
  for (const auto& meaning : loaded_.surface.lookup(owner)) {
    if (!meaning.is_definition()) continue;
    const auto native = loaded_.native_enums.find(meaning.module->name + "." + meaning.name);
    if (native == loaded_.native_enums.end()) continue;
    const auto& values = native->second.values.members;
    return std::any_of(values.begin(), values.end(),
                       [&](const auto& member) { return member.first == name; });
  }
  return std::nullopt;
}

/// Where what was under a name may be now: the same name elsewhere, or much the same name in the
/// same module, with much the same parameters as a known release had under the old one.
void UseResolver::explain_absence(Resolution& found, const std::string& dotted) {
  found.status = UseStatus::missing;
  const auto owner = owner_of(dotted);
  const auto name = last_name(dotted);
  const auto* contract = contract_of(dotted);
  std::vector<Signature> old_ones;
  if (contract != nullptr) {
    for (const auto& generation : contract->generations) {
      if (generation.module != owner && !generation.module.starts_with(owner + ".")) continue;
      if (auto signature = parse_signature(generation.signature)) {
        old_ones.push_back(std::move(*signature));
      }
    }
  }
  double most = 0;
  std::vector<std::string> others;
  for (const auto& [statement, symbol] : reached().definitions) {
    const auto& meaning = symbol.meaning;
    const auto own_name = last_name(meaning.name);
    const auto own = meaning.module->name + "." + meaning.name;
    const bool same_name = own_name == name;
    const bool like_name = without_underscores(own_name) == without_underscores(name);
    if (!like_name || meaning.kind == Kind::value) continue;
    const bool is_method = meaning.name.find('.') != std::string::npos;
    const bool was_method = is_class(owner);
    if (is_method != was_method) continue;
    others.push_back(own);
    double like = old_ones.empty() && same_name ? same_function : 0;
    const auto signature = signature_of(meaning, loaded_.surface);
    for (const auto& old_one : old_ones) {
      if (signature) like = std::max(like, likeness(old_one.parameters, signature->parameters));
    }
    if (like >= same_function && like > most) {
      most = like;
      found.moved_to = own;
    }
  }
  if (!found.moved_to.empty()) {
    found.status = UseStatus::moved;
    found.detail = fmt::format("it is {} now", found.moved_to);
    std::erase(others, found.moved_to);
    if (!others.empty()) {
      found.detail += fmt::format("; {} has the name, but is another function", join(others, ", "));
    }
    return;
  }
  const bool is_module = loaded_.surface.find_module(owner) != nullptr || is_class(owner);
  found.detail =
      is_module ? fmt::format("{} has no {}", owner, name) : fmt::format("there is no {}", dotted);
  if (!others.empty()) {
    found.detail += fmt::format("; of that name there is {}, which is called in another way",
                                join(others, ", "));
  }
}

void UseResolver::check(Resolution& found, const Use& use) {
  std::vector<Signature> earlier;
  if (const auto* contract = contract_of(use.symbol)) {
    for (auto it = contract->generations.rbegin(); it != contract->generations.rend(); ++it) {
      if (auto signature = parse_signature(it->signature)) earlier.push_back(std::move(*signature));
    }
  }
  std::optional<Signature> meant;
  if (written_for_ != nullptr) {
    const auto meanings = written_for_->surface.lookup(use.symbol);
    const auto callee = meanings.size() == 1 ? callee_of(meanings.front(), !use.instance_of.empty(),
                                                         written_for_->surface)
                                             : std::nullopt;
    if (callee) meant = callee->signature;
  }
  std::optional<std::vector<CallMismatch>> fewest;
  for (const auto& meaning : loaded_.surface.lookup(use.symbol)) {
    const auto callee = callee_of(meaning, !use.instance_of.empty(), loaded_.surface);
    if (!callee) return;  // of one alternative nothing is known: it may accept the call
    auto mismatches = check_call(*use.call, callee->signature, callee->skip_first, earlier, meant);
    if (!fewest || mismatches.size() < fewest->size()) fewest = std::move(mismatches);
  }
  if (!fewest || fewest->empty()) return;
  found.mismatches = std::move(*fewest);
  found.status = UseStatus::mismatch;
  found.detail = text_of(found.mismatches);
}

}  // namespace fusegate::probe
