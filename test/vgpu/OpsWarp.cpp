//===- OpsWarp.cpp - instructions of a warp's lanes together --------------===//
//
//   shfl.sync.bfly.b32 d|p, a, 16, 31, -1     d = a of lane xor 16
//
// Each waits until all lanes of its mask are there; then it happens for all of them at once.
//
//===----------------------------------------------------------------------===//

#include "test/vgpu/Decode.h"

namespace vgpu {
namespace {

enum Shuffle { Up, Down, Butterfly, Index };

void shuffle(Warp &warp, const Instruction &in, uint32_t lanes) {
  uint32_t ready = warp.rendezvous(lanes, in, warp.row(in.operands[4]));
  if (!ready)
    return;
  Row a = warp.row(in.operands[1]), b = warp.row(in.operands[2]), c = warp.row(in.operands[3]),
      members = warp.row(in.operands[4]);
  uint32_t old[kLanes];
  forEach(ready, [&](int lane) { old[lane] = uint32_t(a[lane]); });
  const Operand &to = in.operands[0];
  forEach(ready, [&](int lane) {
    int by = int(b[lane] & 31), clamp = int(c[lane] & 31), segment = int(c[lane] >> 8 & 31);
    int highest = (lane & segment) | (clamp & ~segment), lowest = lane & segment;
    int from = in.mode == Up          ? lane - by
               : in.mode == Down      ? lane + by
               : in.mode == Butterfly ? lane ^ by
                                      : lowest | (by & ~segment);
    bool inside = in.mode == Up ? from >= highest : from <= highest;
    if (!inside)
      from = lane;
    if (!(members[lane] >> from & 1))
      warp.fail(FaultCode::Failed, lane, in,
                "reads lane " + std::to_string(from) + ", which is not in the mask of members");
    if (to.kind == Operand::Kind::Register)
      warp.destination(to)[lane] = old[from];
    if (to.second >= 0)
      warp.registerRow(to.second)[lane] = inside;
  });
}

void decodeShuffle(Instruction &instruction) {
  expectOperands(instruction, 5);
  Words words(instruction);
  bool isSync = words.take("sync");
  instruction.mode = words.takeOne({"up", "down", "bfly", "idx"});
  if (!isSync || instruction.mode < 0 || words.takeType() != "b32")
    words.fail();
  words.finish();
  instruction.isControl = true;
  instruction.handler = shuffle;
}

enum Vote { All, Any, Uniform, Ballot };

void vote(Warp &warp, const Instruction &in, uint32_t lanes) {
  uint32_t ready = warp.rendezvous(lanes, in, warp.row(in.operands[2]));
  Row predicate = warp.row(in.operands[1]), members = warp.row(in.operands[2]);
  uint32_t ballot = 0;
  forEach(ready, [&](int lane) {
    ballot |= uint32_t((predicate[lane] & 1) != in.operands[1].negated) << lane;
  });
  uint64_t *to = warp.destination(in.operands[0]);
  forEach(ready, [&](int lane) {
    uint32_t mask = uint32_t(members[lane]), yes = ballot & mask;
    bool results[] = {yes == mask, yes != 0, yes == mask || yes == 0};
    to[lane] = in.mode == Ballot ? yes : results[in.mode];
  });
}

void decodeVote(Instruction &instruction) {
  expectOperands(instruction, 3);
  Words words(instruction);
  bool isSync = words.take("sync");
  instruction.mode = words.takeOne({"all", "any", "uni", "ballot"});
  words.takeOne({"pred", "b32"});
  words.finish();
  if (!isSync || instruction.mode < 0)
    words.fail();
  instruction.isControl = true;
  instruction.handler = vote;
}

/// redux.sync.{add,min,max,and,or,xor}.{u32,s32,b32}.
void reduce(Warp &warp, const Instruction &in, uint32_t lanes) {
  uint32_t ready = warp.rendezvous(lanes, in, warp.row(in.operands[2]));
  Row a = warp.row(in.operands[1]), members = warp.row(in.operands[2]);
  bool isSigned = in.words.back() == "s32";
  auto combine = [&](uint32_t x, uint32_t y) -> uint32_t {
    bool less = isSigned ? int32_t(x) < int32_t(y) : x < y;
    uint32_t results[] = {x + y, less ? x : y, less ? y : x, x & y, x | y, x ^ y};
    return results[in.mode];
  };
  uint64_t results[kLanes];
  forEach(ready, [&](int lane) {
    bool isFirst = true;
    uint32_t result = 0;
    forEach(uint32_t(members[lane]), [&](int other) {
      result = isFirst ? uint32_t(a[other]) : combine(result, uint32_t(a[other]));
      isFirst = false;
    });
    results[lane] = result;
  });
  uint64_t *to = warp.destination(in.operands[0]);
  forEach(ready, [&](int lane) { to[lane] = results[lane]; });
}

void decodeReduce(Instruction &instruction) {
  expectOperands(instruction, 3);
  Words words(instruction);
  words.takeType();
  bool isSync = words.take("sync");
  instruction.mode = words.takeOne({"add", "min", "max", "and", "or", "xor"});
  words.finish();
  if (!isSync || instruction.mode < 0)
    words.fail();
  instruction.isControl = true;
  instruction.handler = reduce;
}

/// The lanes that happen to be here together.
void activeMask(Warp &warp, const Instruction &in, uint32_t lanes) {
  uint64_t *to = warp.destination(in.operands[0]);
  forEach(lanes, [&](int lane) { to[lane] = lanes; });
}

void decodeActiveMask(Instruction &instruction) {
  expectOperands(instruction, 1);
  instruction.handler = activeMask;
}

const Opcode opcodes[] = {{"shfl", decodeShuffle},
                          {"vote", decodeVote},
                          {"redux", decodeReduce},
                          {"activemask", decodeActiveMask}};

} // namespace

std::span<const Opcode> warpOpcodes() { return opcodes; }

} // namespace vgpu
