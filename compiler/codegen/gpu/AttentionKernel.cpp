//===- AttentionKernel.cpp - softmax(Q K) V without the scores in memory --===//

#include "compiler/codegen/gpu/AttentionKernel.h"

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/IndexBuilder.h"
#include "compiler/codegen/gpu/NestSpace.h"
#include "compiler/codegen/gpu/Warp.h"

#include "mlir/Dialect/Math/IR/Math.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace LLVM = mlir::LLVM;
using ein::AttentionRole;

namespace {

/// Part of a tensor that goes to shared memory as [along][across].
struct Source {
  const Access &access;
  unsigned along, across;
  Value firstAlong, firstAcross;
};

/// A matrix in shared memory.
struct SharedMatrix {
  Value start;
  int64_t rows = 0, columns = 0;
  /// Rows keep the alignment of vectors, and differ in their banks.
  int64_t stride() const { return columns + 4; }
};

class AttentionKernelEmitter {
public:
  AttentionKernelEmitter(KernelModule &module, Emitter &emitter, ein::AttentionOp op)
      : module(module), emitter(emitter), op(op), loc(op.getLoc()),
        element(cast<RankedTensorType>(op.getInputs()[0].getType()).getElementType()),
        type(computeType(element)), roles(op.getRoles()) {}

  LogicalResult emit();

private:
  using State = SmallVector<Value>;

  void bind();
  void chooseDims();
  LogicalResult chooseConfig();
  void moveToBlock(IndexBuilder &b, Value block);
  int64_t layOut(IndexBuilder *b, Value shared);

  void fill(IndexBuilder &b, const SharedMatrix &to, const Source &source);
  Value cell(IndexBuilder &b, const SharedMatrix &matrix, Value row, Value column);
  State multiply(IndexBuilder &b, const SharedMatrix &left, Value firstLeft,
                 const SharedMatrix &right, int64_t columns, ValueRange sums);
  State addKeys(IndexBuilder &b, Value firstKey, ValueRange state);
  Value scoreOf(IndexBuilder &b, Value sum, int64_t row, int64_t column, Value firstKey);
  void finish(IndexBuilder &b, ValueRange state);

  Value constant(IndexBuilder &b, TypedAttr value) {
    return constantElement(b.builder, loc, value, type);
  }
  Value lowest(IndexBuilder &b) {
    return constant(b, ein::neutralElement(ein::CombineKind::Max, type));
  }
  Value larger(IndexBuilder &b, Value lhs, Value rhs);
  Value exponential(IndexBuilder &b, Value x, Value shift);
  Value queryAt(IndexBuilder &b, int64_t row) {
    return b.add(firstQuery, b.add(rowStart, b.constant(row)));
  }

  KernelModule &module;
  Emitter &emitter;
  ein::AttentionOp op;
  Location loc;
  Type element, type;
  SmallVector<std::optional<AttentionRole>> roles;
  AttentionKernelConfig config;

  SmallVector<Value> extents;
  SmallVector<unsigned> slices;
  int queryDim = -1;
  unsigned keyDim = 0, depthDim = 0, valueDim = 0;
  int64_t depth = 0, values = 0, depthSteps = 0, valueColumns = 0;
  Access query, key, value, result;
  SmallVector<Access> scored;
  Value queries, keys;

  // In the kernel.
  Kernel *kernel = nullptr;
  SharedMatrix queryTile, chunkOfKeys, chunkOfValues, weights;
  Value thread, rowStart, columnStart, firstQuery;
  SmallVector<Value> point;
};

} // namespace

//===----------------------------------------------------------------------===//
// Planning
//===----------------------------------------------------------------------===//

