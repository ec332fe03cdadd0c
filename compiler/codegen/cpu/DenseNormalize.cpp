//===- DenseNormalize.cpp - softmax and norms while a slice is in the cache ---===//
//
// Slices of a dense tensor are rows, or columns, of which a block that lies side by side is taken
// at a time. Each row or block goes through its passes alone, so that memory is read once and
// written once:
//
//   softmax   m = max x;  e = exp(x - m), s = sum e;   result = e * (1 / s)
//   lnorm     m = mean x; v = mean (x - m)^2;          result = (x - m) * (1 / sqrt(v + epsilon))
//   rmsnorm   v = mean x^2;                            result = x * (1 / sqrt(v + epsilon))
//   l2norm    v = sum x^2;                             result = x * (1 / max(sqrt(v), epsilon))
//
// In a row, lanes are partial sums. In columns they are slices, whose sums are in memory, and the
// passes go along the rows of the block. The exponentials wait in scratch memory, or in the result
// itself if that is a row. Rows whose result is written past the cache have their softmax in
// StreamingSoftmax.cpp.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/DenseNormalize.h"

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/ExpandExp.h"
#include "compiler/codegen/cpu/IndexBuilder.h"
#include "compiler/codegen/cpu/StreamingSoftmax.h"
#include "runtime/include/tlrt/tlrt.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace LLVM = mlir::LLVM;
namespace math = mlir::math;
namespace scf = mlir::scf;
namespace vector = mlir::vector;
using ein::CombineKind;
using ein::NormalizeKind;
using mlir::VectorType;

/// Vectors that are summed side by side in a row. Exponentials need the registers for themselves.
static constexpr unsigned kSummedVectors = 4;
/// Bytes of a block of columns, and its width in elements.
static constexpr int64_t kBlockBytes = 256 << 10;
static constexpr int64_t kLeastWidth = 64, kLargestWidth = 512;
/// Elements of a slice that stay in the cache with their exponentials.
static constexpr int64_t kLongestSlice = 32768;
static constexpr int64_t kWorkPerPart = 32768;
/// Parts of a result that is written past the cache are long: at the begin of each, nothing has
/// been asked for in advance.
static constexpr int64_t kMaxParts = 512, kMaxStreamedParts = 64;

namespace {

class DenseEmitter {
public:
  DenseEmitter(Emitter &emitter, ein::NormalizeOp op, const Buffer &input, const Buffer &result)
      : emitter(emitter), op(op), loc(op.getLoc()), input(input), result(result),
        type(input.element), lanes(emitter.target.lanes(byteSize(type))),
        vectorType(VectorType::get({static_cast<int64_t>(lanes)}, type)) {}

  bool plan();
  Value fits();
  void emit(OpBuilder &builder);
  void checkMemory();

private:
  /// One vector of a row or block: its place in input and result, in the scratch memory, and among
  /// the columns.
  struct Place {
    Value offset, scratch, column;
    /// i1 lanes that count; null if all do.
    Value counted;
  };
  using Step = function_ref<Value(IndexBuilder &, const Place &, Value)>;
  /// A number for each slice: in every lane, or in memory for each column.
  struct Numbers {
    Value value, memory;
  };

  Value isStreamed(IndexBuilder &b);
  void emitParts(OpBuilder &builder, bool pastCache);
  void emitPart(IndexBuilder &b, Value first, Value last);
  void takeScratch(IndexBuilder &b, Value elements, Value first, Value &last);
  void emitSlice(IndexBuilder &b, Value number);
  void softmax(IndexBuilder &b);
  void norm(IndexBuilder &b);
  Numbers reduce(IndexBuilder &b, CombineKind kind, unsigned vectors, Value memory, Step element);
  void forEach(IndexBuilder &b, function_ref<void(IndexBuilder &, const Place &)> body);
  Value walkRow(IndexBuilder &b, unsigned vectors, CombineKind kind, Value start, Step step);
  void walkBlock(IndexBuilder &b, Value memory, Step step);
  Value numberAt(IndexBuilder &b, const Numbers &numbers, const Place &place);
  void replace(IndexBuilder &b, Numbers &numbers,
               function_ref<Value(IndexBuilder &, Value)> function);
  Value combine(IndexBuilder &b, CombineKind kind, Value lhs, Value rhs);
  Value acrossLanes(IndexBuilder &b, CombineKind kind, Value whole);
  Value load(IndexBuilder &b, Value base, Value offset);
  void prefetchNext(IndexBuilder &b, const Place &place);
  void store(IndexBuilder &b, Value value, const Place &place);
  Value constant(IndexBuilder &b, double number);
  Value size(IndexBuilder &b);
  Value reciprocal(IndexBuilder &b, Value value);

