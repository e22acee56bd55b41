// The sources of a version where they can be imported: unpacked, if need be.
#pragma once

#include <filesystem>
#include <string>

#include "tools/fusegate/matrix_file.hpp"

namespace fusegate::tools {

/// What --library is to say of a version: itself, or the folder below `folder` into which its wheel
/// or its revision was unpacked, now or by an earlier run. Throws CannotRun with the reason when
/// that fails; half of a library never takes the place of one.
[[nodiscard]] std::string library_of(const MatrixVersion& version,
                                     const std::filesystem::path& folder);

}  // namespace fusegate::tools