/// The queries are the longest dimension of the slices that neither keys nor values have.
void AttentionKernelEmitter::chooseDims() {
  SmallVector<AffineMap> maps = op.getInputMaps();
  int64_t longest = 0;
  for (auto [dim, role] : llvm::enumerate(roles)) {
    if (role == AttentionRole::Key)
      keyDim = dim;
    if (role == AttentionRole::Depth)
      depthDim = dim;
    if (role == AttentionRole::Value)
      valueDim = dim;
    if (role != AttentionRole::Slice)
      continue;
    slices.push_back(dim);
    int64_t extent = known(extents[dim]).value_or(INT64_MAX);
    if (maps[1].isFunctionOfDim(dim) || maps[2].isFunctionOfDim(dim) || extent <= longest)
      continue;
    longest = extent;
    queryDim = dim;
  }
  llvm::erase_if(slices, [&](unsigned dim) { return static_cast<int>(dim) == queryDim; });
  keys = extents[keyDim];
  if (queryDim >= 0)
    queries = extents[queryDim];
}

LogicalResult AttentionKernelEmitter::chooseConfig() {
  depth = known(extents[depthDim]).value_or(0);
  values = known(extents[valueDim]).value_or(0);
  int64_t longest = std::max(depth, values) * byteSize(type);
  if (queryDim < 0)
    return op.emitOpError("has no dimension of queries, which code for GPUs needs");
  if (depth == 0 || values == 0 || longest > kAttentionRowBytes)
    return op.emitOpError("has queries or values of a size that has no code for GPUs");
  if (longest > kAttentionRowBytes / 2)
    config = {/*rows=*/2, /*columns=*/2, /*chunk=*/16};
  depthSteps = llvm::divideCeil(depth, config.chunk);
  valueColumns = llvm::divideCeil(values, 16);
  return success();
}

void AttentionKernelEmitter::bind() {
  SmallVector<AffineMap> maps = op.getInputMaps();
  maps.push_back(op.getResultMap());
  extents = emitter.iterationExtents(op, op.getInputs(), maps, {}, op.getType());
  SmallVector<Value> resultExtents =
      llvm::map_to_vector(op.getResultMap().getResults(), [&](AffineExpr position) {
        return extents[cast<AffineDimExpr>(position).getPosition()];
      });
  Buffer buffer = emitter.allocate(loc, op.getResult(), resultExtents);
  emitter.setBuffer(op.getResult(), buffer);
  auto accessOf = [&](unsigned number, Type compute) {
    return emitter.access(loc, emitter.bufferOf(op.getInputs()[number]), maps[number], compute);
  };
  query = accessOf(0, type);
  key = accessOf(1, type);
  value = accessOf(2, type);
  result = emitter.access(loc, buffer, op.getResultMap(), type);
  for (unsigned number = 3; number < op.getInputs().size(); ++number) {
    Type scalar = cast<RankedTensorType>(op.getInputs()[number].getType()).getElementType();
    scored.push_back(accessOf(number, computeType(scalar)));
  }
}

/// Divides the shared memory, if there is one; returns its size in bytes.
int64_t AttentionKernelEmitter::layOut(IndexBuilder *b, Value shared) {
  int64_t bytes = 0;
  auto take = [&](int64_t rows, int64_t columns) {
    SharedMatrix matrix{{}, rows, columns};
    if (b)
      matrix.start = b->offset(shared, bytes, b->builder.getI8Type());
    bytes += llvm::alignTo(rows * matrix.stride() * byteSize(type), 16);
    return matrix;
  };
  queryTile = take(depthSteps * config.chunk, config.queries());
  weights = take(config.keys(), config.queries());
  // Keys and values take turns.
  int64_t chunks = bytes;
  chunkOfKeys = take(config.chunk, config.keys());
  int64_t most = bytes;
  bytes = chunks;
  chunkOfValues = take(config.chunk, 16 * valueColumns);
  return std::max(bytes, most);
}

//===----------------------------------------------------------------------===//
// Shared memory
//===----------------------------------------------------------------------===//

Value AttentionKernelEmitter::cell(IndexBuilder &b, const SharedMatrix &matrix, Value row,
                                   Value column) {
  return b.offset(matrix.start, b.add(b.mul(row, matrix.stride()), column), type);
}

