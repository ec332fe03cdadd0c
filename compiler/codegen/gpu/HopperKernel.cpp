//===- HopperKernel.cpp - products of matrices on Hopper ------------------===//

#include "compiler/codegen/gpu/HopperKernel.h"

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/gpu/HopperEpilogue.h"
#include "compiler/codegen/gpu/HopperPtx.h"
#include "compiler/codegen/gpu/Math32.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace tlc::codegen {

namespace LLVM = mlir::LLVM;
namespace NVVM = mlir::NVVM;
namespace scf = mlir::scf;

/// Registers of a thread: the producer gives away what the consumers take.
static constexpr int64_t kProducerRegisters = 24, kConsumerRegisters = 240;
/// Threads of a role.
static constexpr int64_t kGroup = 128;
static constexpr int64_t kWarpsOfGroup = 4;

namespace {

/// A place in the ring, and how often it has been gone round, as a parity.
struct RingPlace {
  Value stage, parity;
};

class HopperKernelEmitter {
public:
  HopperKernelEmitter(KernelModule &module, Emitter &emitter, Location loc, const Nest &nest,
                      bool allowTf32)
      : module(module), emitter(emitter), loc(loc), space(emitter.builder, loc, nest),
        nest(space.nest), allowTf32(allowTf32) {}

  bool emit(const HopperConfig &config);

private:
  std::optional<HopperProblem> describe();
  bool isAligned(const Access &access);

  // In the function.
  Value hostMap(const BoxPlan &box, const Access &access);
  Value blocks();

  // In the kernel.
  void emitRoles(Kernel &kernel);
  void initRing(OpBuilder &builder);
  void
  forEachTile(OpBuilder &builder, ValueRange carried,
              function_ref<SmallVector<Value>(OpBuilder &, const TilePlace &, ValueRange)> body);
  TilePlace placeOf(OpBuilder &builder, Value tile);
  void placeGroup(Math32 &math, TilePlace &place, ArrayRef<TileSide> sides, Value number);
  RingPlace advance(OpBuilder &builder, const RingPlace &place);
  Value barrier(OpBuilder &builder, Value stage, bool isEmpty);
  void produce(OpBuilder &builder);
  void fetch(OpBuilder &builder, TilePlace place, Value kTile, Value stage);
  void fetchOperand(OpBuilder &builder, const OperandPlan &operand, Value map,
                    const TilePlace &place, Value to, Value full);
  void consume(OpBuilder &builder);
  void release(OpBuilder &builder, Value stage, Value condition);
  SmallVector<Value> sumTile(OpBuilder &builder, RingPlace &ring);
  Value descriptor(OpBuilder &builder, const OperandPlan &operand, Value address);

  KernelModule &module;
  Emitter &emitter;
  Location loc;
  NestSpace space;
  const Nest &nest;
  bool allowTf32;
  HopperPlan plan;
  Value leftMap, rightMap, storeMap;
  /// i32: the address of dynamic shared memory, this thread's number, its consumer, and the first
  /// tile of this block and how many blocks there are.
  Value shared, thread, consumer, firstTile, tileStep, rank;
};

} // namespace

/// A stage is much work already: a loop over stages is not unrolled.
static void keepRolled(scf::ForOp loop) {
  MLIRContext *context = loop.getContext();
  auto unroll = LLVM::LoopUnrollAttr::get(context, mlir::BoolAttr::get(context, true), {}, {}, {},
                                          {}, {}, {});
  loop->setAttr("llvm.loop_annotation",
                LLVM::LoopAnnotationAttr::get(context, {}, {}, {}, unroll, {}, {}, {}, {}, {}, {},
                                              {}, {}, {}, {}, {}));
}

//===----------------------------------------------------------------------===//
// Planning
//===----------------------------------------------------------------------===//

/// Memory of the device begins at multiples of more than 16 bytes; what is an offset is known.
bool HopperKernelEmitter::isAligned(const Access &access) {
  Value pointer = access.pointer;
  while (auto step = pointer.getDefiningOp<LLVM::GEPOp>()) {
    if (step.getDynamicIndices().size() != 1)
      return false;
    std::optional<int64_t> offset = known(step.getDynamicIndices()[0]);
    if (!offset || *offset * byteSize(access.element) % 16 != 0)
      return false;
    pointer = step.getBase();
  }
  return true;
}

