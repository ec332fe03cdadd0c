//===- EmitAttention.cpp - softmax(Q K) V without the scores in memory ----===//
//
// One slice of an attention (a head, say) is cut into blocks of queries, each a task. A task
// streams over blocks of keys and keeps, for each query, the largest score so far, the sum of
// the exponentials and the weighted sum of the values:
//
//   for each block of keys k, for each panel of queries q in the lanes of a few vectors
//     s[k][q] = score(sum over d of K[k,d] * Q[d][q])
//     m'[q]   = max(m[q], max over k of s[k][q])         c[q] = exp(m[q] - m'[q])
//     p[k][q] = exp(s[k][q] - m'[q])                     l[q] = l[q] c[q] + sum over k of p[k][q]
//     o[v][q] = o[v][q] c[q] + sum over k of V[k,v] * p[k][q]
//   result[q,v] = o[v][q] / l[q]
//
// Because queries lie along lanes, both products are the same register tile: elements of K or V,
// wherever they are in memory, times rows of a panel. Only Q is packed, once for a task, and
// nothing is added across lanes. Which keys form a block depends on nothing but their number.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/Emitter.h"
#include "compiler/codegen/cpu/ExpandExp.h"
#include "compiler/codegen/cpu/IndexBuilder.h"
#include "compiler/codegen/cpu/RegisterTranspose.h"
#include "runtime/include/tlrt/tlrt.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace LLVM = mlir::LLVM;
namespace vector = mlir::vector;
using ein::AttentionRole;
using mlir::VectorType;

namespace {

/// Keys of a block: their scores for a panel stay in the first cache, and the sums of values are
/// loaded and stored once for a block.
constexpr int64_t keysPerBlock = 128;
/// Steps of a product in one iteration.
constexpr int64_t stepsPerIteration = 4;
/// Panels of a task: they share the block of keys and values in the second cache.
constexpr int64_t panelsPerTask = 4;

/// Loads of `access` at a point whose slice is fixed: its strides along query and key.
struct ScoreOperand {
  Access access;
  /// Its elements in this block, query by query along lanes, if it depends on the query.
  Value packed;
};

class AttentionEmitter {
public:
  AttentionEmitter(Emitter &emitter, ein::AttentionOp op)
      : emitter(emitter), op(op), loc(op.getLoc()),
        element(cast<RankedTensorType>(op.getInputs()[0].getType()).getElementType()),
        type(computeType(element)), roles(op.getRoles()) {}

  LogicalResult emit();

private:
  // Planning.
  void chooseDims();
  void chooseTile();

  // One task: a block of queries of one slice.
  void emitTask(IndexBuilder &b, Value task);
  void moveToSlice(IndexBuilder &b, Value slice);
  Value partition(IndexBuilder &b, Value memory);
  void packQueries(IndexBuilder &b, Value panelRows);
  void startPanel(IndexBuilder &b, Value panel);
  void addBlock(IndexBuilder &b, Value panel, Value firstKey, Value keys);
  void finishPanel(IndexBuilder &b, Value panel);

  // One panel and one block of keys.
  SmallVector<Value> emitScores(IndexBuilder &b, Value panel, Value firstKey, Value keys);
  Value scoreOf(IndexBuilder &b, Value sum, Value panel, unsigned number, Value key, Value row);
  SmallVector<Value> emitWeights(IndexBuilder &b, Value keys, ValueRange shifts);
  void addValues(IndexBuilder &b, Value panel, Value firstKey, Value keys, ValueRange corrections);
  void packOperands(IndexBuilder &b, Value panel, Value firstKey, Value keys);
  SmallVector<Value> multiplyStep(IndexBuilder &b, ArrayRef<Value> rows, Value stride,
                                  Value panelRows, Value i, ValueRange sums);
  SmallVector<Value> multiply(IndexBuilder &b, ArrayRef<Value> rows, Value stride, Value panelRows,
                              Value count, ValueRange sums);

  // Small things.
  Value queryAt(IndexBuilder &b, Value panel, Value lane);
  Value at(IndexBuilder &b, Value memory, Value row, unsigned number);
  Value panelMemory(IndexBuilder &b, Value memory, Value panel, Value rows);
  Value constantVector(IndexBuilder &b, TypedAttr value);
  Value larger(IndexBuilder &b, Value lhs, Value rhs);
  Value exponential(IndexBuilder &b, Value value, Value shift);
  int64_t width() const { return int64_t(lanes) * vectors; }

