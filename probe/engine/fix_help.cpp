#include "probe/engine/fix_help.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "probe/base/text.hpp"
#include "probe/surface/names.hpp"
#include "probe/surface/parameters.hpp"
#include "probe/surface/parse_signature.hpp"
#include "probe/surface/symbols.hpp"

namespace fusegate::probe {
namespace {

constexpr std::size_t listed_limit = 3;

std::string module_part(const std::string& dotted) {
  return dotted.substr(0, dotted.rfind('.'));
}

std::optional<Signature> signature_in(LoadedSurface& loaded, const std::string& dotted) {
  for (const auto& meaning : loaded.surface.lookup(dotted)) {
    if (auto signature = signature_of(meaning, loaded.surface)) return signature;
  }
  return std::nullopt;
}

/// The generation of a definition that the library has, where it is tracked.
const Generation* generation_of(const std::string& dotted,
                                const std::vector<EntryContract>& contracts) {
  const Generation* latest = nullptr;
  for (const auto& contract : contracts) {
    for (const auto& generation : contract.generations) {
      if (generation.module + "." + contract.symbol == dotted) latest = &generation;
    }
  }
  return latest;
}

/// The text that a caller passes for a parameter by keyword.
std::optional<std::string> passed(const CallArguments& call, const std::string& name) {
  for (const auto& argument : call.arguments) {
    if (argument.keyword == name) return argument.text;
  }
  return std::nullopt;
}

/// A call of the function that gives every parameter which has no default, or which the caller
/// passes, by its name.
std::string call_text(const std::string& name, const Signature& signature, const Generation* known,
                      const CallArguments& call) {
  std::vector<std::string> parts;
  for (const auto& parameter : signature.parameters) {
    if (is_variadic(parameter) || parameter.name == "self") continue;
    const bool is_output =
        known != nullptr && std::find(known->outputs.begin(), known->outputs.end(),
                                      parameter.name) != known->outputs.end();
    const auto given = passed(call, parameter.name);
    if (given) {
      parts.push_back(parameter.name + "=" + *given);
    } else if (is_output) {
      parts.push_back(parameter.name + "=<tensor that gets the result>");
    } else if (!parameter.default_value) {
      parts.push_back(parameter.name + "=<" + parameter.name + ">");
    }
  }
  return name + "(" + join(parts, ", ") + ")";
}

/// The caller's positional arguments under the names that they had in the signature it was written
/// for.
CallArguments by_keywords(const CallArguments& call, const std::vector<Parameter>& parameters) {
  CallArguments named = call;
  std::size_t place = 0;
  for (auto& argument : named.arguments) {
    if (!argument.keyword.empty()) continue;
    if (place < parameters.size()) argument.keyword = parameters[place].name;
    ++place;
  }
  return named;
}

/// The signature that a symbol had under its old name, in the latest release that is known.
std::optional<Signature> old_signature(const JudgedUse& judged,
                                       const std::vector<EntryContract>& contracts) {
  std::optional<Signature> found;
  for (const auto& contract : contracts) {
    if (contract.name != judged.resolution.contract) continue;
    for (const auto& generation : contract.generations) {
      const auto owner = module_part(judged.use.symbol);
      const bool is_here = generation.module == owner || generation.module.starts_with(owner + ".");
      if (is_here) found = parse_signature(generation.signature);
    }
  }
  return found;
}

void explain_moved(FixHelp& help, const JudgedUse& judged, LoadedSurface& loaded,
                   const std::vector<EntryContract>& contracts) {
  const auto& to = judged.resolution.moved_to;
  const auto old_name = last_name(judged.use.symbol), new_name = last_name(to);
  help.text.push_back(fmt::format("Use {}.", to));
  help.snippet.push_back(
      fmt::format("-from {} import {}", module_part(judged.use.symbol), old_name));
  help.snippet.push_back(fmt::format("+from {} import {}", module_part(to), new_name));
  const auto signature = signature_in(loaded, to);
  if (!signature) return;
  const auto* known = generation_of(to, contracts);
  help.text.push_back(fmt::format("It is called as {}{}.", new_name, signature->text));
  if (known != nullptr && !known->outputs.empty()) {
    help.text.push_back(fmt::format("It writes its results to {}, which the caller gives.",
                                    join(known->outputs, " and ")));
  }
  auto call = judged.use.call.value_or(CallArguments{});
  const auto old_one = old_signature(judged, contracts);
  call = by_keywords(call, positional(old_one ? old_one->parameters : signature->parameters));
  help.snippet.push_back("+" + call_text(new_name, *signature, known, call));
}

void explain_mismatch(FixHelp& help, const JudgedUse& judged, LoadedSurface& loaded,
                      const std::vector<EntryContract>& contracts) {
  const auto signature = signature_in(loaded, judged.use.symbol);
  if (!signature || !judged.use.call) return;
  const auto name = last_name(judged.use.symbol);
  help.text.push_back(fmt::format("Here it is {}{}.", name, signature->text));
  std::vector<std::string> dropped;
  for (const auto& argument : judged.use.call->arguments) {
    if (!argument.keyword.empty() &&
        find_parameter(signature->parameters, argument.keyword) == nullptr) {
      dropped.push_back(argument.keyword);
    }
  }
  if (!dropped.empty()) {
    help.text.push_back(
        fmt::format("Without {}: ask for them before passing them, or need a release "
                    "that has them.",
                    join(dropped, ", ")));
  }
  const auto named = by_keywords(*judged.use.call, positional(signature->parameters));
  help.snippet.push_back(
      "+" + call_text(name, *signature, generation_of(judged.use.symbol, contracts), named));
}

void explain_missing(FixHelp& help, const JudgedUse& judged, LoadedSurface& loaded,
                     const std::vector<EntryContract>& contracts) {
  const auto contract = std::find_if(
      contracts.begin(), contracts.end(),
      [&](const EntryContract& one) { return one.name == judged.resolution.contract; });
  if (contract == contracts.end()) {
    help.text.push_back(
        "Nothing like it is in this release: guard it (try, except ImportError) with "
        "what the engine did before, or need a release that has it.");
    return;
  }
  std::vector<std::string> offers;
  for (const auto& other : contracts) {
    if (other.op != contract->op || other.op == "other") continue;
    for (const auto& generation : other.generations) {
      const auto dotted = generation.module + "." + other.symbol;
      const auto signature = signature_in(loaded, dotted);
      if (!signature || offers.size() >= listed_limit) continue;
      offers.push_back(dotted + signature->text);
      break;
    }
  }
  if (offers.empty()) {
    help.text.push_back(fmt::format("Nothing in this release does {}.", contract->op));
    return;
  }
  help.text.push_back(fmt::format("For the same op, {}, this release has:", contract->op));
  for (auto& offer : offers) help.text.push_back("  " + std::move(offer));
}

}  // namespace

FixHelp fix_help(const JudgedUse& judged, LoadedSurface& loaded,
                 const std::vector<EntryContract>& contracts) {
  FixHelp help;
  switch (judged.resolution.status) {
    case UseStatus::moved:
      explain_moved(help, judged, loaded, contracts);
      break;
    case UseStatus::mismatch:
      explain_mismatch(help, judged, loaded, contracts);
      break;
    case UseStatus::missing:
      explain_missing(help, judged, loaded, contracts);
      break;
    case UseStatus::ok:
      if (judged.consequence == Consequence::misled) {
        help.text.emplace_back(
            "The question is whether the name is there; ask for what the call needs "
            "(inspect.signature(f).parameters), or write the call so that both kinds take it.");
        break;
      }
      [[fallthrough]];
    case UseStatus::unresolved:
      help.text.emplace_back("Nothing is to be mended as far as the sources tell.");
      break;
  }
  return help;
}

}  // namespace fusegate::probe
