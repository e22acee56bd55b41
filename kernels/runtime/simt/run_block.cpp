#include "kernels/runtime/simt/run_block.hpp"

#include <thread>

#include "kernels/runtime/simt/block.hpp"

namespace fusegate::simt {
namespace {

thread_local Block* current_block = nullptr;

}  // namespace

std::optional<Fault> run_block(const BlockTask& task) {
  std::optional<Fault> fault;
  task.heartbeat->block.store(task.index, std::memory_order_relaxed);
  task.heartbeat->running.store(true, std::memory_order_relaxed);
  std::thread([&] {
    try {
      Block block(task);
      current_block = &block;
      fault = block.run();
    } catch (const std::exception& error) {
      fault = fault_of(error, task.kernel);
    }
    current_block = nullptr;
  }).join();
  task.heartbeat->running.store(false, std::memory_order_relaxed);
  return fault;
}

// ---- What a running kernel asks for ----------------------------------------------------------

const uint3& thread_index() {
  return current_block->current->index;
}
const uint3& block_index() {
  return current_block->index;
}
const dim3& block_extent() {
  return current_block->task.extent;
}
const dim3& grid_extent() {
  return current_block->task.grid;
}
int lane_index() {
  return current_block->current->number;
}
int warp_size() {
  return current_block->task.warp_size;
}

void* dynamic_shared() {
  return current_block->dynamic_shared.data();
}

void wait_at_barrier(const char* file, int line) {
  current_block->wait(State::at_barrier, {file, line, __builtin_return_address(0)});
}

std::uint64_t exchange(std::uint64_t bits, int source, const char* file, int line) {
  Lane& lane = *current_block->current;
  lane.bits = bits;
  lane.source = source;
  current_block->wait(State::exchanging, {file, line, __builtin_return_address(0)});
  return lane.bits;
}

void spin(const char* file, int line) {
  current_block->wait(State::spinning, {file, line, __builtin_return_address(0)});
}

}  // namespace fusegate::simt
