//===- ElementwiseNest.cpp - nests that only move and map elements --------===//
//
// Along the rows, a row of the result is cut into segments:
//
//   for each row, for each segment (parallel)
//     for j in steps of a vector
//       result[j ...] = element(inputs[j ...])
//
// Across, the two dimensions u (unit stride of an input) and v (unit stride of the result) are
// cut into blocks, and those into squares:
//
//   for each block of v, for each block of u (parallel)
//     for each square
//       load vectors along u, transpose in registers, store vectors along v
//
// A block reads a few lines of many rows and writes a few lines of others. It reads what the
// hardware does not foresee, so the next block along u is asked for in advance, row by row, into
// the second cache: in the first one, rows that lie a power of two apart would push each other out.
// For the same reason a square of many rows is copied before it is transposed.
//
// The last vector of a row and the last square of a block end with the extent: they overlap the
// ones before, and what is in both is computed twice, with the same result. So does the first
// vector of a row that is written past the cache, where all others have to be aligned.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/ElementwiseNest.h"

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/IndexBuilder.h"
#include "compiler/codegen/cpu/IndexMath.h"
#include "compiler/codegen/cpu/RegisterTranspose.h"

#include "llvm/ADT/bit.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace LLVM = mlir::LLVM;
namespace scf = mlir::scf;

/// Elements of a row that one point of the outer loops computes.
static constexpr int64_t kSegment = 8192;
/// A block of a transposition: bytes along u, and elements along v. Memory is as fast as on long
/// pieces if a few lines next to each other are read and written at a time; two blocks fit the
/// second cache.
static constexpr int64_t kBlockBytes = 256;
static constexpr int64_t kBlockRows = 128;
/// Ways of the first cache: so many rows that lie a power of two apart stay in it.
static constexpr unsigned kCacheWays = 8;
/// Lines of a row that are written at a time: vectors next to each other fill a line.
static constexpr int64_t kLineBytes = 64;
/// Shorter vectors are not written past the cache.
static constexpr int64_t kLeastStreamBytes = 16;

//===----------------------------------------------------------------------===//
// Planning
//===----------------------------------------------------------------------===//

static bool isAlong(const Access &access, unsigned dim) {
  return isKnown(access.strides[dim], 0) || isKnown(access.strides[dim], 1);
}

/// The only dimension other than `vectorDim` along which inputs that lie across have stride 1.
static std::optional<int> findCrossDim(const Nest &nest, unsigned vectorDim) {
  int cross = -1;
  for (const Access &access : nest.inputs) {
    if (isAlong(access, vectorDim))
      continue;
    auto isUnit = [](Value stride) { return isKnown(stride, 1); };
    const Value *found = llvm::find_if(access.strides, isUnit);
    if (found == access.strides.end())
      return std::nullopt;
    int dim = found - access.strides.begin();
    if (cross >= 0 && cross != dim)
      return std::nullopt;
    cross = dim;
  }
  return cross;
}

std::optional<ElementwisePlan> planElementwise(const Nest &nest, unsigned maxLanes) {
  if (nest.reduction || nest.inPlace || !nest.late.empty() || nest.finish)
    return std::nullopt;
  for (unsigned dim = nest.extents.size(); dim-- > 0;) {
    if (!isKnown(nest.result.strides[dim], 1))
      continue;
    std::optional<int> cross = findCrossDim(nest, dim);
    if (!cross)
      return std::nullopt;
    ElementwisePlan plan{dim, *cross, maxLanes};
    int64_t least = known(nest.extents[dim]).value_or(INT64_MAX);
    if (plan.crossDim >= 0) {
      least = std::min(least, known(nest.extents[plan.crossDim]).value_or(INT64_MAX));
      // Squares of bytes have to fit the registers.
      least = std::min<int64_t>(least, 16);
    }
    plan.lanes =
        std::min<int64_t>(plan.lanes, llvm::bit_floor<uint64_t>(std::max<int64_t>(least, 1)));
    return plan.lanes > 1 ? std::optional(plan) : std::nullopt;
  }
  return std::nullopt;
}

