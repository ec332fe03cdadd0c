//===- EmitNormalize.cpp - softmax, norms, argmax [E9] --------------------===//
//
// Every normalisation is a few nests over the tensor, with one number for each slice between
// them:
//
//   softmax over j:   m[i] = max over j of x[i,j]
//                     y[i,j] = exp(x[i,j] - m[i])
//                     s[i] = sum over j of y[i,j]
//                     y[i,j] = y[i,j] / s[i]
//
// If the slices are rows, the nests run one row after the other, while it is in the cache.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/DenseNormalize.h"
#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/Emitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace math = mlir::math;
using ein::CombineKind;
using ein::NormalizeKind;

namespace {

class NormalizeEmitter {
public:
  NormalizeEmitter(Emitter &emitter, ein::NormalizeOp op)
      : emitter(emitter), op(op), loc(op.getLoc()), type(op.getInput().getType()) {}

  LogicalResult emit();

private:
  using Element = std::function<Value(const NestPoint &, ValueRange)>;
  using Finish = std::function<Value(const NestPoint &, Value)>;

  struct Slice {
    OpBuilder &builder;
    /// The dimensions that the nests run over; others are fixed.
    SmallVector<unsigned> dims;
    Access input, result, first, second;
    bool parallel;
  };

  void emitSlice(const Slice &slice);
  void emitNest(const Slice &slice, const Nest &nest);
  void softmax(const Slice &slice);
  void layerNorm(const Slice &slice);
  void rootNorm(const Slice &slice);
  void argMax(const Slice &slice);
  Nest nestOf(const Slice &slice, SmallVector<Access> inputs, const Access &result,
              Element element);
  void reduce(const Slice &slice, CombineKind kind, SmallVector<Access> inputs,
              const Access &result, Element element, Finish finish = {});
  void map(const Slice &slice, SmallVector<Access> inputs, Element element);
  Value meanOf(const NestPoint &point, Value sum);
  Value number(const NestPoint &point, double value);
  Access fixed(OpBuilder &builder, const Access &access, ArrayRef<unsigned> outer,
               ArrayRef<Value> point, ArrayRef<unsigned> dims);

  Emitter &emitter;
  ein::NormalizeOp op;
  Location loc;
  RankedTensorType type;
  Type valueType;
  SmallVector<Value> extents;
  /// The number of elements of a slice, in the value type.
  Value sliceSize;
};

} // namespace

/// At the slice's place: in a loop over the rows, or where the function goes on.
void NormalizeEmitter::emitNest(const Slice &slice, const Nest &nest) {
  if (emitter.offload)
    emitter.emitNest(loc, nest);
  else
    codegen::emitNest(slice.builder, loc, emitter.target, nest);
}

Nest NormalizeEmitter::nestOf(const Slice &slice, SmallVector<Access> inputs, const Access &result,
                              Element element) {
  Nest nest;
  for (unsigned dim : slice.dims)
    nest.extents.push_back(extents[dim]);
  nest.reduced.assign(slice.dims.size(), false);
  nest.inputs = std::move(inputs);
  nest.result = result;
  nest.valueType = valueType;
  nest.element = std::move(element);
  nest.parallel = slice.parallel;
  nest.cost = 8;
  return nest;
}

void NormalizeEmitter::reduce(const Slice &slice, CombineKind kind, SmallVector<Access> inputs,
                              const Access &result, Element element, Finish finish) {
  Nest nest = nestOf(slice, std::move(inputs), result, std::move(element));
  for (auto [i, dim] : llvm::enumerate(slice.dims))
    nest.reduced[i] = llvm::is_contained(op.getDims(), static_cast<int64_t>(dim));
  nest.reduction = combination(emitter, kind, valueType, {});
  if (finish)
    nest.finish = [finish](const NestPoint &point, Value value, ValueRange) {
      return finish(point, value);
    };
  emitNest(slice, nest);
}

