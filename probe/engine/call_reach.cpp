#include "probe/engine/call_reach.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/json.hpp"
#include "probe/base/text.hpp"
#include "probe/sources/package_files.hpp"
#include "probe/sources/problem.hpp"
#include "probe/surface/names.hpp"

namespace fusegate::probe {
namespace {

// A pass calls a function that returns an operator whose registration names the function.
constexpr int most_calls_away = 4;
// How far from a function the name under which it is registered stands.
constexpr std::size_t registration_lines = 4;

using Lines = std::vector<std::string_view>;

std::size_t indent_of(std::string_view line) {
  return line.find_first_not_of(" \t");
}

/// "name" of "def name(", "async def name(" and "class name(".
std::string defined_by(std::string_view line) {
  line = trim(line);
  for (const std::string_view word : {"async def ", "def ", "class "}) {
    if (!line.starts_with(word)) continue;
    line.remove_prefix(word.size());
    return std::string(line.substr(0, line.find_first_of("(:[ ")));
  }
  return "";
}

/// "Class.method" of the definitions around a line, by their indentation.
std::string function_around(const Lines& lines, std::size_t index) {
  std::string function;
  auto indent = indent_of(lines[index]);
  while (index-- > 0 && indent > 0) {
    const auto here = indent_of(lines[index]);
    if (here == std::string_view::npos || here >= indent) continue;
    // The end of a long signature stands where its def does; comments stand anywhere.
    if (lines[index][here] == ')' || lines[index][here] == '#') continue;
    const auto name = defined_by(lines[index]);
    if (!name.empty()) function = name + (function.empty() ? "" : "." + function);
    indent = here;
  }
  return function;
}

/// Whether a line is of an import statement, which may have one name a line.
bool is_import(const Lines& lines, std::size_t index) {
  const auto starts = [&](std::size_t i) {
    const auto line = trim(lines[i]);
    return line.starts_with("import ") || line.starts_with("from ");
  };
  if (starts(index)) return true;
  const auto indent = indent_of(lines[index]);
  for (auto i = index; i-- > 0;) {
    const auto here = indent_of(lines[i]);
    if (here != std::string_view::npos && here < indent) return starts(i);
  }
  return false;
}

/// Whether a module defines a name more than once: then the name alone does not tell which.
bool is_common(const Lines& lines, const std::string& name) {
  return std::count_if(lines.begin(), lines.end(), [&](std::string_view line) {
           return line.find(name) != std::string_view::npos && defined_by(line) == name;
         }) > 1;
}

/// The name by which callers know a function: its class's for what is called by convention, and for
/// what others of its module are called, too.
std::string called_name(std::string function, const Lines& lines) {
  constexpr std::array conventional{"forward", "apply", "run", "execute", "call", "main"};
  while (true) {
    const auto last = last_name(function);
    const bool is_convention =
        last.starts_with("__") || last.starts_with("forward_") ||
        std::find(conventional.begin(), conventional.end(), last) != conventional.end();
    if (last == function || (!is_convention && !is_common(lines, last))) return last;
    function.resize(function.rfind('.'));
  }
}

/// The names of operators that a registration near a line gives: op_name="x".
std::vector<std::string> registered_names(const Lines& lines, std::size_t index) {
  constexpr std::string_view keyword = "op_name=";
  std::vector<std::string> names;
  const auto begin = index < registration_lines ? 0 : index - registration_lines;
  const auto end = std::min(index + registration_lines, lines.size());
  for (auto i = begin; i < end; ++i) {
    const auto at = lines[i].find(keyword);
    if (at == std::string_view::npos) continue;
    auto rest = lines[i].substr(at + keyword.size());
    if (rest.empty() || (rest.front() != '"' && rest.front() != '\'')) continue;
    rest = rest.substr(1, rest.find(rest.front(), 1) - 1);
    names.emplace_back(rest.substr(rest.rfind(':') + 1));  // npos + 1 is 0
  }
  return names;
}

bool imports(const EngineModule& module, const std::string& target) {
  return std::any_of(module.imports.begin(), module.imports.end(), [&](const auto& import) {
    const auto base = EngineTree::absolute(module, import.level, import.module);
    return base == target || base + "." + import.name == target;
  });
}

class Search {
 public:
  Search(const EngineTree& tree, SourceTree& files) : tree_(tree), files_(files) {}

  std::vector<Caller> from(const Use& use) {
    if (const auto text = files_.read(use.module->source.name, python_file_limit)) {
      push(*use.module, called_name(use.function, split(*text, '\n')), 1);
    }
    while (!todo_.empty() && found_.size() < caller_limit) {
      const auto [module, name, distance] = todo_.front();
      todo_.pop_front();
      look_in(*module, *module, name, distance);
      for (const auto& [other_name, other] : tree_.modules()) {
        if (&other != module && imports(other, module->name)) {
          look_in(other, *module, name, distance);
        }
      }
    }
    if (found_.size() > caller_limit) found_.resize(caller_limit);
    return std::move(found_);
  }

 private:
  struct Step {
    const EngineModule* module;
    std::string name;
    int distance;
  };

  void push(const EngineModule& module, const std::string& name, int distance) {
    if (name.empty() || distance > most_calls_away) return;
    if (seen_.emplace(&module, name).second) todo_.push_back({&module, name, distance});
  }

  void look_in(const EngineModule& module, const EngineModule& home, const std::string& name,
               int distance) {
    const auto text = files_.read(module.source.name, python_file_limit);
    if (!text || !has_word(*text, name)) return;
    const Lines lines = split(*text, '\n');
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const bool is_use = has_word(lines[i], name) && !is_import(lines, i) &&
                          defined_by(lines[i]) != name && !trim(lines[i]).starts_with("#");
      if (!is_use) continue;
      const auto ops = registered_names(lines, i);
      if (std::find(ops.begin(), ops.end(), name) != ops.end()) continue;  // its registration
      for (const auto& op : ops) push(home, op, distance + 1);
      const auto function = function_around(lines, i);
      if (last_name(function) == name) continue;  // of itself
      found_.push_back({module.source.name, static_cast<int>(i) + 1, function, name, distance});
      push(module, called_name(function, lines), distance + 1);
    }
  }

  const EngineTree& tree_;
  SourceTree& files_;
  std::deque<Step> todo_;
  std::set<std::pair<const EngineModule*, std::string>> seen_;
  std::vector<Caller> found_;
};

}  // namespace

std::vector<Caller> callers_of(const Use& use, const EngineTree& tree, SourceTree& files) {
  if (use.at_import || use.function.empty()) return {};
  return Search(tree, files).from(use);
}

nlohmann::ordered_json to_json(const Caller& caller) {
  return {{"where", fmt::format("{}:{}", shown(caller.file), caller.line)},
          {"function", text_or_null(caller.function)},
          {"of", caller.of},
          {"distance", caller.distance}};
}

}  // namespace fusegate::probe