Value fitsElementwise(OpBuilder &builder, Location loc, const Nest &nest,
                      const ElementwisePlan &plan) {
  IndexMath math(builder, loc);
  Value fits;
  for (int dim : {static_cast<int>(plan.vectorDim), plan.crossDim})
    if (dim >= 0 && !known(nest.extents[dim]))
      fits = math.both(fits, math.isLess(math.constant(plan.lanes - 1), nest.extents[dim]));
  return fits;
}

namespace {

class ElementwiseEmitter {
public:
  ElementwiseEmitter(Location loc, const Target &target, const Nest &nest,
                     const ElementwisePlan &plan, ArrayRef<unsigned> origin)
      : loc(loc), target(target), nest(nest), plan(plan), origin(origin),
        extent(nest.extents[plan.vectorDim]) {}

  void emit(OpBuilder &builder);

private:
  Value isStreamed(IndexBuilder &b);
  bool canStream();
  int64_t vectorBytes() const { return plan.lanes * byteSize(nest.result.element); }
  Value unalignedElements(IndexBuilder &b, Value row);
  void emitLoops(OpBuilder &builder, bool streamed);

  // Along the rows.
  void emitSegment(IndexBuilder &b, ArrayRef<Value> bases, Value segment);
  void emitVector(IndexBuilder &b, ArrayRef<Value> bases, ArrayRef<Value> scalars, Value start,
                  bool pastCache);

  // Across.
  void emitBlock(IndexBuilder &b, ArrayRef<Value> bases, Value rowBlock, Value crossBlock);
  void emitSquares(IndexBuilder &b, ArrayRef<Value> bases, Value row, Value cross,
                   unsigned vectors);
  Value takeSquare(IndexBuilder &b);
  SmallVector<Value> loadAcross(IndexBuilder &b, const Access &access, ArrayRef<Value> rows);
  void prefetchBlock(IndexBuilder &b, ArrayRef<Value> bases, Value firstRow, Value firstCross,
                     Value square);
  unsigned vectorsOfLine();

  SmallVector<Value> basesAt(IndexBuilder &b, ArrayRef<unsigned> dims, ArrayRef<Value> at);
  void storeVector(IndexBuilder &b, Value value, Value pointer, bool pastCache);
  Value positionOf(IndexBuilder &b, int64_t dim, Value row, Value cross);

  Location loc;
  const Target &target;
  const Nest &nest;
  const ElementwisePlan &plan;
  ArrayRef<unsigned> origin;
  Value extent;

  // While the loops are emitted.
  bool streamed = false;
  SmallVector<unsigned> outerDims;
  SmallVector<Value> outerPoint;
  /// Memory for a square; null if it need not be copied.
  Value square;
};

} // namespace

//===----------------------------------------------------------------------===//
// Past the cache
//===----------------------------------------------------------------------===//

bool ElementwiseEmitter::canStream() {
  Type element = nest.result.element;
  bool isPlain = element.isF32() || element.isF64() || element.isInteger(8) ||
                 element.isInteger(16) || element.isInteger(32) || element.isInteger(64);
  return isPlain && vectorBytes() >= kLeastStreamBytes;
}

/// Whether the result is larger than the last-level cache and, if vectors lie across, every one of
/// it is aligned; null if that is known to be false.
Value ElementwiseEmitter::isStreamed(IndexBuilder &b) {
  bool fillsLines = plan.crossDim < 0 ||
                    vectorsOfLine() * plan.lanes * byteSize(nest.result.element) == kLineBytes;
  if (!canStream() || !fillsLines)
    return {};
  int64_t bytes = byteSize(nest.result.element);
  Value size = b.constant(bytes), skew = b.mul(extent, bytes);
  Type i64 = b.builder.getI64Type();
  for (auto [dim, length] : llvm::enumerate(nest.extents)) {
    size = b.mul(size, length);
    if (dim != plan.vectorDim)
      skew =
          b.builder.createOrFold<arith::OrIOp>(loc, skew, b.mul(nest.result.strides[dim], bytes));
  }
  Value least = b.constant(2 * target.l3Bytes);
  if (known(size) && *known(size) <= 2 * target.l3Bytes)
    return {};
  if (plan.crossDim < 0)
    return b.less(least, size);
  Value address = LLVM::PtrToIntOp::create(b.builder, loc, i64, nest.result.pointer);
  skew = arith::OrIOp::create(b.builder, loc, skew, address);
  Value rest = arith::AndIOp::create(b.builder, loc, skew, b.constant(vectorBytes() - 1));
  Value isAligned = b.less(rest, b.constant(1));
  return arith::AndIOp::create(b.builder, loc, isAligned, b.less(least, size));
}

