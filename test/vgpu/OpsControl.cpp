//===- OpsControl.cpp - branches, ends and barriers -----------------------===//
//
// A control handler finds its lanes already at the next instruction and moves those elsewhere that
// go elsewhere. Lanes that wait at a barrier stay where they will go on.
//
//===----------------------------------------------------------------------===//

#include "test/vgpu/Decode.h"

namespace vgpu {
namespace {

void setControl(Instruction &instruction, Handler handler) {
  instruction.isControl = true;
  instruction.handler = handler;
}

void branch(Warp &warp, const Instruction &in, uint32_t lanes) {
  warp.moveTo(lanes, uint32_t(in.operands[0].value));
}

void decodeBranch(Instruction &instruction) {
  expectOperands(instruction, 1);
  if (instruction.operands[0].kind != Operand::Kind::Label)
    throw ParseError(instruction.line,
                     "a branch goes to '" + instruction.operands[0].name + "', which is no label");
  setControl(instruction, branch);
}

void leave(Warp &warp, const Instruction &, uint32_t lanes) { warp.block.exit(warp, lanes); }
void decodeLeave(Instruction &instruction) { setControl(instruction, leave); }

void trap(Warp &warp, const Instruction &in, uint32_t lanes) {
  warp.fail(FaultCode::Failed, std::countr_zero(lanes), in, "the kernel gives up");
}
void decodeTrap(Instruction &instruction) { setControl(instruction, trap); }

/// Nothing happens, but others may run.
void pause(Warp &, const Instruction &, uint32_t) {}
void decodePause(Instruction &instruction) { setControl(instruction, pause); }

/// bar.sync, bar.arrive and barrier: mode is 1 for arrivals that do not wait.
void barrier(Warp &warp, const Instruction &in, uint32_t lanes) {
  Row number = warp.row(in.operands[0]);
  bool isCounted = in.operands.size() > 1;
  Row count = isCounted ? warp.row(in.operands[1]) : Row{};
  int lane = std::countr_zero(lanes);
  uint32_t expected = isCounted ? uint32_t(count[lane]) : 0;
  if (expected % kLanes != 0)
    warp.fail(FaultCode::Failed, lane, in,
              "a barrier is for " + std::to_string(expected) + " threads, which are no warps");
  // Others go on while somebody waits, and so do copies.
  forEach(lanes, [&](int at) { warp.progress(at); });
  warp.block.arrive(warp, lanes, in, uint32_t(number[lane]), expected, in.mode == 0);
}

void joinWarp(Warp &warp, const Instruction &in, uint32_t lanes) {
  warp.rendezvous(lanes, in, warp.row(in.operands[0]));
}

void decodeBarrier(Instruction &instruction) {
  Words words(instruction);
  words.take("cta");
  if (words.take("warp")) {
    words.take("sync");
    words.finish();
    expectOperands(instruction, 1);
    return setControl(instruction, joinWarp);
  }
  instruction.mode = words.takeOne({"sync", "arrive"});
  words.take("aligned");
  words.finish();
  if (instruction.mode < 0 || instruction.operands.empty() || instruction.operands.size() > 2)
    words.fail();
  setControl(instruction, barrier);
}

const Opcode opcodes[] = {{"bra", decodeBranch},      {"ret", decodeLeave},
                          {"exit", decodeLeave},      {"trap", decodeTrap},
                          {"nanosleep", decodePause}, {"bar", decodeBarrier},
                          {"barrier", decodeBarrier}};

} // namespace

std::span<const Opcode> controlOpcodes() { return opcodes; }

} // namespace vgpu
