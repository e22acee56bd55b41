#include "tools/fusegate/matrix_file.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <sstream>

#include <fmt/format.h>

#include "probe/base/error.hpp"
#include "probe/base/files.hpp"
#include "probe/base/text.hpp"
#include "suites/op.hpp"

namespace fusegate::tools {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> file_keys{"with",     "suite",   "cases",     "ops",
                                         "match",    "seed",    "interpret", "python",
                                         "baseline", "version", "timeout",   "beyond_limits"};
const std::vector<std::string> version_keys{"name",        "library", "revision",
                                            "environment", "python",  "with"};

/// A table of the file, and where it is.
class Table {
 public:
  Table(const fs::path& file, const toml::table& table, const std::vector<std::string>& keys)
      : file_(file), table_(table) {
    for (const auto& [key, value] : table) {
      const std::string name(key.str());
      if (std::find(keys.begin(), keys.end(), name) != keys.end()) continue;
      fail(value, fmt::format("there is no key '{}'{}; there are {}", name,
                              did_you_mean(name, keys), join(keys, ", ")));
    }
  }

  template <class Value>
  [[nodiscard]] std::optional<Value> get(const char* key, const char* kind) const {
    const auto* node = table_.get(key);
    if (node == nullptr) return std::nullopt;
    const auto value = node->template value_exact<Value>();
    if (!value) fail(*node, fmt::format("{} is not {}", key, kind));
    return value;
  }

  [[nodiscard]] std::string text(const char* key) const {
    return get<std::string>(key, "a text").value_or("");
  }

  /// A text, or a list of them.
  [[nodiscard]] std::vector<std::string> texts(const char* key) const {
    const auto* node = table_.get(key);
    if (node == nullptr) return {};
    if (const auto one = node->value_exact<std::string>()) return {*one};
    const auto* list = node->as_array();
    if (list == nullptr) fail(*node, fmt::format("{} is neither a text nor a list of texts", key));
    std::vector<std::string> all;
    for (const auto& item : *list) {
      const auto one = item.value_exact<std::string>();
      if (!one) fail(item, fmt::format("{} has something that is no text", key));
      all.push_back(*one);
    }
    return all;
  }

  [[nodiscard]] const toml::node* node(const char* key) const { return table_.get(key); }

  [[noreturn]] void fail(const toml::node& node, const std::string& what) const {
    const auto line = node.source().begin.line;
    throw UsageError(fmt::format("{}:{}: {}", file_.string(), line, what));
  }
  [[noreturn]] void fail(const std::string& what) const { fail(table_, what); }

