#include "probe/library/guard.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "probe/surface/parse_signature.hpp"

namespace fusegate::probe {
namespace {

constexpr std::string_view arrow = " -> ";

/// What a call takes and gives, by an adapter.
struct Call {
  std::string module, symbol;
  std::vector<std::string> parameters;  ///< of the function, all of them
  const Adapter* adapter = nullptr;
  std::vector<std::string> releases;
};

/// The two sides of "x -> out"; the second is empty for what is only read, or only written.
std::pair<std::string, std::string> sides(const std::string& what) {
  const auto at = what.find(arrow);
  if (at == what.npos) return {what, ""};
  return {what.substr(0, at), what.substr(at + arrow.size())};
}

bool is_output(const std::string& name) {
  return name == "out" || name.ends_with("_out");
}

/// The input whose shape and type an output has: "q_x" of "q_out", "x" of "residual_out".
std::string model_of(const std::string& output, const std::vector<std::string>& inputs) {
  const auto prefixed = output.substr(0, output.size() - 3) + "x";
  const bool has_own = std::find(inputs.begin(), inputs.end(), prefixed) != inputs.end();
  return has_own ? prefixed : "x";
}

std::string signature_text(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += fmt::format("\"{}\", ", name);
  return "(" + text + ")";
}

void add_calls(std::vector<Call>& calls, const EntryContract& contract) {
  // The newest first: that is what most machines have.
  for (auto it = contract.generations.rbegin(); it != contract.generations.rend(); ++it) {
    if (!it->adapter) continue;
    const auto signature = parse_signature(it->signature);
    if (!signature) continue;
    Call call{it->module, contract.symbol, {}, &*it->adapter, {}};
    for (const auto& parameter : signature->parameters) call.parameters.push_back(parameter.name);
    for (const auto& range : it->releases) {
      call.releases.push_back(range.first + " .. " + range.last.value_or("the newest"));
    }
    // Bound in another way, or with other annotations, it is called as before.
    const auto same = std::find_if(calls.begin(), calls.end(), [&](const Call& other) {
      return other.module == call.module && other.symbol == call.symbol &&
             other.parameters == call.parameters &&
             other.adapter->arguments == call.adapter->arguments &&
             other.adapter->returns == call.adapter->returns;
    });
    if (same == calls.end()) {
      calls.push_back(std::move(call));
    } else {
      same->releases.insert(same->releases.end(), call.releases.begin(), call.releases.end());
    }
  }
}

/// The order in which every guard of an op takes its inputs and gives its outputs: by norm, and
/// within one as `fusegate list ops` has the tensors, scalars behind them.
int rank_of(const std::string& name) {
  constexpr std::array order{"x", "residual", "weight", "eps", "out", "residual_out"};
  const bool is_kv = name.starts_with("kv_");
  const auto bare = is_kv ? name.substr(3) : name.starts_with("q_") ? name.substr(2) : name;
  const auto at = std::find(order.begin(), order.end(), bare) - order.begin();
  return static_cast<int>(at) + (is_kv ? 100 : 0);
}

/// The op's inputs and outputs.
struct Names {
  std::vector<std::string> inputs, outputs;
};

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

Names names_of(const std::vector<Call>& calls) {
  Names names;
  for (const auto& call : calls) {
    for (const auto& [parameter, what] : call.adapter->arguments) {
      const auto [before, after] = sides(what);
      add_once(is_output(before) ? names.outputs : names.inputs, before);
      if (!after.empty()) add_once(names.outputs, after);
    }
    for (const auto& output : call.adapter->returns) add_once(names.outputs, output);
  }
  const auto is_before = [](const auto& a, const auto& b) { return rank_of(a) < rank_of(b); };
  std::stable_sort(names.inputs.begin(), names.inputs.end(), is_before);
  std::stable_sort(names.outputs.begin(), names.outputs.end(), is_before);
  return names;
}

std::string call_text(const Call& call, const Names& names, std::size_t number) {
  std::string text = fmt::format("def _call_{}(function, {}):\n", number, join(names.inputs, ", "));
  std::vector<std::string> arguments;
  std::set<std::string> returned(call.adapter->returns.begin(), call.adapter->returns.end());
  for (const auto& [parameter, what] : call.adapter->arguments) {
    const auto [before, after] = sides(what);
    if (!after.empty()) {
      text += fmt::format("    {} = {}.clone()\n", after, before);
    } else if (is_output(before)) {
      const auto model = model_of(before, names.inputs);
      text += fmt::format("    {} = {}.new_empty({}.shape)\n", before, model, model);
    }
    arguments.push_back(parameter + "=" + (after.empty() ? before : after));
  }
  const auto given = join(arguments, ", ");
  if (returned.empty()) {
    text += fmt::format("    function({})\n", given);
  } else {
    text += fmt::format("    {} = function({})\n", join(call.adapter->returns, ", "), given);
  }
  return text + fmt::format("    return {}\n\n\n", join(names.outputs, ", "));
}

constexpr std::string_view finder = R"(def _parameters(module, name, function):
    """Of a function; of one that a wrapper hides behind (*args, **kwargs), as its module's source has it."""
    found = tuple(inspect.signature(function).parameters)
    if found == ("args", "kwargs"):
        for node in ast.parse(inspect.getsource(module)).body:
            if isinstance(node, ast.FunctionDef) and node.name == name:
                found = tuple(part.arg for part in node.args.posonlyargs + node.args.args + node.args.kwonlyargs)
    return found


def _find():
    """The first function that is there with just the parameters that its call was written for."""
    for place, name, parameters, call in _KNOWN:
        try:
            module = importlib.import_module(place)
            function = getattr(module, name)
            if _parameters(module, name, function) == parameters:
                return function, call
        except Exception:  # libraries raise many kinds where a GPU or a compiler is missing
            pass
    return None


_FOUND = None
)";

}  // namespace

