//===- OpsCompare.cpp - comparisons and selections ------------------------===//
//
//   setp.lt.and.f32 p|q, a, b, c     p = (a < b) and c,  q = not (a < b) and c
//
//===----------------------------------------------------------------------===//

#include "test/vgpu/Decode.h"

namespace vgpu {
namespace {

enum Comparison { Eq, Ne, Lt, Le, Gt, Ge, Equ, Neu, Ltu, Leu, Gtu, Geu, Num, Nan };

template <typename V> bool compare(int comparison, V a, V b) {
  bool unordered = a != a || b != b;
  switch (comparison) {
  case Eq:
    return !unordered && a == b;
  case Ne:
    return !unordered && a != b;
  case Lt:
    return a < b;
  case Le:
    return a <= b;
  case Gt:
    return a > b;
  case Ge:
    return a >= b;
  case Num:
    return !unordered;
  case Nan:
    return unordered;
  default:
    return unordered || compare(comparison - Equ + Eq, a, b);
  }
}

/// mode: the comparison, and from bit 8 on how a predicate is combined (0: not at all).
template <typename T> void setPredicate(Warp &warp, const Instruction &in, uint32_t lanes) {
  Row a = warp.row(in.operands[1]), b = warp.row(in.operands[2]);
  int comparison = in.mode & 255, combination = in.mode >> 8;
  Row with = combination ? warp.row(in.operands[3]) : Row{};
  const Operand &to = in.operands[0];
  uint64_t *p = to.kind == Operand::Kind::Sink ? nullptr : warp.destination(to);
  uint64_t *q = to.second >= 0 ? warp.registerRow(to.second) : nullptr;
  forEach(lanes, [&](int lane) {
    bool is = compare(comparison, unpack<T>(a[lane]), unpack<T>(b[lane]));
    bool other = combination && ((with[lane] & 1) ^ in.operands[3].negated);
    auto combined = [&](bool value) {
      return combination == 1   ? value && other
             : combination == 2 ? value || other
             : combination == 3 ? value != other
                                : value;
    };
    if (p)
      p[lane] = combined(is);
    if (q)
      q[lane] = combined(!is);
  });
}

template <template <typename> typename Family> Handler byType(const std::string &type) {
  if (type == "f32")
    return Family<float>::run;
  if (type == "f64")
    return Family<double>::run;
  if (type == "f16")
    return Family<Half>::run;
  return type == "bf16" ? Family<BFloat>::run : byIntegerType<Family>(type);
}

template <typename T> struct SetPredicate { static constexpr Handler run = setPredicate<T>; };

int takeComparison(Words &words) {
  int comparison = words.takeOne(
      {"eq", "ne", "lt", "le", "gt", "ge", "equ", "neu", "ltu", "leu", "gtu", "geu", "num", "nan"});
  if (comparison < 0) {
    // lo, ls, hi, hs: of unsigned numbers.
    comparison = words.takeOne({"lo", "ls", "hi", "hs"});
    comparison = comparison < 0 ? -1 : comparison + Lt;
  }
  if (comparison < 0)
    words.fail();
  return comparison;
}

void decodeSetPredicate(Instruction &instruction) {
  Words words(instruction);
  instruction.handler = byType<SetPredicate>(words.takeType());
  words.take("ftz");
  int combination = words.takeOne({"and", "or", "xor"}) + 1;
  instruction.mode = takeComparison(words) | combination << 8;
  words.finish();
  expectOperands(instruction, combination ? 4 : 3);
  if (!instruction.handler)
    words.fail();
}

/// set.lt.u32.f32: all ones, or 1.0 for a result of type f32.
template <typename T> struct Set {
  static void run(Warp &warp, const Instruction &in, uint32_t lanes) {
    Row a = warp.row(in.operands[1]), b = warp.row(in.operands[2]);
    uint64_t *to = warp.destination(in.operands[0]);
    uint64_t yes = in.mode >> 8 ? pack<float>(1.0f) : UINT32_MAX;
    forEach(lanes, [&](int lane) {
      to[lane] = compare(in.mode & 255, unpack<T>(a[lane]), unpack<T>(b[lane])) ? yes : 0;
    });
  }
};

void decodeSet(Instruction &instruction) {
  expectOperands(instruction, 3);
  Words words(instruction);
  instruction.handler = byType<Set>(words.takeType());
  bool isFloat = words.takeType() == "f32";
  words.take("ftz");
  instruction.mode = takeComparison(words) | isFloat << 8;
  words.finish();
  if (!instruction.handler)
    words.fail();
}

void select(Warp &warp, const Instruction &in, uint32_t lanes) {
  Row a = warp.row(in.operands[1]), b = warp.row(in.operands[2]), p = warp.row(in.operands[3]);
  uint64_t *to = warp.destination(in.operands[0]);
  forEach(lanes, [&](int lane) {
    to[lane] = (p[lane] & 1) != in.operands[3].negated ? a[lane] : b[lane];
  });
}

void decodeSelect(Instruction &instruction) {
  expectOperands(instruction, 4);
  instruction.handler = select;
}

/// slct d, a, b, c: a where c >= 0.
template <typename T> void selectBySign(Warp &warp, const Instruction &in, uint32_t lanes) {
  Row a = warp.row(in.operands[1]), b = warp.row(in.operands[2]), c = warp.row(in.operands[3]);
  uint64_t *to = warp.destination(in.operands[0]);
  forEach(lanes, [&](int lane) { to[lane] = unpack<T>(c[lane]) >= 0 ? a[lane] : b[lane]; });
}

void decodeSelectBySign(Instruction &instruction) {
  expectOperands(instruction, 4);
  bool isFloat = instruction.words.back() == "f32";
  instruction.handler = isFloat ? selectBySign<float> : selectBySign<int32_t>;
}

const Opcode opcodes[] = {{"setp", decodeSetPredicate},
                          {"set", decodeSet},
                          {"selp", decodeSelect},
                          {"slct", decodeSelectBySign}};

} // namespace

std::span<const Opcode> compareOpcodes() { return opcodes; }

} // namespace vgpu