/// Elements in front of the first vector of a row that is aligned.
Value ElementwiseEmitter::unalignedElements(IndexBuilder &b, Value row) {
  Value address = LLVM::PtrToIntOp::create(b.builder, loc, b.builder.getI64Type(), row);
  Value below = b.sub(b.constant(0), address);
  Value bytes = arith::AndIOp::create(b.builder, loc, below, b.constant(vectorBytes() - 1));
  return b.div(bytes, b.constant(byteSize(nest.result.element)));
}

void ElementwiseEmitter::storeVector(IndexBuilder &b, Value value, Value pointer, bool pastCache) {
  if (!pastCache)
    return storeElement(b.builder, loc, value, pointer, nest.result.element);
  storePastCache(b.builder, loc, value, pointer, nest.result.element);
}

//===----------------------------------------------------------------------===//
// Positions
//===----------------------------------------------------------------------===//

/// The pointers of the inputs, then of the result, with `dims` fixed.
SmallVector<Value> ElementwiseEmitter::basesAt(IndexBuilder &b, ArrayRef<unsigned> dims,
                                               ArrayRef<Value> at) {
  SmallVector<Value> bases;
  auto add = [&](const Access &access) {
    Value offset = b.constant(0);
    for (auto [dim, position] : llvm::zip(dims, at))
      offset = b.add(offset, b.mul(position, access.strides[dim]));
    bases.push_back(b.offset(access.pointer, offset, storageType(access.element)));
  };
  llvm::for_each(nest.inputs, add);
  add(nest.result);
  return bases;
}

/// The position along a dimension of the original nest, in every lane.
Value ElementwiseEmitter::positionOf(IndexBuilder &b, int64_t dim, Value row, Value cross) {
  IndexMath math(b.builder, loc);
  auto everywhere = [&](Value position) {
    return splat(b.builder, loc, math.toIndex(position), plan.lanes);
  };
  const unsigned *found = llvm::find(origin, dim);
  if (found == origin.end())
    return everywhere(b.constant(0));
  unsigned at = found - origin.begin();
  if (at == plan.vectorDim)
    return arith::AddIOp::create(b.builder, loc, everywhere(row),
                                 laneNumbers(b.builder, loc, b.builder.getIndexType(), plan.lanes));
  if (static_cast<int>(at) == plan.crossDim)
    return everywhere(cross);
  return everywhere(outerPoint[llvm::find(outerDims, at) - outerDims.begin()]);
}

//===----------------------------------------------------------------------===//
// Along the rows
//===----------------------------------------------------------------------===//

void ElementwiseEmitter::emitVector(IndexBuilder &b, ArrayRef<Value> bases, ArrayRef<Value> scalars,
                                    Value start, bool pastCache) {
  SmallVector<Value> values;
  for (auto [access, base, scalar] : llvm::zip(nest.inputs, bases, scalars)) {
    if (scalar) {
      values.push_back(scalar);
      continue;
    }
    Value from = b.offset(base, start, storageType(access.element));
    values.push_back(loadElement(b.builder, loc, from, access.element, access.compute, plan.lanes));
  }
  auto position = [&](int64_t dim) { return positionOf(b, dim, start, {}); };
  Value value = nest.element({b.builder, loc, plan.lanes, position}, values);
  Value to = b.offset(bases.back(), start, storageType(nest.result.element));
  storeVector(b, value, to, pastCache);
}

