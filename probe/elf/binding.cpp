#include "probe/elf/binding.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/elf/module.hpp"
#include "probe/elf/shown_json.hpp"

namespace fusegate::probe {
namespace {

constexpr std::string_view init_prefix = "PyInit_";

bool contains_any(std::string_view text, const std::vector<std::string>& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](const std::string& part) { return text.find(part) != text.npos; });
}

bool is_c_function(const ExportedSymbol& symbol) {
  // What C++ mangles (Itanium C++ ABI, "Mangling"), and what every linked file has.
  return symbol.kind == ElfSymbolKind::function && !symbol.name.starts_with("_Z") &&
         symbol.name != "_init" && symbol.name != "_fini";
}

/// What follows the first of `count` names.
std::string more_text(std::size_t count) {
  return count > 1 ? fmt::format(" and {} more", count - 1) : "";
}

/// Gathers what a module shows.
class Inquiry {
 public:
  Inquiry(const BinaryModule& module, const BindingMarkers& markers)
      : module_(module), markers_(markers) {}

  ModuleBinding run() {
    find_init();
    find_torch();
    const bool develop = find_develop();
    find_c_functions();
    if (binding_.is_extension) {
      classify_extension(develop);
    } else if (!foreign_init_.empty()) {
      binding_.reason = fmt::format("exports {}, not {}: Python cannot import it under this name",
                                    shown(foreign_init_), shown(init_function_of(module_.path)));
    } else if (c_functions_.empty()) {
      binding_.reason = "is no Python extension and exports no C function";
    } else {
      classify_c_functions();
    }
    return std::move(binding_);
  }

 private:
  void note(std::string evidence) { binding_.evidence.push_back(std::move(evidence)); }

  void find_init() {
    const auto wanted = init_function_of(module_.path);
    for (const auto& symbol : module_.exported) {
      if (symbol.kind != ElfSymbolKind::function || !symbol.name.starts_with(init_prefix)) continue;
      if (symbol.name == wanted) {
        binding_.is_extension = true;
        note("exports " + shown(symbol.name));
      } else {
        foreign_init_ = symbol.name;
      }
    }
  }

  void find_torch() {
    std::size_t count = 0;
    std::string first;
    for (const auto& symbol : module_.undefined) {
      if (!contains_any(symbol.name, markers_.torch_symbols)) continue;
      if (count++ == 0) first = symbol.name;
    }
    if (count > 0) {
      binding_.uses_torch = true;
      note(fmt::format("uses torch's {}{}", shown(first), more_text(count)));
    }
    for (const auto& name : module_.needed) {
      const bool is_torch =
          std::any_of(markers_.torch_libraries.begin(), markers_.torch_libraries.end(),
                      [&](const std::string& prefix) { return name.starts_with(prefix); });
      if (is_torch) {
        needs_torch_ = true;
        note("needs " + shown(name));
      }
    }
  }

  /// Whether both the functions and the types of the library's own tensors are there.
  bool find_develop() {
    const auto& functions = markers_.develop_functions;
    const bool has_functions =
        !functions.empty() && std::all_of(functions.begin(), functions.end(),
                                          [&](const auto& name) { return has_string(name); });
    if (has_functions) note(fmt::format("has the string '{}'", shown(functions.front())));
    const bool has_types = std::any_of(markers_.develop_types.begin(), markers_.develop_types.end(),
                                       [&](const auto& type) { return has_type(type); });
    return has_functions && has_types;
  }

  bool has_string(const std::string& text) const {
    const auto it = module_.strings.find(text);
    return it != module_.strings.end() && it->second != StringPlace::absent;
  }

  /// A type's name stands in its type information, and in the names of functions that take it.
  bool has_type(const std::string& type) {
    if (has_string(type)) {
      note(fmt::format("has type information of '{}'", shown(type)));
      return true;
    }
    const auto it = std::find_if(
        module_.exported.begin(), module_.exported.end(),
        [&](const auto& symbol) { return symbol.name.find(type) != std::string::npos; });
    if (it == module_.exported.end()) return false;
    note(fmt::format("exports {}, of type '{}'", shown(it->name), shown(type)));
    return true;
  }

  void find_c_functions() {
    for (const auto& symbol : module_.exported) {
      if (is_c_function(symbol)) c_functions_.push_back(symbol.name);
    }
    std::sort(c_functions_.begin(), c_functions_.end());  // compilers order them as they like
  }

  void classify_extension(bool develop) {
    if (develop) {
      binding_.kind = BindingKind::pybind_develop;
    } else if (binding_.uses_torch || needs_torch_) {
      binding_.kind = BindingKind::pybind_torch;
    } else {
      binding_.reason = "is a Python extension with neither torch's tensors nor the library's own";
    }
  }

  void classify_c_functions() {
    const auto& version = markers_.ctypes_version_symbol;
    const bool has_version = !version.empty() && std::find(c_functions_.begin(), c_functions_.end(),
                                                           version) != c_functions_.end();
    binding_.kind = has_version ? BindingKind::ctypes_v2 : BindingKind::ctypes_v1;
    note(fmt::format("exports no {}, but {}{}", init_prefix, shown(c_functions_.front()),
                     more_text(c_functions_.size())));
    if (!version.empty()) note(fmt::format("exports {}{}", has_version ? "" : "no ", version));
  }

  const BinaryModule& module_;
  const BindingMarkers& markers_;
  ModuleBinding binding_;
  std::string foreign_init_;
  bool needs_torch_ = false;
  std::vector<std::string> c_functions_;
};

}  // namespace

std::string name_of(BindingKind kind) {
  switch (kind) {
    case BindingKind::unknown:
      return "unknown";
    case BindingKind::pybind_torch:
      return "pybind_torch";
    case BindingKind::pybind_develop:
      return "pybind_develop";
    case BindingKind::ctypes_v1:
      return "ctypes_v1";
    case BindingKind::ctypes_v2:
      return "ctypes_v2";
  }
  return "";
}

std::string init_function_of(const std::filesystem::path& path) {
  const std::string leaf = path.filename().native();
  return std::string(init_prefix) + leaf.substr(0, leaf.find('.'));
}

std::vector<std::string> strings_of(const BindingMarkers& markers) {
  auto strings = markers.develop_functions;
  strings.insert(strings.end(), markers.develop_types.begin(), markers.develop_types.end());
  return strings;
}

ModuleBinding classify_binding(const BinaryModule& module, const BindingMarkers& markers) {
  return Inquiry(module, markers).run();
}

nlohmann::ordered_json to_json(const ModuleBinding& binding) {
  return {{"kind", name_of(binding.kind)},
          {"evidence", binding.evidence},
          {"reason", shown_or_null(binding.reason)}};
}

}  // namespace fusegate::probe
