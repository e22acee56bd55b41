#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/surface/load.hpp"
#include "probe/surface/signature.hpp"

namespace fusegate::probe {

enum class SymbolKind { function, method, class_, enum_, constant };
[[nodiscard]] const char* name_of(SymbolKind kind);

/// A name by which a definition can be reached.
struct Symbol {
  std::string name;  ///< "aiter.rms_norm", "aiter.ops.rmsnorm.rms_norm", "a.b.Class.method"
  Meaning meaning;   ///< a definition, or what is computed or missing
  SymbolKind kind = SymbolKind::constant;
};

/// All names of the library by which a definition of its own can be reached, by name: of every
/// module what it defines, imports or is given by an import hook, and of every class its members.
/// Names that are computed, or imported although they do not exist, are among them.
[[nodiscard]] std::vector<Symbol> symbols_of(LoadedSurface& loaded);

/// Those that one dotted name means; empty: there is none.
[[nodiscard]] std::vector<Symbol> symbols_named(LoadedSurface& loaded, const std::string& dotted);

/// What a function, method or class is called with; of a class, what makes an instance. Nothing of
/// constants and of what is not known statically.
[[nodiscard]] std::optional<Signature> signature_of(const Meaning& meaning, Surface& surface);

/// Whether a class is an enumeration of the standard library's, by one of its bases.
[[nodiscard]] bool is_enum(const Meaning& meaning, Surface& surface);
/// The names and values in the body of one.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> enum_members(
    const Class& definition);

/// An assignment's right side as text.
[[nodiscard]] std::string value_text(const Value& value);

/// The names and values of an enumeration, as source text or as the C++ header has them.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> members_of(const Symbol& symbol,
                                                                          LoadedSurface& loaded);

/// {name, condition, defined_in, kind, file, line, signature, parameters[], returns, binding,
/// decorators[], overloads[], annotation, value, members, unknown}; what a symbol cannot have is
/// left out, what it has not is null.
[[nodiscard]] nlohmann::ordered_json to_json(const Symbol& symbol, LoadedSurface& loaded,
                                             const std::vector<BindingRule>& rules);

/// Writes symbols as to_json has them, and much faster: what they share is made once.
class SymbolWriter {
 public:
  SymbolWriter(LoadedSurface& loaded, const std::vector<BindingRule>& rules)
      : loaded_(loaded), rules_(rules) {}

  [[nodiscard]] std::string write(const Symbol& symbol);

 private:
  LoadedSurface& loaded_;
  const std::vector<BindingRule>& rules_;
  std::map<std::tuple<const Statement*, SymbolKind, std::string>, std::string> definitions_;
};

}  // namespace fusegate::probe