/// Copies a part of a tensor: zeros behind its end along a sum, anything across.
void AttentionKernelEmitter::fill(IndexBuilder &b, const SharedMatrix &to, const Source &source) {
  const Access &access = source.access;
  bool isFastAlong = isKnown(access.strides[source.along], 1);
  Value inner = b.constant(isFastAlong ? to.rows : to.columns);
  b.loop(thread, b.constant(to.rows * to.columns), config.threads(), [&](IndexBuilder &b, Value i) {
    Value slow = b.div(i, inner), fast = b.rem(i, inner);
    Value row = isFastAlong ? fast : slow, column = isFastAlong ? slow : fast;
    Value along = b.add(source.firstAlong, row), across = b.add(source.firstAcross, column);
    Value isInside = arith::AndIOp::create(b.builder, loc, b.less(along, extents[source.along]),
                                           b.less(across, extents[source.across]));
    b.store(constant(b, ein::zeroOf(type)), cell(b, to, row, column));
    b.branch(isInside, [&](IndexBuilder &b) {
      Value offset = b.add(b.mul(along, access.strides[source.along]),
                           b.mul(across, access.strides[source.across]));
      Value from = b.offset(access.pointer, offset, storageType(access.element));
      b.store(loadElement(b.builder, loc, from, access.element, type), cell(b, to, row, column));
    });
  });
}

/// sums[r][c] += left[k][this thread's row r] * right[k][its column c] over the rows k of `right`,
/// which meet those of `left` from `firstLeft` on.
SmallVector<Value> AttentionKernelEmitter::multiply(IndexBuilder &b, const SharedMatrix &left,
                                                    Value firstLeft, const SharedMatrix &right,
                                                    int64_t columns, ValueRange sums) {
  Value firstColumn = b.mul(b.rem(thread, b.constant(16)), columns);
  auto read = [&](IndexBuilder &b, Value start, int64_t count) {
    SmallVector<Value> found;
    for (int64_t i = 0; i < count; ++i)
      found.push_back(b.load(type, b.offset(start, i, type)));
    return found;
  };
  return b.loop(b.constant(0), b.constant(right.rows), b.constant(1), sums,
                [&](IndexBuilder &b, Value k, ValueRange carried) {
                  SmallVector<Value> rows =
                      read(b, cell(b, left, b.add(firstLeft, k), rowStart), config.rows);
                  SmallVector<Value> others = read(b, cell(b, right, k, firstColumn), columns);
                  SmallVector<Value> next;
                  for (int64_t r = 0; r < config.rows; ++r)
                    for (int64_t c = 0; c < columns; ++c)
                      next.push_back(mlir::math::FmaOp::create(b.builder, loc, rows[r], others[c],
                                                               carried[r * columns + c]));
                  return next;
                });
}

//===----------------------------------------------------------------------===//
// Scores and weights
//===----------------------------------------------------------------------===//

/// The larger one; `rhs` where they cannot be compared.
Value AttentionKernelEmitter::larger(IndexBuilder &b, Value lhs, Value rhs) {
  Value isLarger = arith::CmpFOp::create(b.builder, loc, arith::CmpFPredicate::OGT, lhs, rhs);
  return arith::SelectOp::create(b.builder, loc, isLarger, lhs, rhs);
}

Value AttentionKernelEmitter::exponential(IndexBuilder &b, Value x, Value shift) {
  return mlir::math::ExpOp::create(b.builder, loc, arith::SubFOp::create(b.builder, loc, x, shift));
}

