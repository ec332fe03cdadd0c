//===- OpsWgmma.cpp - products of matrices by four warps ------------------===//
//
//   wgmma.mma_async.sync.aligned.m64n256k16.f32.bf16.bf16 {d...}, a, b, p, 1, 1, 0, 0
//
// d (64 x 256, 16 rows in each warp) += a (64 x 16) * b (16 x 256). a and b are descriptors of
// matrices in shared memory, which are read at any time until wgmma.wait_group; so long the
// registers of d belong to the product, and touching them is reported.
//
//===----------------------------------------------------------------------===//

#include "test/vgpu/Decode.h"
#include "test/vgpu/TensorMap.h"

#include <cstring>

namespace vgpu {
namespace {

enum Type { BFloat16, Float16, Tf32 };

/// What the decoder packs into `mode`.
struct Form {
  int columns, type, transposesA, transposesB;
  static Form of(const Instruction &in) {
    return {in.mode & 511, in.mode >> 9 & 3, in.mode >> 11 & 1, in.mode >> 12 & 1};
  }
  int bytes() const { return type == Tf32 ? 4 : 2; }
  /// Elements along the sum.
  int depth() const { return 32 / bytes(); }
};

/// A matrix in shared memory: rows are along m or n, columns along k.
class SharedMatrix {
public:
  SharedMatrix(Warp &warp, const Instruction &in, uint64_t descriptor, bool isTransposed)
      : warp(warp), in(in), isTransposed(isTransposed), start((descriptor & 0x3FFF) << 4),
        leading((descriptor >> 16 & 0x3FFF) << 4), stride((descriptor >> 32 & 0x3FFF) << 4) {
    int mode = int(descriptor >> 62);
    if (mode == 0 || (descriptor >> 49 & 7) != 0)
      warp.fail(FaultCode::Failed, 0, in,
                "matrices without a swizzle or with a base offset are not supported");
    swizzle = 4 - mode;
    rowBytes = uint64_t(16) << swizzle;
  }

  float at(int row, int column, const Form &form) const {
    auto bytes = uint64_t(form.bytes());
    // The one that is contiguous, and the other.
    uint64_t inner = uint64_t(isTransposed ? row : column) * bytes;
    auto outer = uint64_t(isTransposed ? column : row);
    uint64_t address = start + inner / rowBytes * leading + inner % rowBytes + outer / 8 * stride +
                       outer % 8 * rowBytes;
    return read(swizzled(address, swizzle), form);
  }

private:
  float read(uint64_t address, const Form &form) const {
    Block &block = warp.block;
    uint64_t offset = address - kSharedBase;
    if (address < kSharedBase || offset + 4 > block.shared.size())
      warp.fail(FaultCode::IllegalAddress, 0, in,
                "the matrix has an element at " + hex(address) + ", outside of shared memory");
    if (uint32_t writer = block.proxy.unfencedWriter(offset, 2))
      warp.fail(FaultCode::Failed, 0, in,
                "thread " + std::to_string(writer - 1) + " has written to " + hex(address) +
                    ": fence.proxy.async is missing");
    uint32_t bits = 0;
    memcpy(&bits, &block.shared[offset], size_t(form.bytes()));
    if (form.type == BFloat16)
      return std::bit_cast<float>(bits << 16);
    if (form.type == Tf32)
      return std::bit_cast<float>(bits & 0xFFFFE000);
    return float(decodeFloat(bits, 5, 10));
  }

