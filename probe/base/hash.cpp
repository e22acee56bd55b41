#include "probe/base/hash.hpp"

#include <new>

#include <fmt/format.h>

// Header-only, so that a copied binary needs no libxxhash.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace fusegate {
namespace {

XXH3_state_t* state_of(void* state) {
  return static_cast<XXH3_state_t*>(state);
}

}  // namespace

std::uint64_t hash64(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::string hash_text(std::string_view bytes) {
  return fmt::format("{:016x}", hash64(bytes));
}

Fingerprint::Fingerprint() : state_(XXH3_createState()) {
  if (state_ == nullptr) throw std::bad_alloc();
  XXH3_128bits_reset(state_of(state_));
}

Fingerprint::~Fingerprint() {
  XXH3_freeState(state_of(state_));
}

void Fingerprint::add(std::string_view bytes) {
  XXH3_128bits_update(state_of(state_), bytes.data(), bytes.size());
}

std::string Fingerprint::text() const {
  const auto digest = XXH3_128bits_digest(state_of(state_));
  return fmt::format("{:016x}{:016x}", digest.high64, digest.low64);
}

}  // namespace fusegate
