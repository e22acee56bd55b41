#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fusegate {

/// XXH3 of the bytes, 64 bits: the same on every machine. For identity, not for security.
[[nodiscard]] std::uint64_t hash64(std::string_view bytes);

/// hash64 as 16 lower-case hexadecimal digits.
[[nodiscard]] std::string hash_text(std::string_view bytes);

/// An XXH3 hash, 128 bits, of bytes that come in pieces: fingerprints of files.
class Fingerprint {
 public:
  Fingerprint();
  ~Fingerprint();
  // The state is shared with the C library by address.
  Fingerprint(const Fingerprint&) = delete;
  Fingerprint& operator=(const Fingerprint&) = delete;

  void add(std::string_view bytes);
  /// 32 lower-case hexadecimal digits.
  [[nodiscard]] std::string text() const;

 private:
  void* state_;
};

}  // namespace fusegate