void ElementwiseEmitter::emitSegment(IndexBuilder &b, ArrayRef<Value> bases, Value segment) {
  // What is the same for all of the row is read before it: memory that is written inside of the
  // loop might be the same for all that LLVM knows.
  SmallVector<Value> scalars;
  for (auto [access, base] : llvm::zip(nest.inputs, bases)) {
    bool isBroadcast = isKnown(access.strides[plan.vectorDim], 0);
    scalars.push_back(isBroadcast
                          ? splat(b.builder, loc,
                                  loadElement(b.builder, loc, base, access.element, access.compute),
                                  plan.lanes)
                          : Value());
  }
  auto emitAt = [&](IndexBuilder &b, Value start, bool pastCache) {
    emitVector(b, bases, scalars, start, pastCache);
  };
  Value first = b.mul(segment, kSegment), end = b.add(first, b.constant(kSegment));
  if (streamed) {
    // Segments begin where vectors are aligned; a vector at the row's begin has what is before.
    Value skew = unalignedElements(b, bases.back());
    Value isHead = arith::AndIOp::create(b.builder, loc, b.less(segment, b.constant(1)),
                                         b.less(b.constant(0), skew));
    b.branch(isHead, [&](IndexBuilder &b) { emitAt(b, b.constant(0), /*pastCache=*/false); });
    first = b.min(b.add(first, skew), extent);
    end = b.add(end, skew);
  }
  end = b.min(end, extent);
  Value full = b.mul(b.div(b.sub(end, first), b.constant(plan.lanes)), plan.lanes);
  b.loop(first, b.add(first, full), plan.lanes,
         [&](IndexBuilder &b, Value start) { emitAt(b, start, streamed); });
  std::optional<int64_t> number = known(extent);
  if (!streamed && number && *number % plan.lanes == 0)
    return;
  b.branch(b.less(b.add(first, full), end), [&](IndexBuilder &b) {
    emitAt(b, b.sub(end, b.constant(plan.lanes)), /*pastCache=*/false);
  });
}

//===----------------------------------------------------------------------===//
// Across
//===----------------------------------------------------------------------===//

/// Vectors of a square's row: as many as fill a line, if there are registers for them.
unsigned ElementwiseEmitter::vectorsOfLine() {
  auto isAcross = [&](const Access &access) { return !isAlong(access, plan.vectorDim); };
  int64_t bytes = plan.lanes * byteSize(nest.result.element);
  std::optional<int64_t> number = known(extent);
  bool hasRoom = number && *number >= 2 * plan.lanes;
  return hasRoom && llvm::count_if(nest.inputs, isAcross) == 1 && 2 * bytes <= kLineBytes ? 2 : 1;
}

/// The vectors along v of a square whose rows, along u, are in memory.
SmallVector<Value> ElementwiseEmitter::loadAcross(IndexBuilder &b, const Access &access,
                                                  ArrayRef<Value> rows) {
  int64_t bytes = byteSize(access.compute);
  if (access.element != access.compute || plan.lanes * bytes <= 16) {
    SmallVector<Value> loaded = llvm::map_to_vector(rows, [&](Value row) {
      return loadElement(b.builder, loc, row, access.element, access.compute, plan.lanes);
    });
    return transposeInRegisters(b, loaded, bytes);
  }
  SmallVector<Value> pointers(rows);
  if (square)
    for (auto [number, pointer] : llvm::enumerate(pointers)) {
      Value row = loadElement(b.builder, loc, pointer, access.element, access.compute, plan.lanes);
      pointer = b.offset(square, int64_t(number) * plan.lanes, access.element);
      b.store(row, pointer);
    }
  return loadTransposed(b, pointers, access.element, bytes);
}

