// What may become of a call, whatever the library said of it: one table for who tells and who
// shows it. The report's schema has the names too.
#pragma once

#include <array>

namespace fusegate::suites {

enum class Conduct {
  right,
  refused,  ///< it raised an error, and the process and the device were well afterwards
  wrong,
  out_of_bounds,  ///< it wrote where it had nothing to write
  crashed,        ///< it took its process or the device's context down
  hung,
  failed,  ///< it could not be tried: no memory, a broken worker
};

struct ConductWords {
  Conduct conduct;
  const char* name;     ///< in documents
  const char* heading;  ///< for people
};

inline constexpr std::array<ConductWords, 7> all_conducts{{
    {Conduct::right, "right", "right"},
    {Conduct::refused, "refused", "refused"},
    {Conduct::wrong, "wrong", "wrong"},
    {Conduct::out_of_bounds, "out_of_bounds", "wrote out of bounds"},
    {Conduct::crashed, "crashed", "crashed"},
    {Conduct::hung, "hung", "hung"},
    {Conduct::failed, "failed", "not tried"},
}};

}  // namespace fusegate::suites
