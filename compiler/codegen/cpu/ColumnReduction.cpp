//===- ColumnReduction.cpp - reductions across rows -----------------------===//

#include "compiler/codegen/cpu/ColumnReduction.h"

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/IndexBuilder.h"
#include "compiler/codegen/cpu/IndexMath.h"

namespace tlc::codegen {

namespace LLVM = mlir::LLVM;

/// Columns of a block, and rows that are added at a time: few long pieces of memory, of which the
/// next ones are asked for in advance.
static constexpr int64_t kColumns = 4096;
static constexpr int64_t kRows = 8;
/// Extents from which on the order of the loops matters.
static constexpr int64_t kLeastColumns = 256;
static constexpr int64_t kLeastRows = 16;

namespace {

class ColumnEmitter {
public:
  ColumnEmitter(Location loc, const Nest &nest, unsigned vectorDim, unsigned lanes)
      : loc(loc), nest(nest), vectorDim(vectorDim), lanes(lanes), extent(nest.extents[vectorDim]) {
    for (unsigned dim = 0; dim < nest.extents.size(); ++dim)
      if (nest.reduced[dim])
        reducedDims.push_back(dim);
      else if (dim != vectorDim)
        outerDims.push_back(dim);
  }

  void emit(OpBuilder &builder);

private:
  using Bases = SmallVector<Value>;

  void emitBlock(IndexBuilder &b, ArrayRef<Value> point);
  void reduceRows(IndexBuilder &b, ArrayRef<unsigned> dims, const Bases &bases);
  void addRows(IndexBuilder &b, const Bases &bases, unsigned count);
  void prefetch(IndexBuilder &b, const Bases &bases, Value column);
  void finish(IndexBuilder &b);
  void forEachVector(IndexBuilder &b,
                     function_ref<void(IndexBuilder &, Value column, unsigned lanes)> body);
  Value load(IndexBuilder &b, const Access &access, Value base, Value column, unsigned count);
  Bases advance(IndexBuilder &b, const Bases &bases, unsigned dim, Value by);

  Location loc;
  const Nest &nest;
  unsigned vectorDim, lanes;
  Value extent;
  SmallVector<unsigned> outerDims, reducedDims;