 private:
  const fs::path& file_;
  const toml::table& table_;
};

toml::table parse(const fs::path& path) {
  const auto text = read_text(path);
  if (!text) throw cannot_read(path);
  try {
    return toml::parse(*text, path.string());
  } catch (const toml::parse_error& error) {
    throw UsageError(fmt::format("{}:{}: {}", path.string(), error.source().begin.line,
                                 foreign_text(error.description(), 4)));
  }
}

/// A path of the file as this process sees it; a bare word may be a command or a library's name.
std::string from_here(const fs::path& folder, const std::string& path) {
  if (path.empty()) return path;
  return (folder / path).lexically_normal().native();
}

std::string command_from_here(const fs::path& folder, const std::string& command) {
  return command.find('/') == command.npos ? command : from_here(folder, command);
}

std::string library_from_here(const fs::path& folder, const std::string& library) {
  const auto equals = library.find('=');
  const std::string name = equals == library.npos ? "" : library.substr(0, equals + 1);
  const std::string path = equals == library.npos ? library : library.substr(equals + 1);
  const bool is_name = path.find('/') == path.npos && !fs::exists(folder / path);
  return name + (is_name ? path : from_here(folder, path));
}

/// The expression that only cases of these ops match.
std::string match_ops(const Table& table) {
  const auto ops = table.texts("ops");
  if (ops.empty()) return table.text("match");
  if (table.node("match") != nullptr) table.fail("give ops or match, not both");
  for (const auto& op : ops) static_cast<void>(suites::find_op(op));
  return fmt::format("^({}) ", join(ops, "|"));
}

/// What holds for all versions.
CaseOptions read_cases(const Table& table) {
  CaseOptions cases;
  cases.with = table.texts("with");
  cases.suite = table.text("suite");
  cases.match = match_ops(table);
  cases.seed = table.get<std::int64_t>("seed", "a whole number").value_or(0);
  if (cases.seed < 0) table.fail(*table.node("seed"), "seed is below 0");
  cases.interpret = table.get<bool>("interpret", "true or false").value_or(false);
  cases.beyond_limits = table.get<bool>("beyond_limits", "true or false").value_or(false);
  if (const auto limit = table.get<std::int64_t>("timeout", "a whole number of seconds")) {
    if (*limit < 1) table.fail(*table.node("timeout"), "timeout is below 1 second");
    cases.case_timeout_seconds = static_cast<double>(*limit);
  }
  return cases;
}

/// A name that is a folder's, too.
void check_name(const Table& table, const std::string& name) {
  if (name.empty()) table.fail("a version without a name");
  const auto is_fit = [](char c) { return is_word(c) || c == '.' || c == '-' || c == '+'; };
  if (name.front() == '.' || !std::all_of(name.begin(), name.end(), is_fit)) {
    table.fail(*table.node("name"),
               fmt::format("the name '{}' cannot be a folder's: letters, digits, . _ + and - can",
                           printable(name, 80)));
  }
}

MatrixVersion read_version(const Table& table, const fs::path& folder, const MatrixVersion& all) {
  MatrixVersion version = all;
  version.name = table.text("name");
  check_name(table, version.name);
  version.library = library_from_here(folder, table.text("library"));
  version.revision = table.text("revision");
  if (!version.revision.empty() && version.library.empty()) {
    table.fail(*table.node("revision"), "a revision without the git repository it is of: library");
  }
  const auto environment = table.text("environment"), python = table.text("python");
  if (!environment.empty() && !python.empty()) {
    table.fail(*table.node("python"), "give environment or python, not both");
  }
  if (!environment.empty()) version.python = from_here(folder, environment + "/bin/python");
  if (!python.empty()) version.python = command_from_here(folder, python);
  if (const auto with = table.texts("with"); !with.empty()) version.cases.with = with;
  if (version.cases.with.empty()) {
    table.fail(
        "which implementation? Give with = \"...\" here or at the top; fusegate list "
        "implementations has them");
  }
  return version;
}

void read_versions(const Table& table, const toml::array& list, const MatrixVersion& all,
                   MatrixFile& file) {
  for (const auto& item : list) {
    if (!item.is_table()) table.fail(item, "a version is a table: [[version]]");
    const Table one(file.path, *item.as_table(), version_keys);
    auto version = read_version(one, fs::absolute(file.path).parent_path(), all);
    for (const auto& other : file.versions) {
      if (other.name == version.name) {
        one.fail(fmt::format("there is a version '{}' already", version.name));
      }
    }
    file.versions.push_back(std::move(version));
  }
}

}  // namespace

MatrixFile read_matrix_file(const fs::path& path, const std::string& python) {
  const toml::table document = parse(path);
  const Table table(path, document, file_keys);
  MatrixFile file{.path = path, .lines = table.texts("cases"), .baseline = "", .versions = {}};
  MatrixVersion all;
  all.cases = read_cases(table);
  if (!file.lines.empty() && !all.cases.suite.empty()) table.fail("give cases or suite, not both");
  if (file.lines.empty() && all.cases.suite.empty()) all.cases.suite = "smoke";
  const auto own = table.text("python");
  all.python = own.empty() ? python : command_from_here(fs::absolute(path).parent_path(), own);
  const auto* versions = table.node("version");
  if (versions == nullptr || !versions->is_array() || versions->as_array()->empty()) {
    throw UsageError(fmt::format("{}: no versions; each begins with [[version]]", path.string()));
  }
  read_versions(table, *versions->as_array(), all, file);
  file.baseline = table.text("baseline");
  std::vector<std::string> names;
  for (const auto& version : file.versions) names.push_back(version.name);
  if (!file.baseline.empty() &&
      std::find(names.begin(), names.end(), file.baseline) == names.end()) {
    table.fail(*table.node("baseline"), fmt::format("there is no version '{}'{}", file.baseline,
                                                    did_you_mean(file.baseline, names)));
  }
  return file;
}

}  // namespace fusegate::tools
