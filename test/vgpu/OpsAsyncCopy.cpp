//===- OpsAsyncCopy.cpp - copies to shared memory behind the thread's back ===//
//
//   cp.async.cg.shared.global [to], [from], 16, size     16 bytes, those behind `size` zero
//   cp.async.commit_group                                closes a group of copies
//   cp.async.wait_group 2                                until at most two groups are on the way
//
// A copy happens at once or at a barrier, by chance, or as late as it may: when its thread waits
// for its group. So a thread that reads too early finds what was there before, and one that asks
// for a copy too early overwrites what others still read.
//
//===----------------------------------------------------------------------===//

#include "test/vgpu/Decode.h"

namespace vgpu {
namespace {

uint64_t addressOf(Warp &warp, const Operand &operand, int lane) {
  return (operand.reg >= 0 ? warp.registerRow(operand.reg)[lane] : 0) + operand.value;
}

void startCopy(Warp &warp, const Instruction &in, uint32_t lanes) {
  bool isPartial = in.operands.size() > 3;
  forEach(lanes, [&](int lane) {
    uint64_t size = isPartial ? uint32_t(warp.row(in.operands[3])[lane]) : in.bytes;
    if (size > in.bytes)
      warp.fail(FaultCode::Failed, lane, in,
                "copies " + std::to_string(size) + " of " + std::to_string(in.bytes) + " bytes");
    LaneCopy copy{nullptr, nullptr, in.bytes, uint8_t(size)};
    copy.to = warp.access(lane, in, Space::Shared, uint32_t(addressOf(warp, in.operands[0], lane)),
                          in.bytes);
    uint64_t from = addressOf(warp, in.operands[1], lane);
    if (from % in.bytes != 0)
      warp.fail(FaultCode::Misaligned, lane, in,
                hex(from) + " in global memory is not a multiple of " + std::to_string(in.bytes));
    if (size > 0)
      copy.from = warp.accessBytes(lane, in, Space::Global, from, size);
    if (warp.block.grid.random(4) == 0)
      copy.perform();
    else
      warp.copiesOf(lane).open.push_back(copy);
  });
}

void commitGroup(Warp &warp, const Instruction &, uint32_t lanes) {
  forEach(lanes, [&](int lane) {
    LaneCopies &copies = warp.copiesOf(lane);
    copies.groups.push_back(std::move(copies.open));
    copies.open.clear();
  });
}

/// mode is 1 for all copies, those of no group among them.
void waitGroup(Warp &warp, const Instruction &in, uint32_t lanes) {
  size_t left = in.mode ? 0 : in.operands[0].value;
  forEach(lanes, [&](int lane) {
    LaneCopies &copies = warp.copiesOf(lane);
    for (; copies.groups.size() > left; copies.groups.pop_front())
      for (const LaneCopy &copy : copies.groups.front())
        copy.perform();
    if (!in.mode)
      return;
    for (const LaneCopy &copy : copies.open)
      copy.perform();
    copies.open.clear();
  });
}

void decodeAsync(Instruction &instruction) {
  Words words(instruction);
  words.take("async");
  if (words.take("commit_group")) {
    words.finish();
    expectOperands(instruction, 0);
    instruction.handler = commitGroup;
    return;
  }
  bool waitsForAll = words.take("wait_all");
  if (waitsForAll || words.take("wait_group")) {
    words.finish();
    expectOperands(instruction, waitsForAll ? 0 : 1);
    instruction.mode = waitsForAll;
    instruction.handler = waitGroup;
    return;
  }
  int cache = words.takeOne({"ca", "cg"});
  bool isShared = words.takeOne({"shared", "shared::cta"}) >= 0 && words.take("global");
  words.takeOne({"L2::64B", "L2::128B", "L2::256B"});
  words.finish();
  if (instruction.operands.size() != 3)
    expectOperands(instruction, 4);
  uint64_t bytes = instruction.operands[2].value;
  bool isSize = bytes == 16 || (cache == 0 && (bytes == 4 || bytes == 8));
  if (cache < 0 || !isShared || !isSize)
    words.fail();
  instruction.bytes = uint8_t(bytes);
  instruction.handler = startCopy;
}

const Opcode opcodes[] = {{"cp.async", decodeAsync}};

} // namespace

std::span<const Opcode> asyncCopyOpcodes() { return opcodes; }

} // namespace vgpu