  Emitter &emitter;
  ein::AttentionOp op;
  Location loc;
  Type element, type;
  SmallVector<std::optional<AttentionRole>> roles;

  SmallVector<Value> extents;
  SmallVector<unsigned> slices;
  /// The slice dimension along lanes; -1 if the slices are single queries.
  int queryDim = -1;
  unsigned keyDim = 0, depthDim = 0, valueDim = 0;
  unsigned lanes = 1, vectors = 3, rows = 4;
  VectorType vectorType;

  Access query, key, value, result;
  SmallVector<ScoreOperand> scored;
  Value failedFlag;
  Value queries, keys, depth, values;

  // State of the task that is emitted.
  SmallVector<Value> point; // of every slice dimension but the query
  Value firstQuery, panelNumber;
  /// Panels of Q, o, m, l, and the scores of one.
  Value queryPanels, sumPanels, largest, totals, scores;
};

} // namespace

//===----------------------------------------------------------------------===//
// Planning
//===----------------------------------------------------------------------===//

/// Lanes are queries: of the slices, the longest dimension that keys and values do not have.
void AttentionEmitter::chooseDims() {
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
  depth = extents[depthDim];
  values = extents[valueDim];
  queries = queryDim < 0 ? emitter.math(loc).constant(1) : extents[queryDim];
}

/// The accumulators, one row of vectors and a broadcast element have to fit the registers.
void AttentionEmitter::chooseTile() {
  lanes = emitter.target.lanes(byteSize(type));
  rows = emitter.target.vectorRegisters >= 32 ? 8 : 4;
  if (std::optional<int64_t> count = known(queries))
    vectors = std::clamp<int64_t>(llvm::divideCeil(*count, lanes), 1, vectors);
  vectorType = VectorType::get({static_cast<int64_t>(lanes)}, type);
}

//===----------------------------------------------------------------------===//
// Small things
//===----------------------------------------------------------------------===//

/// The query in a lane of a panel. Lanes behind the last query repeat it.
Value AttentionEmitter::queryAt(IndexBuilder &b, Value panel, Value lane) {
  Value position = b.add(firstQuery, b.add(b.mul(panel, width()), lane));
  return b.min(position, b.sub(queries, b.constant(1)));
}

/// Vector `number` of a row of a panel.
Value AttentionEmitter::at(IndexBuilder &b, Value memory, Value row, unsigned number) {
  Value index = b.add(b.mul(row, width()), b.constant(int64_t(number) * lanes));
  return b.offset(memory, index, type);
}

Value AttentionEmitter::panelMemory(IndexBuilder &b, Value memory, Value panel, Value rowCount) {
  return b.offset(memory, b.mul(b.mul(panel, rowCount), width()), type);
}

Value AttentionEmitter::constantVector(IndexBuilder &b, TypedAttr number) {
  return constantElement(b.builder, loc, number, type, lanes);
}

/// The larger one; `rhs` where they cannot be compared.
Value AttentionEmitter::larger(IndexBuilder &b, Value lhs, Value rhs) {
  Value isLarger = arith::CmpFOp::create(b.builder, loc, arith::CmpFPredicate::OGT, lhs, rhs);
  return arith::SelectOp::create(b.builder, loc, isLarger, lhs, rhs);
}

Value AttentionEmitter::exponential(IndexBuilder &b, Value x, Value shift) {
  return expOfDifference(b.builder, loc, emitter.target,
                         arith::SubFOp::create(b.builder, loc, x, shift));
}

/// One step of the register tile: sums[r][u] += rows[r][i * stride] * panelRows[i][u].
SmallVector<Value> AttentionEmitter::multiplyStep(IndexBuilder &b, ArrayRef<Value> rowPointers,
                                                  Value stride, Value panelRows, Value i,
                                                  ValueRange sums) {
  SmallVector<Value> row, next;
  for (unsigned u = 0; u < vectors; ++u)
    row.push_back(b.load(vectorType, at(b, panelRows, i, u)));
  Value offset = b.mul(i, stride);
  for (unsigned r = 0; r < rows; ++r) {
    Value scalar =
        loadElement(b.builder, loc, b.offset(rowPointers[r], offset, element), element, type);
    Value factor = splat(b.builder, loc, scalar, lanes);
    for (unsigned u = 0; u < vectors; ++u) {
      Value sum = sums[r * vectors + u];
      if (emitter.target.fma) {
        next.push_back(vector::FMAOp::create(b.builder, loc, factor, row[u], sum));
        continue;
      }
      Value product = arith::MulFOp::create(b.builder, loc, factor, row[u]);
      next.push_back(arith::AddFOp::create(b.builder, loc, sum, product));
    }
  }
  return next;
}

