//===- OpsBits.cpp - logic and shifts -------------------------------------===//
//
//   prmt.b32 d, a, b, 0x5410     d = two low bytes of b, two low bytes of a
//
//===----------------------------------------------------------------------===//

#include "test/vgpu/Decode.h"

namespace vgpu {
namespace {

/// Predicates are registers too; only their lowest bit counts.
template <typename F> Handler logic(const std::string &type) {
  if (type == "b16" || type == "pred")
    return computeBinary<uint16_t, F>;
  if (type == "b32")
    return computeBinary<uint32_t, F>;
  return type == "b64" ? computeBinary<uint64_t, F> : nullptr;
}

template <typename F> void decodeLogic(Instruction &instruction) {
  expectOperands(instruction, 3);
  Words words(instruction);
  instruction.handler = logic<F>(words.takeType());
  if (!instruction.handler)
    words.fail();
  words.finish();
}

using And = decltype([](auto a, auto b) { return a & b; });
using Or = decltype([](auto a, auto b) { return a | b; });
using Xor = decltype([](auto a, auto b) { return a ^ b; });
using Not = decltype([](auto a) { return ~a; });

void decodeNot(Instruction &instruction) {
  expectOperands(instruction, 2);
  std::string type = instruction.words.back();
  instruction.handler = type == "b64"   ? computeUnary<uint64_t, Not>
                        : type == "b32" ? computeUnary<uint32_t, Not>
                                        : computeUnary<uint16_t, Not>;
}

/// Shifts by more than the width give zero, or the sign.
template <typename T, bool Left>
void shift(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  Row a = warp.row(instruction.operands[1]), by = warp.row(instruction.operands[2]);
  uint64_t *to = warp.destination(instruction.operands[0]);
  constexpr uint32_t width = 8 * sizeof(T);
  forEach(lanes, [&](int lane) {
    T value = unpack<T>(a[lane]);
    uint32_t amount = uint32_t(by[lane]);
    T beyond = std::is_signed_v<T> && value < 0 && !Left ? T(-1) : T(0);
    to[lane] = pack<T>(amount >= width ? beyond : Left ? T(value << amount) : T(value >> amount));
  });
}

void decodeShift(Instruction &instruction) {
  expectOperands(instruction, 3);
  std::string type = instruction.words.back();
  bool left = instruction.words[0] == "shl", isSigned = type[0] == 's';
  auto choose = [&]<typename U, typename S>(U, S) -> Handler {
    return left ? shift<U, true> : isSigned ? shift<S, false> : shift<U, false>;
  };
  instruction.handler = type.ends_with("64")   ? choose(uint64_t(), int64_t())
                        : type.ends_with("32") ? choose(uint32_t(), int32_t())
                                               : choose(uint16_t(), int16_t());
}

template <typename T> using CountOnes = decltype([](T a) { return T(std::popcount(a)); });
template <typename T> using LeadingZeros = decltype([](T a) { return T(std::countl_zero(a)); });
template <typename T>
using Reverse = decltype([](T a) {
  T result = 0;
  for (unsigned i = 0; i < 8 * sizeof(T); ++i)
    result = T(result << 1 | (a >> i & 1));
  return result;
});

template <template <typename> typename F> void decodeCount(Instruction &instruction) {
  expectOperands(instruction, 2);
  instruction.handler = instruction.words.back() == "b64" ? computeUnary<uint64_t, F<uint64_t>>
                                                          : computeUnary<uint32_t, F<uint32_t>>;
}

/// The position of the highest bit that differs from the sign; all ones if there is none.
template <typename T>
using FindHighest = decltype([](T a) -> T {
  using U = std::make_unsigned_t<T>;
  U bits = U(a < 0 ? ~a : a);
  return bits ? T(8 * sizeof(T) - 1 - std::countl_zero(bits)) : T(-1);
});

void decodeFindHighest(Instruction &instruction) {
  expectOperands(instruction, 2);
  std::string type = instruction.words.back();
  instruction.handler = type == "u32"   ? computeUnary<uint32_t, FindHighest<uint32_t>>
                        : type == "s32" ? computeUnary<int32_t, FindHighest<int32_t>>
                        : type == "u64" ? computeUnary<uint64_t, FindHighest<uint64_t>>
                                        : computeUnary<int64_t, FindHighest<int64_t>>;
}

//===----------------------------------------------------------------------===//
// Fields and bytes
//===----------------------------------------------------------------------===//

/// bfe d, a, position, length.
template <typename T> void extract(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  Row a = warp.row(instruction.operands[1]), position = warp.row(instruction.operands[2]),
      length = warp.row(instruction.operands[3]);
  uint64_t *to = warp.destination(instruction.operands[0]);
  constexpr uint32_t width = 8 * sizeof(T);
  forEach(lanes, [&](int lane) {
    uint32_t from = position[lane] & 255, count = length[lane] & 255;
    __int128 value = unpack<T>(a[lane]);
    if (count == 0) {
      to[lane] = 0;
      return;
    }
    // Bits beyond the value are its sign.
    uint64_t field = uint64_t(value >> std::min(from, width));
    bool negative = std::is_signed_v<T> && (value >> std::min(from + count - 1, width - 1) & 1);
    uint64_t mask = count >= 64 ? ~uint64_t(0) : (uint64_t(1) << count) - 1;
    to[lane] = pack<T>(T((field & mask) | (negative ? ~mask : 0)));
  });
}

void decodeExtract(Instruction &instruction) {
  expectOperands(instruction, 4);
  std::string type = instruction.words.back();
  instruction.handler = type == "u32"   ? extract<uint32_t>
                        : type == "s32" ? extract<int32_t>
                        : type == "u64" ? extract<uint64_t>
                                        : extract<int64_t>;
}

/// bfi f, a, b, position, length: b with a field of a.
void insert(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  Row a = warp.row(instruction.operands[1]), b = warp.row(instruction.operands[2]),
      position = warp.row(instruction.operands[3]), length = warp.row(instruction.operands[4]);
  uint64_t *to = warp.destination(instruction.operands[0]);
  uint32_t width = instruction.words.back() == "b64" ? 64 : 32;
  uint64_t all = width == 64 ? ~uint64_t(0) : UINT32_MAX;
  forEach(lanes, [&](int lane) {
    uint32_t from = position[lane] & 255, count = length[lane] & 255;
    uint64_t ones = count >= 64 ? ~uint64_t(0) : (uint64_t(1) << count) - 1;
    uint64_t mask = from >= width ? 0 : ones << from;
    to[lane] = ((b[lane] & ~mask) | (from >= width ? 0 : a[lane] << from & mask)) & all;
  });
}

void decodeInsert(Instruction &instruction) {
  expectOperands(instruction, 5);
  instruction.handler = insert;
}

void permute(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  Row a = warp.row(instruction.operands[1]), b = warp.row(instruction.operands[2]),
      selector = warp.row(instruction.operands[3]);
  uint64_t *to = warp.destination(instruction.operands[0]);
  forEach(lanes, [&](int lane) {
    uint64_t bytes = uint32_t(a[lane]) | b[lane] << 32, result = 0;
    for (int i = 0; i < 4; ++i) {
      uint32_t choice = selector[lane] >> (4 * i) & 15;
      uint64_t byte = bytes >> (8 * (choice & 7)) & 255;
      if (choice & 8)
        byte = byte & 128 ? 255 : 0;
      result |= byte << (8 * i);
    }
    to[lane] = result;
  });
}

void decodePermute(Instruction &instruction) {
  expectOperands(instruction, 4);
  if (instruction.words.size() != 2)
    Words(instruction).fail();
  instruction.handler = permute;
}

/// shf.{l,r}.{wrap,clamp}.b32 d, low, high, amount.
void funnelShift(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  bool left = instruction.mode & 1, clamps = instruction.mode & 2;
  Row low = warp.row(instruction.operands[1]), high = warp.row(instruction.operands[2]),
      by = warp.row(instruction.operands[3]);
  uint64_t *to = warp.destination(instruction.operands[0]);
  forEach(lanes, [&](int lane) {
    uint64_t pair = uint32_t(low[lane]) | high[lane] << 32;
    uint32_t amount = uint32_t(by[lane]);
    amount = clamps ? std::min(amount, 32u) : amount & 31;
    to[lane] = uint32_t(pair >> (left ? 32 - amount : amount));
  });
}

void decodeFunnelShift(Instruction &instruction) {
  expectOperands(instruction, 4);
  Words words(instruction);
  int left = words.takeOne({"r", "l"}), clamps = words.takeOne({"wrap", "clamp"});
  if (words.takeType() != "b32" || left < 0 || clamps < 0)
    words.fail();
  words.finish();
  instruction.mode = left | clamps << 1;
  instruction.handler = funnelShift;
}

void lookUp3(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  Row a = warp.row(instruction.operands[1]), b = warp.row(instruction.operands[2]),
      c = warp.row(instruction.operands[3]), values = warp.row(instruction.operands[4]);
  uint64_t *to = warp.destination(instruction.operands[0]);
  forEach(lanes, [&](int lane) {
    uint32_t result = 0;
    for (int i = 0; i < 32; ++i) {
      int at = int(a[lane] >> i & 1) << 2 | int(b[lane] >> i & 1) << 1 | int(c[lane] >> i & 1);
      result |= uint32_t(values[lane] >> at & 1) << i;
    }
    to[lane] = result;
  });
}

void decodeLookUp3(Instruction &instruction) {
  expectOperands(instruction, 5);
  instruction.handler = lookUp3;
}

const Opcode opcodes[] = {{"and", decodeLogic<And>},
                          {"or", decodeLogic<Or>},
                          {"xor", decodeLogic<Xor>},
                          {"not", decodeNot},
                          {"shl", decodeShift},
                          {"shr", decodeShift},
                          {"popc", decodeCount<CountOnes>},
                          {"clz", decodeCount<LeadingZeros>},
                          {"brev", decodeCount<Reverse>},
                          {"bfind", decodeFindHighest},
                          {"bfe", decodeExtract},
                          {"bfi", decodeInsert},
                          {"prmt", decodePermute},
                          {"shf", decodeFunnelShift},
                          {"lop3", decodeLookUp3}};

} // namespace

std::span<const Opcode> bitOpcodes() { return opcodes; }

} // namespace vgpu
