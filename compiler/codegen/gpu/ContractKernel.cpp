//===- ContractKernel.cpp - products of two tensors in tiles --------------===//

#include "compiler/codegen/gpu/ContractKernel.h"

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/gpu/ContractDims.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace LLVM = mlir::LLVM;
namespace scf = mlir::scf;

namespace {

/// The tile of one input: [k][position], where positions are along m or n.
struct Side {
  const Access &access;
  /// The dimensions of the positions, and how many positions there are in all and in a tile.
  SmallVector<unsigned> dims;
  Value count;
  int64_t tile;
  /// Neighbouring threads read neighbours along k, not along the positions.
  bool isFastAlongK;
  /// The tile in shared memory: two stages.
  Value shared;
  /// For each element that this thread reads: its pointer at k = 0, and its k in the tile.
  SmallVector<Value> pointers, ks, cells;
};

class ContractKernelEmitter {
public:
  ContractKernelEmitter(KernelModule &module, Emitter &emitter, Location loc,
                        const NestSpace &space, const ContractDims &dims,
                        const ContractKernelConfig &config)
      : module(module), emitter(emitter), loc(loc), space(space), nest(space.nest), config(config),
        m(dims.m), n(dims.n), batchDims(dims.batch) {}

  void emit();

private:
  Side sideOf(unsigned input, ArrayRef<unsigned> dims, int64_t tile);

  // In the kernel.
  void place(Kernel &kernel, Side &side, Value firstPosition, ArrayRef<Value> batch);
  SmallVector<Value> readTile(OpBuilder &builder, const Side &side, Value firstK);
  void writeTile(OpBuilder &builder, const Side &side, Value stage, ArrayRef<Value> values);
  SmallVector<Value> readNeighbours(OpBuilder &builder, const Side &side, Value first,
                                    int64_t count);
  SmallVector<Value> accumulate(OpBuilder &builder, ArrayRef<Side> sides, Value stage, Value count,
                                ValueRange sums);
  SmallVector<Value> sumAll(Kernel &kernel, ArrayRef<Side> sides);
  void storeTile(Kernel &kernel, ArrayRef<Side> sides, ArrayRef<Value> firsts,
                 ArrayRef<Value> batch, ArrayRef<Value> sums);
  void storeOne(OpBuilder &builder, ArrayRef<Value> point, Value value);

  KernelModule &module;
  Emitter &emitter;
  Location loc;
  const NestSpace &space;
  const Nest &nest;
  const ContractKernelConfig &config;
  SmallVector<unsigned> m, n, batchDims;
  /// How many elements a sum has.
  Value k;
  /// This thread's first row and column in the tile, and its number.
  Value row, column, thread;
};

} // namespace

//===----------------------------------------------------------------------===//
// Planning
//===----------------------------------------------------------------------===//

Side ContractKernelEmitter::sideOf(unsigned input, ArrayRef<unsigned> dims, int64_t tile) {
  const Access &access = nest.inputs[input];
  IndexMath host = emitter.math(loc);
  bool isFastAlongK = isKnown(access.strides[space.reduced.back()], 1);
  return {access,
          SmallVector<unsigned>(dims),
          productOf(host, space.extentsOf(dims)),
          tile,
          isFastAlongK,
          {},
          {},
          {},
          {}};
}

//===----------------------------------------------------------------------===//
// Tiles of the inputs
//===----------------------------------------------------------------------===//

