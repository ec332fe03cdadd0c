//===- OpsBulk.cpp - copies of boxes between global and shared memory -----===//
//
//   cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes
//       [to], [map, {x, y}], [bar]                                   a box into shared memory
//   cp.async.bulk.tensor.2d.global.shared::cta.bulk_group [map, {x, y}], [from]      and back
//
// A box comes at any time after the instruction, all at once. One that goes is read at any time
// until its group is waited for with .read, and written until it is waited for without.
//
//===----------------------------------------------------------------------===//

#include "test/vgpu/Decode.h"
#include "test/vgpu/TensorMap.h"

#include <algorithm>
#include <cstring>

namespace vgpu {
namespace {

uint64_t addressOf(Warp &warp, const Operand &operand, int lane) {
  return (operand.reg >= 0 ? warp.registerRow(operand.reg)[lane] : 0) + operand.value;
}

struct Box {
  TensorMap map;
  int32_t at[5];
};

Box boxOf(Warp &warp, const Instruction &in, const Operand &operand, int lane) {
  uint64_t address = addressOf(warp, operand, lane);
  // The parameters of a kernel may be addressed without their window.
  Space space = operand.reg < 0 ? Space::Param : Space::Generic;
  if (address % 64 != 0)
    warp.fail(FaultCode::Misaligned, lane, in, "the tensor map is not at a multiple of 64");
  uint8_t bytes[128];
  for (int i = 0; i < 128; i += 64)
    memcpy(bytes + i, warp.access(lane, in, space, address + uint64_t(i), 64), 64);
  Box box;
  memcpy(&box.map, bytes, sizeof box.map);
  if (box.map.magic != TensorMap::kMagic)
    warp.fail(FaultCode::Failed, lane, in, "there is no tensor map");
  if (box.map.rank != in.count || operand.elements.size() != in.count)
    warp.fail(FaultCode::Failed, lane, in,
              "the tensor map has rank " + std::to_string(box.map.rank));
  for (int i = 0; i < in.count; ++i)
    box.at[i] = int32_t(warp.row(operand.elements[size_t(i)])[lane]);
  return box;
}

/// The box in a block's shared memory, with all checks.
void checkShared(Warp &warp, const Instruction &in, int lane, Block &block, const TensorMap &map,
                 uint32_t address) {
  uint64_t bytes = map.boxBytes(), offset = address - kSharedBase;
  if (address % 128 != 0)
    warp.fail(FaultCode::Misaligned, lane, in, hex(address) + " is not a multiple of 128");
  if (address < kSharedBase || offset + bytes > block.shared.size())
    warp.fail(FaultCode::IllegalAddress, lane, in,
              std::to_string(bytes) + " bytes at " + hex(address) +
                  " are outside of shared memory, which are " +
                  std::to_string(block.shared.size()) + " bytes from " + hex(kSharedBase));
  if (uint32_t writer = block.proxy.unfencedWriter(offset, bytes))
    warp.fail(FaultCode::Failed, lane, in,
              "thread " + std::to_string(writer - 1) + " has written to the " +
                  std::to_string(bytes) + " bytes at " + hex(address) +
                  ": fence.proxy.async is missing");
}

[[noreturn]] void failOutside(const Grid &grid, int line, uint64_t address) {
  throw Fault(FaultCode::IllegalAddress, "kernel '" + grid.kernel.name + "', line " +
                                             std::to_string(line) + ": a box has bytes at " +
                                             hex(address) + ", " + grid.memory.explain(address));
}

/// Copies between a box and bytes in the order of shared memory.
template <bool isLoad>
void copyBox(Grid &grid, int line, const Box &box, uint32_t address, uint8_t *shared) {
  box.map.forEachRun(box.at, [&](uint64_t offset, uint64_t from, uint64_t bytes) {
    uint8_t *global = from ? grid.memory.find(from, bytes) : nullptr;
    if (from && !global)
      failOutside(grid, line, from);
    for (uint64_t i = 0; i < bytes; ++i) {
      uint8_t &cell = shared[swizzled(address + offset + i, box.map.swizzle) - address];
      if (isLoad)
        cell = global ? global[i] : 0;
      else if (global)
        global[i] = cell;
    }
  });
}

//===----------------------------------------------------------------------===//
// Into shared memory
//===----------------------------------------------------------------------===//

void loadBox(Warp &warp, const Instruction &in, uint32_t lanes) {
  Block &own = warp.block;
  bool isMulticast = in.mode == 1;
  forEach(lanes, [&](int lane) {
    Box box = boxOf(warp, in, in.operands[1], lane);
    auto to = uint32_t(addressOf(warp, in.operands[0], lane));
    auto bar = uint32_t(addressOf(warp, in.operands[2], lane));
    Block &owner = own.owner(to);
    own.owner(bar);
    uint32_t mask = isMulticast ? uint32_t(warp.row(in.operands[3])[lane]) & 0xFFFF
                                : uint32_t(1) << owner.rankInCluster;
    if (mask == 0 || mask >> own.cluster.blocks.size())
      warp.fail(FaultCode::Failed, lane, in, "the mask names blocks that are not in the cluster");
    std::vector<Block *> targets;
    forEach(mask, [&](int rank) {
      Block &block = *own.cluster.blocks[size_t(rank)];
      if (block.isDone())
        warp.fail(FaultCode::Failed, lane, in, "a block that it goes to has ended");
      checkShared(warp, in, lane, block, box.map, to);
      if (mbarrierAt(warp, lane, in, block, bar).unfenced)
        warp.fail(FaultCode::Failed, lane, in,
                  "the mbarrier is not known to the async proxy: fence.mbarrier_init is missing");
      ++block.pendingLoads;
      targets.push_back(&block);
    });
    own.grid.pending.push_back({[=, &grid = own.grid, line = in.line] {
      for (Block *block : targets) {
        copyBox<true>(grid, line, box, to, block->shared.data() + (to - kSharedBase));
        --block->pendingLoads;
        countBytes(*block, bar, int64_t(box.map.boxBytes()));
      }
    }});
  });
}

//===----------------------------------------------------------------------===//
// Into global memory
//===----------------------------------------------------------------------===//

struct StoreOfBox : BulkStore {
  StoreOfBox(Block &block, const Box &box, uint32_t address, int line)
      : grid(block.grid), block(block), box(box), address(address), line(line) {}

