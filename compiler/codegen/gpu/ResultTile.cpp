//===- ResultTile.cpp - a tile of sums from registers to the result -------===//

#include "compiler/codegen/gpu/ResultTile.h"

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/gpu/Neighbours.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace tlc::codegen {

namespace LLVM = mlir::LLVM;
namespace scf = mlir::scf;

ResultTile::ResultTile(const NestSpace &space, const ContractDims &dims, Type sumType,
                       int64_t tileM, int64_t tileN)
    : space(space), dims(dims), sumType(sumType), tileM(tileM), tileN(tileN) {
  chooseOrder();
}

/// Vectors need elements that are contiguous and aligned, and extents that no vector crosses.
void ResultTile::chooseOrder() {
  const Access &result = space.nest.result;
  auto isFast = [&](ArrayRef<unsigned> group) {
    return !group.empty() && isKnown(result.strides[group.back()], 1);
  };
  isFastAlongM = isFast(dims.m) && !isFast(dims.n);
  ArrayRef<unsigned> group = isFastAlongM ? dims.m : dims.n;
  int64_t wanted = kChunkBytes / byteSize(sumType);
  if (!group.empty() && hasNeighbours(space, result, group.back(), wanted))
    width = wanted;
}

static constexpr int64_t padBytes = 16;

int64_t ResultTile::bytes() const {
  int64_t slow = isFastAlongM ? tileN : tileM, fast = isFastAlongM ? tileM : tileN;
  return slow * (fast * byteSize(sumType) + padBytes);
}

/// The number of an element in shared memory.
Value ResultTile::cell(IndexMath &math, Value slow, Value fast) const {
  int64_t row = (isFastAlongM ? tileM : tileN) + padBytes / byteSize(sumType);
  return math.add(math.mul(slow, math.constant(row)), fast);
}

void ResultTile::put(OpBuilder &builder, Location loc, Value shared, Value row, Value column,
                     Value sum, Value next) const {
  IndexMath math(builder, loc);
  auto at = [&](Value number) { return elementPointer(builder, loc, shared, sumType, number); };
  if (isFastAlongM) {
    LLVM::StoreOp::create(builder, loc, sum, at(cell(math, column, row)));
    Value second = math.add(column, math.constant(1));
    LLVM::StoreOp::create(builder, loc, next, at(cell(math, second, row)));
    return;
  }
  Value pair = LLVM::UndefOp::create(builder, loc, mlir::VectorType::get({2}, sumType));
  pair = LLVM::InsertElementOp::create(builder, loc, pair, sum, math.constant(0));
  pair = LLVM::InsertElementOp::create(builder, loc, pair, next, math.constant(1));
  LLVM::StoreOp::create(builder, loc, pair, at(cell(math, row, column)),
                        /*alignment=*/2 * byteSize(sumType));
}

/// Finishes and stores `width` elements, the first of which is at (atRow, atColumn).
void ResultTile::storeVector(OpBuilder &builder, Location loc, Value from, Value atRow,
                             Value atColumn, ArrayRef<Value> batch) const {
  const Nest &nest = space.nest;
  IndexMath math(builder, loc);
  SmallVector<Value> point(nest.extents.size());
  auto set = [&](ArrayRef<unsigned> group, ArrayRef<Value> at) {
    for (auto [dim, position] : llvm::zip(group, at))
      point[dim] = position;
  };
  set(dims.batch, batch);
  set(dims.m, delinearize(math, atRow, space.extentsOf(dims.m)));
  set(dims.n, delinearize(math, atColumn, space.extentsOf(dims.n)));
  Type vectorType = width == 1 ? sumType : Type(mlir::VectorType::get({width}, sumType));
  Value sums = LLVM::LoadOp::create(builder, loc, vectorType, from,
                                    /*alignment=*/width * byteSize(sumType));
  ArrayRef<unsigned> group = isFastAlongM ? dims.m : dims.n;
  SmallVector<Value> start(point), results;
  for (int64_t i = 0; i < width; ++i) {
    Value value = sums;
    if (width > 1) {
      point[group.back()] = math.add(start[group.back()], math.constant(i));
      value = LLVM::ExtractElementOp::create(builder, loc, sums, math.constant(i));
    }
    value = convertElement(builder, loc, value, nest.valueType);
    SmallVector<Value> late;
    for (const Access &access : nest.late)
      late.push_back(loadElement(builder, loc, space.pointerAt(builder, access, point),
                                 access.element, access.compute));
    auto at = [&](int64_t dim) { return space.position(builder, dim, point); };
    results.push_back(nest.finish ? nest.finish({builder, loc, 1, at}, value, late) : value);
  }
  if (width > 1)
    storeNeighbours(builder, loc, space, results, start);
  else
    storeElement(builder, loc, results[0], space.pointerAt(builder, nest.result, point),
                 nest.result.element);
}

void ResultTile::store(OpBuilder &builder, Location loc, Value shared, Value thread,
                       unsigned threads, Value firstRow, Value firstColumn,
                       ArrayRef<Value> batch) const {
  IndexMath math(builder, loc);
  Value rows = productOf(math, space.extentsOf(dims.m));
  Value columns = productOf(math, space.extentsOf(dims.n));
  int64_t perRow = (isFastAlongM ? tileM : tileN) / width;
  Value total = math.constant(tileM * tileN / width);
  scf::ForOp loop =
      scf::ForOp::create(builder, loc, thread, total, math.constant(threads), ValueRange());
  OpBuilder inner = OpBuilder::atBlockBegin(loop.getBody());
  IndexMath in(inner, loc);
  Value number = loop.getInductionVar();
  Value slow = in.div(number, in.constant(perRow));
  Value fast = in.mul(in.rem(number, in.constant(perRow)), in.constant(width));
  Value atRow = in.add(firstRow, isFastAlongM ? fast : slow);
  Value atColumn = in.add(firstColumn, isFastAlongM ? slow : fast);
  Value isInside = in.both(in.isLess(atRow, rows), in.isLess(atColumn, columns));
  scf::IfOp::create(inner, loc, isInside, [&](OpBuilder &then, Location) {
    IndexMath thenMath(then, loc);
    Value from = elementPointer(then, loc, shared, sumType, cell(thenMath, slow, fast));
    storeVector(then, loc, from, atRow, atColumn, batch);
    scf::YieldOp::create(then, loc);
  });
}

} // namespace tlc::codegen
