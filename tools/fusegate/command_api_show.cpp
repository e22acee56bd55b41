#include <algorithm>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "probe/surface/symbols.hpp"
#include "tools/fusegate/commands.hpp"
#include "tools/fusegate/console.hpp"
#include "tools/fusegate/sources.hpp"

namespace fusegate::tools {
namespace {

using probe::Symbol;

void keep_called(std::vector<Symbol>& symbols, const std::vector<std::string>& words) {
  if (words.empty()) return;
  std::erase_if(symbols, [&](const Symbol& symbol) {
    return std::none_of(words.begin(), words.end(),
                        [&](const std::string& word) { return is_called(symbol.name, word); });
  });
}

/// Members that a class has from its bases, for words such as "Class.method" that call nothing
/// else.
void add_inherited(std::vector<Symbol>& symbols, const std::vector<std::string>& words,
                   probe::LoadedSurface& loaded) {
  for (const auto& word : words) {
    const auto dot = word.rfind('.');
    if (dot == word.npos || is_known(symbols, word)) continue;
    std::vector<std::string> owners;
    for (const auto& symbol : symbols) {
      const bool is_class = symbol.meaning.kind == probe::Meaning::Kind::class_;
      if (is_class && is_called(symbol.name, word.substr(0, dot))) owners.push_back(symbol.name);
    }
    for (const auto& owner : owners) {
      for (auto& found : symbols_named(loaded, owner + word.substr(dot))) {
        if (found.meaning.is_definition()) symbols.push_back(std::move(found));
      }
    }
  }
}

/// Of each module that binds names which only running it tells, why.
nlohmann::ordered_json unknowns_of(probe::LoadedSurface& loaded) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& [name, module] : loaded.surface.modules()) {
    if (module.facts == nullptr) continue;
    const auto& unknowns = loaded.surface.names_of(module).unknowns;
    if (!unknowns.empty()) list.push_back({{"module", name}, {"reasons", unknowns}});
  }
  return list;
}

void write_json(const std::string& file, const LibrarySources& sources,
                const std::vector<Symbol>& symbols, probe::LoadedSurface& loaded,
                const nlohmann::ordered_json& unknowns) {
  DocumentWriter writer(file);
  probe::SymbolWriter symbol_writer(loaded, sources.contract.surface.bindings);
  writer.write(fmt::format("{{\n \"library\": {},\n \"symbols\": [", to_json(sources).dump()));
  const char* separator = "\n  ";
  for (const auto& symbol : symbols) {
    writer.write(separator);
    writer.write(symbol_writer.write(symbol));
    separator = ",\n  ";
  }
  writer.write(fmt::format("\n ],\n \"unknowns\": {},\n \"problems\": {}\n}}\n", unknowns.dump(),
                           probe::to_json(loaded.problems).dump()));
  writer.finish();
}

void print(const Console& console, const Symbol& symbol, probe::LoadedSurface& loaded,
           const std::vector<probe::BindingRule>& rules) {
  const auto json = to_json(symbol, loaded, rules);
  const auto text = [&](const char* key) {
    const auto it = json.find(key);
    return it == json.end() || !it->is_string() ? "" : it->get<std::string>();
  };
  std::string line = symbol.name + text("signature");
  if (json.contains("members")) {
    std::vector<std::string> members;
    for (const auto& [name, value] : json["members"].items()) {
      members.push_back(fmt::format("{}={}", name, value.get<std::string>()));
    }
    line += " {" + join(members, ", ") + "}";
  } else if (!text("value").empty()) {
    line += " = " + text("value");
  }
  console.print(without_controls(line));
  std::vector<std::string> details{json["kind"].get<std::string>()};
  if (!text("file").empty()) {
    details.push_back(json["line"].is_null()
                          ? text("file")
                          : fmt::format("{}:{}", text("file"), json["line"].dump()));
  }
  if (json.contains("binding") && !json["binding"].is_null()) {
    const auto& binding = json["binding"];
    details.push_back(
        fmt::format("{} {}", binding["generation"].get<std::string>(),
                    binding["module"].is_null() ? "?" : binding["module"].get<std::string>()));
  }
  if (!text("condition").empty()) details.push_back("under: " + text("condition"));
  if (!text("unknown").empty()) details.push_back(text("unknown"));
  console.print("    " + console.paint(Tone::faint, without_controls(join(details, "  "))));
}

}  // namespace

ExitCode run_command(const ApiShowOptions& options, const CommonOptions& common) {
  const Console console(common);
  auto sources = open_sources(options.source, common.python);
  probe::FactsStore store(common.python);
  auto loaded = probe::load_surface(*sources.tree, store, sources.contract.surface);
  for (const auto& problem : sources.tree->problems()) loaded.problems.push_back(problem);
  auto symbols = symbols_of(loaded);
  add_inherited(symbols, options.symbols, loaded);
  const auto unknown = unknown_words(symbols, options.symbols);
  keep_called(symbols, options.symbols);
  const auto unknowns = unknowns_of(loaded);
  if (!common.json.empty()) write_json(common.json, sources, symbols, loaded, unknowns);
  if (common.json != "-") {
    for (const auto& symbol : symbols) {
      print(console, symbol, loaded, sources.contract.surface.bindings);
    }
  }
  print_problems(console, loaded.problems);
  for (const auto& line : unknown) console.insist(line);
  if (!unknown.empty() && !unknowns.empty()) {
    console.insist("  as far as the sources tell; these bind names that only running them tells:");
    for (const auto& entry : unknowns) {
      console.insist("    " + without_controls(entry["reasons"].front().get<std::string>()));
    }
  }
  return unknown.empty() ? ExitCode::good : ExitCode::check_failed;
}

}  // namespace fusegate::tools