  Emitter &emitter;
  ein::NormalizeOp op;
  Location loc;
  const Buffer &input, &result;
  Type type;
  unsigned lanes;
  VectorType vectorType;

  bool isRow = false;
  /// Columns of a block.
  int64_t width = 0;
  /// Elements of a slice; columns of a matrix; rows, or blocks of columns.
  Value length, columns, count;
  Value failedFlag;

  // While a slice is emitted.
  bool streamed = false;
  Value inputBase, resultBase, scratch, firstNumbers, secondNumbers;
};

} // namespace

//===----------------------------------------------------------------------===//
// Planning
//===----------------------------------------------------------------------===//

/// Whether the slices are rows or columns of a dense tensor.
bool DenseEmitter::plan() {
  ArrayRef<int64_t> dims = op.getDims();
  int64_t rank = input.extents.size();
  bool isFloat = (type.isF32() || type.isF64()) && result.element == type;
  if (op.getKind() == NormalizeKind::ArgMax || !isFloat || dims.empty() ||
      static_cast<int64_t>(dims.size()) == rank)
    return false;
  // The dimensions are neighbours; a constant of equal elements has strides of 0.
  if (dims.back() - dims.front() + 1 != static_cast<int64_t>(dims.size()) ||
      !isKnown(input.strides.back(), 1))
    return false;
  IndexMath index = emitter.math(loc);
  isRow = dims.back() + 1 == rank;
  length = columns = index.constant(1);
  Value outer = index.constant(1);
  for (int64_t dim = 0; dim < rank; ++dim) {
    Value &group = dim < dims.front() ? outer : dim > dims.back() ? columns : length;
    group = index.mul(group, input.extents[dim]);
  }
  std::optional<int64_t> elements = known(length), side = known(columns);
  if (elements && (*elements > kLongestSlice || (isRow && *elements < lanes)))
    return false;
  // Blocks of long columns touch a page for every row. Where the tensor does not stay in the cache,
  // passes over all of it are faster.
  std::optional<int64_t> total = known(index.mul(outer, index.mul(length, columns)));
  if (!isRow && (!total || *total * byteSize(type) > 2 * emitter.target.l3Bytes))
    return false;
  if (!isRow) {
    width = kBlockBytes / (elements.value_or(kLargestWidth) * byteSize(type) + 1);
    width = std::clamp(width, kLeastWidth, kLargestWidth);
    width = std::min(width, side.value_or(kLargestWidth)) / lanes * lanes;
    if (width == 0)
      return false;
  }
  count = isRow ? outer : index.mul(outer, index.ceilDiv(columns, width));
  failedFlag = emitter.newFlag(loc);
  return true;
}

/// i1: whether extents that are not constants allow this; null if all are constants.
Value DenseEmitter::fits() {
  IndexMath index = emitter.math(loc);
  Value fits;
  Value across = isRow ? length : columns;
  if (!known(across))
    fits = index.isLess(index.constant((isRow ? lanes : width) - 1), across);
  if (!known(length))
    fits = index.both(fits, index.isLess(length, index.constant(kLongestSlice + 1)));
  return fits;
}

/// Whether the result is larger than the last-level cache and aligned; null if that is known to be
/// false.
Value DenseEmitter::isStreamed(IndexBuilder &b) {
  int64_t bytes = byteSize(type);
  Value size = b.constant(bytes);
  for (Value extent : input.extents)
    size = b.mul(size, extent);
  if (known(size) && *known(size) <= 2 * emitter.target.l3Bytes)
    return {};
  Value address = LLVM::PtrToIntOp::create(b.builder, loc, b.builder.getI64Type(), result.pointer);
  Value skew =
      arith::OrIOp::create(b.builder, loc, address, b.mul(isRow ? length : columns, bytes));
  Value rest = arith::AndIOp::create(b.builder, loc, skew, b.constant(int64_t(lanes) * bytes - 1));
  return arith::AndIOp::create(b.builder, loc, b.less(rest, b.constant(1)),
                               b.less(b.constant(2 * emitter.target.l3Bytes), size));
}