std::optional<HopperProblem> HopperKernelEmitter::describe() {
  if (!nest.reduction || !nest.isProductSum || nest.inputs.size() != 2 || !nest.valueType.isF32())
    return std::nullopt;
  Type type = nest.inputs[0].element;
  bool isKnown = type.isBF16() || type.isF16() || (type.isF32() && allowTf32);
  if (!isKnown || nest.inputs[1].element != type)
    return std::nullopt;
  HopperProblem problem;
  problem.bytes = byteSize(type);
  Type stored = nest.result.element;
  bool isPlain = stored.isF32() || stored.isF16() || stored.isBF16();
  problem.resultBytes = isPlain ? byteSize(stored) : 0;
  for (Value extent : nest.extents) {
    if (!known(extent))
      return std::nullopt;
    problem.extents.push_back(*known(extent));
  }
  problem.reduced = nest.reduced;
  auto take = [&](const Access &access, SmallVector<int64_t> &strides) {
    for (Value stride : access.strides) {
      if (!known(stride))
        return false;
      strides.push_back(*known(stride));
    }
    return isAligned(access);
  };
  for (int i : {0, 1})
    if (!take(nest.inputs[i], problem.strides[i]))
      return std::nullopt;
  if (!take(nest.result, problem.resultStrides))
    return std::nullopt;
  return problem;
}

//===----------------------------------------------------------------------===//
// In the function
//===----------------------------------------------------------------------===//

/// The numbers of tlrt_gpu_tensor_map.
Value HopperKernelEmitter::hostMap(const BoxPlan &box, const Access &access) {
  OpBuilder &host = emitter.builder;
  // CUtensorMapDataType.
  int64_t type = access.element.isBF16() ? 9 : access.element.isF16() ? 6 : 7;
  SmallVector<int64_t> numbers{type, int64_t(box.dims.size()), box.swizzle};
  llvm::append_range(numbers, box.extents);
  for (int64_t stride : llvm::drop_begin(box.strides))
    numbers.push_back(stride * byteSize(access.element));
  llvm::append_range(numbers, box.box);
  Value map = emitter.entryAlloca(host.getI8Type(), kTensorMapBytes);
  map.getDefiningOp<LLVM::AllocaOp>().setAlignment(kTensorMapAlignment);
  emitter.callChecked(
      loc, "tlrt_gpu_tensor_map",
      {emitter.context, map, access.pointer, emitter.symbols.numbers(host, loc, numbers)});
  return map;
}

/// One for each multiprocessor, or for each tile if these are fewer.
Value HopperKernelEmitter::blocks() {
  IndexMath host = emitter.math(loc);
  int64_t tiles = plan.m.tiles() * plan.n.tiles() * plan.batches() / plan.cluster;
  Value processors = emitter.symbols.call(emitter.builder, loc, "tlrt_gpu_multiprocessors",
                                          emitter.builder.getI64Type(), {emitter.context});
  Value clusters = host.max(host.constant(1), host.div(processors, host.constant(plan.cluster)));
  return host.mul(host.min(clusters, host.constant(tiles)), host.constant(plan.cluster));
}

bool HopperKernelEmitter::emit(const HopperConfig &config) {
  std::optional<HopperProblem> problem = describe();
  std::optional<HopperPlan> found = problem ? planHopper(*problem, config) : std::nullopt;
  if (!found)
    return false;
  plan = *found;
  Value left = hostMap(plan.left.box, nest.inputs[plan.left.input]);
  Value right = hostMap(plan.right.box, nest.inputs[plan.right.input]);
  Value store = plan.store ? hostMap(plan.store->box, nest.result) : Value();
  Value count = blocks();
  Kernel kernel(module, loc, (emitter.operationName + "_wgmma").str(), HopperConfig::threads);
  kernel.takeWholeMultiprocessor();
  if (plan.cluster > 1)
    kernel.setCluster(plan.cluster);
  leftMap = kernel.tensorMap(left);
  rightMap = kernel.tensorMap(right);
  storeMap = store ? kernel.tensorMap(store) : Value();
  emitRoles(kernel);
  kernel.launch(emitter, count, plan.sharedBytes());
  return true;
}

//===----------------------------------------------------------------------===//
// Tiles and the ring
//===----------------------------------------------------------------------===//

void HopperKernelEmitter::placeGroup(Math32 &math, TilePlace &place, ArrayRef<TileSide> sides,
                                     Value number) {
  for (auto [i, side] : llvm::enumerate(sides)) {
    bool isLast = i + 1 == sides.size();
    Value at = isLast ? number : math.rem(number, side.tiles());
    place[side.dim] = math.mul(at, side.box);
    number = math.div(number, side.tiles());
  }
}

