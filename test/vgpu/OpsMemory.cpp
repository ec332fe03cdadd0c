//===- OpsMemory.cpp - loads, stores and addresses ------------------------===//
//
//   ld.global.v4.f32 {a, b, c, d}, [p+16]     one access of 16 bytes, aligned to 16
//
//===----------------------------------------------------------------------===//

#include "test/vgpu/Decode.h"
#include "test/vgpu/Parser.h"

#include <cstring>

namespace vgpu {
namespace {

/// Takes the state space; those of a cluster count as the block's own.
Space takeSpace(Words &words) {
  if (words.take("global"))
    return Space::Global;
  if (words.takeOne({"shared", "shared::cta", "shared::cluster"}) >= 0)
    return Space::Shared;
  if (words.take("local"))
    return Space::Local;
  if (words.takeOne({"param", "param::entry"}) >= 0)
    return Space::Param;
  return words.take("const") ? Space::Global : Space::Generic;
}

/// Hints for caches, and orders that memory here has anyway.
void takeHints(Words &words) {
  while (words.takeOne({"weak",
                        "relaxed",
                        "acquire",
                        "release",
                        "acq_rel",
                        "volatile",
                        "nc",
                        "cta",
                        "cluster",
                        "gpu",
                        "sys",
                        "ca",
                        "cg",
                        "cs",
                        "lu",
                        "cv",
                        "wb",
                        "wt",
                        "L1::evict_normal",
                        "L1::evict_first",
                        "L1::evict_last",
                        "L1::no_allocate",
                        "L2::64B",
                        "L2::128B",
                        "L2::256B"}) >= 0)
    ;
}

struct Addresses {
  Addresses(Warp &warp, const Operand &operand, Space space)
      : base(operand.reg >= 0 ? &warp.registerRow(operand.reg)[0] : nullptr),
        displacement(operand.value), isShort(space == Space::Shared || space == Space::Local) {}
  uint64_t operator[](int lane) const {
    uint64_t address = (base ? base[lane] : 0) + displacement;
    // An address in shared memory may be in a register of 32 bits.
    return isShort ? uint32_t(address) : address;
  }
  const uint64_t *base;
  uint64_t displacement;
  bool isShort;
};

uint64_t readBytes(const uint8_t *from, int bytes, bool isSigned) {
  uint64_t value = 0;
  memcpy(&value, from, size_t(bytes));
  int unused = 64 - 8 * bytes;
  return isSigned ? uint64_t(int64_t(value << unused) >> unused) : value;
}

std::vector<Operand> elementsOf(const Operand &operand) {
  return operand.kind == Operand::Kind::Vector ? operand.elements : std::vector<Operand>{operand};
}

void load(Warp &warp, const Instruction &in, uint32_t lanes) {
  Addresses addresses(warp, in.operands[1], in.space);
  const Operand *first = &in.operands[0];
  if (first->kind == Operand::Kind::Vector)
    first = first->elements.data();
  uint64_t total = uint64_t(in.bytes) * in.count;
  forEach(lanes, [&](int lane) {
    const uint8_t *from = warp.access(lane, in, in.space, addresses[lane], total);
    for (int i = 0; i < in.count; ++i)
      if (first[i].kind != Operand::Kind::Sink)
        warp.destination(first[i])[lane] = readBytes(from + i * in.bytes, in.bytes, in.mode);
  });
}

void store(Warp &warp, const Instruction &in, uint32_t lanes) {
  Addresses addresses(warp, in.operands[0], in.space);
  const Operand *first = &in.operands[1];
  if (first->kind == Operand::Kind::Vector)
    first = first->elements.data();
  uint64_t total = uint64_t(in.bytes) * in.count;
  forEach(lanes, [&](int lane) {
    uint64_t address = addresses[lane];
    uint8_t *to = warp.access(lane, in, in.space, address, total);
    warp.noteWrite(lane, in.space, address, total);
    for (int i = 0; i < in.count; ++i) {
      uint64_t value = warp.row(first[i])[lane];
      memcpy(to + i * in.bytes, &value, in.bytes);
    }
  });
}

void decodeAccess(Instruction &instruction) {
  expectOperands(instruction, 2);
  bool isLoad = instruction.words[0] != "st";
  Words words(instruction);
  std::string type = words.takeType();
  instruction.bytes = uint8_t(bytesOfType(type));
  instruction.mode = isLoad && type[0] == 's';
  instruction.space = takeSpace(words);
  int vector = words.takeOne({"v2", "v4", "v8"});
  instruction.count = uint8_t(vector < 0 ? 1 : 2 << vector);
  takeHints(words);
  words.finish();
  size_t given = elementsOf(instruction.operands[isLoad ? 0 : 1]).size();
  if (instruction.bytes == 0 || instruction.bytes > 8 || given != instruction.count ||
      instruction.operands[isLoad ? 1 : 0].kind != Operand::Kind::Address)
    words.fail();
  instruction.handler = isLoad ? load : store;
}

//===----------------------------------------------------------------------===//
// Addresses
//===----------------------------------------------------------------------===//

uint64_t windowOf(Space space) {
  return space == Space::Shared  ? kSharedWindow
         : space == Space::Local ? kLocalWindow
         : space == Space::Param ? kParamWindow
                                 : 0;
}

/// mode is 1 for cvta.to.
void convertAddress(Warp &warp, const Instruction &in, uint32_t lanes) {
  Row a = warp.row(in.operands[1]);
  uint64_t *to = warp.destination(in.operands[0]);
  uint64_t window = windowOf(in.space);
  forEach(lanes, [&](int lane) { to[lane] = in.mode ? a[lane] - window : a[lane] + window; });
}

void decodeConvertAddress(Instruction &instruction) {
  expectOperands(instruction, 2);
  Words words(instruction);
  if (words.takeType() != "u64")
    words.fail();
  instruction.mode = words.take("to");
  instruction.space = takeSpace(words);
  words.finish();
  instruction.handler = convertAddress;
}

void isSpace(Warp &warp, const Instruction &in, uint32_t lanes) {
  Row a = warp.row(in.operands[1]);
  uint64_t *to = warp.destination(in.operands[0]);
  forEach(lanes, [&](int lane) {
    uint64_t window = a[lane] / kWindowBytes * kWindowBytes;
    to[lane] = in.space == Space::Global
                   ? window != kSharedWindow && window != kLocalWindow && window != kParamWindow
                   : window == windowOf(in.space);
  });
}

void decodeIsSpace(Instruction &instruction) {
  expectOperands(instruction, 2);
  Words words(instruction);
  instruction.space = takeSpace(words);
  words.finish();
  instruction.handler = isSpace;
}

/// Prefetches touch nothing, and all memory is in order here.
void nothing(Warp &, const Instruction &, uint32_t) {}

void decodeHint(Instruction &instruction) { instruction.handler = nothing; }

const Opcode opcodes[] = {{"ld", decodeAccess},        {"ldu", decodeAccess},
                          {"st", decodeAccess},        {"cvta", decodeConvertAddress},
                          {"isspacep", decodeIsSpace}, {"prefetch", decodeHint},
                          {"prefetchu", decodeHint},   {"membar", decodeHint}};

} // namespace

std::span<const Opcode> memoryOpcodes() { return opcodes; }

} // namespace vgpu
