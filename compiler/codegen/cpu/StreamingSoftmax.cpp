//===- StreamingSoftmax.cpp - softmax of rows that come from memory -------===//
//
// A row's largest element, exponentials and scaled results are three passes, of which the first
// waits for memory to be read, the second computes and the third waits for memory to be written.
// Here the three go side by side. A row is cut into chunks c, each with the largest element so far
// as its shift, so that it is read from memory once:
//
//   for each chunk c of row i
//     m' = max(m, max x[i, c]);  s = s exp(m - m');  m = shift[c] = m'
//     for j in c
//       e[i, j] = exp(x[i, j] - m);  s += e[i, j];  ask for x[i, j + ...]
//       result[i - 1, j] = e[i - 1, j] * factor[c]
//   factor[c] = exp(shift[c] - m) / s
//
// Two rows of exponentials wait in the second cache.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/StreamingSoftmax.h"

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/ExpandExp.h"
#include "compiler/codegen/cpu/Nest.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace LLVM = mlir::LLVM;
using ein::CombineKind;

/// A chunk stays in the first cache between its maximum and its exponentials.
static constexpr int64_t kChunkBytes = 8192;
/// How far in advance memory is asked for: the processor would start anew at every chunk.
static constexpr int64_t kAheadBytes = 32768;
/// Vectors of a chunk that are compared side by side.
static constexpr unsigned kComparedVectors = 4;

namespace {

class StreamEmitter {
public:
  StreamEmitter(Location loc, const Target &target, const SoftmaxRows &rows)
      : loc(loc), target(target), rows(rows), type(rows.type),
        lanes(target.lanes(byteSize(rows.type))) {}

  void emit(IndexBuilder &b, Value scratch);

private:
  /// What one pass along a row does. Pointers are null where there is no such row.
  struct Pass {
    Value input, exponentials; ///< of this row
    Value waiting, result;     ///< of the row before
  };
  void emitPass(IndexBuilder &b, const Pass &pass);
  SmallVector<Value> emitChunk(IndexBuilder &b, const Pass &pass, Value chunk, ValueRange carried);
  Value largestOf(IndexBuilder &b, Value input, Value first, Value last);
  void setFactors(IndexBuilder &b, Value largest, Value sum);

  Value at(IndexBuilder &b, Value pointer, Value index) { return b.offset(pointer, index, type); }
  Value load(IndexBuilder &b, Value pointer, Value index) {
    return b.load(withLanes(type, lanes), at(b, pointer, index));
  }
  Value constant(IndexBuilder &b, TypedAttr number) {
    return constantElement(b.builder, loc, number, type, lanes);
  }
  Value larger(IndexBuilder &b, Value lhs, Value rhs);
  Value shiftOf(IndexBuilder &b, Value largest);
  Value exponential(IndexBuilder &b, Value x, Value shift);
  Value acrossLanes(IndexBuilder &b, CombineKind kind, Value value);

  Location loc;
  const Target &target;
  const SoftmaxRows &rows;
  Type type;
  unsigned lanes;
  Value chunkLength, chunks;
  /// A vector for each chunk.
  Value shifts, factors;
};

} // namespace

static int64_t chunkElements(Type type) { return kChunkBytes / byteSize(type); }

/// The larger one; NaN loses, and stays in the exponential of the difference.
Value StreamEmitter::larger(IndexBuilder &b, Value lhs, Value rhs) {
  Value isLarger = arith::CmpFOp::create(b.builder, loc, arith::CmpFPredicate::OGT, rhs, lhs);
  return arith::SelectOp::create(b.builder, loc, isLarger, rhs, lhs);
}

/// What is subtracted: 0 while all elements are -inf, which may not become NaN.
Value StreamEmitter::shiftOf(IndexBuilder &b, Value largest) {
  Value lowest = constant(b, ein::neutralElement(CombineKind::Max, type));
  Value isNone = arith::CmpFOp::create(b.builder, loc, arith::CmpFPredicate::OEQ, largest, lowest);
  return arith::SelectOp::create(b.builder, loc, isNone, constant(b, ein::zeroOf(type)), largest);
}

Value StreamEmitter::exponential(IndexBuilder &b, Value x, Value shift) {
  return expOfDifference(b.builder, loc, target, arith::SubFOp::create(b.builder, loc, x, shift));
}

Value StreamEmitter::acrossLanes(IndexBuilder &b, CombineKind kind, Value value) {
  for (unsigned half = lanes / 2; half >= 1; half /= 2) {
    SmallVector<int64_t> swapped;
    for (unsigned lane = 0; lane < lanes; ++lane)
      swapped.push_back(lane ^ half);
    Value other = mlir::vector::ShuffleOp::create(b.builder, loc, value, value, swapped);
    value = kind == CombineKind::Max ? larger(b, value, other)
                                     : arith::AddFOp::create(b.builder, loc, value, other);
  }
  return value;
}