void NormalizeEmitter::map(const Slice &slice, SmallVector<Access> inputs, Element element) {
  Nest nest = nestOf(slice, std::move(inputs), slice.result, std::move(element));
  nest.inPlace = llvm::any_of(
      nest.inputs, [&](const Access &access) { return access.pointer == slice.result.pointer; });
  emitNest(slice, nest);
}

Value NormalizeEmitter::number(const NestPoint &point, double value) {
  return constantElement(point.builder, loc, FloatAttr::get(valueType, value), valueType,
                         point.lanes);
}

Value NormalizeEmitter::meanOf(const NestPoint &point, Value sum) {
  return arith::DivFOp::create(point.builder, loc, sum,
                               splat(point.builder, loc, sliceSize, point.lanes));
}

static Value first(const NestPoint &, ValueRange values) { return values[0]; }

static Value square(const NestPoint &point, ValueRange values) {
  return arith::MulFOp::create(point.builder, point.loc, values[0], values[0]);
}

void NormalizeEmitter::softmax(const Slice &slice) {
  reduce(slice, CombineKind::Max, {slice.input}, slice.first, first);
  auto exponential = [](const NestPoint &point, ValueRange values) -> Value {
    Value difference = arith::SubFOp::create(point.builder, point.loc, values[0], values[1]);
    return math::ExpOp::create(point.builder, point.loc, difference);
  };
  // Half-precision results would round the exponentials before they are summed.
  bool isExact = slice.result.element == valueType;
  if (isExact)
    map(slice, {slice.input, slice.first}, exponential);
  if (isExact) {
    reduce(slice, CombineKind::Add, {slice.result}, slice.second, first);
    map(slice, {slice.result, slice.second},
        [](const NestPoint &point, ValueRange values) -> Value {
          return arith::DivFOp::create(point.builder, point.loc, values[0], values[1]);
        });
    return;
  }
  reduce(slice, CombineKind::Add, {slice.input, slice.first}, slice.second, exponential);
  map(slice, {slice.input, slice.first, slice.second},
      [exponential](const NestPoint &point, ValueRange values) -> Value {
        Value value = exponential(point, values);
        return arith::DivFOp::create(point.builder, point.loc, value, values[2]);
      });
}

void NormalizeEmitter::layerNorm(const Slice &slice) {
  reduce(slice, CombineKind::Add, {slice.input}, slice.first, first,
         [this](const NestPoint &point, Value sum) { return meanOf(point, sum); });
  auto squaredDistance = [](const NestPoint &point, ValueRange values) -> Value {
    Value difference = arith::SubFOp::create(point.builder, point.loc, values[0], values[1]);
    return arith::MulFOp::create(point.builder, point.loc, difference, difference);
  };
  reduce(slice, CombineKind::Add, {slice.input, slice.first}, slice.second, squaredDistance,
         [this](const NestPoint &point, Value sum) -> Value {
           Value epsilon = number(point, op.getEpsilon().convertToDouble());
           Value variance = arith::AddFOp::create(point.builder, loc, meanOf(point, sum), epsilon);
           return math::SqrtOp::create(point.builder, loc, variance);
         });
  map(slice, {slice.input, slice.first, slice.second},
      [](const NestPoint &point, ValueRange values) -> Value {
        Value difference = arith::SubFOp::create(point.builder, point.loc, values[0], values[1]);
        return arith::DivFOp::create(point.builder, point.loc, difference, values[2]);
      });
}

/// rmsnorm and l2norm: a divisor from the sum of squares.
void NormalizeEmitter::rootNorm(const Slice &slice) {
  reduce(slice, CombineKind::Add, {slice.input}, slice.first, square,
         [this](const NestPoint &point, Value sum) -> Value {
           OpBuilder &builder = point.builder;
           Value epsilon = number(point, op.getEpsilon().convertToDouble());
           if (op.getKind() == NormalizeKind::L2Norm) {
             Value root = math::SqrtOp::create(builder, loc, sum);
             return arith::MaximumFOp::create(builder, loc, root, epsilon);
           }
           Value shifted = arith::AddFOp::create(builder, loc, meanOf(point, sum), epsilon);
           return math::SqrtOp::create(builder, loc, shifted);
         });
  map(slice, {slice.input, slice.first}, [](const NestPoint &point, ValueRange values) -> Value {
    return arith::DivFOp::create(point.builder, point.loc, values[0], values[1]);
  });
}