/// The register tile for i < count. Few long iterations: the end of a loop that has many short ones
/// is not predicted.
SmallVector<Value> AttentionEmitter::multiply(IndexBuilder &b, ArrayRef<Value> rowPointers,
                                              Value stride, Value panelRows, Value count,
                                              ValueRange sums) {
  auto loop = [&](Value first, Value last, int64_t steps, ValueRange start) {
    return b.loop(
        first, last, b.constant(steps), start, [&](IndexBuilder &b, Value i, ValueRange carried) {
          SmallVector<Value> next(carried);
          for (int64_t step = 0; step < steps; ++step)
            next =
                multiplyStep(b, rowPointers, stride, panelRows, b.add(i, b.constant(step)), next);
          return next;
        });
  };
  Value whole = b.mul(b.div(count, b.constant(stepsPerIteration)), stepsPerIteration);
  SmallVector<Value> result = loop(b.constant(0), whole, stepsPerIteration, sums);
  return loop(whole, count, 1, result);
}

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

/// Copies the operands of the score that depend on the query, for this panel and block of keys.
void AttentionEmitter::packOperands(IndexBuilder &b, Value panel, Value firstKey, Value count) {
  for (ScoreOperand &operand : scored) {
    if (!operand.packed)
      continue;
    const Access &access = operand.access;
    Type moved = moveType(access.element, /*isMoveOnly=*/true);
    b.loop(b.constant(0), b.constant(width()), 1, [&](IndexBuilder &b, Value lane) {
      Value start = b.mul(queryAt(b, panel, lane), access.strides[queryDim]);
      b.loop(b.constant(0), count, 1, [&](IndexBuilder &b, Value k) {
        Value offset = b.add(start, b.mul(b.add(firstKey, k), access.strides[keyDim]));
        Value from = b.offset(access.pointer, offset, storageType(access.element));
        Value to =
            b.offset(operand.packed, b.add(b.mul(k, width()), lane), storageType(access.element));
        Value scalar = loadElement(b.builder, loc, from, access.element, moved);
        storeElement(b.builder, loc, scalar, to, access.element);
      });
    });
  }
}

/// The score of lanes `number` of a panel and a key, which is row `row` of the block.
Value AttentionEmitter::scoreOf(IndexBuilder &b, Value sum, Value panel, unsigned number,
                                Value keyAt, Value row) {
  if (op.getScore().empty())
    return sum;
  Block &body = op.getScore().front();
  BodyShape shape = describeBody(body);
  Value firstLane = b.constant(int64_t(number) * lanes);
  Value start = b.add(firstQuery, b.add(b.mul(panel, width()), firstLane));
  IndexMath math(b.builder, loc);
  auto emitLanes = [&](Value accumulated, int64_t lane, unsigned count) {
    SmallVector<Value> arguments = {accumulated};
    for (const ScoreOperand &operand : scored) {
      const Access &access = operand.access;
      if (operand.packed) {
        Value index = b.add(b.mul(row, width()), b.add(firstLane, b.constant(lane)));
        Value from = b.offset(operand.packed, index, storageType(access.element));
        arguments.push_back(
            loadElement(b.builder, loc, from, access.element, access.compute, count));
        continue;
      }
      Value from = b.offset(access.pointer, b.mul(keyAt, access.strides[keyDim]),
                            storageType(access.element));
      Value scalar = loadElement(b.builder, loc, from, access.element, access.compute);
      arguments.push_back(splat(b.builder, loc, scalar, count));
    }
    auto position = [&](int64_t dim) -> Value {
      if (dim == static_cast<int64_t>(keyDim))
        return splat(b.builder, loc, math.toIndex(keyAt), count);
      if (dim != queryDim)
        return splat(b.builder, loc, math.toIndex(point[dim]), count);
      Value first = splat(b.builder, loc, math.toIndex(b.add(start, b.constant(lane))), count);
      return count == 1 ? first
                        : arith::AddIOp::create(
                              b.builder, loc, first,
                              laneNumbers(b.builder, loc, b.builder.getIndexType(), lanes));
    };
    return inlineBody(b.builder, loc, body, arguments, count, position,
                      [&](Value outside) { return emitter.outsideValue(outside); });
  };
  if (shape.vectorizable)
    return emitLanes(sum, 0, lanes);
  Value scores = sum;
  for (unsigned lane = 0; lane < lanes; ++lane) {
    Value scalar = vector::ExtractOp::create(b.builder, loc, sum, lane);
    Value score = emitLanes(scalar, lane, 1);
    scores = vector::InsertOp::create(b.builder, loc, score, scores, lane);
  }
  return scores;
}