//===----------------------------------------------------------------------===//
// Walking a slice
//===----------------------------------------------------------------------===//

/// Runs `step` on every vector of a row and returns what it carries, combined over groups of
/// `vectors`.
Value DenseEmitter::walkRow(IndexBuilder &b, unsigned vectors, CombineKind kind, Value start,
                            Step step) {
  bool carries = static_cast<bool>(start);
  auto run = [&](IndexBuilder &b, Value at, Value counted, Value carried) {
    return step(b, {at, at, {}, counted}, carried);
  };
  auto walk = [&](IndexBuilder &b, Value first, Value last, unsigned number,
                  SmallVector<Value> carried) {
    return b.loop(first, last, b.constant(int64_t(number) * lanes), carried,
                  [&](IndexBuilder &b, Value at, ValueRange values) {
                    SmallVector<Value> next;
                    for (unsigned u = 0; u < number; ++u) {
                      Value place = b.add(at, b.constant(int64_t(u) * lanes));
                      Value value = run(b, place, {}, carries ? values[u] : Value());
                      if (carries)
                        next.push_back(value);
                    }
                    return next;
                  });
  };
  int64_t group = int64_t(vectors) * lanes;
  Value zero = b.constant(0), grouped = b.mul(b.div(length, b.constant(group)), group);
  Value whole = b.mul(b.div(length, b.constant(lanes)), lanes);
  SmallVector<Value> carried(carries ? vectors : 0, start);
  carried = walk(b, zero, grouped, vectors, carried);
  Value sum = carries ? carried[0] : Value();
  for (unsigned u = 1; u < carried.size(); ++u)
    sum = combine(b, kind, sum, carried[u]);
  std::optional<int64_t> number = known(length);
  if (vectors > 1 && !(number && *number % group < lanes)) {
    SmallVector<Value> single =
        walk(b, grouped, whole, 1, carries ? SmallVector<Value>{sum} : SmallVector<Value>());
    sum = carries ? single[0] : sum;
  }
  if (number && *number % lanes == 0)
    return sum;
  // The last vector of the row, of which those lanes count that no other has.
  Value done = splat(b.builder, loc, b.sub(b.constant(lanes), b.sub(length, whole)), lanes);
  Value lane = laneNumbers(b.builder, loc, b.builder.getI64Type(), lanes);
  Value counted = arith::CmpIOp::create(b.builder, loc, arith::CmpIPredicate::sge, lane, done);
  return run(b, b.sub(length, b.constant(lanes)), counted, sum);
}

/// Runs `step` on every vector of a block of columns, row by row. What it carries for a column is
/// in `memory`, if that is given.
void DenseEmitter::walkBlock(IndexBuilder &b, Value memory, Step step) {
  b.loop(b.constant(0), length, 1, [&](IndexBuilder &b, Value i) {
    Value start = b.mul(i, columns), kept = b.mul(i, width);
    b.loop(b.constant(0), b.constant(width), lanes, [&](IndexBuilder &b, Value column) {
      Value carried = memory ? load(b, memory, column) : Value();
      Value next = step(b, {b.add(start, column), b.add(kept, column), column, {}}, carried);
      if (memory)
        b.store(next, b.offset(memory, column, type));
    });
  });
}

/// The sum, or the larger one. NaN need not win: it stays in the exponential of the difference.
Value DenseEmitter::combine(IndexBuilder &b, CombineKind kind, Value lhs, Value rhs) {
  if (kind == CombineKind::Add)
    return arith::AddFOp::create(b.builder, loc, lhs, rhs);
  Value isLarger = arith::CmpFOp::create(b.builder, loc, arith::CmpFPredicate::OGT, rhs, lhs);
  return arith::SelectOp::create(b.builder, loc, isLarger, rhs, lhs);
}

/// Combines the lanes; the same in every lane.
Value DenseEmitter::acrossLanes(IndexBuilder &b, CombineKind kind, Value whole) {
  for (unsigned half = lanes / 2; half >= 1; half /= 2) {
    SmallVector<int64_t> swapped;
    for (unsigned lane = 0; lane < lanes; ++lane)
      swapped.push_back(lane ^ half);
    Value other = vector::ShuffleOp::create(b.builder, loc, whole, whole, swapped);
    whole = combine(b, kind, whole, other);
  }
  return whole;
}

