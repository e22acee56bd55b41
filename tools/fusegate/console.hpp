#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "probe/base/files.hpp"
#include "probe/base/unique_fd.hpp"
#include "tools/fusegate/options.hpp"

namespace fusegate::tools {

enum class Tone { plain, good, bad, warning, faint };

/// Where people read: standard output, or standard error when standard output is for a machine.
class Console {
 public:
  explicit Console(const CommonOptions& common);

  /// A line, unless the program is to be quiet.
  void print(std::string_view text = "") const;
  /// A line that is printed even then.
  void insist(std::string_view text) const;
  /// `text` in the colour of `tone`, where colours are wanted.
  [[nodiscard]] std::string paint(Tone tone, std::string_view text) const;

 private:
  void write(std::string_view text) const;

  int fd_;
  bool quiet_;
  bool color_;
};

/// How far a long job is, on standard error: a bar that is redrawn on a terminal, now and then a
/// line elsewhere.
class Progress {
 public:
  Progress(const CommonOptions& common, std::uint64_t total);
  ~Progress();
  // Owns the terminal's last line.
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void begin(std::string_view what);
  void advance();
  /// Makes room for a line of the console's.
  void clear();

 private:
  void draw(std::string_view what);
  void print_line() const;

  bool terminal_;
  bool silent_;
  std::uint64_t total_;
  std::uint64_t done_ = 0;
  std::uint64_t printed_tenths_ = 0;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point drawn_;
};

/// "2026-11-21T08:30:00Z", now.
[[nodiscard]] std::string utc_now();

/// A document that is written bit by bit: to standard output for "-", to a device or pipe as it
/// comes, and to any other file so that it takes its place only when it is whole. Throws CannotRun.
class DocumentWriter {
 public:
  explicit DocumentWriter(const std::string& file);
  ~DocumentWriter();
  // Owns a file.
  DocumentWriter(const DocumentWriter&) = delete;
  DocumentWriter& operator=(const DocumentWriter&) = delete;

  void write(std::string_view text);
  void finish();

 private:
  std::string name_;
  UniqueFd device_;
  std::unique_ptr<AtomicFile> file_;
};

/// A whole document at once.
void write_document(const std::string& file, std::string_view text);

}  // namespace fusegate::tools
