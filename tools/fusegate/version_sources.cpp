#include "tools/fusegate/version_sources.hpp"

#include <chrono>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "probe/base/error.hpp"
#include "probe/base/files.hpp"
#include "probe/base/hash.hpp"
#include "probe/base/text.hpp"
#include "probe/process/subprocess.hpp"
#include "probe/sources/git_view.hpp"

namespace fusegate::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::minutes unpack_limit{10};

struct Named {
  std::string name;  ///< with its '=', or ""
  fs::path path;
};

Named parse(const std::string& library) {
  const auto equals = library.find('=');
  if (equals == library.npos) return {"", library};
  return {library.substr(0, equals + 1), library.substr(equals + 1)};
}

/// Output of a command that has to go well.
std::string require(const MatrixVersion& version, const CommandResult& result,
                    const std::string& what) {
  if (result.status && result.status->ok()) return std::string(trim(result.output));
  const auto errors = trim(result.errors);
  throw CannotRun(fmt::format("{}: {} {}{}{}", version.name, what,
                              result.status ? result.status->text() : "took more than 10 minutes",
                              errors.empty() ? "" : ": ", foreign_text(errors, 4)));
}

std::string run_tool(const MatrixVersion& version, const std::vector<std::string>& words) {
  try {
    return require(version,
                   run_command({.argv = words, .inherit = {}, .environment = {}}, "", unpack_limit),
                   words.front());
  } catch (const std::system_error& error) {
    throw CannotRun(
        fmt::format("{}: cannot start {}: {}", version.name, words.front(), error.what()));
  }
}

/// Unpacks into a folder that takes its place when it is whole.
template <class Unpack>
void unpack_once(const MatrixVersion& version, const fs::path& folder, Unpack&& unpack) {
  if (fs::exists(folder)) return;
  try {
    const fs::path half = folder.native() + ".part";
    fs::remove_all(half);
    fs::create_directories(half);
    unpack(half);
    fs::rename(half, folder);
  } catch (const fs::filesystem_error& error) {
    throw CannotRun(fmt::format("{}: cannot unpack into {}: {}", version.name, folder.string(),
                                error.code().message()));
  }
}

/// The revision's files, as git has them, whatever the repository's own settings say.
fs::path unpack_revision(const MatrixVersion& version, const fs::path& repository,
                         const fs::path& folder) {
  const auto git = probe::git_folder(repository);
  if (!git) {
    throw CannotRun(fmt::format("{}: {} is no git repository, so revision {} cannot be read of it",
                                version.name, repository.string(), version.revision));
  }
  try {
    const probe::GitView view(*git);
    const auto commit = require(
        version,
        view.run(repository, {"rev-parse", "--verify", "--quiet", "--end-of-options",
                              version.revision + "^{commit}"}),
        fmt::format("revision {} is not in {}: git", version.revision, repository.string()));
    const fs::path target = folder / (version.name + "-" + commit.substr(0, 12));
    unpack_once(version, target, [&](const fs::path& half) {
      const auto archive = half.native() + ".tar";
      static_cast<void>(require(
          version, view.run(repository, {"archive", "--format=tar", "--output=" + archive, commit}),
          "git archive"));
      static_cast<void>(run_tool(version, {"tar", "-xf", archive, "-C", half.native()}));
      fs::remove(archive);
    });
    return target;
  } catch (const std::system_error& error) {
    throw CannotRun(fmt::format("{}: cannot read {} with git: {}", version.name,
                                repository.string(), error.what()));
  }
}

fs::path unpack_wheel(const MatrixVersion& version, const fs::path& wheel, const fs::path& folder) {
  Fingerprint fingerprint;  // a wheel with kernels for many GPUs has gigabytes
  if (!read_pieces(wheel, [&](std::string_view piece) { fingerprint.add(piece); })) {
    throw CannotRun(fmt::format("{}: {}", version.name, cannot_read(wheel).what()));
  }
  const fs::path target = folder / (version.name + "-" + fingerprint.text());
  unpack_once(version, target, [&](const fs::path& half) {
    static_cast<void>(
        run_tool(version, {version.python, "-m", "zipfile", "-e", wheel.native(), half.native()}));
  });
  return target;
}

}  // namespace

std::string library_of(const MatrixVersion& version, const fs::path& below) {
  const auto folder = fs::absolute(below).lexically_normal();
  const auto [name, path] = parse(version.library);
  if (!version.revision.empty()) return name + unpack_revision(version, path, folder).native();
  if (path.extension() == ".whl") return name + unpack_wheel(version, path, folder).native();
  return version.library;
}

}  // namespace fusegate::tools