/// The combination of `element` over each slice; in `memory` for columns.
DenseEmitter::Numbers DenseEmitter::reduce(IndexBuilder &b, CombineKind kind, unsigned vectors,
                                           Value memory, Step element) {
  Value neutral = constantElement(b.builder, loc, ein::neutralElement(kind, type), type, lanes);
  auto add = [&](IndexBuilder &b, const Place &place, Value sum) -> Value {
    Value value = element(b, place, sum);
    if (place.counted)
      value = arith::SelectOp::create(b.builder, loc, place.counted, value, neutral);
    return combine(b, kind, sum, value);
  };
  if (isRow)
    return {acrossLanes(b, kind, walkRow(b, vectors, kind, neutral, add)), {}};
  b.loop(b.constant(0), b.constant(width), lanes,
         [&](IndexBuilder &b, Value column) { b.store(neutral, b.offset(memory, column, type)); });
  walkBlock(b, memory, add);
  return {{}, memory};
}

void DenseEmitter::forEach(IndexBuilder &b,
                           function_ref<void(IndexBuilder &, const Place &)> body) {
  auto step = [&](IndexBuilder &b, const Place &place, Value) {
    body(b, place);
    return Value();
  };
  if (isRow)
    walkRow(b, kSummedVectors, CombineKind::Add, {}, step);
  else
    walkBlock(b, {}, step);
}

Value DenseEmitter::numberAt(IndexBuilder &b, const Numbers &numbers, const Place &place) {
  return numbers.memory ? load(b, numbers.memory, place.column) : numbers.value;
}

void DenseEmitter::replace(IndexBuilder &b, Numbers &numbers,
                           function_ref<Value(IndexBuilder &, Value)> function) {
  if (!numbers.memory) {
    numbers.value = function(b, numbers.value);
    return;
  }
  b.loop(b.constant(0), b.constant(width), lanes, [&](IndexBuilder &b, Value column) {
    Value value = function(b, load(b, numbers.memory, column));
    b.store(value, b.offset(numbers.memory, column, type));
  });
}

Value DenseEmitter::load(IndexBuilder &b, Value base, Value offset) {
  return b.load(vectorType, b.offset(base, offset, type));
}

/// Asks for the same place of the next row or block, while there is much to compute.
void DenseEmitter::prefetchNext(IndexBuilder &b, const Place &place) {
  Value next = b.add(place.offset, isRow ? length : b.constant(width));
  LLVM::Prefetch::create(b.builder, loc, b.offset(inputBase, next, type), /*rw=*/0, /*hint=*/2,
                         /*cache=*/1);
}

void DenseEmitter::store(IndexBuilder &b, Value value, const Place &place) {
  Value to = b.offset(resultBase, place.offset, type);
  if (streamed)
    storePastCache(b.builder, loc, value, to, type);
  else
    b.store(value, to);
}

//===----------------------------------------------------------------------===//
// The kinds
//===----------------------------------------------------------------------===//

Value DenseEmitter::constant(IndexBuilder &b, double number) {
  return constantElement(b.builder, loc, FloatAttr::get(type, number), type, lanes);
}

Value DenseEmitter::size(IndexBuilder &b) {
  return splat(b.builder, loc, convertElement(b.builder, loc, length, type), lanes);
}

Value DenseEmitter::reciprocal(IndexBuilder &b, Value value) {
  return arith::DivFOp::create(b.builder, loc, constant(b, 1.0), value);
}