std::string python_guard(const LibraryContract& contract,
                         const LibraryImplementation& implementation, const std::string& op) {
  if (implementation.interface != Interface::python) {
    throw UsageError(fmt::format(
        "{} is called by C functions, and a guard is Python; ask for another implementation of {}",
        implementation.name, contract.name));
  }
  const auto entries = implementation.entries.find(op);
  if (entries == implementation.entries.end()) {
    std::vector<std::string> ops;
    for (const auto& [name, contracts] : implementation.entries) ops.push_back(name);
    throw UsageError(fmt::format("{} has no entry point for {}{}; it has {}", implementation.name,
                                 op, did_you_mean(op, ops), join(ops, ", ")));
  }
  std::vector<Call> calls;
  for (const auto& name : entries->second) {
    const auto it = std::find_if(contract.contracts.begin(), contract.contracts.end(),
                                 [&](const auto& one) { return one.name == name; });
    if (it != contract.contracts.end()) add_calls(calls, *it);
  }
  const auto names = names_of(calls);
  const auto inputs = join(names.inputs, ", ");
  std::string text = fmt::format(
      "\"\"\"{} by {}, in whichever of its known forms is installed. Generated by fusegate; "
      "depends on "
      "nothing of it.\"\"\"\n\nimport ast\nimport importlib\nimport inspect\n\n\n",
      op, contract.name);
  std::string known = "_KNOWN = (\n";
  for (std::size_t i = 0; i < calls.size(); ++i) {
    text += call_text(calls[i], names, i);
    known += fmt::format("    # {}\n    (\"{}\", \"{}\", {}, _call_{}),\n",
                         join(calls[i].releases, ", "), calls[i].module, calls[i].symbol,
                         signature_text(calls[i].parameters), i);
  }
  text += known + ")\n\n\n";
  text += finder;
  text += fmt::format(
      "\n\ndef {}({}, *, fallback):\n"
      "    \"\"\"Gives {}. `fallback` is called with the same arguments where no known form is "
      "there.\"\"\"\n"
      "    global _FOUND\n"
      "    if _FOUND is None:\n"
      "        _FOUND = (_find(),)\n"
      "    if _FOUND[0] is None:\n"
      "        return fallback({})\n"
      "    function, call = _FOUND[0]\n"
      "    return call(function, {})\n",
      op, inputs, join(names.outputs, ", "), inputs, inputs);
  return text;
}

}  // namespace fusegate::probe
