#pragma once

#include <stdexcept>

namespace fusegate {

/// What a person gave cannot be used. The message says what, where and how to mend it.
/// Ends the program with exit code 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Something the command needs is not there or does not work: a device, a library, a worker, a
/// folder to write to. The message says what was looked for, where, and how to mend it.
/// Ends the program with exit code 3.
class CannotRun : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace fusegate
