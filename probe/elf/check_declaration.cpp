#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "probe/base/text.hpp"
#include "probe/elf/checks.hpp"
#include "probe/elf/file_time.hpp"

namespace fusegate::probe {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds clock_slack = std::chrono::seconds(2);
constexpr std::size_t listed_limit = 5;
constexpr std::size_t compared_limit = 1000;

std::optional<nanoseconds> modified(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return modification_time(status);
}

std::string time_text(nanoseconds since_epoch) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since_epoch);
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC",
                     fmt::gmtime(static_cast<std::time_t>(seconds.count())));
}

/// Compares one module with its declaration.
class Comparison {
 public:
  Comparison(const DeclaredModule& declared, const BinaryModule& module)
      : declared_(declared), module_(module) {}

  std::vector<BinaryFinding> run() {
    const auto mismatch = binding_mismatch();
    if (!mismatch.empty()) {
      auto evidence = module_.binding.evidence;
      evidence.insert(evidence.begin(), "Python declares it as " + declared_binding());
      if (!module_.binding.reason.empty()) evidence.push_back(module_.binding.reason);
      add(FindingKind::binding_mismatch, mismatch, std::move(evidence), rebuild());
    } else {
      find_missing_symbols();
      if (declared_.ffi == ForeignInterface::pybind) find_unknown_arguments();
    }
    compare_times();
    return std::move(findings_);
  }

 private:
  void add(FindingKind kind, std::string what, std::vector<std::string> evidence, std::string fix) {
    findings_.push_back(
        {kind, shown(declared_.name), std::move(what), std::move(evidence), std::move(fix)});
  }

  std::string rebuild() const {
    return fmt::format(
        "remove {} so that it is built anew, or install its library's Python files and modules "
        "from one release",
        shown(declared_.file));
  }

  std::string declared_binding() const {
    if (declared_.ffi == ForeignInterface::ctypes) return "ctypes";
    if (declared_.tensors == PassedTensors::none) return "pybind";
    return passes_own() ? "pybind, with the library's own tensors" : "pybind, with torch's";
  }

  bool passes_own() const { return declared_.tensors == PassedTensors::own; }

  /// How the module is called in vain; empty: the call reaches it.
  std::string binding_mismatch() const {
    const auto& binding = module_.binding;
    if (declared_.ffi == ForeignInterface::ctypes) {
      // An extension may export C functions besides.
      const bool callable = missing_functions().size() < declared_.functions.size();
      return binding.is_extension && !callable
                 ? "Python calls it by ctypes, but it is a Python extension"
                 : "";
    }
    if (!binding.is_extension) return "Python imports it, but it is no Python extension";
    const bool develop = binding.kind == BindingKind::pybind_develop;
    if (passes_own() && !develop) {
      return "Python passes it the library's own tensors, which it does not take";
    }
    if (declared_.tensors == PassedTensors::torch && develop && !binding.uses_torch) {
      return "Python passes it torch's tensors, but it takes the library's own";
    }
    return "";
  }

  /// The declared functions that the module does not have.
  std::vector<std::string> missing_functions() const {
    std::vector<std::string> missing;
    for (const auto& function : declared_.functions) {
      const bool found = declared_.ffi == ForeignInterface::ctypes ? exports(function.symbol)
                                                                   : holds(function.symbol);
      if (!found) missing.push_back(function.symbol);
    }
    return missing;
  }

  bool exports(const std::string& name) const {
    return std::any_of(module_.exported.begin(), module_.exported.end(),
                       [&](const auto& symbol) { return symbol.name == name; });
  }

  /// Whether the module holds the string, or it is not known.
  bool holds(const std::string& text) const {
    const auto it = module_.strings.find(text);
    return it == module_.strings.end() || it->second != StringPlace::absent;
  }

  /// What was perhaps meant by the name of a C function. Only names that can be near are compared,
  /// and not all of a file with very many.
  std::string suggestion(const std::string& name) const {
    std::vector<std::string> near;
    for (const auto& symbol : module_.exported) {
      const auto size = symbol.name.size();
      if (size <= name.size() * 2 && !symbol.name.starts_with("_Z")) near.push_back(symbol.name);
      if (near.size() == compared_limit) break;
    }
    return shown(did_you_mean(name, near));
  }

  void find_missing_symbols() {
    const bool by_ctypes = declared_.ffi == ForeignInterface::ctypes;
    for (const auto& name : missing_functions()) {
      add(FindingKind::missing_symbol,
          fmt::format("Python calls its function {}, which it does not have{}", shown(name),
                      by_ctypes ? suggestion(name) : ""),
          {by_ctypes ? fmt::format("does not export {}", shown(name))
                     : fmt::format("has no string '{}' in its read-only data", shown(name))},
          rebuild());
    }
  }

  void find_unknown_arguments() {
    const bool names_arguments =
        std::any_of(declared_.functions.begin(), declared_.functions.end(), [&](const auto& f) {
          return std::any_of(f.parameters.begin(), f.parameters.end(),
                             [&](const auto& name) { return holds(name); });
        });
    if (!names_arguments) return;
    for (const auto& function : declared_.functions) {
      std::vector<std::string> unknown;
      std::vector<std::string> evidence;
      for (const auto& name : function.parameters) {
        if (holds(name)) continue;
        unknown.push_back(shown(name));
        evidence.push_back(fmt::format("has no string '{}' in its read-only data", unknown.back()));
      }
      if (unknown.empty()) continue;
      add(FindingKind::unknown_argument,
          fmt::format(
              "Python declares {} with {}, which the module does not know: no call can pass "
              "{} by name",
              shown(function.symbol), join(unknown, ", "), unknown.size() == 1 ? "it" : "them"),
          std::move(evidence),
          fmt::format("pass {} by position; or, where the module is of another release, {}",
                      unknown.size() == 1 ? "it" : "them", rebuild()));
    }
  }

  void compare_times() {
    std::vector<std::string> evidence{"was written at " + time_text(module_.modified)};
    std::size_t younger = 0;
    for (const auto& source : declared_.sources) {
      const auto time = modified(source);
      if (!time || *time < module_.modified + clock_slack) continue;
      if (++younger <= listed_limit) {
        evidence.push_back(fmt::format("{} changed at {}", shown(source), time_text(*time)));
      }
    }
    if (younger == 0) return;
    if (younger > listed_limit) {
      evidence.push_back(fmt::format("and {} more", younger - listed_limit));
    }
    add(FindingKind::older_than_source, "it is older than what it is built from",
        std::move(evidence),
        fmt::format("remove {} so that it is built anew", shown(declared_.file)));
  }

  const DeclaredModule& declared_;
  const BinaryModule& module_;
  std::vector<BinaryFinding> findings_;
};

}  // namespace

std::vector<BinaryFinding> check_declaration(const DeclaredModule& declared,
                                             const BinaryModule& module) {
  if (!module.readable) return {};
  return Comparison(declared, module).run();
}

std::vector<std::string> strings_of(const DeclaredModule& declared) {
  std::vector<std::string> strings;
  for (const auto& function : declared.functions) {
    strings.push_back(function.symbol);
    strings.insert(strings.end(), function.parameters.begin(), function.parameters.end());
  }
  return strings;
}

}  // namespace fusegate::probe