  Warp &warp;
  const Instruction &in;
  bool isTransposed;
  uint64_t start, leading, stride, rowBytes;
  int swizzle;
};

} // namespace

//===----------------------------------------------------------------------===//
// Products under way
//===----------------------------------------------------------------------===//

void WarpProducts::run(Warp &warp, Product &product) {
  const Instruction &in = *product.instruction;
  Form form = Form::of(in);
  SharedMatrix left(warp, in, product.a, form.transposesA);
  SharedMatrix right(warp, in, product.b, form.transposesB);
  int firstRow = warp.index % 4 * 16, depth = form.depth();
  std::vector<float> b(size_t(depth * form.columns)), sums(size_t(form.columns));
  for (int k = 0; k < depth; ++k)
    for (int n = 0; n < form.columns; ++n)
      b[size_t(k * form.columns + n)] = right.at(n, k, form);
  const std::vector<Operand> &elements = in.operands[0].elements;
  for (int row = 0; row < 16; ++row) {
    // Register 4 j + 2 h + e of a lane is row lane / 4 + 8 h, column 8 j + 2 (lane % 4) + e.
    auto cell = [&](int n) -> uint64_t & {
      int reg = 4 * (n / 8) + 2 * (row / 8) + n % 2, lane = row % 8 * 4 + n % 8 / 2;
      return warp.destination(elements[size_t(reg)])[lane];
    };
    for (int n = 0; n < form.columns; ++n)
      sums[size_t(n)] = product.accumulates ? unpack<float>(cell(n)) : 0;
    for (int k = 0; k < depth; ++k) {
      float a = left.at(firstRow + row, k, form);
      const float *from = &b[size_t(k * form.columns)];
      for (int n = 0; n < form.columns; ++n)
        sums[size_t(n)] += a * from[n];
    }
    for (int n = 0; n < form.columns; ++n)
      cell(n) = pack<float>(sums[size_t(n)]);
  }
}

void WarpProducts::begin(Warp &warp, const Instruction &in, const Product &product) {
  if (needsFence)
    warp.fail(FaultCode::Failed, 0, in,
              "registers may have been written since the last wgmma.fence");
  ProductLog &log = warp.block.productLogs[size_t(warp.index / 4)];
  if (begun == log.entries.size())
    log.entries.push_back({&in, product.a, product.b});
  const ProductLog::Entry &first = log.entries[begun++];
  if (first.instruction != &in || first.a != product.a || first.b != product.b)
    warp.fail(FaultCode::Failed, 0, in,
              "differs from what another warp of the group has begun at line " +
                  std::to_string(first.instruction->line));
  groups.back().push_back(product);
  ++pendingCount;
  // Half of the time everything so far is done at once, else at the latest moment.
  if (warp.block.grid.random(2) == 0)
    for (size_t i = 0; i < groups.size(); ++i)
      for (; executed[i] < groups[i].size(); ++executed[i])
        run(warp, groups[i][executed[i]]);
}

void WarpProducts::commit() {
  groups.emplace_back();
  executed.push_back(0);
}

void WarpProducts::wait(Warp &warp, size_t count) {
  // The last group is open.
  while (groups.size() > count + 1) {
    for (; executed[0] < groups[0].size(); ++executed[0])
      run(warp, groups[0][executed[0]]);
    pendingCount -= groups[0].size();
    groups.erase(groups.begin());
    executed.erase(executed.begin());
  }
  if (count == 0)
    needsFence = true;
}

void WarpProducts::checkRegisters(const Warp &warp, const Instruction &instruction,
                                  uint32_t lanes) const {
  if (instruction.words[0] == "wgmma")
    return;
  auto check = [&](int reg) {
    for (const auto &group : groups)
      for (const Product &product : group)
        for (const Operand &element : product.instruction->operands[0].elements)
          if (element.reg == reg)
            warp.fail(FaultCode::Failed, std::countr_zero(lanes), instruction,
                      "touches a register of the wgmma at line " +
                          std::to_string(product.instruction->line) +
                          ", which nobody has waited for");
  };
  for (const Operand &operand : instruction.operands) {
    if (operand.reg >= 0)
      check(operand.reg);
    for (const Operand &element : operand.elements)
      if (element.reg >= 0)
        check(element.reg);
  }
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

namespace {

constexpr uint64_t kAllLanes = 0xFFFFFFFF;

bool isTogether(Warp &warp, const Instruction &in, uint32_t lanes) {
  return warp.rendezvous(lanes, in, {&kAllLanes, 0}) != 0;
}

void multiply(Warp &warp, const Instruction &in, uint32_t lanes) {
  if (!isTogether(warp, in, lanes))
    return;
  uint64_t a = warp.uniform(in.operands[1], ~0u, in), b = warp.uniform(in.operands[2], ~0u, in);
  bool accumulates = (warp.uniform(in.operands[3], ~0u, in) & 1) != in.operands[3].negated;
  warp.products.begin(warp, in, {&in, a, b, accumulates});
}

void fenceRegisters(Warp &warp, const Instruction &in, uint32_t lanes) {
  if (isTogether(warp, in, lanes))
    warp.products.fence();
}
void commitProducts(Warp &warp, const Instruction &in, uint32_t lanes) {
  if (isTogether(warp, in, lanes))
    warp.products.commit();
}
void waitForProducts(Warp &warp, const Instruction &in, uint32_t lanes) {
  if (isTogether(warp, in, lanes))
    warp.products.wait(warp, in.operands[0].value);
}

/// .m64n256k16.f32.bf16.bf16 and its operands.
void decodeMultiply(Instruction &instruction, Words &words) {
  std::string type = words.takeType();
  int number = type == "bf16" ? BFloat16 : type == "f16" ? Float16 : type == "tf32" ? Tf32 : -1;
  bool isKnown = number >= 0 && words.take(type) && words.take("f32");
  Form form{0, number, 0, 0};
  std::string depth = number == Tf32 ? "k8" : "k16";
  for (int n = 8; n <= 256; n += 8)
    if (words.take("m64n" + std::to_string(n) + depth))
      form.columns = n;
  size_t count = number == Tf32 ? 6 : 8;
  if (!isKnown || !form.columns || instruction.operands.size() != count ||
      instruction.operands[0].elements.size() != size_t(form.columns / 2))
    words.fail();
  for (size_t i : {4, 5})
    if (instruction.operands[i].value != 1)
      words.fail();
  if (number != Tf32) {
    form.transposesA = int(instruction.operands[6].value & 1);
    form.transposesB = int(instruction.operands[7].value & 1);
  }
  instruction.mode =
      form.columns | form.type << 9 | form.transposesA << 11 | form.transposesB << 12;
  instruction.handler = multiply;
}

void decodeWgmma(Instruction &instruction) {
  Words words(instruction);
  if (!words.take("sync") || !words.take("aligned"))
    words.fail();
  instruction.isControl = true;
  if (words.take("mma_async")) {
    decodeMultiply(instruction, words);
  } else if (words.take("fence")) {
    instruction.handler = fenceRegisters;
  } else if (words.take("commit_group")) {
    instruction.handler = commitProducts;
  } else if (words.take("wait_group")) {
    expectOperands(instruction, 1);
    instruction.handler = waitForProducts;
  }
  words.finish();
}

const Opcode opcodes[] = {{"wgmma", decodeWgmma}};

} // namespace

std::span<const Opcode> wgmmaOpcodes() { return opcodes; }

} // namespace vgpu