/// The largest of a chunk, in every lane.
Value StreamEmitter::largestOf(IndexBuilder &b, Value input, Value first, Value last) {
  Value lowest = constant(b, ein::neutralElement(CombineKind::Max, type));
  int64_t group = int64_t(kComparedVectors) * lanes;
  Value grouped = b.mul(b.div(b.sub(last, first), b.constant(group)), group);
  Value middle = b.add(first, grouped);
  SmallVector<Value> start(kComparedVectors, lowest);
  SmallVector<Value> found = b.loop(
      first, middle, b.constant(group), start, [&](IndexBuilder &b, Value i, ValueRange carried) {
        SmallVector<Value> next;
        for (unsigned u = 0; u < kComparedVectors; ++u)
          next.push_back(
              larger(b, carried[u], load(b, input, b.add(i, b.constant(int64_t(u) * lanes)))));
        return next;
      });
  Value largest = found[0];
  for (Value other : ArrayRef<Value>(found).drop_front())
    largest = larger(b, largest, other);
  largest = b.loop(middle, last, b.constant(lanes), largest,
                   [&](IndexBuilder &b, Value i, ValueRange carried) {
                     return SmallVector<Value>{larger(b, carried[0], load(b, input, i))};
                   })[0];
  return acrossLanes(b, CombineKind::Max, largest);
}

/// Carries the largest element so far, in every lane, and the sums of the lanes.
SmallVector<Value> StreamEmitter::emitChunk(IndexBuilder &b, const Pass &pass, Value chunk,
                                            ValueRange carried) {
  Value first = b.mul(chunk, chunkLength);
  Value last = b.min(b.add(first, chunkLength), rows.length);
  Value place = b.mul(chunk, lanes);
  Value largest, sum, shift, factor;
  if (pass.input) {
    largest = larger(b, carried[0], largestOf(b, pass.input, first, last));
    shift = shiftOf(b, largest);
    sum = arith::MulFOp::create(b.builder, loc, carried[1], exponential(b, carried[0], shift));
    b.store(shift, at(b, shifts, place));
  }
  if (pass.result)
    factor = load(b, factors, place);
  SmallVector<Value> start;
  if (sum)
    start.push_back(sum);
  SmallVector<Value> sums = b.loop(
      first, last, b.constant(lanes), start, [&](IndexBuilder &b, Value i, ValueRange values) {
        SmallVector<Value> next;
        if (pass.input) {
          Value weight = exponential(b, load(b, pass.input, i), shift);
          Value ahead = b.offset(at(b, pass.input, i), kAheadBytes, b.builder.getI8Type());
          LLVM::Prefetch::create(b.builder, loc, ahead, /*rw=*/0, /*hint=*/2, /*cache=*/1);
          b.store(weight, at(b, pass.exponentials, i));
          next.push_back(arith::AddFOp::create(b.builder, loc, values[0], weight));
        }
        if (pass.result) {
          Value scaled = arith::MulFOp::create(b.builder, loc, load(b, pass.waiting, i), factor);
          storePastCache(b.builder, loc, scaled, at(b, pass.result, i), type);
        }
        return next;
      });
  return pass.input ? SmallVector<Value>{largest, sums[0]} : SmallVector<Value>();
}

void StreamEmitter::setFactors(IndexBuilder &b, Value largest, Value sum) {
  Value total = acrossLanes(b, CombineKind::Add, sum), shift = shiftOf(b, largest);
  Value scale = arith::DivFOp::create(b.builder, loc, constant(b, ein::oneOf(type)), total);
  b.loop(b.constant(0), chunks, 1, [&](IndexBuilder &b, Value chunk) {
    Value place = b.mul(chunk, lanes);
    Value factor = exponential(b, load(b, shifts, place), shift);
    b.store(arith::MulFOp::create(b.builder, loc, factor, scale), at(b, factors, place));
  });
}

void StreamEmitter::emitPass(IndexBuilder &b, const Pass &pass) {
  SmallVector<Value> start;
  if (pass.input)
    start = {constant(b, ein::neutralElement(CombineKind::Max, type)),
             constant(b, ein::zeroOf(type))};
  SmallVector<Value> found = b.loop(b.constant(0), chunks, b.constant(1), start,
                                    [&](IndexBuilder &b, Value chunk, ValueRange carried) {
                                      return emitChunk(b, pass, chunk, carried);
                                    });
  if (pass.input)
    setFactors(b, found[0], found[1]);
}

void StreamEmitter::emit(IndexBuilder &b, Value scratch) {
  chunkLength = b.constant(chunkElements(type));
  chunks = b.ceilDiv(rows.length, chunkLength);
  shifts = at(b, scratch, b.mul(rows.length, 2));
  factors = at(b, shifts, b.mul(chunks, lanes));
  auto waiting = [&](IndexBuilder &b, Value row) {
    return at(b, scratch, b.mul(b.rem(row, b.constant(2)), rows.length));
  };
  auto rowOf = [&](IndexBuilder &b, Value pointer, Value row) {
    return at(b, pointer, b.mul(row, rows.length));
  };
  emitPass(b, {rows.input, scratch, {}, {}});
  b.loop(b.constant(1), rows.count, 1, [&](IndexBuilder &b, Value row) {
    Value before = b.sub(row, b.constant(1));
    emitPass(b, {rowOf(b, rows.input, row), waiting(b, row), waiting(b, before),
                 rowOf(b, rows.result, before)});
  });
  Value last = b.sub(rows.count, b.constant(1));
  emitPass(b, {{}, {}, waiting(b, last), rowOf(b, rows.result, last)});
}

Value streamingSoftmaxScratch(IndexBuilder &b, const Target &target, Type type, Value length) {
  Value chunks = b.ceilDiv(length, b.constant(chunkElements(type)));
  return b.add(b.mul(length, 2), b.mul(chunks, 2 * int64_t(target.lanes(byteSize(type)))));
}

void emitStreamingSoftmax(IndexBuilder &b, const Target &target, const SoftmaxRows &rows,
                          Value scratch) {
  StreamEmitter(b.loc, target, rows).emit(b, scratch);
}

} // namespace tlc::codegen
