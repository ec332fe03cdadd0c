//===- OpsFloat.cpp - floating-point arithmetic ---------------------------===//
//
// f32 and f64 are the host's, with its rounding modes. f16 and bf16 are computed in f64 and
// rounded: products and sums of two are exact there. What `.approx` allows to be approximate is
// rounded here: code must not rely on more than the manual promises, and a test compares within a
// tolerance.
//
//===----------------------------------------------------------------------===//

#include "test/vgpu/Decode.h"

#include <cfenv>

namespace vgpu {
namespace {

/// Instruction::mode: the rounding in the low two bits, then flags.
enum : int { kRoundingBits = 3, kFlush = 4, kSaturate = 8 };

class Rounding {
public:
  explicit Rounding(int mode) : mode(mode & kRoundingBits) {
    static constexpr int modes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};
    if (this->mode)
      std::fesetround(modes[this->mode]);
  }
  ~Rounding() {
    if (mode)
      std::fesetround(FE_TONEAREST);
  }

private:
  int mode;
};

/// Subnormal numbers count as zero with .ftz, which f32 has.
float flushed(float value) {
  return std::fpclassify(value) == FP_SUBNORMAL ? std::copysign(0.0f, value) : value;
}
double flushed(double value) { return value; }

template <typename V> V saturated(V value) {
  return std::isnan(value) ? V(0) : std::clamp(value, V(0), V(1));
}

/// d = F(operands...) for one, two or three operands, in parts of a packed type.
template <typename T, int Arity, int Parts, typename F>
void compute(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  Row rows[3];
  for (int i = 0; i < Arity; ++i)
    rows[i] = warp.row(instruction.operands[1 + i]);
  uint64_t *to = warp.destination(instruction.operands[0]);
  Rounding rounding(instruction.mode);
  constexpr int bits = 64 / Parts == 64 ? 64 : IsSmall<T>::value ? 16 : 32;
  auto part = [&](int lane, int i) {
    auto get = [&](int operand) {
      auto value = unpack<T>(rows[operand][lane] >> (bits % 64 * i));
      return instruction.mode & kFlush ? flushed(value) : value;
    };
    auto value = [&] {
      if constexpr (Arity == 1)
        return F()(get(0));
      else if constexpr (Arity == 2)
        return F()(get(0), get(1));
      else
        return F()(get(0), get(1), get(2));
    }();
    if (instruction.mode & kFlush)
      value = flushed(value);
    if (instruction.mode & kSaturate)
      value = saturated(value);
    return pack<T>(value);
  };
  forEach(lanes, [&](int lane) {
    uint64_t result = 0;
    for (int i = 0; i < Parts; ++i)
      result |= part(lane, i) << (bits % 64 * i);
    to[lane] = result;
  });
}

template <int Arity, typename F> Handler byType(const std::string &type) {
  if (type == "f32")
    return compute<float, Arity, 1, F>;
  if (type == "f64")
    return compute<double, Arity, 1, F>;
  if (type == "f32x2")
    return compute<float, Arity, 2, F>;
  if (type == "f16")
    return compute<Half, Arity, 1, F>;
  if (type == "f16x2")
    return compute<Half, Arity, 2, F>;
  if (type == "bf16")
    return compute<BFloat, Arity, 1, F>;
  return type == "bf16x2" ? compute<BFloat, Arity, 2, F> : nullptr;
}

void takeModes(Words &words, Instruction &instruction) {
  int rounding = words.takeOne({"rn", "rz", "rm", "rp"});
  instruction.mode = std::max(rounding, 0) | (words.take("ftz") ? kFlush : 0) |
                     (words.take("sat") ? kSaturate : 0);
}

template <int Arity, typename F> void decodePlain(Instruction &instruction) {
  expectOperands(instruction, Arity + 1);
  Words words(instruction);
  instruction.handler = byType<Arity, F>(words.takeType());
  takeModes(words, instruction);
  // Of division and roots, and of functions, which are not exact.
  words.takeOne({"approx", "full"});
  words.finish();
  if (!instruction.handler)
    words.fail();
}

using Add = decltype([](auto a, auto b) { return a + b; });
using Sub = decltype([](auto a, auto b) { return a - b; });
using Mul = decltype([](auto a, auto b) { return a * b; });
using Div = decltype([](auto a, auto b) { return a / b; });
using Fma = decltype([](auto a, auto b, auto c) { return std::fma(a, b, c); });
using Abs = decltype([](auto a) { return std::fabs(a); });
using Neg = decltype([](auto a) { return -a; });
using Sqrt = decltype([](auto a) { return std::sqrt(a); });
using Reciprocal = decltype([](auto a) { return decltype(a)(1) / a; });
using InverseSqrt = decltype([](auto a) { return decltype(a)(1) / std::sqrt(a); });
using Exp2 = decltype([](auto a) { return std::exp2(a); });
using Log2 = decltype([](auto a) { return std::log2(a); });
using Sin = decltype([](auto a) { return std::sin(a); });
using Cos = decltype([](auto a) { return std::cos(a); });
using Tanh = decltype([](auto a) { return std::tanh(a); });
/// copysign d, a, b: b with the sign of a.
using CopySign = decltype([](auto a, auto b) { return std::copysign(b, a); });

template <bool IsMin> struct Extreme {
  template <typename V> V operator()(V a, V b) const {
    if (std::isnan(a) || std::isnan(b))
      return std::isnan(a) ? b : a;
    // Of the zeros, -0 is the smaller.
    if (a == b)
      return std::signbit(a) == IsMin ? a : b;
    return (a < b) == IsMin ? a : b;
  }
};
template <bool IsMin> struct ExtremeOrNan {
  template <typename V> V operator()(V a, V b) const {
    return std::isnan(a) || std::isnan(b) ? V(NAN) : Extreme<IsMin>()(a, b);
  }
};

template <bool IsMin> void decodeExtreme(Instruction &instruction) {
  expectOperands(instruction, 3);
  Words words(instruction);
  std::string type = words.takeType();
  instruction.handler =
      words.take("NaN") ? byType<2, ExtremeOrNan<IsMin>>(type) : byType<2, Extreme<IsMin>>(type);
  takeModes(words, instruction);
  words.finish();
}

/// testp.{finite,infinite,number,notanumber,normal,subnormal} p, a.
template <typename T>
void testProperty(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  Row a = warp.row(instruction.operands[1]);
  uint64_t *to = warp.destination(instruction.operands[0]);
  forEach(lanes, [&](int lane) {
    auto value = unpack<T>(a[lane]);
    bool results[] = {std::isfinite(value), std::isinf(value),
                      !std::isnan(value),   std::isnan(value),
                      std::isnormal(value), std::fpclassify(value) == FP_SUBNORMAL};
    to[lane] = results[instruction.mode];
  });
}

void decodeTest(Instruction &instruction) {
  expectOperands(instruction, 2);
  Words words(instruction);
  instruction.handler = words.takeType() == "f32" ? testProperty<float> : testProperty<double>;
  instruction.mode =
      words.takeOne({"finite", "infinite", "number", "notanumber", "normal", "subnormal"});
  words.finish();
}

const Opcode opcodes[] = {
    {"add.float", decodePlain<2, Add>},           {"sub.float", decodePlain<2, Sub>},
    {"mul.float", decodePlain<2, Mul>},           {"div.float", decodePlain<2, Div>},
    {"fma.float", decodePlain<3, Fma>},           {"mad.float", decodePlain<3, Fma>},
    {"abs.float", decodePlain<1, Abs>},           {"neg.float", decodePlain<1, Neg>},
    {"sqrt.float", decodePlain<1, Sqrt>},         {"rcp.float", decodePlain<1, Reciprocal>},
    {"rsqrt.float", decodePlain<1, InverseSqrt>}, {"ex2.float", decodePlain<1, Exp2>},
    {"lg2.float", decodePlain<1, Log2>},          {"sin.float", decodePlain<1, Sin>},
    {"cos.float", decodePlain<1, Cos>},           {"tanh.float", decodePlain<1, Tanh>},
    {"copysign.float", decodePlain<2, CopySign>}, {"min.float", decodeExtreme<true>},
    {"max.float", decodeExtreme<false>},          {"testp.float", decodeTest}};

} // namespace

std::span<const Opcode> floatOpcodes() { return opcodes; }

} // namespace vgpu
