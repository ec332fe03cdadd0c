//===- OpsMbarrier.cpp - mbarrier objects and fences of proxies -----------===//
//
//   mbarrier.init.shared::cta.b64 [bar], 4           a phase ends after 4 arrivals
//   mbarrier.arrive.expect_tx.b64 _, [bar], 4096     one of them; and 4096 bytes must come
//   mbarrier.try_wait.parity.b64 p, [bar], 0         has a phase of parity 0 ended?
//
// try_wait suspends the thread, and sometimes gives up early, as the manual allows.
//
//===----------------------------------------------------------------------===//

#include "test/vgpu/Decode.h"

namespace vgpu {
namespace {

/// A shared address as a handler finds it in an operand.
uint32_t addressOf(Warp &warp, const Operand &operand, int lane) {
  uint64_t base = operand.reg >= 0 ? warp.registerRow(operand.reg)[lane] : 0;
  return uint32_t(base + operand.value);
}

void take(Words &words, std::initializer_list<const char *> hints) {
  while (words.takeOne(hints) >= 0)
    ;
}

void setControl(Instruction &instruction, Handler handler) {
  instruction.isControl = true;
  instruction.handler = handler;
}

void initialize(Warp &warp, const Instruction &in, uint32_t lanes) {
  Row count = warp.row(in.operands[1]);
  forEach(lanes, [&](int lane) {
    uint32_t address = addressOf(warp, in.operands[0], lane);
    warp.access(lane, in, Space::Shared, address, 8);
    auto arrivals = uint32_t(count[lane]);
    if (arrivals < 1 || arrivals >= 1u << 20)
      warp.fail(FaultCode::Failed, lane, in,
                "a barrier cannot be for " + std::to_string(arrivals) + " arrivals");
    warp.block.mbarriers[address] = {arrivals, arrivals, 0, 0, warp.threadOf(lane) + 1, false};
  });
}

void invalidate(Warp &warp, const Instruction &in, uint32_t lanes) {
  forEach(lanes, [&](int lane) {
    uint32_t address = addressOf(warp, in.operands[0], lane);
    mbarrierAt(warp, lane, in, warp.block, address);
    warp.block.mbarriers.erase(address);
  });
}

enum Arrival { Plain, ExpectAndArrive, Expect };

/// arrive {_,} [bar] {, count}; arrive.expect_tx {_,} [bar], bytes; expect_tx [bar], bytes.
void arrive(Warp &warp, const Instruction &in, uint32_t lanes) {
  size_t at = in.operands[0].kind == Operand::Kind::Address ? 0 : 1;
  bool hasNumber = in.operands.size() > at + 1;
  Row number = hasNumber ? warp.row(in.operands[at + 1]) : Row{};
  forEach(lanes, [&](int lane) {
    uint32_t address = addressOf(warp, in.operands[at], lane);
    Block &owner = warp.block.owner(address);
    Mbarrier &barrier = mbarrierAt(warp, lane, in, owner, address);
    bool isRemote = &owner != &warp.block;
    if (isRemote && owner.isDone())
      warp.fail(FaultCode::Failed, lane, in, "the block of the mbarrier has ended");
    if (isRemote && barrier.unfenced)
      warp.fail(FaultCode::Failed, lane, in,
                "the mbarrier is not known to other blocks: fence.mbarrier_init is missing");
    if (in.mode != Plain)
      barrier.bytes += int64_t(uint32_t(number[lane]));
    if (in.mode != Expect)
      arriveAt(warp, lane, in, owner, address,
               in.mode == Plain && hasNumber ? uint32_t(number[lane]) : 1);
  });
}

/// mode is 1 for try_wait.
void testParity(Warp &warp, const Instruction &in, uint32_t lanes) {
  Row parity = warp.row(in.operands[2]);
  uint64_t *to = warp.destination(in.operands[0]);
  bool givesUp = in.mode == 1 && warp.block.grid.random(8) == 0;
  forEach(lanes, [&](int lane) {
    uint32_t address = addressOf(warp, in.operands[1], lane);
    Mbarrier &barrier = mbarrierAt(warp, lane, in, warp.block, address);
    bool isDone = (barrier.phase & 1) != (parity[lane] & 1);
    to[lane] = isDone;
    if (isDone || in.mode == 0 || givesUp)
      return;
    barrier.isWaitedFor = true;
    warp.suspend(uint32_t(1) << lane, in, LaneState::AtMbarrier, address);
  });
}

void decodeMbarrier(Instruction &instruction) {
  Words words(instruction);
  if (words.takeType() != "b64")
    words.fail();
  take(words, {"shared", "shared::cta", "shared::cluster", "release", "acquire", "relaxed", "cta",
               "cluster", "noComplete"});
  bool expects = words.take("expect_tx"), isParity = words.take("parity");
  int what = words.takeOne({"init", "inval", "arrive", "try_wait", "test_wait"});
  words.finish();
  if (what == 0) {
    expectOperands(instruction, 2);
    return setControl(instruction, initialize);
  }
  if (what == 1) {
    expectOperands(instruction, 1);
    return setControl(instruction, invalidate);
  }
  if (what == 2 || (what < 0 && expects)) {
    instruction.mode = what < 0 ? Expect : expects ? ExpectAndArrive : Plain;
    bool hasResult = instruction.operands[0].kind != Operand::Kind::Address;
    if (hasResult && instruction.operands[0].kind != Operand::Kind::Sink)
      throw ParseError(instruction.line, "states of barriers are not supported");
    return setControl(instruction, arrive);
  }
  if (what < 3 || !isParity)
    words.fail();
  instruction.mode = what == 3;
  // The hint how long to wait changes nothing.
  if (instruction.operands.size() == 4)
    instruction.operands.pop_back();
  expectOperands(instruction, 3);
  setControl(instruction, testParity);
}

//===----------------------------------------------------------------------===//
// Fences
//===----------------------------------------------------------------------===//

enum Fence { Order, Initialization, AsyncProxy };

void fence(Warp &warp, const Instruction &in, uint32_t lanes) {
  if (in.mode == Order)
    return;
  forEach(lanes, [&](int lane) {
    for (auto &[address, barrier] : warp.block.mbarriers)
      if (barrier.unfenced == warp.threadOf(lane) + 1)
        barrier.unfenced = 0;
    if (in.mode == AsyncProxy)
      warp.block.proxy.fence(warp.threadOf(lane));
  });
}

void decodeFence(Instruction &instruction) {
  Words words(instruction);
  instruction.handler = fence;
  instruction.mode = Order;
  if (words.take("mbarrier_init")) {
    instruction.mode = Initialization;
    if (!words.take("release") || !words.take("cluster"))
      words.fail();
  } else if (words.take("proxy")) {
    instruction.mode = AsyncProxy;
    bool isAsync = words.take("async");
    words.takeOne({"global", "shared::cta", "shared::cluster"});
    if (words.takeOne({"async::generic", "tensormap::generic"}) >= 0 ||
        (!isAsync && words.takeOne({"async.shared::cta", "async.global"}) < 0))
      words.fail();
  } else {
    take(words, {"sc", "acq_rel", "acquire", "release", "cta", "cluster", "gpu", "sys"});
  }
  words.finish();
}

const Opcode opcodes[] = {{"mbarrier", decodeMbarrier}, {"fence", decodeFence}};

} // namespace

std::span<const Opcode> mbarrierOpcodes() { return opcodes; }

} // namespace vgpu