/// Neighbouring tiles share operands: a few rows of tiles are gone through column by column.
TilePlace HopperKernelEmitter::placeOf(OpBuilder &builder, Value tile) {
  Math32 math(builder, loc);
  int64_t rows = plan.m.tiles() / plan.cluster, columns = plan.n.tiles();
  int64_t height = std::min(plan.config.rasterM, rows), band = height * columns;
  TilePlace place;
  Value batch = math.div(tile, rows * columns), inBatch = math.rem(tile, rows * columns);
  Value firstRow = math.mul(math.div(inBatch, band), height), inBand = math.rem(inBatch, band);
  Value here = math.constant(height);
  if (rows % height != 0)
    here = math.min(here, math.sub(math.constant(rows), firstRow));
  Value row = math.add(firstRow, math.rem(inBand, here)), column = math.div(inBand, here);
  row = math.mul(row, plan.cluster);
  if (rank)
    row = math.add(row, rank);
  placeGroup(math, place, plan.batch, batch);
  placeGroup(math, place, plan.m.sides, row);
  placeGroup(math, place, plan.n.sides, column);
  return place;
}

void HopperKernelEmitter::forEachTile(
    OpBuilder &builder, ValueRange carried,
    function_ref<SmallVector<Value>(OpBuilder &, const TilePlace &, ValueRange)> body) {
  int64_t tiles = plan.m.tiles() * plan.n.tiles() * plan.batches() / plan.cluster;
  Value end = Math32(builder, loc).constant(tiles);
  scf::ForOp::create(builder, loc, firstTile, end, tileStep, carried,
                     [&](OpBuilder &inner, Location, Value tile, ValueRange values) {
                       scf::YieldOp::create(inner, loc, body(inner, placeOf(inner, tile), values));
                     });
}

RingPlace HopperKernelEmitter::advance(OpBuilder &builder, const RingPlace &place) {
  Math32 math(builder, loc);
  Value next = math.add(place.stage, math.constant(1));
  Value isRound = math.isEqual(next, math.constant(plan.stages));
  return {math.select(isRound, math.constant(0), next),
          math.select(isRound, math.sub(math.constant(1), place.parity), place.parity)};
}

Value HopperKernelEmitter::barrier(OpBuilder &builder, Value stage, bool isEmpty) {
  Math32 math(builder, loc);
  int64_t offset = plan.barrierOffset() + (isEmpty ? 8 * plan.stages : 0);
  return math.add(math.add(shared, math.constant(offset)), math.mul(stage, 8));
}

void HopperKernelEmitter::initRing(OpBuilder &builder) {
  Math32 math(builder, loc);
  Value isFirst = math.isEqual(thread, math.constant(0));
  scf::IfOp::create(builder, loc, isFirst, [&](OpBuilder &then, Location) {
    HopperPtx ptx(then, loc);
    Math32 inner(then, loc);
    for (int64_t stage = 0; stage < plan.stages; ++stage) {
      Value number = inner.constant(stage);
      ptx.initBarrier(barrier(then, number, false), 1);
      ptx.initBarrier(barrier(then, number, true),
                      HopperConfig::consumers * kWarpsOfGroup * plan.cluster);
    }
    ptx.fenceBarriers();
    for (Value map : {leftMap, rightMap, storeMap})
      if (map)
        ptx.prefetch(map);
    scf::YieldOp::create(then, loc);
  });
}

//===----------------------------------------------------------------------===//
// The producer
//===----------------------------------------------------------------------===//

/// Asks for the boxes of an operand. Blocks of a cluster ask for a part of the right operand each,
/// which both get.
void HopperKernelEmitter::fetchOperand(OpBuilder &builder, const OperandPlan &operand, Value map,
                                       const TilePlace &place, Value to, Value full) {
  Math32 math(builder, loc);
  HopperPtx ptx(builder, loc);
  SmallVector<Value> corner;
  for (unsigned dim : operand.box.dims)
    corner.push_back(place.lookup(dim));
  Value everybody;
  if (operand.parts > 1) {
    // Along another dimension than the contiguous one there is one box.
    int64_t step = operand.boxes * operand.box.box[operand.splitDim];
    corner[operand.splitDim] = math.add(corner[operand.splitDim], math.mul(rank, step));
    to = math.add(to, math.mul(rank, operand.boxes * operand.boxBytes));
    everybody = mlir::arith::ConstantIntOp::create(builder, loc, (1 << operand.parts) - 1, 16);
  }
  for (int64_t i = 0; i < operand.boxes; ++i) {
    SmallVector<Value> at(corner);
    at[0] = math.add(at[0], math.constant(i * operand.box.box[0]));
    ptx.load(math.add(to, math.constant(i * operand.boxBytes)), map, at, full, everybody);
  }
}