/// Stores the scores of a block of keys for a panel and returns the largest in each lane. The last
/// tile repeats the last key instead of ending early.
SmallVector<Value> AttentionEmitter::emitScores(IndexBuilder &b, Value panel, Value firstKey,
                                                Value count) {
  Value lowest = constantVector(b, ein::neutralElement(ein::CombineKind::Max, type));
  Value panelRows = panelMemory(b, queryPanels, panel, depth);
  SmallVector<Value> start(vectors, lowest);
  return b.loop(b.constant(0), count, b.constant(rows), start,
                [&](IndexBuilder &b, Value i, ValueRange carried) {
                  SmallVector<Value> largestSoFar(carried), pointers, keysAt, rowsAt;
                  for (unsigned r = 0; r < rows; ++r) {
                    Value row = b.min(b.add(i, b.constant(r)), b.sub(count, b.constant(1)));
                    rowsAt.push_back(row);
                    keysAt.push_back(b.add(firstKey, row));
                    pointers.push_back(
                        b.offset(key.pointer, b.mul(keysAt.back(), key.strides[keyDim]), element));
                  }
                  Value zero = constantVector(b, ein::zeroOf(type));
                  SmallVector<Value> sums(rows * vectors, zero);
                  sums = multiply(b, pointers, key.strides[depthDim], panelRows, depth, sums);
                  for (unsigned r = 0; r < rows; ++r)
                    for (unsigned u = 0; u < vectors; ++u) {
                      Value score =
                          scoreOf(b, sums[r * vectors + u], panel, u, keysAt[r], rowsAt[r]);
                      b.store(score, at(b, scores, b.add(i, b.constant(r)), u));
                      largestSoFar[u] = larger(b, score, largestSoFar[u]);
                    }
                  return largestSoFar;
                });
}

//===----------------------------------------------------------------------===//
// Weights and values
//===----------------------------------------------------------------------===//

/// Replaces scores by their exponentials and returns the sums of those. One vector at a time: the
/// constants of the exponential function need the registers.
SmallVector<Value> AttentionEmitter::emitWeights(IndexBuilder &b, Value count, ValueRange shifts) {
  SmallVector<Value> sums;
  for (unsigned u = 0; u < vectors; ++u)
    sums.push_back(b.loop(b.constant(0), count, b.constant(1), constantVector(b, ein::zeroOf(type)),
                          [&](IndexBuilder &b, Value k, ValueRange carried) -> SmallVector<Value> {
                            Value place = at(b, scores, k, u);
                            Value weight = exponential(b, b.load(vectorType, place), shifts[u]);
                            b.store(weight, place);
                            return {arith::AddFOp::create(b.builder, loc, carried[0], weight)};
                          })[0]);
  return sums;
}

void AttentionEmitter::addValues(IndexBuilder &b, Value panel, Value firstKey, Value count,
                                 ValueRange corrections) {
  Value sumRows = b.roundUp(values, rows);
  Value sumsOfPanel = panelMemory(b, sumPanels, panel, sumRows);
  Value block = b.offset(value.pointer, b.mul(firstKey, value.strides[keyDim]), element);
  b.loop(b.constant(0), values, rows, [&](IndexBuilder &b, Value v) {
    SmallVector<Value> pointers, places, sums;
    for (unsigned r = 0; r < rows; ++r) {
      Value row = b.add(v, b.constant(r));
      Value inside = b.min(row, b.sub(values, b.constant(1)));
      pointers.push_back(b.offset(block, b.mul(inside, value.strides[valueDim]), element));
      for (unsigned u = 0; u < vectors; ++u) {
        places.push_back(at(b, sumsOfPanel, row, u));
        Value old = b.load(vectorType, places.back());
        sums.push_back(arith::MulFOp::create(b.builder, loc, old, corrections[u]));
      }
    }
    sums = multiply(b, pointers, value.strides[keyDim], scores, count, sums);
    for (auto [sum, place] : llvm::zip(sums, places))
      b.store(sum, place);
  });
}

