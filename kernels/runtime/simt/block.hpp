#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/runtime/simt/lane.hpp"
#include "kernels/runtime/simt/run_block.hpp"
#include "kernels/runtime/simt/schedule.hpp"

namespace fusegate::simt {

/// A block while it runs; see run_block().
class Block {
 public:
  explicit Block(const BlockTask& task);
  ~Block();
  // Its lanes hold its address.
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  std::optional<Fault> run();

  void wait(State state, const Site& site);  ///< of the running lane

  const BlockTask& task;
  uint3 index;
  std::vector<std::byte> dynamic_shared;
  Lane* current = nullptr;

 private:
  static void run_lane(void* lane);
  void resume(Lane& lane);
  bool goes_on();
  void take_turns();
  bool run_warp(std::size_t warp);
  bool exchange(std::span<Lane> warp);
  void open_barrier();
  void wait_for_others();
  void set_fault(hipError_t error, const std::string& what);
  [[nodiscard]] std::span<Lane> lanes() const { return {lanes_.get(), size_}; }
  [[nodiscard]] bool any(State state) const;

  std::size_t size_;
  std::unique_ptr<Lane[]> lanes_;
  std::vector<int> warp_order_;
  std::vector<int> lane_order_;
  Shuffler shuffler_;
  std::size_t left_;         ///< threads that have not ended
  std::uint64_t turns_ = 0;  ///< since a thread ended
  std::optional<std::chrono::steady_clock::time_point> many_turns_since_;
  std::optional<Fault> fault_;
  std::optional<std::chrono::steady_clock::time_point> only_spins_since_;
  std::chrono::steady_clock::time_point next_spin_report_;
  // Addresses that stand for the order which the runtime creates.
  char began_ = 0, ended_ = 0, barrier_ = 0;
};

}  // namespace fusegate::simt
