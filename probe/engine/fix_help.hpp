#pragma once

#include <string>
#include <vector>

#include "probe/engine/judged_use.hpp"

namespace fusegate::probe {

/// How an engine may be mended where a use of it breaks.
struct FixHelp {
  std::vector<std::string> text;     ///< sentences
  std::vector<std::string> snippet;  ///< as a patch has it: "-..." and "+..."; may be empty
};

/// From what the library has instead and what is known of both generations: where a name moved, the
/// import and the call by keywords, with the outputs that are written in place; where a call does
/// not fit, the call that would; where nothing is left, what serves the same op here.
[[nodiscard]] FixHelp fix_help(const JudgedUse& judged, LoadedSurface& loaded,
                               const std::vector<EntryContract>& contracts);

}  // namespace fusegate::probe
