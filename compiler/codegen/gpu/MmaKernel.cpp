//===- MmaKernel.cpp - products of two tensors on tensor cores ------------===//

#include "compiler/codegen/gpu/MmaKernel.h"

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/gpu/MmaOperand.h"
#include "compiler/codegen/gpu/ResultTile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace LLVM = mlir::LLVM;
namespace NVVM = mlir::NVVM;
namespace scf = mlir::scf;

namespace {

class MmaKernelEmitter {
public:
  MmaKernelEmitter(KernelModule &module, Emitter &emitter, Location loc, const NestSpace &space,
                   const ContractDims &dims, const MmaKind &kind, const MmaKernelConfig &config)
      : module(module), emitter(emitter), loc(loc), space(space), dims(dims), kind(kind),
        config(config), sides{MmaOperand(space, kind, space.nest.inputs[0], dims.m, config.tileM,
                                         config.threads()),
                              MmaOperand(space, kind, space.nest.inputs[1], dims.n, config.tileN,
                                         config.threads())} {}

  void emit();

private:
  int64_t stageBytes() const { return sides[0].stageBytes() + sides[1].stageBytes(); }
  std::pair<Value, Value> tileOf(IndexMath &math, Value number, Value tilesM, Value tilesN);
  void place(Kernel &kernel, Value shared);
  SmallVector<Value> sumAll(Kernel &kernel);
  SmallVector<Value> step(OpBuilder &builder, Value stage, ValueRange sums);
  void startTile(OpBuilder &builder, Value tile, Value stage);
  void storeTile(Kernel &kernel, Value shared, ArrayRef<Value> sums);

  int64_t blocksM() const { return config.warpM / kMmaBlock; }
  int64_t blocksN() const { return config.warpN / kMmaBlock; }

  KernelModule &module;
  Emitter &emitter;
  Location loc;
  const NestSpace &space;
  const ContractDims &dims;
  const MmaKind &kind;
  const MmaKernelConfig &config;
  MmaOperand sides[2];
  ResultTile result{space, dims, kind.accumulator, config.tileM, config.tileN};

  // In the kernel.
  Value thread, lane, warpRow, warpColumn, firstRow, firstColumn, k;
  SmallVector<Value> batch;
};

} // namespace

/// The tile with a number: neighbours in time share rows or columns, so that these are still in
/// the second cache.
std::pair<Value, Value> MmaKernelEmitter::tileOf(IndexMath &math, Value number, Value tilesM,
                                                 Value tilesN) {
  Value group = math.constant(config.group);
  Value size = math.mul(group, tilesN);
  Value first = math.mul(math.div(number, size), group), inGroup = math.rem(number, size);
  Value rows = math.min(math.sub(tilesM, first), group);
  return {math.add(first, math.rem(inGroup, rows)), math.div(inGroup, rows)};
}

void MmaKernelEmitter::place(Kernel &kernel, Value shared) {
  OpBuilder &builder = kernel.builder;
  IndexMath math(builder, loc);
  Value firsts[] = {firstRow, firstColumn}, parts[] = {warpRow, warpColumn}, start = shared;
  for (unsigned i = 0; i < 2; ++i) {
    const Access &access = space.nest.inputs[i];
    Value base = elementPointer(builder, loc, access.pointer, access.element,
                                offsetAlong(math, access, dims.batch, batch));
    sides[i].totalK = k;
    sides[i].place(builder, loc, thread, firsts[i], base, start, stageBytes());
    sides[i].placeLane(builder, loc, lane, parts[i]);
    start = elementPointer(builder, loc, start, builder.getI8Type(),
                           math.constant(sides[i].stageBytes()));
  }
}

/// Starts the copies of both tiles; a group of them, even if there is nothing to copy.
void MmaKernelEmitter::startTile(OpBuilder &builder, Value tile, Value stage) {
  IndexMath math(builder, loc);
  Value firstK = math.mul(tile, math.constant(sides[0].tileK()));
  for (MmaOperand &side : sides)
    if (!side.isCollected())
      side.copy(builder, loc, firstK, stage);
  NVVM::CpAsyncCommitGroupOp::create(builder, loc);
}

/// Multiplies the tiles of a stage. The fragments of the next step are read before this one's are
/// multiplied.
SmallVector<Value> MmaKernelEmitter::step(OpBuilder &builder, Value stage, ValueRange carried) {
  int64_t steps = kRowBytes / kMmaStepBytes;
  SmallVector<Value> sums(carried);
  using Fragments = SmallVector<SmallVector<Value>>;
  auto read = [&](int64_t number) {
    std::array<Fragments, 2> found;
    for (unsigned i = 0; i < 2; ++i)
      for (int64_t block = 0; block < (i ? blocksN() : blocksM()); ++block)
        found[i].push_back(sides[i].fragment(builder, loc, stage, block, number));
    return found;
  };
  std::array<Fragments, 2> current = read(0);
  for (int64_t number = 0; number < steps; ++number) {
    std::array<Fragments, 2> next;
    if (number + 1 < steps)
      next = read(number + 1);
    for (int64_t i = 0; i < blocksM(); ++i)
      for (int64_t j = 0; j < blocksN(); ++j) {
        llvm::MutableArrayRef<Value> block = llvm::MutableArrayRef<Value>(sums).slice(
            (i * blocksN() + j) * kMmaRegisters, kMmaRegisters);
        llvm::copy(
            multiplyBlock(builder, loc, kind, current[0][i], current[1][j], ValueRange(block)),
            block.begin());
      }
    current = std::move(next);
  }
  return sums;
}