  void read() override {
    if (hasRead)
      return;
    const uint8_t *from = block.shared.data() + (address - kSharedBase);
    data.assign(from, from + box.map.boxBytes());
    hasRead = true;
  }
  void write() override {
    read();
    if (!hasWritten)
      copyBox<false>(grid, line, box, address, data.data());
    hasWritten = true;
  }

  Grid &grid;
  Block &block;
  Box box;
  uint32_t address;
  int line;
  std::vector<uint8_t> data;
};

void storeBox(Warp &warp, const Instruction &in, uint32_t lanes) {
  forEach(lanes, [&](int lane) {
    Box box = boxOf(warp, in, in.operands[0], lane);
    auto from = uint32_t(addressOf(warp, in.operands[1], lane));
    checkShared(warp, in, lane, warp.block, box.map, from);
    auto store = std::make_shared<StoreOfBox>(warp.block, box, from, in.line);
    warp.block.bulkGroups[warp.threadOf(lane)].open.push_back(store);
    Grid &grid = warp.block.grid;
    // A block does not end before its copies are read.
    auto write = [store] { store->write(); };
    auto read = [store, write, &grid] {
      store->read();
      grid.pending.push_back({write, true});
    };
    grid.pending.push_back({read, true});
  });
}

void commitGroup(Warp &warp, const Instruction &, uint32_t lanes) {
  forEach(lanes, [&](int lane) {
    BulkGroups &groups = warp.block.bulkGroups[warp.threadOf(lane)];
    groups.committed.push_back(std::move(groups.open));
    groups.open.clear();
  });
}

/// mode is 1 for .read.
void waitGroup(Warp &warp, const Instruction &in, uint32_t lanes) {
  uint64_t keep = in.operands[0].value;
  forEach(lanes, [&](int lane) {
    BulkGroups &groups = warp.block.bulkGroups[warp.threadOf(lane)];
    for (size_t i = 0; i + keep < groups.committed.size(); ++i)
      for (auto &store : groups.committed[i])
        in.mode ? store->read() : store->write();
    // The last groups count even if they are done.
    auto isDone = [](const BulkGroups::Group &group) {
      return std::all_of(group.begin(), group.end(),
                         [](const auto &store) { return store->hasWritten; });
    };
    auto kept = std::find_if_not(groups.committed.begin(), groups.committed.end(), isDone);
    groups.committed.erase(groups.committed.begin(), kept);
  });
}

void decodeBulk(Instruction &instruction) {
  Words words(instruction);
  words.take("async");
  words.take("bulk");
  instruction.isControl = true;
  if (words.take("commit_group")) {
    expectOperands(instruction, 0);
    instruction.handler = commitGroup;
  } else if (words.take("wait_group")) {
    expectOperands(instruction, 1);
    instruction.mode = words.take("read");
    instruction.handler = waitGroup;
  } else {
    int rank = words.takeOne({"1d", "2d", "3d", "4d", "5d"});
    bool isTensor = words.take("tensor");
    words.take("tile");
    instruction.count = uint8_t(rank + 1);
    bool isLoad = instruction.words.size() > 5 && instruction.words[5] != "global";
    bool isKnown = words.take("global") && words.takeOne({"shared::cluster", "shared::cta"}) >= 0;
    if (isLoad) {
      isKnown &= words.take("mbarrier::complete_tx::bytes");
      instruction.mode = words.take("multicast::cluster");
      instruction.handler = loadBox;
    } else {
      isKnown &= words.take("bulk_group");
      instruction.handler = storeBox;
    }
    if (!isKnown || !isTensor || rank < 0)
      words.fail();
    expectOperands(instruction, isLoad ? 3 + size_t(instruction.mode) : 2);
  }
  words.finish();
}

const Opcode opcodes[] = {{"cp.async.bulk", decodeBulk}};

} // namespace

std::span<const Opcode> bulkOpcodes() { return opcodes; }

} // namespace vgpu