/// Finds out which elements of the tiles this thread reads.
void ContractKernelEmitter::place(Kernel &kernel, Side &side, Value firstPosition,
                                  ArrayRef<Value> batch) {
  OpBuilder &builder = kernel.builder;
  IndexMath math(builder, loc);
  int64_t elements = side.tile * config.tileK;
  Type type = LLVM::LLVMArrayType::get(storageType(side.access.compute), 2 * elements);
  LLVM::GlobalOp global = module.createShared(loc, type, 16);
  Value address = LLVM::AddressOfOp::create(builder, loc, global);
  side.shared = LLVM::AddrSpaceCastOp::create(builder, loc, emitter.pointerType(), address);
  Value last = math.sub(side.count, math.constant(1));
  Value base = elementPointer(builder, loc, side.access.pointer, side.access.element,
                              offsetAlong(math, side.access, batchDims, batch));
  for (int64_t i = 0; i * config.threads() < elements; ++i) {
    Value number = math.add(thread, math.constant(i * config.threads()));
    Value tileK = math.constant(config.tileK), tile = math.constant(side.tile);
    Value inK = side.isFastAlongK ? math.rem(number, tileK) : math.div(number, tile);
    Value position = side.isFastAlongK ? math.div(number, tileK) : math.rem(number, tile);
    side.ks.push_back(inK);
    side.cells.push_back(math.add(math.mul(inK, tile), position));
    // Beyond the end is the last one again: what comes of it is not stored.
    Value at = math.min(math.add(firstPosition, position), last);
    SmallVector<Value> point = delinearize(math, at, space.extentsOf(side.dims));
    side.pointers.push_back(elementPointer(builder, loc, base, side.access.element,
                                           offsetAlong(math, side.access, side.dims, point)));
  }
}

/// This thread's part of the tile that begins at `firstK`. Beyond the end of the sum there are
/// any values, which nobody uses.
SmallVector<Value> ContractKernelEmitter::readTile(OpBuilder &builder, const Side &side,
                                                   Value firstK) {
  SmallVector<Value> values;
  SmallVector<Value> extents = space.extentsOf(space.reduced);
  auto read = [&](OpBuilder &inner, Value pointer, Value at) {
    IndexMath math(inner, loc);
    Value offset = offsetAlong(math, side.access, space.reduced, delinearize(math, at, extents));
    return loadElement(inner, loc, elementPointer(inner, loc, pointer, side.access.element, offset),
                       side.access.element, side.access.compute);
  };
  IndexMath math(builder, loc);
  bool isNeverEmpty = known(k).value_or(0) > 0;
  for (auto [pointer, inK] : llvm::zip(side.pointers, side.ks)) {
    Value at = math.add(firstK, inK);
    if (isNeverEmpty) {
      values.push_back(read(builder, pointer, math.min(at, math.sub(k, math.constant(1)))));
      continue;
    }
    scf::IfOp choice = scf::IfOp::create(
        builder, loc, math.isLess(at, k),
        [&, pointer = pointer](OpBuilder &then, Location) {
          scf::YieldOp::create(then, loc, read(then, pointer, at));
        },
        [&](OpBuilder &otherwise, Location) {
          Type type = side.access.compute;
          scf::YieldOp::create(otherwise, loc,
                               constantElement(otherwise, loc, ein::zeroOf(type), type));
        });
    values.push_back(choice.getResult(0));
  }
  return values;
}