SmallVector<Value> MmaKernelEmitter::sumAll(Kernel &kernel) {
  OpBuilder &builder = kernel.builder;
  IndexMath math(builder, loc);
  int64_t ahead = config.stages - 1, tileK = sides[0].tileK();
  for (int64_t stage = 0; stage < ahead; ++stage) {
    startTile(builder, math.constant(stage), math.constant(stage));
    for (MmaOperand &side : sides)
      if (side.isCollected())
        side.write(builder, loc, side.collect(builder, loc, math.constant(stage * tileK)),
                   math.constant(stage));
  }
  Value zero = constantElement(builder, loc, ein::zeroOf(kind.accumulator), kind.accumulator);
  // The sums, then the stage that is read and the one that is filled.
  SmallVector<Value> carried(blocksM() * blocksN() * kMmaRegisters, zero);
  carried.append({math.constant(0), math.constant(ahead)});
  scf::ForOp loop = scf::ForOp::create(
      builder, loc, math.constant(0), math.ceilDiv(k, tileK), math.constant(1), carried,
      [&](OpBuilder &inner, Location, Value tile, ValueRange values) {
        IndexMath in(inner, loc);
        ValueRange sums = values.drop_back(2);
        Value reading = values[values.size() - 2], filling = values.back();
        NVVM::CpAsyncWaitGroupOp::create(inner, loc, static_cast<uint32_t>(ahead - 1));
        kernel.barrier(inner);
        Value next = in.add(tile, in.constant(ahead));
        SmallVector<Value> chunks[2];
        for (unsigned i = 0; i < 2; ++i)
          if (sides[i].isCollected())
            chunks[i] = sides[i].collect(inner, loc, in.mul(next, in.constant(tileK)));
        startTile(inner, next, filling);
        SmallVector<Value> following = step(inner, reading, sums);
        for (unsigned i = 0; i < 2; ++i)
          if (sides[i].isCollected())
            sides[i].write(inner, loc, chunks[i], filling);
        Value after = in.add(reading, in.constant(1));
        Value wraps = in.isEqual(after, in.constant(config.stages));
        following.push_back(arith::SelectOp::create(inner, loc, wraps, in.constant(0), after));
        following.push_back(reading);
        scf::YieldOp::create(inner, loc, following);
      });
  // Copies behind the end write zeros to the stages, which the result overwrites.
  NVVM::CpAsyncWaitGroupOp::create(builder, loc, 0);
  kernel.barrier();
  return SmallVector<Value>(loop.getResults().drop_back(2));
}

void MmaKernelEmitter::storeTile(Kernel &kernel, Value shared, ArrayRef<Value> sums) {
  OpBuilder &builder = kernel.builder;
  IndexMath math(builder, loc);
  Value four = math.constant(4);
  Value row = math.add(warpRow, math.div(lane, four));
  Value column = math.add(warpColumn, math.mul(math.rem(lane, four), math.constant(2)));
  for (int64_t i = 0; i < blocksM(); ++i)
    for (int64_t j = 0; j < blocksN(); ++j)
      for (int64_t pair = 0; pair < kMmaRegisters / 2; ++pair) {
        const Value *sum = &sums[(i * blocksN() + j) * kMmaRegisters + 2 * pair];
        Value atRow = math.add(row, math.constant(kMmaBlock * i + 8 * (pair % 2)));
        Value atColumn = math.add(column, math.constant(kMmaBlock * j + 8 * (pair / 2)));
        result.put(builder, loc, shared, atRow, atColumn, sum[0], sum[1]);
      }
  kernel.barrier();
  result.store(builder, loc, shared, thread, config.threads(), firstRow, firstColumn, batch);
}

void MmaKernelEmitter::emit() {
  IndexMath host = emitter.math(loc);
  k = productOf(host, space.extentsOf(space.reduced));
  Value tilesM = host.ceilDiv(sides[0].count(host), config.tileM);
  Value tilesN = host.ceilDiv(sides[1].count(host), config.tileN);
  Value batches = productOf(host, space.extentsOf(dims.batch));
  int64_t sharedBytes = std::max(config.stages * stageBytes(), result.bytes());

  Kernel kernel(module, loc, "mma", config.threads());
  OpBuilder &builder = kernel.builder;
  IndexMath math(builder, loc);
  thread = kernel.thread();
  lane = math.rem(thread, math.constant(32));
  Value warp = math.div(thread, math.constant(32)),
        across = math.constant(config.tileN / config.warpN);
  warpRow = math.mul(math.div(warp, across), math.constant(config.warpM));
  warpColumn = math.mul(math.rem(warp, across), math.constant(config.warpN));
  Value perBatch = math.mul(tilesM, tilesN), block = kernel.block();
  batch = delinearize(math, math.div(block, perBatch), space.extentsOf(dims.batch));
  auto [tileM, tileN] = tileOf(math, math.rem(block, perBatch), tilesM, tilesN);
  firstRow = math.mul(tileM, math.constant(config.tileM));
  firstColumn = math.mul(tileN, math.constant(config.tileN));
  Value shared = kernel.dynamicShared();
  place(kernel, shared);
  SmallVector<Value> sums = sumAll(kernel);
  storeTile(kernel, shared, sums);
  kernel.launch(emitter, host.mul(batches, host.mul(tilesM, tilesN)), sharedBytes);
}

void emitMmaKernel(KernelModule &module, Emitter &emitter, Location loc, const NestSpace &space,
                   const ContractDims &dims, const MmaKind &kind, const MmaKernelConfig &config) {
  MmaKernelEmitter(module, emitter, loc, space, dims, kind, config).emit();
}

} // namespace tlc::codegen
