//===- Async.cpp - what happens beside the threads ------------------------===//

#include "test/vgpu/Async.h"

#include "test/vgpu/Machine.h"

namespace vgpu {

//===----------------------------------------------------------------------===//
// Proxies
//===----------------------------------------------------------------------===//

void ProxyState::write(uint32_t thread, uint64_t offset, uint64_t bytes) {
  for (uint64_t word = offset / 4; word <= (offset + bytes - 1) / 4; ++word) {
    if (writers[word] == thread + 1)
      continue;
    writers[word] = thread + 1;
    words[thread].push_back(uint32_t(word));
  }
}

void ProxyState::fence(uint32_t thread) {
  auto found = words.find(thread);
  if (found == words.end())
    return;
  for (uint32_t word : found->second)
    if (writers[word] == thread + 1)
      writers[word] = 0;
  words.erase(found);
}

uint32_t ProxyState::unfencedWriter(uint64_t offset, uint64_t bytes) const {
  if (words.empty())
    return 0;
  for (uint64_t word = offset / 4; word <= (offset + bytes - 1) / 4; ++word)
    if (writers[word])
      return writers[word];
  return 0;
}

//===----------------------------------------------------------------------===//
// Registers
//===----------------------------------------------------------------------===//

/// Registers of a multiprocessor, and what a thread may have.
static constexpr uint32_t kRegisters = 65536, kMostRegisters = 255;

RegisterPool::RegisterPool(uint32_t warps)
    : perThread(warps, std::min(kMostRegisters, kRegisters / (warps * kLanes)) / 8 * 8) {}

bool RegisterPool::set(uint32_t warp, uint32_t count) {
  int64_t wanted = (int64_t(count) - perThread[warp]) * kLanes;
  if (wanted > free)
    return false;
  free -= wanted;
  perThread[warp] = count;
  return true;
}

//===----------------------------------------------------------------------===//
// Barriers
//===----------------------------------------------------------------------===//

std::string Mbarrier::describe() const {
  return "is in phase " + std::to_string(phase) + " and waits for " + std::to_string(pending) +
         " arrivals and " + std::to_string(bytes) + " bytes";
}

Mbarrier &mbarrierAt(Warp &warp, int lane, const Instruction &instruction, Block &block,
                     uint32_t address) {
  auto found = block.mbarriers.find(address);
  if (found == block.mbarriers.end())
    warp.fail(FaultCode::Failed, lane, instruction, "there is no mbarrier at " + hex(address));
  return found->second;
}

static void completeIfDone(Block &block, uint32_t address, Mbarrier &barrier) {
  if (barrier.pending > 0 || barrier.bytes != 0)
    return;
  ++barrier.phase;
  barrier.pending = barrier.expected;
  block.wake(LaneState::AtMbarrier, address);
}

void arriveAt(Warp &warp, int lane, const Instruction &instruction, Block &block, uint32_t address,
              uint32_t count) {
  Mbarrier &barrier = mbarrierAt(warp, lane, instruction, block, address);
  if (count > barrier.pending)
    warp.fail(FaultCode::Failed, lane, instruction,
              "more arrivals than the mbarrier at " + hex(address) + " has been made for, which " +
                  barrier.describe());
  barrier.pending -= count;
  completeIfDone(block, address, barrier);
}

void countBytes(Block &block, uint32_t address, int64_t bytes) {
  Mbarrier &barrier = block.mbarriers.at(address);
  barrier.bytes -= bytes;
  completeIfDone(block, address, barrier);
}

//===----------------------------------------------------------------------===//
// Ends
//===----------------------------------------------------------------------===//

void checkExit(const Warp &warp) {
  if (warp.products.isPending())
    throw Fault(FaultCode::Failed, "kernel '" + warp.block.grid.kernel.name +
                                       "': a warp ends while its wgmma are under way");
}

void checkEnd(const Block &block) {
  auto fail = [&](const char *what) {
    throw Fault(FaultCode::Failed,
                "kernel '" + block.grid.kernel.name + "': a block ends while " + what);
  };
  if (block.pendingLoads > 0)
    fail("copies into its shared memory are under way");
  for (const auto &[thread, groups] : block.bulkGroups) {
    if (!groups.open.empty())
      fail("copies from its shared memory are in no group (cp.async.bulk.commit_group)");
    for (const BulkGroups::Group &group : groups.committed)
      for (const auto &store : group)
        if (!store->hasRead)
          fail("copies from its shared memory are under way");
  }
}

} // namespace vgpu
