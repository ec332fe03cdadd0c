//===- OpsCluster.cpp - blocks that work together, registers that move ----===//
//
//   mapa.shared::cluster.u32 r, bar, 1               bar in the cluster's block 1
//   barrier.cluster.arrive; barrier.cluster.wait     all threads of all blocks of the cluster
//   setmaxnreg.inc.sync.aligned.u32 240              waits until others have given enough away
//
//===----------------------------------------------------------------------===//

#include "test/vgpu/Decode.h"

namespace vgpu {
namespace {

void mapToBlock(Warp &warp, const Instruction &in, uint32_t lanes) {
  Row address = warp.row(in.operands[1]), rank = warp.row(in.operands[2]);
  uint64_t *to = warp.destination(in.operands[0]);
  forEach(lanes, [&](int lane) {
    auto block = uint32_t(rank[lane]);
    if (block >= warp.block.cluster.blocks.size())
      warp.fail(FaultCode::Failed, lane, in, "the cluster has no block " + std::to_string(block));
    to[lane] = (uint32_t(address[lane]) & ((1u << kRankShift) - 1)) | (block + 1) << kRankShift;
  });
}

void decodeMap(Instruction &instruction) {
  expectOperands(instruction, 3);
  Words words(instruction);
  bool isShort = words.takeType() == "u32" && words.take("shared::cluster");
  words.finish();
  if (!isShort)
    words.fail();
  instruction.handler = mapToBlock;
}

void arriveAtCluster(Warp &warp, const Instruction &in, uint32_t lanes) {
  Cluster &cluster = warp.block.cluster;
  forEach(lanes, [&](int lane) {
    if (warp.clusterPhases[lane])
      warp.fail(FaultCode::Failed, lane, in, "the thread has not waited since it arrived");
    warp.clusterPhases[lane] = cluster.phase + 1;
  });
  cluster.arrive(uint32_t(std::popcount(lanes)));
}

void waitForCluster(Warp &warp, const Instruction &in, uint32_t lanes) {
  forEach(lanes, [&](int lane) {
    uint64_t &phase = warp.clusterPhases[lane];
    if (!phase)
      warp.fail(FaultCode::Failed, lane, in, "the thread has not arrived");
    if (phase > warp.block.cluster.phase)
      return warp.suspend(uint32_t(1) << lane, in, LaneState::AtCluster, 0);
    phase = 0;
  });
}

void decodeClusterBarrier(Instruction &instruction) {
  Words words(instruction);
  words.take("cluster");
  bool arrives = words.take("arrive"), waits = words.take("wait");
  words.takeOne({"release", "relaxed", "acquire"});
  words.take("aligned");
  words.finish();
  if (arrives == waits)
    words.fail();
  expectOperands(instruction, 0);
  instruction.isControl = true;
  instruction.handler = arrives ? arriveAtCluster : waitForCluster;
}

constexpr uint64_t kAllLanes = 0xFFFFFFFF;

void setRegisters(Warp &warp, const Instruction &in, uint32_t lanes) {
  uint32_t ready = warp.rendezvous(lanes, in, {&kAllLanes, 0});
  if (!ready)
    return;
  RegisterPool &pool = warp.block.pool;
  auto count = uint32_t(in.operands[0].value), warpNumber = uint32_t(warp.index);
  bool grows = in.mode == 1;
  if (grows != (count >= pool.of(warpNumber)))
    warp.fail(FaultCode::Failed, 0, in,
              "the warp has " + std::to_string(pool.of(warpNumber)) + " registers a thread");
  if (!pool.set(warpNumber, count))
    return warp.suspend(ready, in, LaneState::AtRegisters, 0);
  if (!grows)
    warp.block.wake(LaneState::AtRegisters, 0);
}

void decodeSetRegisters(Instruction &instruction) {
  expectOperands(instruction, 1);
  Words words(instruction);
  instruction.mode = words.takeOne({"dec", "inc"});
  bool isAligned = words.take("sync") && words.take("aligned") && words.take("u32");
  words.finish();
  uint64_t count = instruction.operands[0].value;
  if (instruction.mode < 0 || !isAligned ||
      instruction.operands[0].kind != Operand::Kind::Immediate || count < 24 || count > 256 ||
      count % 8 != 0)
    words.fail();
  instruction.isControl = true;
  instruction.handler = setRegisters;
}

const Opcode opcodes[] = {{"mapa", decodeMap},
                          {"barrier.cluster", decodeClusterBarrier},
                          {"setmaxnreg", decodeSetRegisters}};

} // namespace

std::span<const Opcode> clusterOpcodes() { return opcodes; }

} // namespace vgpu
