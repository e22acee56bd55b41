#include "probe/sources/git_history.hpp"

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "probe/sources/problem.hpp"
#include "probe/sources/python.hpp"

namespace fusegate::probe {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds object_limit{30};
constexpr std::size_t name_limit = 8192;  // a path has 4096 at most
constexpr std::size_t header_limit = 2 * name_limit;
constexpr std::size_t tree_limit = 64u << 20;

[[noreturn]] void refuse(const fs::path& root, const std::string& why) {
  throw CannotRun(fmt::format("git cannot read {}: {}", shown(root), why));
}

fs::path git_folder_or_refuse(const fs::path& root) {
  if (auto folder = git_folder(root)) return *folder;
  throw UsageError(fmt::format(
      "{} is no git repository: give the folder that holds .git, or a bare one", shown(root)));
}

template <class Action>
auto with_git(const fs::path& root, const Action& action) {
  try {
    return action();
  } catch (const fs::filesystem_error& error) {
    refuse(root, error.code().message());
  } catch (const std::system_error& error) {
    const bool missing = error.code() == std::errc::no_such_file_or_directory;
    refuse(root, missing ? "git is not installed" : error.what());
  }
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

/// A tree object: "MODE NAME\0" and the object's name in binary, again and again.
std::vector<GitHistory::Entry> parse_tree(std::string_view content, std::size_t oid_bytes) {
  using Kind = GitHistory::Entry::Kind;
  std::vector<GitHistory::Entry> entries;
  while (!content.empty()) {
    const auto space = content.find(' ');
    const auto end = content.find('\0');
    if (end == content.npos || space > end || content.size() - end - 1 < oid_bytes) break;
    const auto mode = content.substr(0, space);
    const auto kind = mode == "40000"           ? Kind::folder
                      : mode.starts_with("100") ? Kind::file
                                                : Kind::other;  // links, submodules
    entries.push_back({std::string(content.substr(space + 1, end - space - 1)),
                       hex(content.substr(end + 1, oid_bytes)), kind});
    content.remove_prefix(end + 1 + oid_bytes);
  }
  return entries;
}

}  // namespace

GitHistory::GitHistory(const fs::path& root)
    : root_(fs::absolute(root)),
      view_(with_git(root, [&] { return GitView(git_folder_or_refuse(root)); })),
      objects_(with_git(root, [&] {
        return view_.command(root_, {"cat-file", "--batch"});
      })) {}

std::vector<GitTag> GitHistory::tags(std::string_view glob) {
  const auto result = with_git(root_, [&] {
    return view_.run(root_,
                     {"for-each-ref", "--format=%(refname:strip=2) %(objectname) %(objecttype)",
                      fmt::format("refs/tags/{}", glob)});
  });
  if (!result.status || !result.status->ok()) refuse(root_, failure_text(result));
  std::vector<GitTag> tags;
  for (const auto line : split(result.output, '\n')) {
    const auto words = split_words(line);
    if (words.size() != 3) continue;
    const bool is_commit = words[2] == "commit";
    // An annotated tag may be of another one, and any tag of a file.
    auto named = is_commit ? std::optional(std::string(words[1])) : commit(words[1]);
    if (named) tags.push_back({std::string(words[0]), std::move(*named)});
  }
  return tags;
}

std::optional<std::string> GitHistory::commit(std::string_view revision) {
  const auto found = object(fmt::format("{}^{{commit}}", revision), tree_limit);
  return found && found->type == "commit" ? std::optional(found->oid) : std::nullopt;
}

const std::vector<GitHistory::Entry>* GitHistory::folder(const std::string& commit,
                                                         const std::string& path) {
  return folder(commit + ":" + path);
}

const std::vector<GitHistory::Entry>* GitHistory::folder(const std::string& tree) {
  if (const auto it = folders_.find(tree); it != folders_.end()) return &it->second;
  const auto found = object(tree, tree_limit);
  if (!found || found->type != "tree") return nullptr;
  return &folders_.emplace(tree, parse_tree(found->content, found->oid.size() / 2)).first->second;
}

std::optional<std::string> GitHistory::file(const std::string& name, std::size_t limit) {
  auto found = object(name, limit);
  if (!found || found->type != "blob") return std::nullopt;
  return std::move(found->content);
}

/// The protocol: "NAME\n" is answered by "OID TYPE SIZE\n", the content and "\n"; or by one line
/// that ends in "missing" or "ambiguous".
std::optional<GitHistory::Object> GitHistory::object(const std::string& name, std::size_t limit) {
  const bool is_one_line =
      std::none_of(name.begin(), name.end(), [](char c) { return c == '\n' || c == '\0'; });
  if (!is_one_line || name.starts_with('-') || name.size() > name_limit) return std::nullopt;
  const auto deadline = Clock::now() + object_limit;
  if (!objects_.write(name + "\n", deadline)) refuse(root_, objects_.error_tail());
  std::string header;
  expect(objects_.read_line(header, deadline, header_limit));
  const auto words = split_words(header);
  if (words.size() != 3 || words[2].find_first_not_of("0123456789") != words[2].npos) {
    return std::nullopt;
  }
  Object found{std::string(words[0]), std::string(words[1]), ""};
  auto rest = static_cast<std::size_t>(std::stoull(std::string(words[2])));
  const bool fits = rest <= limit;
  for (++rest; rest > 0;) {  // with the line's end; what does not fit is passed over in pieces
    std::string piece;
    const std::size_t count = fits ? rest : std::min<std::size_t>(rest, 1u << 20);
    expect(objects_.read_bytes(piece, count, deadline));
    rest -= count;
    if (fits) found.content = std::move(piece);
  }
  if (!fits) return std::nullopt;
  found.content.pop_back();
  return found;
}

void GitHistory::expect(ReadStatus status) {
  if (status == ReadStatus::line) return;
  const auto errors = trim(objects_.error_tail());
  refuse(root_, errors.empty() ? "git cat-file stopped answering" : printable(errors, 300));
}

}  // namespace fusegate::probe