void DenseEmitter::softmax(IndexBuilder &b) {
  Numbers largest = reduce(
      b, CombineKind::Max, kSummedVectors, firstNumbers,
      [&](IndexBuilder &b, const Place &place, Value) { return load(b, inputBase, place.offset); });
  // Where the exponentials wait: each is computed once.
  auto waiting = [&](IndexBuilder &b, const Place &place) {
    return isRow ? b.offset(resultBase, place.offset, type)
                 : b.offset(scratch, place.scratch, type);
  };
  Numbers scale = reduce(b, CombineKind::Add, 1, secondNumbers,
                         [&](IndexBuilder &b, const Place &place, Value) -> Value {
                           Value x = load(b, inputBase, place.offset);
                           Value shifted = arith::SubFOp::create(b.builder, loc, x,
                                                                 numberAt(b, largest, place));
                           Value value = expOfDifference(b.builder, loc, emitter.target, shifted);
                           prefetchNext(b, place);
                           b.store(value, waiting(b, place));
                           return value;
                         });
  replace(b, scale, [&](IndexBuilder &b, Value sum) { return reciprocal(b, sum); });
  // The last vector of a row overlaps others, which must not be scaled before it is read.
  std::optional<int64_t> number = known(length);
  Value tail;
  if (isRow && !(number && *number % lanes == 0))
    tail = load(b, resultBase, b.sub(length, b.constant(lanes)));
  forEach(b, [&](IndexBuilder &b, const Place &place) {
    Value value = place.counted ? tail : b.load(vectorType, waiting(b, place));
    store(b, arith::MulFOp::create(b.builder, loc, value, numberAt(b, scale, place)), place);
  });
}

/// lnorm, rmsnorm and l2norm.
void DenseEmitter::norm(IndexBuilder &b) {
  bool isCentred = op.getKind() == NormalizeKind::LayerNorm;
  auto divide = [&](IndexBuilder &b, Value value) -> Value {
    return arith::DivFOp::create(b.builder, loc, value, size(b));
  };
  Numbers mean;
  if (isCentred) {
    mean = reduce(b, CombineKind::Add, kSummedVectors, firstNumbers,
                  [&](IndexBuilder &b, const Place &place, Value) {
                    return load(b, inputBase, place.offset);
                  });
    replace(b, mean, divide);
  }
  auto centred = [&](IndexBuilder &b, const Place &place) -> Value {
    Value x = load(b, inputBase, place.offset);
    return isCentred ? arith::SubFOp::create(b.builder, loc, x, numberAt(b, mean, place)) : x;
  };
  Numbers scale = reduce(b, CombineKind::Add, kSummedVectors, secondNumbers,
                         [&](IndexBuilder &b, const Place &place, Value) -> Value {
                           Value x = centred(b, place);
                           return arith::MulFOp::create(b.builder, loc, x, x);
                         });
  replace(b, scale, [&](IndexBuilder &b, Value sum) {
    Value epsilon = constant(b, op.getEpsilon().convertToDouble());
    if (op.getKind() == NormalizeKind::L2Norm) {
      Value root = math::SqrtOp::create(b.builder, loc, sum);
      return reciprocal(b, arith::MaximumFOp::create(b.builder, loc, root, epsilon));
    }
    Value shifted = arith::AddFOp::create(b.builder, loc, divide(b, sum), epsilon);
    return reciprocal(b, math::SqrtOp::create(b.builder, loc, shifted));
  });
  forEach(b, [&](IndexBuilder &b, const Place &place) {
    Value value = centred(b, place);
    prefetchNext(b, place);
    store(b, arith::MulFOp::create(b.builder, loc, value, numberAt(b, scale, place)), place);
  });
}

//===----------------------------------------------------------------------===//
// Slices
//===----------------------------------------------------------------------===//

void DenseEmitter::emitSlice(IndexBuilder &b, Value number) {
  Value start = b.mul(number, length);
  if (!isRow) {
    // The last block ends with the columns.
    Value groups = b.ceilDiv(columns, b.constant(width));
    Value column = b.min(b.mul(b.rem(number, groups), width), b.sub(columns, b.constant(width)));
    start = b.add(b.mul(b.div(number, groups), b.mul(length, columns)), column);
  }
  inputBase = b.offset(input.pointer, start, type);
  resultBase = b.offset(result.pointer, start, type);
  if (op.getKind() == NormalizeKind::Softmax)
    softmax(b);
  else
    norm(b);
}

/// Scratch memory for a part of the slices, which becomes empty where there is none left.
void DenseEmitter::takeScratch(IndexBuilder &b, Value elements, Value first, Value &last) {
  Value slot = arith::ConstantIntOp::create(b.builder, loc, 0, 32);
  scratch = emitter.symbols.call(b.builder, loc, "tlrt_workspace", emitter.pointerType(),
                                 {emitter.context, slot, b.mul(elements, byteSize(type))});
  Value null = LLVM::ZeroOp::create(b.builder, loc, emitter.pointerType());
  Value isMissing = LLVM::ICmpOp::create(b.builder, loc, LLVM::ICmpPredicate::eq, scratch, null);
  emitter.setFlag(b.builder, loc, failedFlag, isMissing);
  last = b.select(isMissing, first, last);
}