/// The maximum of each slice, then the least row-major number of a position that has it. The
/// number is held in i64, in the second temporary.
void NormalizeEmitter::argMax(const Slice &slice) {
  reduce(slice, CombineKind::Max, {slice.input}, slice.first, first);
  Type i64 = emitter.builder.getI64Type();
  auto numberOf = [this, &slice](const NestPoint &point) {
    Value result = constantElement(point.builder, loc, point.builder.getI64IntegerAttr(0),
                                   point.builder.getI64Type(), point.lanes);
    mlir::arith::IntegerOverflowFlags nsw = arith::IntegerOverflowFlags::nsw;
    for (auto [i, dim] : llvm::enumerate(slice.dims)) {
      if (!llvm::is_contained(op.getDims(), static_cast<int64_t>(dim)))
        continue;
      Value extent = splat(point.builder, loc, extents[dim], point.lanes);
      Value at =
          arith::IndexCastOp::create(point.builder, loc, result.getType(), point.position(i));
      result = arith::MulIOp::create(point.builder, loc, result, extent, nsw);
      result = arith::AddIOp::create(point.builder, loc, result, at, nsw);
    }
    return result;
  };
  auto isMaximum = [this](const NestPoint &point, ValueRange values) -> Value {
    if (isa<FloatType>(valueType))
      return arith::CmpFOp::create(point.builder, loc, arith::CmpFPredicate::OEQ, values[0],
                                   values[1]);
    return arith::CmpIOp::create(point.builder, loc, arith::CmpIPredicate::eq, values[0],
                                 values[1]);
  };
  Access foundAt = slice.second;
  foundAt.element = foundAt.compute = i64;
  Nest find = nestOf(slice, {slice.input, slice.first}, foundAt, {});
  for (auto [i, dim] : llvm::enumerate(slice.dims))
    find.reduced[i] = llvm::is_contained(op.getDims(), static_cast<int64_t>(dim));
  find.valueType = i64;
  find.usesPosition = true;
  find.element = [=](const NestPoint &point, ValueRange values) -> Value {
    Value none = constantElement(point.builder, point.loc,
                                 point.builder.getI64IntegerAttr(INT64_MAX), i64, point.lanes);
    return arith::SelectOp::create(point.builder, point.loc, isMaximum(point, values),
                                   numberOf(point), none);
  };
  find.reduction = combination(emitter, CombineKind::Min, i64, {});
  emitNest(slice, find);

  Nest mark = nestOf(slice, {foundAt}, slice.result, {});
  mark.usesPosition = true;
  mark.widestBits = 64;
  mark.element = [=, this](const NestPoint &point, ValueRange values) -> Value {
    Value isFirst = arith::CmpIOp::create(point.builder, point.loc, arith::CmpIPredicate::eq,
                                          numberOf(point), values[0]);
    return convertElement(point.builder, point.loc, isFirst, valueType);
  };
  emitNest(slice, mark);
}

void NormalizeEmitter::emitSlice(const Slice &slice) {
  switch (op.getKind()) {
  case NormalizeKind::Softmax:
    return softmax(slice);
  case NormalizeKind::LayerNorm:
    return layerNorm(slice);
  case NormalizeKind::RmsNorm:
  case NormalizeKind::L2Norm:
    return rootNorm(slice);
  case NormalizeKind::ArgMax:
    return argMax(slice);
  }
}