void AttentionEmitter::addBlock(IndexBuilder &b, Value panel, Value firstKey, Value count) {
  packOperands(b, panel, firstKey, count);
  SmallVector<Value> found = emitScores(b, panel, firstKey, count), shifts, corrections;
  Value lowest = constantVector(b, ein::neutralElement(ein::CombineKind::Max, type));
  Value zero = constantVector(b, ein::zeroOf(type));
  for (unsigned u = 0; u < vectors; ++u) {
    Value place = at(b, largest, panel, u);
    Value old = b.load(vectorType, place);
    Value now = larger(b, found[u], old);
    b.store(now, place);
    // Where every score so far is -inf, no weight may become NaN: a later key may have one.
    Value isNone = arith::CmpFOp::create(b.builder, loc, arith::CmpFPredicate::OEQ, now, lowest);
    shifts.push_back(arith::SelectOp::create(b.builder, loc, isNone, zero, now));
    corrections.push_back(exponential(b, old, shifts.back()));
  }
  SmallVector<Value> sums = emitWeights(b, count, shifts);
  for (unsigned u = 0; u < vectors; ++u) {
    Value place = at(b, totals, panel, u);
    Value corrected =
        arith::MulFOp::create(b.builder, loc, b.load(vectorType, place), corrections[u]);
    b.store(arith::AddFOp::create(b.builder, loc, corrected, sums[u]), place);
  }
  addValues(b, panel, firstKey, count, corrections);
}

//===----------------------------------------------------------------------===//
// Tasks
//===----------------------------------------------------------------------===//

/// Copies the queries of a panel: squares are transposed in registers where depths are neighbours
/// in memory, the rest goes element by element.
void AttentionEmitter::packQueries(IndexBuilder &b, Value panelRows) {
  Value stride = query.strides[depthDim];
  auto pointerAt = [&](IndexBuilder &b, Value lane, Value d) {
    Value offset = b.mul(d, stride);
    if (queryDim >= 0)
      offset = b.add(offset, b.mul(queryAt(b, panelNumber, lane), query.strides[queryDim]));
    return b.offset(query.pointer, offset, element);
  };
  Value packed = b.constant(0);
  if (isKnown(stride, 1) && element == type) {
    packed = b.mul(b.div(depth, b.constant(lanes)), lanes);
    for (unsigned u = 0; u < vectors; ++u)
      b.loop(b.constant(0), packed, lanes, [&](IndexBuilder &b, Value d) {
        SmallVector<Value> square;
        for (unsigned lane = 0; lane < lanes; ++lane)
          square.push_back(pointerAt(b, b.constant(int64_t(u) * lanes + lane), d));
        square = loadTransposed(b, square, type, byteSize(type));
        for (auto [number, column] : llvm::enumerate(square))
          b.store(column, at(b, panelRows, b.add(d, b.constant(number)), u));
      });
  }
  b.loop(b.constant(0), b.constant(width()), 1, [&](IndexBuilder &b, Value lane) {
    b.loop(packed, depth, 1, [&](IndexBuilder &b, Value d) {
      Value scalar = loadElement(b.builder, loc, pointerAt(b, lane, d), element, type);
      b.store(scalar, b.offset(panelRows, b.add(b.mul(d, width()), lane), type));
    });
  });
}

/// Packs the queries of a panel and clears its sums.
void AttentionEmitter::startPanel(IndexBuilder &b, Value panel) {
  panelNumber = panel;
  packQueries(b, panelMemory(b, queryPanels, panel, depth));
  Value zero = constantVector(b, ein::zeroOf(type));
  Value lowest = constantVector(b, ein::neutralElement(ein::CombineKind::Max, type));
  // The mean over no key is 0, not 0 / 0.
  Value isEmpty = b.lessEqual(keys, b.constant(0));
  Value total = b.select(isEmpty, constantVector(b, ein::oneOf(type)), zero);
  Value sumRows = b.roundUp(values, rows);
  Value sumsOfPanel = panelMemory(b, sumPanels, panel, sumRows);
  for (unsigned u = 0; u < vectors; ++u) {
    b.store(lowest, at(b, largest, panel, u));
    b.store(total, at(b, totals, panel, u));
  }
  b.loop(b.constant(0), sumRows, 1, [&](IndexBuilder &b, Value v) {
    for (unsigned u = 0; u < vectors; ++u)
      b.store(zero, at(b, sumsOfPanel, v, u));
  });
}