void ContractKernelEmitter::writeTile(OpBuilder &builder, const Side &side, Value stage,
                                      ArrayRef<Value> values) {
  IndexMath math(builder, loc);
  Value start = math.mul(stage, math.constant(side.tile * config.tileK));
  for (auto [value, cell] : llvm::zip(values, side.cells))
    storeElement(
        builder, loc, value,
        elementPointer(builder, loc, side.shared, side.access.compute, math.add(start, cell)),
        side.access.compute);
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

/// `count` elements of a tile from number `first` on, which is a multiple of it: in vectors of 16
/// bytes where LLVM has them.
SmallVector<Value> ContractKernelEmitter::readNeighbours(OpBuilder &builder, const Side &side,
                                                         Value first, int64_t count) {
  IndexMath math(builder, loc);
  Type type = side.access.compute;
  int64_t lanes = isa<ComplexType>(type) || byteSize(type) < 4 ? 1 : 16 / byteSize(type);
  SmallVector<Value> values;
  for (int64_t i = 0; i < count; i += lanes) {
    Value pointer =
        elementPointer(builder, loc, side.shared, type, math.add(first, math.constant(i)));
    if (lanes == 1) {
      values.push_back(loadElement(builder, loc, pointer, type, type));
      continue;
    }
    Value vector = LLVM::LoadOp::create(builder, loc, mlir::VectorType::get({lanes}, type), pointer,
                                        /*alignment=*/16);
    for (int64_t lane = 0; lane < lanes; ++lane)
      values.push_back(LLVM::ExtractElementOp::create(builder, loc, vector, math.constant(lane)));
  }
  return values;
}

/// Adds the products of the first `count` k of a stage.
SmallVector<Value> ContractKernelEmitter::accumulate(OpBuilder &builder, ArrayRef<Side> sides,
                                                     Value stage, Value count, ValueRange sums) {
  IndexMath math(builder, loc);
  scf::ForOp loop = scf::ForOp::create(
      builder, loc, math.constant(0), count, math.constant(1), sums,
      [&](OpBuilder &inner, Location, Value inK, ValueRange carried) {
        IndexMath innerMath(inner, loc);
        auto read = [&](const Side &side, Value first, int64_t count) {
          Value start = innerMath.mul(stage, innerMath.constant(side.tile * config.tileK));
          Value at = innerMath.add(innerMath.mul(inK, innerMath.constant(side.tile)), first);
          return readNeighbours(inner, side, innerMath.add(start, at), count);
        };
        SmallVector<Value> left = read(sides[0], row, config.rows);
        SmallVector<Value> right = read(sides[1], column, config.columns), next;
        auto nowhere = [](int64_t) { return Value(); };
        for (int64_t i = 0; i < config.rows; ++i)
          for (int64_t j = 0; j < config.columns; ++j) {
            Value product = nest.element({inner, loc, 1, nowhere}, {left[i], right[j]});
            next.push_back(
                nest.reduction->combine(inner, loc, carried[i * config.columns + j], product));
          }
        scf::YieldOp::create(inner, loc, next);
      });
  return SmallVector<Value>(loop.getResults());
}

SmallVector<Value> ContractKernelEmitter::sumAll(Kernel &kernel, ArrayRef<Side> sides) {
  OpBuilder &builder = kernel.builder;
  IndexMath math(builder, loc);
  Value zero = math.constant(0), tileK = math.constant(config.tileK);
  for (const Side &side : sides)
    writeTile(builder, side, zero, readTile(builder, side, zero));
  kernel.barrier();
  Value neutral = constantElement(builder, loc, nest.reduction->neutral, nest.valueType);
  SmallVector<Value> sums(config.rows * config.columns, neutral);
  Value fullTiles = math.div(k, tileK);
  scf::ForOp loop = scf::ForOp::create(
      builder, loc, zero, fullTiles, math.constant(1), sums,
      [&](OpBuilder &inner, Location, Value tile, ValueRange carried) {
        IndexMath innerMath(inner, loc);
        Value two = innerMath.constant(2), following = innerMath.add(tile, innerMath.constant(1));
        Value firstK = innerMath.mul(following, innerMath.constant(config.tileK));
        SmallVector<Value> next[2];
        for (auto [side, values] : llvm::zip(sides, next))
          values = readTile(inner, side, firstK);
        SmallVector<Value> added = accumulate(inner, sides, innerMath.rem(tile, two),
                                              innerMath.constant(config.tileK), carried);
        for (auto [side, values] : llvm::zip(sides, next))
          writeTile(inner, side, innerMath.rem(following, two), values);
        kernel.barrier(inner);
        scf::YieldOp::create(inner, loc, added);
      });
  sums = SmallVector<Value>(loop.getResults());
  Value rest = math.sub(k, math.mul(fullTiles, tileK));
  if (isKnown(rest, 0))
    return sums;
  return accumulate(builder, sides, math.rem(fullTiles, math.constant(2)), rest, sums);
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

void ContractKernelEmitter::storeOne(OpBuilder &builder, ArrayRef<Value> point, Value value) {
  SmallVector<Value> late;
  for (const Access &access : nest.late)
    late.push_back(loadElement(builder, loc, space.pointerAt(builder, access, point),
                               access.element, access.compute));
  auto at = [&](int64_t dim) { return space.position(builder, dim, point); };
  if (nest.finish)
    value = nest.finish({builder, loc, 1, at}, value, late);
  storeElement(builder, loc, value, space.pointerAt(builder, nest.result, point),
               nest.result.element);
}

/// Stores what is inside of the result.
void ContractKernelEmitter::storeTile(Kernel &kernel, ArrayRef<Side> sides, ArrayRef<Value> firsts,
                                      ArrayRef<Value> batch, ArrayRef<Value> sums) {
  OpBuilder &builder = kernel.builder;
  IndexMath math(builder, loc);
  Value rowStart = math.add(firsts[0], row), columnStart = math.add(firsts[1], column);
  for (int64_t i = 0; i < config.rows; ++i)
    for (int64_t j = 0; j < config.columns; ++j) {
      Value atRow = math.add(rowStart, math.constant(i));
      Value atColumn = math.add(columnStart, math.constant(j));
      Value isInside =
          math.both(math.isLess(atRow, sides[0].count), math.isLess(atColumn, sides[1].count));
      scf::IfOp::create(builder, loc, isInside, [&](OpBuilder &then, Location) {
        IndexMath inner(then, loc);
        SmallVector<Value> point(nest.extents.size());
        auto set = [&](ArrayRef<unsigned> dims, ArrayRef<Value> at) {
          for (auto [dim, position] : llvm::zip(dims, at))
            point[dim] = position;
        };
        set(batchDims, batch);
        set(m, delinearize(inner, atRow, space.extentsOf(m)));
        set(n, delinearize(inner, atColumn, space.extentsOf(n)));
        storeOne(then, point, sums[i * config.columns + j]);
        scf::YieldOp::create(then, loc);
      });
    }
}

void ContractKernelEmitter::emit() {
  IndexMath host = emitter.math(loc);
  k = productOf(host, space.extentsOf(space.reduced));
  Side sides[] = {sideOf(0, m, config.tileM), sideOf(1, n, config.tileN)};
  Value tilesM = host.ceilDiv(sides[0].count, config.tileM);
  Value tilesN = host.ceilDiv(sides[1].count, config.tileN);
  Value batches = productOf(host, space.extentsOf(batchDims));

  Kernel kernel(module, loc, emitter.operationName, config.threads());
  IndexMath math(kernel.builder, loc);
  thread = kernel.thread();
  Value perRow = math.constant(config.tileN / config.columns);
  row = math.mul(math.div(thread, perRow), math.constant(config.rows));
  column = math.mul(math.rem(thread, perRow), math.constant(config.columns));
  // Neighbouring blocks share the rows.
  SmallVector<Value> block = delinearize(math, kernel.block(), {batches, tilesM, tilesN});
  SmallVector<Value> batch = delinearize(math, block[0], space.extentsOf(batchDims));
  Value firsts[] = {math.mul(block[1], math.constant(config.tileM)),
                    math.mul(block[2], math.constant(config.tileN))};
  for (auto [side, first] : llvm::zip(sides, firsts))
    place(kernel, side, first, batch);
  SmallVector<Value> sums = sumAll(kernel, sides);
  storeTile(kernel, sides, firsts, batch, sums);
  kernel.launch(emitter, host.mul(batches, host.mul(tilesM, tilesN)));
}

void emitContractKernel(KernelModule &module, Emitter &emitter, Location loc,
                        const NestSpace &space, const ContractDims &dims,
                        const ContractKernelConfig &config) {
  ContractKernelEmitter(module, emitter, loc, space, dims, config).emit();
}

} // namespace tlc::codegen
