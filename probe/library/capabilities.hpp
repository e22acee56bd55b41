#pragma once

#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/generation/hand_probe.hpp"
#include "probe/library/compiled_modules.hpp"
#include "probe/library/identify.hpp"

namespace fusegate::probe {

/// What an engine may call of a library, and what its own probes would have told it.
struct Capabilities {
  Identification library;
  CompiledModules compiled;
  std::vector<ProbeAnswer> probes;
};

/// Reads all of a library's sources and its compiled modules; imports nothing. The contract must
/// outlive the result.
[[nodiscard]] Capabilities capabilities_of(const LibraryLocation& location,
                                           const LibraryContract& contract, FactsStore& store,
                                           const ModuleSurroundings& surroundings);

/// {schema, schema_version, library{name, path, version, fits[], fingerprint}, ops{OP: [{contract,
/// callable, generation, names[], module, signature, arguments[{name, kind, default, annotation,
/// output}], returns, binding, compiled_module, adapter, condition, limits, note, nearest,
/// difference[], defects[], module_findings[]}]}, probes[], problems[]}. An entry point is callable
/// when its generation is known and nothing is wrong with the compiled module behind it for which
/// every call would fail.
[[nodiscard]] nlohmann::ordered_json to_json(const Capabilities& capabilities);

}  // namespace fusegate::probe