/// `vectors` squares next to each other along v, from (row, cross) on.
void ElementwiseEmitter::emitSquares(IndexBuilder &b, ArrayRef<Value> bases, Value row, Value cross,
                                     unsigned vectors) {
  // values[input][vector][number along u]
  SmallVector<SmallVector<SmallVector<Value>>> values;
  for (auto [access, base] : llvm::zip(nest.inputs, bases)) {
    SmallVector<SmallVector<Value>> &columns = values.emplace_back();
    Type stored = storageType(access.element);
    for (unsigned u = 0; u < vectors; ++u) {
      Value first = b.add(row, b.constant(int64_t(u) * plan.lanes));
      SmallVector<Value> places;
      bool isAcross = !isAlong(access, plan.vectorDim);
      bool isBroadcast = isKnown(access.strides[plan.vectorDim], 0);
      for (unsigned i = 0; i < plan.lanes; ++i) {
        Value number = b.constant(i);
        Value rowAt = isAcross ? b.add(first, number) : first;
        Value crossAt = isAcross ? cross : b.add(cross, number);
        Value offset = b.add(b.mul(rowAt, access.strides[plan.vectorDim]),
                             b.mul(crossAt, access.strides[plan.crossDim]));
        places.push_back(b.offset(base, offset, stored));
      }
      if (isAcross) {
        columns.push_back(loadAcross(b, access, places));
        continue;
      }
      columns.push_back(llvm::map_to_vector(places, [&](Value from) {
        Value value = loadElement(b.builder, loc, from, access.element, access.compute,
                                  isBroadcast ? 1 : plan.lanes);
        return isBroadcast ? splat(b.builder, loc, value, plan.lanes) : value;
      }));
    }
  }
  for (unsigned i = 0; i < plan.lanes; ++i)
    for (unsigned u = 0; u < vectors; ++u) {
      Value rowAt = b.add(row, b.constant(int64_t(u) * plan.lanes));
      Value crossAt = b.add(cross, b.constant(i));
      SmallVector<Value> elements;
      for (SmallVector<SmallVector<Value>> &columns : values)
        elements.push_back(columns[u][i]);
      auto position = [&](int64_t dim) { return positionOf(b, dim, rowAt, crossAt); };
      Value value = nest.element({b.builder, loc, plan.lanes, position}, elements);
      Value offset = b.add(rowAt, b.mul(crossAt, nest.result.strides[plan.crossDim]));
      Value to = b.offset(bases.back(), offset, storageType(nest.result.element));
      storeVector(b, value, to, streamed);
    }
}

/// Asks for the share of one square, given by its number in the block, of the lines of the block
/// that is next along u.
void ElementwiseEmitter::prefetchBlock(IndexBuilder &b, ArrayRef<Value> bases, Value firstRow,
                                       Value firstCross, Value square) {
  int64_t width = int64_t(vectorsOfLine()) * plan.lanes;
  for (auto [access, base] : llvm::zip(nest.inputs, bases)) {
    if (isAlong(access, plan.vectorDim))
      continue;
    int64_t rows = width * plan.lanes * byteSize(access.element) / kBlockBytes;
    Value first = b.add(firstRow, b.mul(square, rows));
    for (int64_t row = 0; row < rows; ++row) {
      Value rowAt = b.add(first, b.constant(row));
      Value offset = b.add(b.mul(rowAt, access.strides[plan.vectorDim]), firstCross);
      Value start = b.offset(base, offset, storageType(access.element));
      for (int64_t line = 0; line < kBlockBytes; line += kLineBytes)
        LLVM::Prefetch::create(b.builder, loc,
                               b.offset(start, kBlockBytes + line, b.builder.getI8Type()), /*rw=*/0,
                               /*hint=*/2, /*cache=*/1);
    }
  }
}

/// Takes memory for a square from the stack, if there are many rows; returns the stack before.
Value ElementwiseEmitter::takeSquare(IndexBuilder &b) {
  if (plan.lanes <= kCacheWays)
    return {};
  int64_t bytes = 0;
  for (const Access &access : nest.inputs)
    bytes = std::max(bytes, int64_t(plan.lanes) * plan.lanes * byteSize(access.element));
  Type pointer = nest.result.pointer.getType();
  Value stack = LLVM::StackSaveOp::create(b.builder, loc, pointer);
  auto allocate = [&](int64_t size) -> Value {
    return LLVM::AllocaOp::create(b.builder, loc, pointer, b.builder.getI8Type(), b.constant(size),
                                  kLineBytes);
  };
  // Where LLVM knows how long the memory is, it loads more than is asked for: parts of two rows,
  // which have to wait for both to be written.
  Value place = allocate(kLineBytes);
  LLVM::StoreOp::create(b.builder, loc, allocate(bytes), place, kLineBytes, /*isVolatile=*/true);
  square = LLVM::LoadOp::create(b.builder, loc, pointer, place, kLineBytes, /*isVolatile=*/true);
  return stack;
}

