#include "probe/library/identity.hpp"

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "probe/base/text.hpp"
#include "probe/base/version.hpp"
#include "probe/sources/git.hpp"
#include "probe/sources/paths.hpp"

namespace fusegate::probe {

namespace fs = std::filesystem;

namespace {

using From = VersionSource::From;

constexpr std::uintmax_t version_file_limit = 1u << 20;

/// A version, and what says so.
struct Claim {
  std::string version;
  std::string source;
  From from = From::distribution;
  bool is_exact = true;  ///< says all there is to say: git between two tags does not
};

/// What the file of a source says, when it is there and can be a version or name.
std::optional<std::string> read_source(const fs::path& root, const VersionSource& source) {
  const auto text = read_bounded(root / source.path, version_file_limit);
  if (!text) return std::nullopt;
  const auto lines = split(*text, '\n');
  std::optional<std::string> found;
  if (source.variable.empty()) found = std::string(trim(lines.front()));
  for (const auto line : lines) {
    if (!found) found = assigned_text(line, source.variable);
  }
  return found && is_version(*found) ? found : std::nullopt;
}

std::string below(const fs::path& path, const fs::path& root) {
  const auto relative = path.lexically_relative(root);
  const bool is_below = !relative.empty() && *relative.begin() != "..";
  return shown(is_below ? relative : path);
}

/// Asks the sources of one library.
class Inquiry {
 public:
  Inquiry(const LibraryLocation& location, const LibraryContract& contract)
      : location_(location), contract_(contract) {}

  LibraryIdentity run() {
    find_all_distributions();
    for (const auto& source : contract_.version_sources) ask(source);
    if (claims_.empty()) report_unknown();
    if (claims_.empty() && commit_) claims_.push_back(*commit_);
    if (!claims_.empty()) {
      identity_.version = claims_.front().version;
      identity_.version_source = claims_.front().source;
    }
    report_contradictions();
    name_distribution();
    return std::move(identity_);
  }

 private:
  void find_all_distributions() {
    const bool is_source_tree = location_.kind == LibraryKind::checkout;
    auto here = find_distributions(location_.root, contract_, is_source_tree);
    std::move(here.problems.begin(), here.problems.end(), std::back_inserter(identity_.problems));
    for (auto& found : here.distributions) add(std::move(found));
    for (const auto& folder : location_.search_path) {
      for (auto& found : find_distributions(folder, contract_, false).distributions) {
        if (is_editable_here(found)) {
          add(std::move(found));
        } else {
          report_shadowed(found);
        }
      }
    }
    report_double();
  }

  void add(Distribution found) { identity_.distributions.push_back(std::move(found)); }

  [[nodiscard]] bool is_editable_here(const Distribution& found) const {
    std::error_code ignored;
    return found.form == Distribution::Form::editable &&
           fs::equivalent(found.location, location_.root, ignored);
  }

  void report_shadowed(const Distribution& found) {
    identity_.problems.push_back(
        {shown(found.metadata.parent_path()),
         fmt::format("{} {} is installed too, but this Python imports {} from {}", found.name,
                     found.version, contract_.import_name, shown(location_.root)),
         fmt::format("pip uninstall {}", found.name)});
  }

  void report_double() {
    std::vector<std::string> names;
    for (const auto& found : identity_.distributions) {
      // A build leaves egg-info beside sources that are then installed as editable: one, not two.
      if (found.form == Distribution::Form::sources) continue;
      names.push_back(fmt::format("{} {} ({})", found.name, found.version,
                                  shown(found.metadata.parent_path().filename())));
    }
    if (names.size() < 2) return;
    identity_.problems.push_back(
        {shown(location_.root),
         fmt::format("{} distributions claim the package '{}': {}; its files may be a mixture",
                     names.size(), contract_.import_name, join(names, ", ")),
         "uninstall all of them, then install one"});
  }

  void ask(const VersionSource& source) {
    switch (source.from) {
      case From::distribution:
        return ask_metadata(source.from, Distribution::Form::installed);
      case From::git:
        return ask_git(source);
      case From::file:
        return ask_file(source);
      case From::source_metadata:
        ask_metadata(source.from, Distribution::Form::sources);
        return ask_metadata(source.from, Distribution::Form::editable);
    }
  }

  void ask_metadata(From from, Distribution::Form form) {
    for (const auto& found : identity_.distributions) {
      if (found.form == form && !found.version.empty()) {
        claims_.push_back({found.version, below(found.metadata, location_.root), from});
      }
    }
  }

  void ask_git(const VersionSource& source) {
    // Only a checkout: a site-packages may lie in a repository that has nothing to do with it.
    if (location_.kind != LibraryKind::checkout) return;
    const auto found = describe_checkout(location_.root, source.tags, identity_.problems);
    if (!found) return;
    identity_.revision = found->revision;
    Claim claim{found->text, "git describe --tags --always --dirty", From::git, found->is_exact};
    if (found->has_tag && claim.version.starts_with(source.tag_prefix)) {
      claim.version.erase(0, source.tag_prefix.size());
    }
    // A bare commit is a version only where nothing else is.
    if (found->has_tag) {
      claims_.push_back(claim);
    } else {
      commit_ = claim;
    }
  }

  void ask_file(const VersionSource& source) {
    if (const auto version = read_source(location_.root, source)) {
      claims_.push_back({*version, source.path, From::file});
    }
  }

  void report_unknown() {
    std::vector<std::string> looked_for;
    for (const auto& source : contract_.version_sources) {
      switch (source.from) {
        case From::distribution:
          looked_for.push_back("*.dist-info");
          break;
        case From::git:
          looked_for.push_back(fmt::format("git tags {}", source.tags));
          break;
        case From::file:
          looked_for.push_back(source.path);
          break;
        case From::source_metadata:
          looked_for.push_back("PKG-INFO");
          break;
      }
    }
    identity_.problems.push_back(
        {shown(location_.root),
         fmt::format("does not say its version; looked for {}", join(looked_for, ", ")),
         commit_
             ? "fetch its tags: git fetch --tags, with --unshallow in a shallow clone"
             : "go by the releases that its entry points fit; an installation, or a checkout with "
               "tags, says its version"});
  }

  void report_contradictions() {
    if (claims_.empty() || !claims_.front().is_exact) return;
    const Claim& first = claims_.front();
    for (const auto& other : claims_) {
      // Several distributions are reported as such.
      if (other.from == From::distribution || same_version(first.version, other.version)) continue;
      identity_.problems.push_back({other.source,
                                    fmt::format("says version {}, but {} says {}", other.version,
                                                first.source, first.version),
                                    first.from == From::git
                                        ? "it is left from an earlier build: build again"
                                        : "the files may be of two versions: reinstall"});
    }
  }

  void name_distribution() {
    if (!identity_.distributions.empty()) {
      identity_.distribution = identity_.distributions.front().name;
      return;
    }
    for (const auto& source : contract_.distribution_sources) {
      const auto name = read_source(location_.root, source);
      if (name && identity_.distribution.empty()) identity_.distribution = *name;
    }
  }

  const LibraryLocation& location_;
  const LibraryContract& contract_;
  LibraryIdentity identity_;
  std::vector<Claim> claims_;  ///< the most trusted first
  std::optional<Claim> commit_;
};

}  // namespace

LibraryIdentity identify_library(const LibraryLocation& location, const LibraryContract& contract) {
  return Inquiry(location, contract).run();
}

}  // namespace fusegate::probe
