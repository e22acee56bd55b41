// Instantiated once (precompiled.cpp), not in each file that reads or writes a document.
#pragma once

#include <nlohmann/json.hpp>

extern template class nlohmann::basic_json<nlohmann::ordered_map>;
