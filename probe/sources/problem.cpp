#include "probe/sources/problem.hpp"

#include <algorithm>
#include <cstdint>

#include <nlohmann/json.hpp>

#include "probe/base/text.hpp"

namespace fusegate::probe {
namespace {

constexpr std::size_t shown_limit = 4096;

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

/// How many bytes the character that begins with `lead` takes, 0 when none does, and the smallest
/// code point that may take so many.
std::pair<std::size_t, std::uint32_t> length_of(unsigned char lead) {
  if (lead < 0x80) return {1, 0};
  if (lead >= 0xc2 && lead < 0xe0) return {2, 0x80};
  if (lead >= 0xe0 && lead < 0xf0) return {3, 0x800};
  if (lead >= 0xf0 && lead < 0xf5) return {4, 0x10000};
  return {0, 0};
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto lead = static_cast<unsigned char>(text.front());
    const auto [length, smallest] = length_of(lead);
    if (length == 0 || length > text.size()) return false;
    std::uint32_t code = length == 1 ? lead : lead & (0xffu >> (length + 1));
    for (const char c : text.substr(1, length - 1)) {
      const auto byte = static_cast<unsigned char>(c);
      if ((byte & 0xc0) != 0x80) return false;
      code = code << 6 | (byte & 0x3fu);
    }
    const bool surrogate = code >= 0xd800 && code < 0xe000;
    if (code < smallest || code > 0x10ffff || surrogate) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string shown(std::string_view text) {
  const bool plain = text.size() <= shown_limit && is_utf8(text) &&
                     std::none_of(text.begin(), text.end(), is_control);
  return plain ? std::string(text) : printable(text, shown_limit);
}

nlohmann::ordered_json to_json(const Problem& problem) {
  nlohmann::ordered_json json{{"where", problem.where}, {"what", problem.what}};
  if (!problem.fix.empty()) json["fix"] = problem.fix;
  return json;
}

nlohmann::ordered_json to_json(const std::vector<Problem>& problems) {
  auto json = nlohmann::ordered_json::array();
  for (const auto& problem : problems) json.push_back(to_json(problem));
  return json;
}

}  // namespace fusegate::probe