/// The score of this thread's row and column; the lowest number behind the last key.
Value AttentionKernelEmitter::scoreOf(IndexBuilder &b, Value sum, int64_t row, int64_t column,
                                      Value firstKey) {
  Value keyAt = b.add(firstKey, b.add(columnStart, b.constant(column)));
  Value isKey = b.less(keyAt, keys), score = sum;
  if (!op.getScore().empty()) {
    // Elements behind the end are those at the end.
    Value lastKey = b.sub(keys, b.constant(1)), lastQuery = b.sub(queries, b.constant(1));
    SmallVector<Value> here(point);
    here[keyDim] = b.min(keyAt, lastKey);
    here[queryDim] = b.min(queryAt(b, row), lastQuery);
    SmallVector<Value> arguments = {sum};
    for (const Access &access : scored) {
      Value offset = b.add(b.mul(here[keyDim], access.strides[keyDim]),
                           b.mul(here[queryDim], access.strides[queryDim]));
      Value from = b.offset(access.pointer, offset, storageType(access.element));
      arguments.push_back(loadElement(b.builder, loc, from, access.element, access.compute));
    }
    IndexMath math(b.builder, loc);
    score = inlineBody(
        b.builder, loc, op.getScore().front(), arguments, 1,
        [&](int64_t dim) { return math.toIndex(here[dim]); },
        [&](Value outside) { return emitter.outsideValue(outside); });
  }
  return b.select(isKey, score, lowest(b));
}

/// One block of keys. The state is, of each row, the largest score and the total of the weights,
/// then the sums of the values.
SmallVector<Value> AttentionKernelEmitter::addKeys(IndexBuilder &b, Value firstKey,
                                                   ValueRange state) {
  int64_t rows = config.rows, columns = config.columns;
  Value zero = constant(b, ein::zeroOf(type));
  State scores(rows * columns, zero);
  scores = b.loop(b.constant(0), b.constant(depthSteps), b.constant(1), scores,
                  [&](IndexBuilder &b, Value step, ValueRange carried) {
                    Value firstDepth = b.mul(step, config.chunk);
                    kernel->barrier(b.builder);
                    fill(b, chunkOfKeys, {key, depthDim, keyDim, firstDepth, firstKey});
                    kernel->barrier(b.builder);
                    return multiply(b, queryTile, firstDepth, chunkOfKeys, columns, carried);
                  });
  State next, corrections;
  SmallVector<Value> totals;
  auto largerOf = [&](Value lhs, Value rhs) { return larger(b, lhs, rhs); };
  auto sumOf = [&](Value lhs, Value rhs) -> Value {
    return arith::AddFOp::create(b.builder, loc, lhs, rhs);
  };
  for (int64_t r = 0; r < rows; ++r) {
    Value largest = lowest(b);
    for (int64_t c = 0; c < columns; ++c) {
      scores[r * columns + c] = scoreOf(b, scores[r * columns + c], r, c, firstKey);
      largest = larger(b, scores[r * columns + c], largest);
    }
    largest = combineNeighbours(b.builder, loc, largest, 16, largerOf);
    Value now = larger(b, largest, state[r]);
    // Where every score so far is -inf, no weight may become NaN: a later key may have one.
    Value isNone = arith::CmpFOp::create(b.builder, loc, arith::CmpFPredicate::OEQ, now, lowest(b));
    Value shift = b.select(isNone, zero, now);
    corrections.push_back(exponential(b, state[r], shift));
    Value total = zero;
    for (int64_t c = 0; c < columns; ++c) {
      Value weight = exponential(b, scores[r * columns + c], shift);
      total = sumOf(total, weight);
      Value column = b.add(columnStart, b.constant(c)), row = b.add(rowStart, b.constant(r));
      b.store(weight, cell(b, weights, column, row));
    }
    total = combineNeighbours(b.builder, loc, total, 16, sumOf);
    Value corrected = arith::MulFOp::create(b.builder, loc, state[rows + r], corrections[r]);
    next.push_back(now);
    totals.push_back(sumOf(corrected, total));
  }
  llvm::append_range(next, totals);
  State sums;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < valueColumns; ++c)
      sums.push_back(arith::MulFOp::create(b.builder, loc, state[2 * rows + r * valueColumns + c],
                                           corrections[r]));
  sums = b.loop(
      b.constant(0), b.constant(config.keys()), b.constant(config.chunk), sums,
      [&](IndexBuilder &b, Value first, ValueRange carried) {
        kernel->barrier(b.builder);
        fill(b, chunkOfValues, {value, keyDim, valueDim, b.add(firstKey, first), b.constant(0)});
        kernel->barrier(b.builder);
        return multiply(b, weights, first, chunkOfValues, valueColumns, carried);
      });
  llvm::append_range(next, sums);
  return next;
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

