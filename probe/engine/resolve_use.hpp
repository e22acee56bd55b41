#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "probe/engine/uses.hpp"
#include "probe/generation/entry_contract.hpp"
#include "probe/surface/load.hpp"
#include "probe/surface/reached_symbols.hpp"

namespace fusegate::probe {

/// What a library offers for a use.
enum class UseStatus { ok, missing, moved, mismatch, unresolved };
[[nodiscard]] const char* name_of(UseStatus status);

/// A use, held against a library.
struct Resolution {
  UseStatus status = UseStatus::ok;
  std::string detail;    ///< a sentence; empty: there is nothing to say
  std::string moved_to;  ///< of moved: a dotted name
  std::vector<CallMismatch> mismatches;
  std::string where;      ///< file:line of what was found in the library
  std::string condition;  ///< under which the library has it; empty: always
  std::string contract;   ///< the tracked entry point that this is, or was
};

/// Holds uses against one library. Not for several threads at once.
class UseResolver {
 public:
  /// `contracts` of the library tell what functions were called, and with what, in other releases;
  /// `written_for` is the release for which the engine was written, where that is known: by it, a
  /// positional argument that means something else now is told for certain. All must outlive this.
  UseResolver(LoadedSurface& loaded, const std::vector<EntryContract>& contracts,
              LoadedSurface* written_for = nullptr)
      : loaded_(loaded), contracts_(contracts), written_for_(written_for) {}

  [[nodiscard]] Resolution resolve(const Use& use);

  /// Whether the library has what a dotted name says; nothing where only running it tells.
  [[nodiscard]] std::optional<bool> has(const std::string& dotted);

  /// Whether inspect.signature of a function has a parameter of that name. Behind a decorator that
  /// is known to put `(*args, **kwargs)` in its place it has none; behind others only running it
  /// tells.
  [[nodiscard]] std::optional<bool> has_parameter(const std::string& dotted,
                                                  const std::string& name);

  /// Whether a class or function of the library is what the name means: only of a class's call the
  /// result is known.
  [[nodiscard]] bool is_class(const std::string& dotted);

 private:
  Resolution find(const std::string& dotted);
  [[nodiscard]] bool is_no_module(const std::string& dotted);
  void explain_absence(Resolution& found, const std::string& dotted);
  void check(Resolution& found, const Use& use);
  [[nodiscard]] std::optional<bool> has_member(const std::string& owner, const std::string& name);
  [[nodiscard]] const EntryContract* contract_of(const std::string& dotted) const;
  const ReachedSymbols& reached();

  LoadedSurface& loaded_;
  const std::vector<EntryContract>& contracts_;
  LoadedSurface* written_for_;
  std::optional<ReachedSymbols> reached_;
  std::map<std::string, Resolution> known_;
};

}  // namespace fusegate::probe
