//===- OpsConvert.cpp - conversions and moves -----------------------------===//
//
//   cvt.rzi.s32.f32 d, a       towards zero; what does not fit becomes the closest number
//   cvt.rn.bf16x2.f32 d, a, b  two at once, a in the upper half
//   mov.b64 {lo, hi}, d        parts of a register
//
//===----------------------------------------------------------------------===//

#include "test/vgpu/Decode.h"
#include "test/vgpu/Parser.h"

#include <cfenv>
#include <limits>

namespace vgpu {
namespace {

/// A type as cvt knows it.
struct Format {
  enum Kind : uint8_t { Unsigned, Signed, Float } kind = Unsigned;
  uint8_t bits = 0, exponentBits = 0, mantissaBits = 0;
};

const std::map<std::string, Format> formats = {
    {"u8", {Format::Unsigned, 8}},        {"u16", {Format::Unsigned, 16}},
    {"u32", {Format::Unsigned, 32}},      {"u64", {Format::Unsigned, 64}},
    {"s8", {Format::Signed, 8}},          {"s16", {Format::Signed, 16}},
    {"s32", {Format::Signed, 32}},        {"s64", {Format::Signed, 64}},
    {"f16", {Format::Float, 16, 5, 10}},  {"bf16", {Format::Float, 16, 8, 7}},
    {"f32", {Format::Float, 32, 8, 23}},  {"f64", {Format::Float, 64, 11, 52}},
    {"tf32", {Format::Float, 32, 8, 10}}, {"f16x2", {Format::Float, 16, 5, 10}},
    {"bf16x2", {Format::Float, 16, 8, 7}}};

/// What a cvt does. Instruction::mode is its number.
struct Conversion {
  Format to, from;
  enum { Nearest, Zero, Down, Up, NearestAway } rounding = Nearest;
  bool toIntegral = false, saturate = false, flush = false, relu = false, isPair = false;
};

std::vector<Conversion> &conversions() {
  static auto *all = new std::vector<Conversion>;
  return *all;
}

double roundIntegral(double value, int rounding) {
  switch (rounding) {
  case Conversion::Zero:
    return std::trunc(value);
  case Conversion::Down:
    return std::floor(value);
  case Conversion::Up:
    return std::ceil(value);
  default:
    return std::nearbyint(value);
  }
}

double readFloat(uint64_t bits, const Format &format) {
  if (format.bits == 64)
    return unpack<double>(bits);
  if (format.bits == 32)
    return unpack<float>(bits);
  return decodeFloat(uint16_t(bits), format.exponentBits, format.mantissaBits);
}

/// Rounds to a format of fewer bits than f64.
uint64_t writeFloat(double value, const Conversion &conversion) {
  const Format &to = conversion.to;
  if (conversion.relu && !(value > 0) && !std::isnan(value))
    value = 0;
  if (conversion.saturate)
    value = std::isnan(value) ? 0 : std::clamp(value, 0.0, 1.0);
  if (to.bits == 64)
    return pack<double>(value);
  if (to.bits == 32 && to.mantissaBits == 23) {
    static constexpr int modes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};
    std::fesetround(modes[conversion.rounding]);
    float result = float(value);
    std::fesetround(FE_TONEAREST);
    if (conversion.flush && std::fpclassify(result) == FP_SUBNORMAL)
      result = std::copysign(0.0f, result);
    return pack<float>(result);
  }
  if (to.bits == 32) {
    // tf32: an f32 whose low bits are zero; .rna rounds halves away from zero.
    uint32_t bits = uint32_t(pack<float>(float(value)));
    if (std::isfinite(value))
      bits = (bits + (conversion.rounding == Conversion::NearestAway ? 0x1000 : 0)) & ~0x1FFFu;
    return bits;
  }
  if (conversion.rounding == Conversion::Zero && std::isfinite(value)) {
    uint32_t bits = encodeFloat(value, to.exponentBits, to.mantissaBits);
    bool isAbove =
        std::fabs(decodeFloat(bits, to.exponentBits, to.mantissaBits)) > std::fabs(value);
    return isAbove ? bits - 1 : bits;
  }
  return encodeFloat(value, to.exponentBits, to.mantissaBits);
}

__int128 lowest(const Format &format) {
  return format.kind == Format::Signed ? -(__int128(1) << (format.bits - 1)) : __int128(0);
}
__int128 highest(const Format &format) {
  return (__int128(1) << (format.bits - (format.kind == Format::Signed))) - 1;
}

uint64_t lowBits(__int128 value, int bits) {
  return bits == 64 ? uint64_t(value) : uint64_t(value) & ((uint64_t(1) << bits) - 1);
}

uint64_t floatToInteger(double value, const Conversion &conversion) {
  if (std::isnan(value))
    return conversion.to.bits == 64 ? uint64_t(1) << 63 : 0;
  double rounded = roundIntegral(value, conversion.rounding);
  __int128 low = lowest(conversion.to), high = highest(conversion.to);
  if (rounded <= double(low))
    return lowBits(low, conversion.to.bits);
  if (rounded >= double(high))
    return lowBits(high, conversion.to.bits);
  return lowBits(__int128(rounded), conversion.to.bits);
}

__int128 readInteger(uint64_t bits, const Format &format) {
  uint64_t low = lowBits(bits, format.bits);
  bool isNegative = format.kind == Format::Signed && low >> (format.bits - 1) & 1;
  return isNegative ? __int128(low) - (__int128(1) << format.bits) : __int128(low);
}

uint64_t integerToFloat(__int128 value, const Conversion &conversion) {
  // A number of 64 bits is rounded once, to f32 or f64; smaller formats are exact in f64 first.
  if (conversion.to.bits == 32 && conversion.rounding == Conversion::Nearest)
    return pack<float>(float(value));
  static constexpr int modes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};
  std::fesetround(modes[conversion.rounding]);
  double wide = value < 0 ? double(int64_t(value)) : double(uint64_t(value));
  std::fesetround(FE_TONEAREST);
  return writeFloat(wide, conversion);
}