/// The access with the dimensions `outer` fixed at `point`, of the dimensions `dims`.
Access NormalizeEmitter::fixed(OpBuilder &builder, const Access &access, ArrayRef<unsigned> outer,
                               ArrayRef<Value> point, ArrayRef<unsigned> dims) {
  IndexMath index(builder, loc);
  Value offset = index.constant(0);
  for (auto [dim, at] : llvm::zip(outer, point))
    offset = index.add(offset, index.mul(at, access.strides[dim]));
  Access result = access;
  result.pointer = elementPointer(builder, loc, access.pointer, access.element, offset);
  result.strides = llvm::map_to_vector(dims, [&](unsigned dim) { return access.strides[dim]; });
  return result;
}

LogicalResult NormalizeEmitter::emit() {
  OpBuilder &builder = emitter.builder;
  IndexMath index = emitter.math(loc);
  Buffer input = emitter.bufferOf(op.getInput());
  extents = input.extents;
  Buffer result = emitter.allocate(loc, op.getResult(), extents);
  emitter.setBuffer(op.getResult(), result);
  if (emitter.offload && emitter.offload->emitNormalize(emitter, op, input, result))
    return success();
  valueType = computeType(type.getElementType());

  SmallVector<unsigned> kept, dims;
  SmallVector<Value> keptExtents;
  SmallVector<AffineExpr> keptExprs;
  Value size = index.constant(1);
  for (unsigned dim = 0; dim < extents.size(); ++dim) {
    if (llvm::is_contained(op.getDims(), static_cast<int64_t>(dim))) {
      dims.push_back(dim);
      size = index.mul(size, extents[dim]);
      continue;
    }
    kept.push_back(dim);
    keptExtents.push_back(extents[dim]);
    keptExprs.push_back(builder.getAffineDimExpr(dim));
  }
  if (isa<FloatType>(valueType))
    sliceSize = convertElement(builder, loc, size, valueType);
  AffineMap identity = builder.getMultiDimIdentityMap(type.getRank());
  AffineMap keptMap = AffineMap::get(type.getRank(), 0, keptExprs, builder.getContext());
  Buffer first = emitter.allocateTemporary(loc, valueType, keptExtents);
  Type secondType = op.getKind() == NormalizeKind::ArgMax ? builder.getI64Type() : valueType;
  Buffer second = emitter.allocateTemporary(loc, secondType, keptExtents);
  Access all[] = {emitter.access(loc, input, identity, valueType),
                  emitter.access(loc, result, identity, valueType),
                  emitter.access(loc, first, keptMap, valueType),
                  emitter.access(loc, second, keptMap, secondType)};
  bool isRow =
      !emitter.offload && !dims.empty() && dims.back() + 1 == extents.size() && !kept.empty();
  auto emitNests = [&](OpBuilder &builder) {
    if (!isRow) {
      SmallVector<unsigned> every = llvm::to_vector(llvm::seq<unsigned>(0, extents.size()));
      return emitSlice({builder, every, all[0], all[1], all[2], all[3], /*parallel=*/true});
    }
    IndexMath index(builder, loc);
    Value cost = index.mul(size, index.constant(8));
    forEachPoint(builder, loc, keptExtents, cost, /*parallel=*/true,
                 [&](OpBuilder &inner, Location, ArrayRef<Value> point) {
                   emitSlice({inner, dims, fixed(inner, all[0], kept, point, dims),
                              fixed(inner, all[1], kept, point, dims),
                              fixed(inner, all[2], kept, point, dims),
                              fixed(inner, all[3], kept, point, dims), /*parallel=*/false});
                 });
  };
  if (emitter.offload || !emitDenseNormalize(emitter, op, input, result, emitNests))
    emitNests(builder);
  emitter.release(loc, first);
  emitter.release(loc, second);
  return success();
}

LogicalResult emitNormalize(Emitter &emitter, ein::NormalizeOp op) {
  return NormalizeEmitter(emitter, op).emit();
}

} // namespace tlc::codegen
