//===- OpsAtomic.cpp - atomic updates of memory ---------------------------===//
//
//   atom.global.add.f32 d, [p], v     d = old value; red has no d
//
// The lanes of a warp come one after the other, the first of them by chance: a sum of floats must
// not rely on an order.
//
//===----------------------------------------------------------------------===//

#include "test/vgpu/Decode.h"
#include "test/vgpu/Parser.h"

#include <cstring>

namespace vgpu {
namespace {

enum Update { Add, Min, Max, And, Or, Xor, Exchange, CompareAndSwap, Increment, Decrement };

template <typename T> uint64_t updated(int update, uint64_t oldBits, uint64_t bits, uint64_t with) {
  auto old = unpack<T>(oldBits), value = unpack<T>(bits);
  switch (update) {
  case Add:
    return pack<T>(decltype(old)(old + value));
  case Min:
    return pack<T>(value < old ? value : old);
  case Max:
    return pack<T>(value > old ? value : old);
  case And:
    return oldBits & bits;
  case Or:
    return oldBits | bits;
  case Xor:
    return oldBits ^ bits;
  case Exchange:
    return bits;
  case CompareAndSwap:
    return old == value ? with : oldBits;
  case Increment:
    return pack<T>(old >= value ? decltype(old)(0) : decltype(old)(old + 1));
  default:
    return pack<T>(old == 0 || old > value ? value : decltype(old)(old - 1));
  }
}

template <typename T> void atomic(Warp &warp, const Instruction &in, uint32_t lanes) {
  bool hasResult = in.words[0] == "atom";
  const Operand *operands = in.operands.data() + hasResult;
  Row base = operands[0].reg >= 0 ? Row{warp.registerRow(operands[0].reg), 1} : Row{};
  Row value = warp.row(operands[1]);
  Row with = in.mode == CompareAndSwap ? warp.row(operands[2]) : Row{};
  uint64_t *to = hasResult && in.operands[0].kind == Operand::Kind::Register
                     ? warp.destination(in.operands[0])
                     : nullptr;
  uint32_t first = warp.block.grid.random(kLanes);
  for (int i = 0; i < kLanes; ++i) {
    int lane = int(first + i) % kLanes;
    if (!(lanes >> lane & 1))
      continue;
    uint64_t address = (base.values ? base[lane] : 0) + operands[0].value;
    if (in.space == Space::Shared)
      address = uint32_t(address);
    uint8_t *memory = warp.access(lane, in, in.space, address, in.bytes);
    uint64_t old = 0;
    memcpy(&old, memory, in.bytes);
    uint64_t next =
        updated<T>(in.mode, old, value[lane], in.mode == CompareAndSwap ? with[lane] : 0);
    memcpy(memory, &next, in.bytes);
    if (to)
      to[lane] = old;
  }
}

void decodeAtomic(Instruction &instruction) {
  Words words(instruction);
  std::string type = words.takeType();
  instruction.bytes = uint8_t(bytesOfType(type));
  instruction.space = words.take("global")                            ? Space::Global
                      : words.takeOne({"shared", "shared::cta"}) >= 0 ? Space::Shared
                                                                      : Space::Generic;
  instruction.mode =
      words.takeOne({"add", "min", "max", "and", "or", "xor", "exch", "cas", "inc", "dec"});
  words.takeOne({"relaxed", "acquire", "release", "acq_rel"});
  words.takeOne({"cta", "cluster", "gpu", "sys"});
  words.take("noftz");
  words.finish();
  instruction.handler = type == "u32" || type == "b32"   ? atomic<uint32_t>
                        : type == "s32"                  ? atomic<int32_t>
                        : type == "u64" || type == "b64" ? atomic<uint64_t>
                        : type == "s64"                  ? atomic<int64_t>
                        : type == "f32"                  ? atomic<float>
                        : type == "f64"                  ? atomic<double>
                        : type == "f16"                  ? atomic<Half>
                        : type == "bf16"                 ? atomic<BFloat>
                        : type == "b16"                  ? Handler(atomic<uint16_t>)
                                                         : nullptr;
  if (instruction.mode < 0 || !instruction.handler)
    words.fail();
  expectOperands(instruction,
                 size_t(instruction.words[0] == "atom") + 2 + (instruction.mode == CompareAndSwap));
}

const Opcode opcodes[] = {{"atom", decodeAtomic}, {"red", decodeAtomic}};

} // namespace

std::span<const Opcode> atomicOpcodes() { return opcodes; }

} // namespace vgpu
