#include "kernels/runtime/simt/lane.hpp"

#include <array>
#include <functional>
#include <map>

#include <fmt/format.h>

namespace fusegate::simt {
namespace {

constexpr std::size_t largest_warp = 64;

/// Where the next shuffle of a warp is; null when there is none yet.
const void* next_place(std::span<const Lane> warp) {
  const void* place = nullptr;
  for (const Lane& lane : warp) {
    if (lane.state == State::spinning) return nullptr;
    if (lane.state != State::exchanging) continue;
    // The lowest address first: where the lanes of a branch come together again lies above it.
    if (place == nullptr || std::less<>{}(lane.site.address, place)) place = lane.site.address;
  }
  return place;
}

std::string why_inactive(std::span<const Lane> warp, int lane, int warp_size) {
  if (lane < 0 || lane >= warp_size) return "no warp has";
  const auto at = static_cast<std::size_t>(lane);
  if (at >= warp.size()) return "does not exist in this block";
  switch (warp[at].state) {
    case State::ended:
      return "has ended";
    case State::at_barrier:
      return "waits at the barrier at " + text(warp[at].site);
    default:
      return "is at " + text(warp[at].site);
  }
}

std::string what_it_does(const Lane& lane) {
  switch (lane.state) {
    case State::ended:
      return "have ended";
    case State::at_barrier:
      return "wait at the barrier at " + text(lane.site);
    case State::spinning:
      return "spin at " + text(lane.site);
    case State::exchanging:
      return "wait in the shuffle at " + text(lane.site);
    case State::ready:
      break;
  }
  return "have passed " + (lane.site.file != nullptr ? text(lane.site) : "no place to wait");
}

}  // namespace

std::string text(const Site& site) {
  return fmt::format("{}:{}", site.file, site.line);
}

std::string describe(std::span<const Lane> lanes) {
  std::map<std::string, std::size_t> groups;
  for (const Lane& lane : lanes) ++groups[what_it_does(lane)];
  std::string result;
  for (const auto& [what, number] : groups) {
    result += result.empty() ? fmt::format("{} of {} threads {}", number, lanes.size(), what)
                             : fmt::format(", {} {}", number, what);
  }
  return result;
}

Exchange exchange_once(std::span<Lane> warp, int warp_size) {
  const void* place = next_place(warp);
  if (place == nullptr) return {};
  const auto active = [place](const Lane& lane) {
    return lane.state == State::exchanging && lane.site.address == place;
  };
  std::array<std::uint64_t, largest_warp> received{};
  for (const Lane& lane : warp) {
    if (!active(lane)) continue;
    const bool exists = lane.source >= 0 && static_cast<std::size_t>(lane.source) < warp.size();
    if (!exists || !active(warp[static_cast<std::size_t>(lane.source)])) {
      return {.defect = fmt::format("shuffle at {}: thread {} reads lane {}, which {}",
                                    text(lane.site), lane.thread, lane.source,
                                    why_inactive(warp, lane.source, warp_size))};
    }
    received[static_cast<std::size_t>(lane.number)] =
        warp[static_cast<std::size_t>(lane.source)].bits;
  }
  for (Lane& lane : warp) {
    if (!active(lane)) continue;
    lane.bits = received[static_cast<std::size_t>(lane.number)];
    lane.state = State::ready;
  }
  return {.done = true};
}

}  // namespace fusegate::simt