uint64_t convertOne(uint64_t bits, const Conversion &conversion) {
  bool fromFloat = conversion.from.kind == Format::Float;
  bool toFloat = conversion.to.kind == Format::Float;
  if (fromFloat) {
    double value = readFloat(bits, conversion.from);
    if (conversion.flush && conversion.from.bits == 32 && std::fabs(value) < 0x1p-126)
      value = std::copysign(0.0, value);
    if (!toFloat)
      return floatToInteger(value, conversion);
    return writeFloat(conversion.toIntegral ? roundIntegral(value, conversion.rounding) : value,
                      conversion);
  }
  __int128 value = readInteger(bits, conversion.from);
  if (toFloat)
    return integerToFloat(value, conversion);
  if (conversion.saturate)
    value = std::clamp(value, lowest(conversion.to), highest(conversion.to));
  // Into a wider register goes the sign.
  return conversion.to.kind == Format::Signed && conversion.to.bits < 32
             ? uint64_t(readInteger(lowBits(value, conversion.to.bits), conversion.to))
             : lowBits(value, conversion.to.bits);
}

void convert(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  const Conversion &conversion = conversions()[instruction.mode];
  Row a = warp.row(instruction.operands[1]);
  uint64_t *to = warp.destination(instruction.operands[0]);
  if (!conversion.isPair) {
    forEach(lanes, [&](int lane) { to[lane] = convertOne(a[lane], conversion); });
    return;
  }
  Row b = warp.row(instruction.operands[2]);
  forEach(lanes, [&](int lane) {
    to[lane] = convertOne(a[lane], conversion) << 16 | convertOne(b[lane], conversion);
  });
}

void decodeConvert(Instruction &instruction) {
  Words words(instruction);
  std::string from = words.takeType(), to = words.takeType();
  Conversion conversion;
  if (!formats.contains(from) || !formats.contains(to))
    words.fail();
  conversion.from = formats.at(from);
  conversion.to = formats.at(to);
  conversion.isPair = to.ends_with("x2");
  int plain = words.takeOne({"rn", "rz", "rm", "rp", "rna"});
  int integral = words.takeOne({"rni", "rzi", "rmi", "rpi"});
  conversion.toIntegral = integral >= 0;
  conversion.rounding = decltype(conversion.rounding)(std::max({plain, integral, 0}));
  conversion.saturate = words.take("sat");
  conversion.flush = words.take("ftz");
  conversion.relu = words.take("relu");
  words.finish();
  expectOperands(instruction, conversion.isPair ? 3 : 2);
  instruction.mode = int(conversions().size());
  conversions().push_back(conversion);
  instruction.handler = convert;
}

//===----------------------------------------------------------------------===//
// Moves
//===----------------------------------------------------------------------===//

void move(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  Row a = warp.row(instruction.operands[1]);
  uint64_t *to = warp.destination(instruction.operands[0]);
  forEach(lanes, [&](int lane) { to[lane] = a[lane]; });
}

/// mov.b64 d, {a, b}: the first part is the lowest. `bytes` are those of a part.
void join(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  const std::vector<Operand> &parts = instruction.operands[1].elements;
  uint64_t *to = warp.destination(instruction.operands[0]);
  int bits = 8 * instruction.bytes;
  uint64_t mask = (uint64_t(1) << bits) - 1;
  uint64_t result[kLanes] = {};
  for (size_t i = 0; i < parts.size(); ++i) {
    Row part = warp.row(parts[i]);
    forEach(lanes, [&](int lane) { result[lane] |= (part[lane] & mask) << (bits * i); });
  }
  forEach(lanes, [&](int lane) { to[lane] = result[lane]; });
}

void split(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  const std::vector<Operand> &parts = instruction.operands[0].elements;
  Row a = warp.row(instruction.operands[1]);
  int bits = 8 * instruction.bytes;
  uint64_t mask = (uint64_t(1) << bits) - 1;
  uint64_t whole[kLanes];
  forEach(lanes, [&](int lane) { whole[lane] = a[lane]; });
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].kind == Operand::Kind::Sink)
      continue;
    uint64_t *to = warp.destination(parts[i]);
    forEach(lanes, [&](int lane) { to[lane] = whole[lane] >> (bits * i) & mask; });
  }
}

void decodeMove(Instruction &instruction) {
  expectOperands(instruction, 2);
  Words words(instruction);
  uint64_t bytes = bytesOfType(words.takeType());
  words.finish();
  if (bytes == 0 || bytes > 8)
    words.fail();
  auto partsOf = [](const Operand &operand) {
    return operand.kind == Operand::Kind::Vector ? operand.elements.size() : 0;
  };
  size_t to = partsOf(instruction.operands[0]), from = partsOf(instruction.operands[1]);
  instruction.handler = to ? split : from ? join : move;
  instruction.bytes = uint8_t(bytes / std::max<size_t>({to, from, 1}));
}

const Opcode opcodes[] = {{"cvt", decodeConvert}, {"mov", decodeMove}};

} // namespace

std::span<const Opcode> convertOpcodes() { return opcodes; }

} // namespace vgpu
