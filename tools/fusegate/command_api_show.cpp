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

/// The words that call nothing, with what might be meant.
std::vector<std::string> unknown_words(const std::vector<Symbol>& all,
                                       const std::vector<std::string>& words) {
  std::vector<std::string> unknown;
  for (const auto& word : words) {
    const bool is_known = std::any_of(all.begin(), all.end(),
                                      [&](const Symbol& s) { return is_called(s.name, word); });
    if (is_known) continue;
    std::vector<std::string> names;
    const bool is_dotted = word.find('.') != word.npos;
    for (const auto& symbol : all) {
      names.push_back(is_dotted ? symbol.name : symbol.name.substr(symbol.name.rfind('.') + 1));
    }
    unknown.push_back(
        fmt::format("there is no {}{}", probe::shown(word), did_you_mean(word, names)));
  }
  return unknown;
}

void write_json(const std::string& file, const LibrarySources& sources,
                const std::vector<Symbol>& symbols, probe::LoadedSurface& loaded) {
  DocumentWriter writer(file);
  probe::SymbolWriter symbol_writer(loaded, sources.contract.surface.bindings);
  writer.write(fmt::format("{{\n \"library\": {},\n \"symbols\": [", to_json(sources).dump()));
  const char* separator = "\n  ";
  for (const auto& symbol : symbols) {
    writer.write(separator);
    writer.write(symbol_writer.write(symbol));
    separator = ",\n  ";
  }
  writer.write(
      fmt::format("\n ],\n \"problems\": {}\n}}\n", probe::to_json(loaded.problems).dump()));
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
  const auto unknown = unknown_words(symbols, options.symbols);
  keep_called(symbols, options.symbols);
  if (!common.json.empty()) write_json(common.json, sources, symbols, loaded);
  if (common.json != "-") {
    for (const auto& symbol : symbols) {
      print(console, symbol, loaded, sources.contract.surface.bindings);
    }
  }
  print_problems(console, loaded.problems);
  for (const auto& line : unknown) console.insist(line);
  return unknown.empty() ? ExitCode::good : ExitCode::check_failed;
}

}  // namespace fusegate::tools
