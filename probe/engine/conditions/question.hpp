#pragma once

#include <optional>
#include <string>

#include "probe/engine/sources/engine_facts.hpp"

namespace fusegate::probe {

/// A question that code asks about a name before it uses it.
struct Question {
  enum class Way {
    has_attribute,    ///< hasattr, getattr with a default
    needs_attribute,  ///< getattr without one: it raises
    has_module,       ///< find_spec
    has_parameter     ///< inspect.signature
  };
  Way way = Way::has_attribute;
  std::string of;         ///< the name that is asked about; of has_module, the module
  std::string attribute;  ///< of the first two
};

/// The question that a call is: of a plain or dotted name, with the rest written out.
[[nodiscard]] std::optional<Question> question_of(const Expression& call);

}  // namespace fusegate::probe
