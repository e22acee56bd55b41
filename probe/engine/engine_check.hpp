#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/engine/blast_radius.hpp"
#include "probe/engine/objects/attribute_contracts.hpp"
#include "probe/engine/sources/engine_location.hpp"
#include "probe/library/contract.hpp"

namespace fusegate::probe {

/// The sources of an engine, as far as they were read: for one engine and any number of libraries.
class EngineSources {
 public:
  /// `tracked` are the import packages of the libraries that will be asked for. Throws CannotRun
  /// where no Python can be started.
  EngineSources(const EngineLocation& location, const std::vector<std::string>& tracked,
                const std::string& python);

  [[nodiscard]] const EngineLocation& location() const { return location_; }
  [[nodiscard]] EngineTree& tree() { return tree_; }
  [[nodiscard]] const EngineTree& tree() const { return tree_; }
  /// The engine's rules, with the defaults of environment variables that this tree declares.
  [[nodiscard]] const EngineRules& rules() const { return rules_; }
  /// Whether any of its files has a word: of what is assumed, a mistyped name stands nowhere.
  [[nodiscard]] bool has_anywhere(const std::string& word) const;
  /// The modules in which uses of a library can stand.
  [[nodiscard]] const std::set<std::string>& with_uses() const { return with_uses_; }
  [[nodiscard]] SourceTree& files() { return *files_; }
  [[nodiscard]] EngineFactsStore& store() { return store_; }
  /// Of the engine alone, so that it is asked for once, whatever the libraries.
  [[nodiscard]] const AttributeReport& attributes();

 private:
  EngineLocation location_;
  EngineRules rules_;
  std::unique_ptr<SourceTree> files_;
  EngineTree tree_;
  EngineFactsStore store_;
  std::set<std::string> with_uses_;
  std::optional<AttributeReport> attributes_;
};

/// What an engine's uses of a library come to.
struct EngineCheck {
  std::vector<JudgedUse> uses;    ///< by file and line, each with an id that no other one has
  std::vector<BlastCause> blast;  ///< each points into `uses`
  AttributeReport attributes;     ///< of the engine's own objects
  std::vector<Problem> problems;  ///< of the engine's files and the library's
};

/// Holds every use that the engine makes of the library against it, under the profile.
/// `written_for`: the release for which the engine was written, where that is known. A use's id is
/// of its file, function, symbol and kind, and of its place among those that share all of them: it
/// stays when lines move, and whatever the library and the profile are.
[[nodiscard]] EngineCheck check_engine(EngineSources& engine, const LibraryContract& library,
                                       LoadedSurface& loaded, const Profile& profile,
                                       LoadedSurface* written_for = nullptr);

/// {id, where, module, function, symbol, kind, guard, when, status, consequence, detail, moved_to,
/// found, contract, open[]}
[[nodiscard]] nlohmann::ordered_json to_json(const JudgedUse& judged);
/// {cause, modules[], models[], architectures[], swallowed[], conditional[], log, symptom}
[[nodiscard]] nlohmann::ordered_json to_json(const BlastCause& cause);

}  // namespace fusegate::probe