/// Moves all tensors to the slice of a block.
void AttentionKernelEmitter::moveToBlock(IndexBuilder &b, Value block) {
  Value tiles = b.ceilDiv(queries, b.constant(config.queries()));
  firstQuery = b.mul(b.rem(block, tiles), config.queries());
  Value slice = b.div(block, tiles);
  point.assign(roles.size(), b.constant(0));
  for (unsigned dim : llvm::reverse(slices)) {
    point[dim] = b.rem(slice, extents[dim]);
    slice = b.div(slice, extents[dim]);
  }
  SmallVector<Access *> accesses = {&query, &key, &value, &result};
  for (Access &access : scored)
    accesses.push_back(&access);
  for (Access *access : accesses)
    for (unsigned dim : slices)
      access->pointer = b.offset(access->pointer, b.mul(point[dim], access->strides[dim]),
                                 storageType(access->element));
}

void AttentionKernelEmitter::finish(IndexBuilder &b, ValueRange state) {
  int64_t rows = config.rows;
  Value firstColumn = b.mul(b.rem(thread, b.constant(16)), valueColumns);
  for (int64_t r = 0; r < rows; ++r) {
    Value at = queryAt(b, r);
    b.branch(b.less(at, queries), [&](IndexBuilder &b) {
      Value row = b.mul(at, result.strides[queryDim]);
      for (int64_t c = 0; c < valueColumns; ++c) {
        Value column = b.add(firstColumn, b.constant(c));
        b.branch(b.less(column, extents[valueDim]), [&](IndexBuilder &b) {
          Value mean = arith::DivFOp::create(b.builder, loc, state[2 * rows + r * valueColumns + c],
                                             state[rows + r]);
          Value offset = b.add(row, b.mul(column, result.strides[valueDim]));
          storeElement(b.builder, loc, mean,
                       b.offset(result.pointer, offset, storageType(result.element)),
                       result.element);
        });
      }
    });
  }
}

LogicalResult AttentionKernelEmitter::emit() {
  bind();
  chooseDims();
  if (failed(chooseConfig()))
    return failure();
  IndexBuilder host(emitter.builder, loc);
  Value blocks = host.ceilDiv(queries, host.constant(config.queries()));
  for (unsigned dim : slices)
    blocks = host.mul(blocks, extents[dim]);

  Kernel attention(module, loc, "attention", config.threads());
  kernel = &attention;
  IndexBuilder b(attention.builder, loc);
  thread = attention.thread();
  rowStart = b.mul(b.div(thread, b.constant(16)), config.rows);
  columnStart = b.mul(b.rem(thread, b.constant(16)), config.columns);
  int64_t sharedBytes = layOut(&b, attention.dynamicShared());
  moveToBlock(b, attention.block());
  fill(b, queryTile, {query, depthDim, static_cast<unsigned>(queryDim), b.constant(0), firstQuery});
  State state(config.rows, lowest(b));
  // The mean over no key is 0, not 0 / 0.
  Value isEmpty = b.lessEqual(keys, b.constant(0));
  Value zero = constant(b, ein::zeroOf(type)), one = constant(b, ein::oneOf(type));
  state.append(config.rows, b.select(isEmpty, one, zero));
  state.append(config.rows * valueColumns, zero);
  state = b.loop(b.constant(0), keys, b.constant(config.keys()), state,
                 [&](IndexBuilder &b, Value firstKey, ValueRange carried) {
                   return addKeys(b, firstKey, carried);
                 });
  finish(b, state);
  attention.launch(emitter, blocks, sharedBytes);
  return success();
}

LogicalResult emitAttentionKernel(KernelModule &module, Emitter &emitter, ein::AttentionOp op) {
  return AttentionKernelEmitter(module, emitter, op).emit();
}

} // namespace tlc::codegen