void ElementwiseEmitter::emitBlock(IndexBuilder &b, ArrayRef<Value> bases, Value rowBlock,
                                   Value crossBlock) {
  Value crossExtent = nest.extents[plan.crossDim];
  unsigned vectors = vectorsOfLine();
  int64_t width = int64_t(vectors) * plan.lanes;
  int64_t crossSize = std::max<int64_t>(kBlockBytes / byteSize(nest.result.element), plan.lanes);
  Value firstRow = b.mul(rowBlock, kBlockRows), firstCross = b.mul(crossBlock, crossSize);
  Value lastRow = b.min(b.add(firstRow, b.constant(kBlockRows)), extent);
  Value lastCross = b.min(b.add(firstCross, b.constant(crossSize)), crossExtent);
  Value stack = takeSquare(b);
  b.loop(firstCross, lastCross, plan.lanes, [&](IndexBuilder &b, Value cross) {
    Value crossAt = b.min(cross, b.sub(crossExtent, b.constant(plan.lanes)));
    b.loop(firstRow, lastRow, width, [&](IndexBuilder &b, Value row) {
      Value rowAt = b.min(row, b.sub(extent, b.constant(width)));
      if (streamed) {
        Value column = b.div(b.sub(cross, firstCross), b.constant(plan.lanes));
        Value number = b.add(b.mul(column, kBlockRows / width),
                             b.div(b.sub(row, firstRow), b.constant(width)));
        prefetchBlock(b, bases, firstRow, firstCross, number);
      }
      emitSquares(b, bases, rowAt, crossAt, vectors);
    });
  });
  square = {};
  if (stack)
    LLVM::StackRestoreOp::create(b.builder, loc, stack);
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

void ElementwiseEmitter::emitLoops(OpBuilder &builder, bool isPastCache) {
  streamed = isPastCache;
  IndexMath math(builder, loc);
  outerDims.clear();
  SmallVector<Value> trips;
  for (unsigned dim = 0; dim < nest.extents.size(); ++dim)
    if (dim != plan.vectorDim && static_cast<int>(dim) != plan.crossDim) {
      outerDims.push_back(dim);
      trips.push_back(nest.extents[dim]);
    }
  Value elements;
  if (plan.crossDim < 0) {
    trips.push_back(math.ceilDiv(extent, kSegment));
    elements = math.min(extent, math.constant(kSegment));
  } else {
    int64_t size = std::max<int64_t>(kBlockBytes / byteSize(nest.result.element), plan.lanes);
    Value crossExtent = nest.extents[plan.crossDim];
    trips.push_back(math.ceilDiv(extent, kBlockRows));
    trips.push_back(math.ceilDiv(crossExtent, size));
    elements = math.mul(math.min(extent, math.constant(kBlockRows)),
                        math.min(crossExtent, math.constant(size)));
  }
  Value cost = math.mul(math.constant(nest.cost), math.ceilDiv(elements, plan.lanes));
  auto body = [&](OpBuilder &inner, Location, ArrayRef<Value> point) {
    IndexBuilder b(inner, loc);
    ArrayRef<Value> outer = point.take_front(outerDims.size());
    outerPoint.assign(outer.begin(), outer.end());
    SmallVector<Value> bases = basesAt(b, outerDims, outer);
    if (plan.crossDim < 0)
      emitSegment(b, bases, point.back());
    else
      emitBlock(b, bases, point[point.size() - 2], point.back());
  };
  // What is written past the cache has to arrive before other threads are told of it.
  auto fence = [&](OpBuilder &inner, Location) {
    if (streamed)
      LLVM::FenceOp::create(inner, loc, LLVM::AtomicOrdering::seq_cst, "");
  };
  forEachPoint(builder, loc, trips, cost, nest.parallel, body, fence);
}

void ElementwiseEmitter::emit(OpBuilder &builder) {
  IndexBuilder b(builder, loc);
  Value isPastCache = isStreamed(b);
  if (!isPastCache)
    return emitLoops(builder, false);
  scf::IfOp choice = scf::IfOp::create(builder, loc, isPastCache, /*withElseRegion=*/true);
  OpBuilder past = choice.getThenBodyBuilder(), plain = choice.getElseBodyBuilder();
  emitLoops(past, true);
  emitLoops(plain, false);
}

void emitElementwise(OpBuilder &builder, Location loc, const Target &target, const Nest &nest,
                     const ElementwisePlan &plan, ArrayRef<unsigned> origin) {
  ElementwiseEmitter(loc, target, nest, plan, origin).emit(builder);
}

} // namespace tlc::codegen
