#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/engine/sources/engine_rules.hpp"
#include "probe/engine/sources/engine_tree.hpp"

namespace fusegate::probe {

enum class AttributeStatus {
  missing,    ///< no instance of the class has it
  unresolved  ///< the sources do not say whether it has
};
[[nodiscard]] const char* name_of(AttributeStatus status);

/// A class of an engine without an attribute that its code reads of objects of the class.
struct AttributeGap {
  std::string class_name;                 ///< "Outer.Inner"; empty where the classes are not known
  std::string class_where;                ///< "file:line"
  std::vector<std::string> alternatives;  ///< one of them would be enough
  std::string file;                       ///< that reads it
  int line = 0;
  std::string function;
  AttributeStatus status = AttributeStatus::missing;
  std::string detail;
};

struct AttributeReport {
  std::vector<AttributeGap> gaps;  ///< by file and line
  std::size_t ok = 0;              ///< how many classes have what is read of them, for each read
  std::vector<Problem> problems;
};

/// Holds every read of an attribute, of objects that a call of `rules.objects` gives, against each
/// class that such an object may have. Facts are read into `tree`; all of it in the engine's own
/// sources, whatever the library and the profile.
[[nodiscard]] AttributeReport check_attributes(EngineTree& tree, SourceTree& sources,
                                               EngineFactsStore& store, const EngineRules& rules);

/// A name for a gap that stays when lines move: of its file, function, class and attributes.
[[nodiscard]] std::string id_of(const AttributeGap& gap);
/// {id, class, attribute, alternatives[], where, function, class_where, status, detail}
[[nodiscard]] nlohmann::ordered_json to_json(const AttributeGap& gap);

}  // namespace fusegate::probe
