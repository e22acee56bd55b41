#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/library/contract.hpp"
#include "probe/sources/problem.hpp"

namespace fusegate::probe {

/// An installed or built distribution, as its metadata says it is.
struct Distribution {
  enum class Form {
    installed,  ///< its files lie beside its metadata
    editable,   ///< its files lie in `location`
    sources,    ///< PKG-INFO of a source release, egg-info that a build left beside the sources
  };
  std::string name;                ///< "amd-aiter", as METADATA has it
  std::string version;             ///< empty where METADATA has none that is one
  std::filesystem::path metadata;  ///< the METADATA or PKG-INFO file
  Form form = Form::installed;
  std::string location;  ///< editable: the folder of the sources
};

/// {name, version, metadata, form, location}
[[nodiscard]] nlohmann::ordered_json to_json(const Distribution& distribution);

/// The distributions in `folder` (a site-packages, a source release) that claim the contract's
/// import package: by RECORD, where there is one, else by name or top_level.txt. Metadata that
/// cannot be understood is a problem. Paths that it names are compared, never opened.
struct DistributionList {
  std::vector<Distribution> distributions;  ///< the contract's present name first, then by name
  std::vector<Problem> problems;
};
[[nodiscard]] DistributionList find_distributions(const std::filesystem::path& folder,
                                                  const LibraryContract& contract,
                                                  bool is_source_tree);

/// The files, below the folder with the metadata, that the RECORDs of these distributions list: an
/// installer wrote them. Without those whose names RECORD quotes.
[[nodiscard]] std::set<std::string> recorded_files(const std::vector<Distribution>& distributions);

/// A name as package indexes compare them: "Amd_AITER" is "amd-aiter".
[[nodiscard]] std::string normalised_name(std::string_view name);

}  // namespace fusegate::probe
