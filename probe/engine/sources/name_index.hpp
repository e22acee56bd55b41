#pragma once

#include <string>

#include "probe/engine/sources/engine_facts.hpp"

namespace fusegate::probe {

/// What each scope binds, found once: names are asked for often. `self.x`, whatever method sets it,
/// is bound by its class, as "self.x".
[[nodiscard]] BoundNames index_names(const EngineFacts& facts);

/// Whether a name is one of an instance or its class: "self.x", "cls.x".
[[nodiscard]] bool is_instance_name(const std::string& dotted);

/// The class around a scope, or -1.
[[nodiscard]] int class_around(const EngineFacts& facts, int scope);

/// "a" of "a.b.c".
[[nodiscard]] std::string first_name(const std::string& dotted);

/// What follows the first name: "b.c" of "a.b.c".
[[nodiscard]] std::string after_first(const std::string& dotted);

}  // namespace fusegate::probe
