//===- OpsMatrix.cpp - products of small matrices by a warp ---------------===//
//
//   ldmatrix.sync.aligned.m8n8.x4.shared.b16 {r0, r1, r2, r3}, [row]
//   mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 d, a, b, c      d = a b + c
//
// The elements of a matrix are spread over the lanes. With g = lane / 4, t = lane % 4 and p
// elements in a register, register i of
//
//   a   has row g + 8 (i % 2), from column p t + 4 p (i / 2) on
//   b   has column g, from row p t + 4 p i on
//   c   has row g + 8 (i / 2), column 2 t + i % 2
//
// Products are exact and so are their sums; the result is cut off, not rounded, to f32: how much
// better the hardware is, it does not promise.
//
//===----------------------------------------------------------------------===//

#include "test/vgpu/Decode.h"

#include <cstring>

namespace vgpu {
namespace {

constexpr uint64_t everybody = 0xFFFFFFFF;

/// Whether all lanes are here now.
bool isComplete(Warp &warp, const Instruction &in, uint32_t lanes) {
  return warp.rendezvous(lanes, in, {&everybody, 0}) == everybody;
}

//===----------------------------------------------------------------------===//
// ldmatrix
//===----------------------------------------------------------------------===//

/// `count` matrices of 8 rows of 16 bytes, whose addresses lanes 0 .. 8 count - 1 have; mode is 1
/// where they are transposed.
void loadMatrix(Warp &warp, const Instruction &in, uint32_t lanes) {
  if (!isComplete(warp, in, lanes))
    return;
  const Operand &address = in.operands[1];
  const uint8_t *rows[kLanes];
  for (int lane = 0; lane < 8 * in.count; ++lane) {
    uint64_t base = address.reg >= 0 ? warp.registerRow(address.reg)[lane] : 0;
    rows[lane] = warp.access(lane, in, Space::Shared, uint32_t(base + address.value), 16);
  }
  for (int i = 0; i < in.count; ++i) {
    uint64_t *to = warp.destination(in.operands[0].elements[i]);
    for (int lane = 0; lane < kLanes; ++lane) {
      int row = 8 * i + (in.mode ? 2 * (lane % 4) : lane / 4);
      int column = in.mode ? lane / 4 : 2 * (lane % 4);
      uint16_t pair[2];
      memcpy(&pair[0], rows[row] + 2 * column, 2);
      memcpy(&pair[1], in.mode ? rows[row + 1] + 2 * column : rows[row] + 2 * column + 2, 2);
      to[lane] = pair[0] | uint32_t(pair[1]) << 16;
    }
  }
}

void decodeLoadMatrix(Instruction &instruction) {
  expectOperands(instruction, 2);
  Words words(instruction);
  bool isPlain = words.takeType() == "b16" && words.take("sync") && words.take("aligned") &&
                 words.take("m8n8");
  int power = words.takeOne({"x1", "x2", "x4"});
  instruction.mode = words.take("trans");
  bool isShared = words.takeOne({"shared", "shared::cta"}) >= 0;
  words.finish();
  instruction.count = uint8_t(1 << std::max(power, 0));
  const Operand &to = instruction.operands[0];
  if (!isPlain || !isShared || power < 0 || to.kind != Operand::Kind::Vector ||
      to.elements.size() != instruction.count ||
      instruction.operands[1].kind != Operand::Kind::Address)
    words.fail();
  instruction.isControl = true;
  instruction.handler = loadMatrix;
}

//===----------------------------------------------------------------------===//
// mma
//===----------------------------------------------------------------------===//

float cutOff(double value) {
  float result = float(value);
  return std::fabs(double(result)) > std::fabs(value) ? std::nextafter(result, 0.0f) : result;
}

/// The type of a factor: `perRegister` elements in 32 bits.
struct BFloatFactor {
  static constexpr int perRegister = 2;
  static double get(uint32_t bits, int i) { return unpack<BFloat>(uint16_t(bits >> (16 * i))); }
};
struct HalfFactor {
  static constexpr int perRegister = 2;
  static double get(uint32_t bits, int i) { return unpack<Half>(uint16_t(bits >> (16 * i))); }
};
/// An f32 whose low bits are not looked at.
struct Tf32Factor {
  static constexpr int perRegister = 1;
  static double get(uint32_t bits, int) { return unpack<float>(bits & ~uint32_t(0x1FFF)); }
};
struct ByteFactor {
  static constexpr int perRegister = 4;
  static int64_t get(uint32_t bits, int i) { return int8_t(bits >> (8 * i)); }
};

/// d = a b + c for 16 x 8 results and 32 bytes of each row.
template <typename Factor, typename Result>
void multiply(Warp &warp, const Instruction &in, uint32_t lanes) {
  if (!isComplete(warp, in, lanes))
    return;
  constexpr int p = Factor::perRegister, depth = 8 * p;
  using Number = decltype(Factor::get(0, 0));
  Number a[16][depth], b[8][depth];
  for (int lane = 0; lane < kLanes; ++lane)
    for (int i = 0; i < 4; ++i)
      for (int e = 0; e < p; ++e) {
        int g = lane / 4, from = p * (lane % 4) + e;
        uint64_t left = warp.row(in.operands[1].elements[i])[lane];
        a[g + 8 * (i % 2)][from + 4 * p * (i / 2)] = Factor::get(uint32_t(left), e);
        if (i < 2)
          b[g][from + 4 * p * i] =
              Factor::get(uint32_t(warp.row(in.operands[2].elements[i])[lane]), e);
      }
  uint64_t results[4][kLanes];
  for (int lane = 0; lane < kLanes; ++lane)
    for (int i = 0; i < 4; ++i) {
      const Number *row = a[lane / 4 + 8 * (i / 2)], *column = b[2 * (lane % 4) + i % 2];
      Number sum = Number(unpack<Result>(warp.row(in.operands[3].elements[i])[lane]));
      for (int k = 0; k < depth; ++k)
        sum += row[k] * column[k];
      if constexpr (std::is_same_v<Result, float>)
        results[i][lane] = pack<float>(cutOff(sum));
      else
        results[i][lane] = uint32_t(sum);
    }
  for (int i = 0; i < 4; ++i)
    memcpy(warp.destination(in.operands[0].elements[i]), results[i], sizeof results[i]);
}

/// The product of 8 x 4 and 4 x 8 elements of f64: a lane has one of each, and two results.
void multiplyDoubles(Warp &warp, const Instruction &in, uint32_t lanes) {
  if (!isComplete(warp, in, lanes))
    return;
  Row a = warp.row(in.operands[1].elements[0]), b = warp.row(in.operands[2].elements[0]);
  uint64_t results[2][kLanes];
  for (int lane = 0; lane < kLanes; ++lane)
    for (int i = 0; i < 2; ++i) {
      double sum = unpack<double>(warp.row(in.operands[3].elements[i])[lane]);
      for (int k = 0; k < 4; ++k)
        sum = std::fma(unpack<double>(a[lane / 4 * 4 + k]),
                       unpack<double>(b[(2 * (lane % 4) + i) * 4 + k]), sum);
      results[i][lane] = pack<double>(sum);
    }
  for (int i = 0; i < 2; ++i)
    memcpy(warp.destination(in.operands[0].elements[i]), results[i], sizeof results[i]);
}

struct Product {
  const char *shape, *types;
  Handler handler;
};

void decodeMultiply(Instruction &instruction) {
  static constexpr Product products[] = {
      {"m16n8k16", "f32.bf16.bf16.f32", multiply<BFloatFactor, float>},
      {"m16n8k16", "f32.f16.f16.f32", multiply<HalfFactor, float>},
      {"m16n8k8", "f32.tf32.tf32.f32", multiply<Tf32Factor, float>},
      {"m16n8k32", "s32.s8.s8.s32", multiply<ByteFactor, int32_t>},
      {"m8n8k4", "f64.f64.f64.f64", multiplyDoubles}};
  expectOperands(instruction, 4);
  Words words(instruction);
  std::string types = words.takeType();
  for (int i = 0; i < 3; ++i)
    types = words.takeType() + "." + types;
  for (const Product &product : products)
    if (types == product.types && words.take(product.shape))
      instruction.handler = product.handler;
  bool isPlain = words.take("sync") && words.take("aligned") && words.take("row") &&
                 words.take("col") && instruction.handler;
  words.finish();
  bool isDouble = instruction.handler == multiplyDoubles;
  const size_t sizes[] = {isDouble ? 2u : 4u, isDouble ? 1u : 4u, isDouble ? 1u : 2u,
                          isDouble ? 2u : 4u};
  for (int i = 0; i < 4; ++i)
    isPlain &= instruction.operands[i].elements.size() == sizes[i];
  if (!isPlain)
    words.fail();
  instruction.isControl = true;
}

const Opcode opcodes[] = {{"ldmatrix", decodeLoadMatrix}, {"mma", decodeMultiply}};

} // namespace

std::span<const Opcode> matrixOpcodes() { return opcodes; }

} // namespace vgpu