void AttentionEmitter::finishPanel(IndexBuilder &b, Value panel) {
  Value sumsOfPanel = panelMemory(b, sumPanels, panel, b.roundUp(values, rows));
  b.loop(b.constant(0), values, 1, [&](IndexBuilder &b, Value v) {
    for (unsigned u = 0; u < vectors; ++u) {
      Value place = at(b, sumsOfPanel, v, u);
      Value total = b.load(vectorType, at(b, totals, panel, u));
      b.store(arith::DivFOp::create(b.builder, loc, b.load(vectorType, place), total), place);
    }
  });
  Value start = b.add(firstQuery, b.mul(panel, width()));
  Value count = b.min(b.constant(width()), b.sub(queries, start));
  Value stride = result.strides[valueDim];
  auto pointerAt = [&](IndexBuilder &b, Value lane, Value v) {
    Value offset = b.mul(v, stride);
    if (queryDim >= 0)
      offset = b.add(offset, b.mul(b.add(start, lane), result.strides[queryDim]));
    return b.offset(result.pointer, offset, result.element);
  };
  // Squares where values are neighbours in memory and every lane is a query.
  Value written = b.constant(0);
  if (isKnown(stride, 1) && result.element == type) {
    Value whole = b.mul(b.div(values, b.constant(lanes)), lanes);
    written = b.select(b.less(count, b.constant(width())), b.constant(0), whole);
    for (unsigned u = 0; u < vectors; ++u)
      b.loop(b.constant(0), written, lanes, [&](IndexBuilder &b, Value v) {
        SmallVector<Value> square;
        for (unsigned i = 0; i < lanes; ++i)
          square.push_back(at(b, sumsOfPanel, b.add(v, b.constant(i)), u));
        square = loadTransposed(b, square, type, byteSize(type));
        for (auto [lane, row] : llvm::enumerate(square))
          b.store(row, pointerAt(b, b.constant(int64_t(u) * lanes + lane), v));
      });
  }
  b.loop(b.constant(0), count, 1, [&](IndexBuilder &b, Value lane) {
    b.loop(written, values, 1, [&](IndexBuilder &b, Value v) {
      Value mean = b.load(type, b.offset(sumsOfPanel, b.add(b.mul(v, width()), lane), type));
      storeElement(b.builder, loc, mean, pointerAt(b, lane, v), result.element);
    });
  });
}

/// Moves all tensors to a slice, given by its row-major number.
void AttentionEmitter::moveToSlice(IndexBuilder &b, Value slice) {
  point.assign(roles.size(), b.constant(0));
  for (unsigned dim : llvm::reverse(slices)) {
    point[dim] = b.rem(slice, extents[dim]);
    slice = b.div(slice, extents[dim]);
  }
  SmallVector<Access *> accesses = {&query, &key, &value, &result};
  for (ScoreOperand &operand : scored)
    accesses.push_back(&operand.access);
  for (Access *access : accesses)
    for (unsigned dim : slices)
      access->pointer = b.offset(access->pointer, b.mul(point[dim], access->strides[dim]),
                                 storageType(access->element));
}

/// Lays the state of a task out from `memory` on, if there is one; returns its size in bytes.
Value AttentionEmitter::partition(IndexBuilder &b, Value memory) {
  Value bytes = b.constant(0);
  auto take = [&](Value rowCount, Type stored) {
    Value place = memory ? b.offset(memory, bytes, b.builder.getI8Type()) : Value();
    Value size = b.mul(b.mul(rowCount, width()), byteSize(stored));
    bytes = b.add(bytes, b.roundUp(size, 64));
    return place;
  };
  queryPanels = take(b.mul(depth, panelsPerTask), type);
  sumPanels = take(b.mul(b.roundUp(values, rows), panelsPerTask), type);
  largest = take(b.constant(panelsPerTask), type);
  totals = take(b.constant(panelsPerTask), type);
  scores = take(b.constant(keysPerBlock), type);
  for (ScoreOperand &operand : scored)
    if (queryDim >= 0 && !isKnown(operand.access.strides[queryDim], 0))
      operand.packed = take(b.constant(keysPerBlock), operand.access.element);
  return bytes;
}