/// The slices first .. last - 1.
void DenseEmitter::emitPart(IndexBuilder &b, Value first, Value last) {
  bool isSoftmax = op.getKind() == NormalizeKind::Softmax;
  if (isSoftmax && isRow && streamed) {
    takeScratch(b, streamingSoftmaxScratch(b, emitter.target, type, length), first, last);
    auto rowOf = [&](IndexBuilder &b, Value pointer) {
      return b.offset(pointer, b.mul(first, length), type);
    };
    b.branch(b.less(first, last), [&](IndexBuilder &b) {
      SoftmaxRows rows{type, rowOf(b, input.pointer), rowOf(b, result.pointer), length,
                       b.sub(last, first)};
      emitStreamingSoftmax(b, emitter.target, rows, scratch);
    });
    return;
  }
  if (!isRow) {
    Value elements = isSoftmax ? b.mul(length, width) : b.constant(0);
    takeScratch(b, b.add(elements, b.constant(2 * width)), first, last);
    firstNumbers = scratch;
    secondNumbers = b.offset(scratch, width, type);
    scratch = b.offset(scratch, 2 * width, type);
  }
  b.loop(first, last, 1, [&](IndexBuilder &b, Value number) { emitSlice(b, number); });
}

void DenseEmitter::emitParts(OpBuilder &builder, bool pastCache) {
  streamed = pastCache;
  IndexBuilder b(builder, loc);
  Value work = b.mul(b.mul(length, count), isRow ? 1 : width);
  int64_t most = streamed ? kMaxStreamedParts : kMaxParts;
  Value parts = b.min(b.min(b.div(work, b.constant(kWorkPerPart)), b.constant(most)), count);
  parts = b.max(parts, b.min(count, b.constant(1)));
  b.parallel(parts, [&](IndexBuilder &b, Value part) {
    Value first = b.div(b.mul(part, count), parts);
    Value last = b.div(b.mul(b.add(part, b.constant(1)), count), parts);
    emitPart(b, first, last);
    // What is written past the cache has to arrive before other threads are told of it.
    if (streamed)
      LLVM::FenceOp::create(b.builder, loc, LLVM::AtomicOrdering::seq_cst, "");
  });
}

void DenseEmitter::emit(OpBuilder &builder) {
  IndexBuilder b(builder, loc);
  Value isPastCache = isStreamed(b);
  if (!isPastCache)
    return emitParts(builder, false);
  scf::IfOp choice = scf::IfOp::create(builder, loc, isPastCache, /*withElseRegion=*/true);
  OpBuilder past = choice.getThenBodyBuilder(), plain = choice.getElseBodyBuilder();
  emitParts(past, true);
  emitParts(plain, false);
}

void DenseEmitter::checkMemory() {
  Value one = arith::ConstantIntOp::create(emitter.builder, loc, 1, 1);
  Value ok = arith::XOrIOp::create(emitter.builder, loc, emitter.isFlagSet(loc, failedFlag), one);
  Value status = arith::ConstantIntOp::create(emitter.builder, loc, TLRT_ERROR_RESOURCE, 32);
  emitter.exitUnless(loc, ok, status);
}

bool emitDenseNormalize(Emitter &emitter, ein::NormalizeOp op, const Buffer &input,
                        const Buffer &result, function_ref<void(OpBuilder &)> otherwise) {
  DenseEmitter dense(emitter, op, input, result);
  if (!dense.plan())
    return false;
  Value fits = dense.fits();
  if (!fits) {
    dense.emit(emitter.builder);
  } else {
    scf::IfOp choice =
        scf::IfOp::create(emitter.builder, op.getLoc(), fits, /*withElseRegion=*/true);
    OpBuilder fitting = choice.getThenBodyBuilder(), other = choice.getElseBodyBuilder();
    dense.emit(fitting);
    otherwise(other);
  }
  dense.checkMemory();
  return true;
}

} // namespace tlc::codegen
