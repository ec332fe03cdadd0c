//===- OpsInteger.cpp - integer arithmetic --------------------------------===//
//
//   mad.wide.u32 d, a, b, c     d = a * b + c, where d and c have 64 bits
//
//===----------------------------------------------------------------------===//

#include "test/vgpu/Decode.h"

#include <limits>

namespace vgpu {
namespace {

template <template <typename> typename Family> void decodeTyped(Instruction &instruction) {
  Words words(instruction);
  instruction.handler = byIntegerType<Family>(words.takeType());
  if (!instruction.handler)
    words.fail();
  words.finish();
}

// Signed overflow wraps.
template <typename T> using Unsigned = std::make_unsigned_t<T>;
template <typename T>
using Wide = std::conditional_t<std::is_signed_v<T>, __int128, unsigned __int128>;

#define TLC_BINARY(NAME, EXPRESSION)                                                               \
  template <typename T> struct NAME {                                                              \
    using F = decltype([](T a, T b) -> T { return EXPRESSION; });                                  \
    static constexpr Handler run = computeBinary<T, F>;                                            \
  };
TLC_BINARY(Add, T(Unsigned<T>(a) + Unsigned<T>(b)))
TLC_BINARY(Sub, T(Unsigned<T>(a) - Unsigned<T>(b)))
TLC_BINARY(MulLow, T(Wide<T>(a) * Wide<T>(b)))
TLC_BINARY(MulHigh, T((Wide<T>(a) * Wide<T>(b)) >> (8 * sizeof(T))))
// A division by zero gives all ones, as the machines do.
TLC_BINARY(Div, b == 0 ? T(-1) : T(Wide<T>(a) / Wide<T>(b)))
TLC_BINARY(Rem, b == 0 ? a : T(Wide<T>(a) % Wide<T>(b)))
TLC_BINARY(Min, a < b ? a : b)
TLC_BINARY(Max, a < b ? b : a)
#undef TLC_BINARY

template <typename T> struct Abs {
  using F = decltype([](T a) -> T { return a < 0 ? T(0 - Unsigned<T>(a)) : a; });
  static constexpr Handler run = computeUnary<T, F>;
};
template <typename T> struct Neg {
  using F = decltype([](T a) -> T { return T(0 - Unsigned<T>(a)); });
  static constexpr Handler run = computeUnary<T, F>;
};
template <typename T> struct MadLow {
  using F = decltype([](T a, T b, T c) -> T { return T(Wide<T>(a) * Wide<T>(b) + Wide<T>(c)); });
  static constexpr Handler run = computeTernary<T, F>;
};
template <typename T> struct MadHigh {
  using F = decltype([](T a, T b, T c) -> T {
    return T(Unsigned<T>((Wide<T>(a) * Wide<T>(b)) >> (8 * sizeof(T))) + Unsigned<T>(c));
  });
  static constexpr Handler run = computeTernary<T, F>;
};

/// mul.wide and mad.wide: operands of T, the result twice as wide.
template <typename T> struct MulWide {
  static void run(Warp &warp, const Instruction &instruction, uint32_t lanes) {
    Row a = warp.row(instruction.operands[1]), b = warp.row(instruction.operands[2]);
    bool hasSum = instruction.operands.size() == 4;
    Row c = hasSum ? warp.row(instruction.operands[3]) : Row{};
    uint64_t *to = warp.destination(instruction.operands[0]);
    uint64_t mask = sizeof(T) == 4 ? ~uint64_t(0) : uint64_t(UINT32_MAX);
    forEach(lanes, [&](int lane) {
      uint64_t product = uint64_t(int64_t(unpack<T>(a[lane])) * int64_t(unpack<T>(b[lane])));
      to[lane] = (product + (hasSum ? c[lane] : 0)) & mask;
    });
  }
};

void decodeMultiply(Instruction &instruction) {
  Words words(instruction);
  std::string type = words.takeType();
  int part = words.takeOne({"lo", "hi", "wide"});
  words.finish();
  bool isMad = instruction.words[0] == "mad";
  expectOperands(instruction, isMad ? 4 : 3);
  if (part == 2)
    instruction.handler = type.ends_with("64") ? nullptr : byIntegerType<MulWide>(type);
  else if (isMad)
    instruction.handler = part == 0 ? byIntegerType<MadLow>(type) : byIntegerType<MadHigh>(type);
  else
    instruction.handler = part == 0 ? byIntegerType<MulLow>(type) : byIntegerType<MulHigh>(type);
  if (part < 0 || !instruction.handler)
    words.fail();
}

//===----------------------------------------------------------------------===//
// Sums with a carry
//===----------------------------------------------------------------------===//

/// add.cc, addc, sub.cc, subc. The carry of a difference is its borrow.
template <typename T> struct Carrying {
  static void run(Warp &warp, const Instruction &instruction, uint32_t lanes) {
    bool isSub = instruction.mode & 1, takes = instruction.mode & 2, gives = instruction.mode & 4;
    Row a = warp.row(instruction.operands[1]), b = warp.row(instruction.operands[2]);
    uint64_t *to = warp.destination(instruction.operands[0]);
    forEach(lanes, [&](int lane) {
      using U = Unsigned<T>;
      U x = U(a[lane]), y = U(b[lane]);
      unsigned __int128 carry = takes ? warp.carry >> lane & 1 : 0;
      unsigned __int128 sum =
          isSub ? (unsigned __int128)x - y - carry : (unsigned __int128)x + y + carry;
      to[lane] = U(sum);
      if (gives)
        warp.carry = (warp.carry & ~(1u << lane)) | uint32_t(sum >> (8 * sizeof(T)) & 1) << lane;
    });
  }
};

/// min.relu.s32 and the like do not occur; sums may carry or saturate.
void decodeSum(Instruction &instruction) {
  expectOperands(instruction, 3);
  Words words(instruction);
  std::string opcode = instruction.words[0], type = words.takeType();
  bool isSub = opcode.starts_with("sub"), takes = opcode.size() == 4, gives = words.take("cc");
  words.finish();
  instruction.mode = isSub | takes << 1 | gives << 2;
  if (takes || gives)
    instruction.handler = byIntegerType<Carrying>(type);
  else
    instruction.handler = isSub ? byIntegerType<Sub>(type) : byIntegerType<Add>(type);
  if (!instruction.handler)
    words.fail();
}

const Opcode opcodes[] = {
    {"add", decodeSum},        {"addc", decodeSum},       {"sub", decodeSum},
    {"subc", decodeSum},       {"mul", decodeMultiply},   {"mad", decodeMultiply},
    {"div", decodeTyped<Div>}, {"rem", decodeTyped<Rem>}, {"min", decodeTyped<Min>},
    {"max", decodeTyped<Max>}, {"abs", decodeTyped<Abs>}, {"neg", decodeTyped<Neg>}};

} // namespace

std::span<const Opcode> integerOpcodes() { return opcodes; }

} // namespace vgpu