void HopperKernelEmitter::fetch(OpBuilder &builder, TilePlace place, Value kTile, Value stage) {
  Math32 math(builder, loc);
  SmallVector<TileSide> sides{plan.k};
  llvm::append_range(sides, plan.outerK);
  placeGroup(math, place, sides, kTile);
  Value full = barrier(builder, stage, false);
  HopperPtx(builder, loc).expectBytes(full, plan.loadedBytes());
  Value to = math.add(shared, math.mul(stage, plan.stageBytes()));
  fetchOperand(builder, plan.left, leftMap, place, to, full);
  fetchOperand(builder, plan.right, rightMap, place,
               math.add(to, math.constant(plan.left.stageBytes)), full);
}

void HopperKernelEmitter::produce(OpBuilder &builder) {
  Math32 math(builder, loc);
  Value zero = math.constant(0), one = math.constant(1);
  Value isFirst = math.isEqual(thread, zero);
  scf::IfOp::create(builder, loc, isFirst, [&](OpBuilder &then, Location) {
    forEachTile(then, {zero, zero},
                [&](OpBuilder &inTile, const TilePlace &place, ValueRange carried) {
                  scf::ForOp loop = scf::ForOp::create(
                      inTile, loc, zero, Math32(inTile, loc).constant(plan.kTiles()), one, carried,
                      [&](OpBuilder &inner, Location, Value kTile, ValueRange at) {
                        RingPlace ring{at[0], at[1]};
                        // A stage that nobody has used yet counts as given back.
                        Value parity = Math32(inner, loc).sub(one, ring.parity);
                        HopperPtx(inner, loc).wait(barrier(inner, ring.stage, true), parity);
                        fetch(inner, place, kTile, ring.stage);
                        ring = advance(inner, ring);
                        scf::YieldOp::create(inner, loc, {ring.stage, ring.parity});
                      });
                  keepRolled(loop);
                  return SmallVector<Value>(loop.getResults());
                });
    scf::YieldOp::create(then, loc);
  });
}

//===----------------------------------------------------------------------===//
// The consumers
//===----------------------------------------------------------------------===//

/// A warp has no more use for a stage.
void HopperKernelEmitter::release(OpBuilder &builder, Value stage, Value condition) {
  Math32 math(builder, loc);
  Value isLeader = math.isEqual(math.rem(thread, 32), math.constant(0));
  if (condition)
    isLeader = math.both(isLeader, condition);
  scf::IfOp::create(builder, loc, isLeader, [&](OpBuilder &then, Location) {
    HopperPtx ptx(then, loc);
    Value empty = barrier(then, stage, true);
    if (plan.cluster == 1)
      ptx.arrive(empty);
    // The other block writes into this one's stage, too.
    for (int64_t block = 0; block < plan.cluster && plan.cluster > 1; ++block)
      ptx.arriveInCluster(ptx.mapToBlock(empty, Math32(then, loc).constant(block)));
    scf::YieldOp::create(then, loc);
  });
}

/// The descriptor of a matrix in shared memory.
Value HopperKernelEmitter::descriptor(OpBuilder &builder, const OperandPlan &operand,
                                      Value address) {
  Math32 math(builder, loc);
  int64_t constant = (operand.leadingBytes / 16) << 16 | (operand.strideBytes / 16) << 32 |
                     (4 - operand.box.swizzle) << 62;
  Value start = math.wide(math.div(math.rem(address, 1 << 18), 16));
  IndexMath wide(builder, loc);
  return mlir::arith::OrIOp::create(builder, loc, start, wide.constant(constant));
}

