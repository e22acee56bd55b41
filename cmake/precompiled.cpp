// What the precompiled header promises.
#include "cmake/precompiled.hpp"

template class nlohmann::basic_json<nlohmann::ordered_map>;