void AttentionEmitter::emitTask(IndexBuilder &b, Value task) {
  Value queriesPerTask = b.constant(panelsPerTask * width());
  Value blocks = b.ceilDiv(queries, queriesPerTask);
  firstQuery = b.mul(b.rem(task, blocks), queriesPerTask);
  moveToSlice(b, b.div(task, blocks));
  Value number = arith::ConstantIntOp::create(b.builder, loc, 0, 32);
  Value memory = emitter.symbols.call(b.builder, loc, "tlrt_workspace", emitter.pointerType(),
                                      {emitter.context, number, partition(b, {})});
  Value null = LLVM::ZeroOp::create(b.builder, loc, emitter.pointerType());
  Value isMissing = LLVM::ICmpOp::create(b.builder, loc, LLVM::ICmpPredicate::eq, memory, null);
  emitter.setFlag(b.builder, loc, failedFlag, isMissing);
  Value left = b.min(queriesPerTask, b.sub(queries, firstQuery));
  Value panels = b.select(isMissing, b.constant(0), b.ceilDiv(left, b.constant(width())));
  partition(b, memory);
  Value zero = b.constant(0);
  b.loop(zero, panels, 1, [&](IndexBuilder &b, Value panel) { startPanel(b, panel); });
  b.loop(zero, keys, keysPerBlock, [&](IndexBuilder &b, Value firstKey) {
    Value count = b.min(b.constant(keysPerBlock), b.sub(keys, firstKey));
    b.loop(zero, panels, 1,
           [&](IndexBuilder &b, Value panel) { addBlock(b, panel, firstKey, count); });
  });
  b.loop(zero, panels, 1, [&](IndexBuilder &b, Value panel) { finishPanel(b, panel); });
}

LogicalResult AttentionEmitter::emit() {
  SmallVector<AffineMap> maps = op.getInputMaps();
  maps.push_back(op.getResultMap());
  extents = emitter.iterationExtents(op, op.getInputs(), maps, {}, op.getType());
  SmallVector<Value> resultExtents =
      llvm::map_to_vector(op.getResultMap().getResults(), [&](AffineExpr position) {
        return extents[cast<AffineDimExpr>(position).getPosition()];
      });
  Buffer buffer = emitter.allocate(loc, op.getResult(), resultExtents);
  emitter.setBuffer(op.getResult(), buffer);
  chooseDims();
  chooseTile();
  auto accessOf = [&](unsigned number, Type compute) {
    return emitter.access(loc, emitter.bufferOf(op.getInputs()[number]), maps[number], compute);
  };
  query = accessOf(0, type);
  key = accessOf(1, type);
  value = accessOf(2, type);
  result = emitter.access(loc, buffer, op.getResultMap(), type);
  for (unsigned number = 3; number < op.getInputs().size(); ++number) {
    Type scalar = cast<RankedTensorType>(op.getInputs()[number].getType()).getElementType();
    scored.push_back({accessOf(number, computeType(scalar)), {}});
  }
  failedFlag = emitter.newFlag(loc);

  IndexBuilder b(emitter.builder, loc);
  Value tasks = b.ceilDiv(queries, b.constant(panelsPerTask * width()));
  for (unsigned dim : slices)
    tasks = b.mul(tasks, extents[dim]);
  b.parallel(tasks, [&](IndexBuilder &b, Value task) { emitTask(b, task); });
  Value one = arith::ConstantIntOp::create(emitter.builder, loc, 1, 1);
  Value ok = arith::XOrIOp::create(emitter.builder, loc, emitter.isFlagSet(loc, failedFlag), one);
  Value status = arith::ConstantIntOp::create(emitter.builder, loc, TLRT_ERROR_RESOURCE, 32);
  emitter.exitUnless(loc, ok, status);
  return success();
}

LogicalResult emitAttention(Emitter &emitter, ein::AttentionOp op) {
  if (emitter.offload)
    return emitter.offload->emitAttention(emitter, op);
  return AttentionEmitter(emitter, op).emit();
}

} // namespace tlc::codegen