/// The sums of a tile's rows of this consumer.
SmallVector<Value> HopperKernelEmitter::sumTile(OpBuilder &builder, RingPlace &ring) {
  Math32 math(builder, loc);
  Value zero = math.constant(0), one = math.constant(1);
  Type element = nest.inputs[0].element;
  int64_t bytes = byteSize(element);
  MatrixProduct product{element.isBF16()  ? "bf16"
                        : element.isF16() ? "f16"
                                          : "tf32",
                        plan.columns,
                        plan.k.box * bytes / 32,
                        plan.left.stepBytes,
                        plan.right.stepBytes,
                        !plan.left.isAlongK,
                        !plan.right.isAlongK};
  int64_t rowBytes = int64_t(16) << plan.left.box.swizzle;
  int64_t half =
      plan.left.isAlongK ? 64 * rowBytes : 64 * bytes / rowBytes * plan.left.leadingBytes;
  Value undefined = LLVM::UndefOp::create(builder, loc, builder.getF32Type());
  SmallVector<Value> carried{ring.stage, ring.parity, ring.stage};
  carried.append(plan.columns / 2, undefined);
  scf::ForOp loop = scf::ForOp::create(
      builder, loc, zero, math.constant(plan.kTiles()), one, carried,
      [&](OpBuilder &inner, Location, Value kTile, ValueRange values) {
        Math32 here(inner, loc);
        HopperPtx ptx(inner, loc);
        RingPlace at{values[0], values[1]};
        ptx.wait(barrier(inner, at.stage, false), at.parity);
        Value base = here.add(shared, here.mul(at.stage, plan.stageBytes()));
        Value left = here.add(base, here.mul(consumer, half));
        Value right = here.add(base, here.constant(plan.left.stageBytes));
        Value isLater = here.isLess(zero, kTile);
        SmallVector<Value> sums =
            ptx.multiply(product, values.drop_front(3), descriptor(inner, plan.left, left),
                         descriptor(inner, plan.right, right), here.select(isLater, one, zero));
        // The one before is done.
        ptx.waitForProducts(1);
        release(inner, values[2], isLater);
        RingPlace next = advance(inner, at);
        SmallVector<Value> yielded{next.stage, next.parity, at.stage};
        llvm::append_range(yielded, sums);
        scf::YieldOp::create(inner, loc, yielded);
      });
  keepRolled(loop);
  ring = {loop.getResult(0), loop.getResult(1)};
  SmallVector<Value> sums = HopperPtx(builder, loc).finishProducts(loop.getResults().drop_front(3));
  release(builder, loop.getResult(2), Value());
  return sums;
}

void HopperKernelEmitter::consume(OpBuilder &builder) {
  Value zero = Math32(builder, loc).constant(0);
  forEachTile(builder, {zero, zero},
              [&](OpBuilder &inner, const TilePlace &place, ValueRange carried) {
                RingPlace ring{carried[0], carried[1]};
                SmallVector<Value> sums = sumTile(inner, ring);
                HopperEpilogue(inner, loc, space, plan, thread, consumer, shared, storeMap)
                    .store(place, sums);
                return SmallVector<Value>{ring.stage, ring.parity};
              });
  HopperEpilogue(builder, loc, space, plan, thread, consumer, shared, storeMap).finish();
}

//===----------------------------------------------------------------------===//
// Roles
//===----------------------------------------------------------------------===//

void HopperKernelEmitter::emitRoles(Kernel &kernel) {
  OpBuilder &builder = kernel.builder;
  Math32 math(builder, loc);
  HopperPtx ptx(builder, loc);
  Type i32 = builder.getI32Type();
  thread = NVVM::ThreadIdXOp::create(builder, loc, i32);
  Value address = LLVM::AddressOfOp::create(builder, loc, module.dynamicShared(loc));
  shared = LLVM::PtrToIntOp::create(builder, loc, i32, address);
  firstTile = math.div(NVVM::BlockIdXOp::create(builder, loc, i32), plan.cluster);
  tileStep = math.div(NVVM::GridDimXOp::create(builder, loc, i32), plan.cluster);
  if (plan.cluster > 1)
    rank = ptx.blockInCluster();
  initRing(builder);
  if (plan.cluster > 1)
    ptx.syncCluster();
  else
    kernel.barrier();
  Value group = math.div(thread, kGroup);
  consumer = math.sub(group, math.constant(1));
  scf::IfOp::create(
      builder, loc, math.isEqual(group, math.constant(0)),
      [&](OpBuilder &then, Location) {
        HopperPtx(then, loc).giveRegisters(kProducerRegisters);
        produce(then);
        scf::YieldOp::create(then, loc);
      },
      [&](OpBuilder &otherwise, Location) {
        HopperPtx(otherwise, loc).takeRegisters(kConsumerRegisters);
        consume(otherwise);
        scf::YieldOp::create(otherwise, loc);
      });
  // A block does not end while the other one may reach its shared memory.
  if (plan.cluster > 1)
    ptx.syncCluster();
}

bool emitHopperKernel(KernelModule &module, Emitter &emitter, Location loc, const Nest &nest,
                      bool allowTf32, const HopperConfig &config) {
  return HopperKernelEmitter(module, emitter, loc, nest, allowTf32).emit(config);
}

} // namespace tlc::codegen