  // The block that is emitted.
  Value first, last, resultBase;
  Bases lateBases;
};

} // namespace

/// Vectors of the block, then single columns: nothing may be added twice.
void ColumnEmitter::forEachVector(IndexBuilder &b,
                                  function_ref<void(IndexBuilder &, Value, unsigned)> body) {
  Value full = b.mul(b.div(b.sub(last, first), b.constant(lanes)), lanes);
  Value end = b.add(first, full);
  b.loop(first, end, lanes, [&](IndexBuilder &b, Value column) { body(b, column, lanes); });
  std::optional<int64_t> number = known(extent);
  if (!number || *number % lanes != 0)
    b.loop(end, last, 1, [&](IndexBuilder &b, Value column) { body(b, column, 1); });
}

Value ColumnEmitter::load(IndexBuilder &b, const Access &access, Value base, Value column,
                          unsigned count) {
  bool isBroadcast = isKnown(access.strides[vectorDim], 0);
  Value from = isBroadcast ? base : b.offset(base, column, storageType(access.element));
  Value value =
      loadElement(b.builder, loc, from, access.element, access.compute, isBroadcast ? 1 : count);
  return isBroadcast ? splat(b.builder, loc, value, count) : value;
}

ColumnEmitter::Bases ColumnEmitter::advance(IndexBuilder &b, const Bases &bases, unsigned dim,
                                            Value by) {
  Bases moved;
  for (auto [access, base] : llvm::zip(nest.inputs, bases))
    moved.push_back(b.offset(base, b.mul(by, access.strides[dim]), storageType(access.element)));
  return moved;
}

/// Asks for what is added to the column next but `kRows` rows.
void ColumnEmitter::prefetch(IndexBuilder &b, const Bases &bases, Value column) {
  Bases next = advance(b, bases, reducedDims.back(), b.constant(kRows));
  for (auto [access, base] : llvm::zip(nest.inputs, next))
    if (!isKnown(access.strides[vectorDim], 0))
      LLVM::Prefetch::create(b.builder, loc, b.offset(base, column, storageType(access.element)),
                             /*rw=*/0, /*hint=*/2, /*cache=*/1);
}

/// Adds `count` neighbours along the last reduced dimension.
void ColumnEmitter::addRows(IndexBuilder &b, const Bases &bases, unsigned count) {
  SmallVector<Bases> rows;
  for (unsigned row = 0; row < count; ++row)
    rows.push_back(advance(b, bases, reducedDims.back(), b.constant(row)));
  forEachVector(b, [&](IndexBuilder &b, Value column, unsigned width) {
    Value place = b.offset(resultBase, column, storageType(nest.valueType));
    Value sum = loadElement(b.builder, loc, place, nest.valueType, nest.valueType, width);
    for (const Bases &row : rows) {
      SmallVector<Value> values;
      for (auto [access, base] : llvm::zip(nest.inputs, row))
        values.push_back(load(b, access, base, column, width));
      // Of a product, one operand is short and stays in the cache: it is bound by other things.
      if (count > 1 && width > 1 && nest.inputs.size() == 1)
        prefetch(b, row, column);
      auto position = [](int64_t) { return Value(); };
      Value value = nest.element({b.builder, loc, width, position}, values);
      sum = nest.reduction->combine(b.builder, loc, sum, value);
    }
    storeElement(b.builder, loc, sum, place, nest.valueType);
  });
}

void ColumnEmitter::reduceRows(IndexBuilder &b, ArrayRef<unsigned> dims, const Bases &bases) {
  Value count = nest.extents[dims.front()];
  if (dims.size() > 1) {
    b.loop(b.constant(0), count, 1, [&](IndexBuilder &b, Value i) {
      reduceRows(b, dims.drop_front(), advance(b, bases, dims.front(), i));
    });
    return;
  }
  Value full = b.mul(b.div(count, b.constant(kRows)), kRows);
  b.loop(b.constant(0), full, kRows,
         [&](IndexBuilder &b, Value i) { addRows(b, advance(b, bases, dims.front(), i), kRows); });
  std::optional<int64_t> number = known(count);
  if (!number || *number % kRows != 0)
    b.loop(full, count, 1,
           [&](IndexBuilder &b, Value i) { addRows(b, advance(b, bases, dims.front(), i), 1); });
}

void ColumnEmitter::finish(IndexBuilder &b) {
  forEachVector(b, [&](IndexBuilder &b, Value column, unsigned width) {
    Value place = b.offset(resultBase, column, storageType(nest.valueType));
    Value sum = loadElement(b.builder, loc, place, nest.valueType, nest.valueType, width);
    SmallVector<Value> late;
    for (auto [access, base] : llvm::zip(nest.late, lateBases))
      late.push_back(load(b, access, base, column, width));
    auto position = [](int64_t) { return Value(); };
    storeElement(b.builder, loc, nest.finish({b.builder, loc, width, position}, sum, late), place,
                 nest.valueType);
  });
}

void ColumnEmitter::emitBlock(IndexBuilder &b, ArrayRef<Value> point) {
  first = b.mul(point.back(), kColumns);
  last = b.min(b.add(first, b.constant(kColumns)), extent);
  auto baseOf = [&](const Access &access) {
    Value offset = b.constant(0);
    for (auto [dim, at] : llvm::zip(outerDims, point))
      offset = b.add(offset, b.mul(at, access.strides[dim]));
    return b.offset(access.pointer, offset, storageType(access.element));
  };
  Bases bases = llvm::map_to_vector(nest.inputs, baseOf);
  lateBases = llvm::map_to_vector(nest.late, baseOf);
  resultBase = baseOf(nest.result);
  forEachVector(b, [&](IndexBuilder &b, Value column, unsigned width) {
    Value neutral = constantElement(b.builder, loc, nest.reduction->neutral, nest.valueType, width);
    storeElement(b.builder, loc, neutral, b.offset(resultBase, column, storageType(nest.valueType)),
                 nest.valueType);
  });
  reduceRows(b, reducedDims, bases);
  if (nest.finish)
    finish(b);
}

void ColumnEmitter::emit(OpBuilder &builder) {
  IndexMath math(builder, loc);
  SmallVector<Value> trips;
  for (unsigned dim : outerDims)
    trips.push_back(nest.extents[dim]);
  trips.push_back(math.ceilDiv(extent, kColumns));
  Value cost = math.constant(nest.cost);
  for (unsigned dim : reducedDims)
    cost = math.mul(cost, nest.extents[dim]);
  cost = math.mul(cost, math.ceilDiv(math.min(extent, math.constant(kColumns)), lanes));
  forEachPoint(builder, loc, trips, cost, nest.parallel,
               [&](OpBuilder &inner, Location, ArrayRef<Value> point) {
                 IndexBuilder b(inner, loc);
                 emitBlock(b, point);
               });
}

/// Whether each access has neighbours along the dimension, or one element for all.
static bool isAlong(ArrayRef<Access> accesses, unsigned dim) {
  return llvm::all_of(accesses, [&](const Access &access) {
    return isKnown(access.strides[dim], 0) || isKnown(access.strides[dim], 1);
  });
}

static int64_t atLeast(Value extent) { return known(extent).value_or(INT64_MAX); }

bool emitColumnReduction(OpBuilder &builder, Location loc, const Nest &nest, unsigned maxLanes) {
  if (!nest.reduction || nest.usesPosition || nest.inPlace || maxLanes < 2 ||
      nest.result.element != nest.valueType)
    return false;
  std::optional<unsigned> vectorDim;
  int64_t rows = 0;
  for (unsigned dim = 0; dim < nest.extents.size(); ++dim) {
    if (nest.reduced[dim]) {
      rows = std::max(rows, atLeast(nest.extents[dim]));
      continue;
    }
    if (isKnown(nest.result.strides[dim], 1) && atLeast(nest.extents[dim]) >= kLeastColumns)
      vectorDim = dim;
    // An input that several results share is better kept in registers.
    else if (llvm::any_of(nest.inputs,
                          [&](const Access &access) { return isKnown(access.strides[dim], 0); }))
      return false;
  }
  if (!vectorDim || rows < kLeastRows || !isAlong(nest.inputs, *vectorDim) ||
      !isAlong(nest.late, *vectorDim))
    return false;
  ColumnEmitter(loc, nest, *vectorDim, maxLanes).emit(builder);
  return true;
}

} // namespace tlc::codegen
