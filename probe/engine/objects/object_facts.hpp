#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "probe/sources/facts_store.hpp"

namespace fusegate::probe {

// What a Python file says of its classes, and of attributes that it reads of objects which a call
// gave (probe/facts/python_objects.py).

struct ClassFacts {
  std::string name;  ///< "Outer.Inner"
  int line = 0;
  std::vector<std::string> bases;    ///< text
  std::set<std::string> attributes;  ///< of its instances, without those of its bases
  std::set<std::string> declared;    ///< others, of which only the type is said
  std::set<std::string> abstract;    ///< methods among them that subclasses must define
  bool is_open = false;              ///< its instances may have others, too
};

/// A call that gives objects in a mapping. An argument is the names of the classes that it may be,
/// one of them empty where it is no name.
struct GivingCall {
  int line = 0;
  std::string callee;
  std::vector<std::vector<std::string>> arguments;
  std::vector<std::pair<std::string, std::vector<std::string>>> keywords;
};

/// What tests say of an object: that it is, or is not, an instance of one of the classes.
struct InstanceTest {
  bool is_instance = true;
  std::vector<std::string> classes;  ///< as GivingCall's arguments
};

struct AttributeRead {
  enum class Kind {
    required,
    optional,  ///< something else stands in for it
    asked      ///< it is there, or its absence is expected
  };
  int line = 0;
  std::string function;
  std::size_t call = 0;                   ///< an index of ObjectFacts::calls
  std::vector<std::string> alternatives;  ///< one of them is enough
  Kind kind = Kind::required;
  std::vector<InstanceTest> tests;
};

struct ObjectFacts {
  std::vector<ClassFacts> classes;
  std::vector<GivingCall> calls;
  std::vector<AttributeRead> reads;
};

/// Reads one line of the script's facts. Throws std::runtime_error on anything else.
[[nodiscard]] ObjectFacts parse_object_facts(std::string_view json);

template <>
struct FactsFormat<ObjectFacts> {
  static constexpr std::string_view script = "python_objects.py";
  static ObjectFacts parse(std::string_view line) { return parse_object_facts(line); }
};

using ObjectFactsStore = FactsStoreOf<ObjectFacts>;

}  // namespace fusegate::probe
