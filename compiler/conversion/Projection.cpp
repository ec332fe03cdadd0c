#include "compiler/conversion/Projection.h"

#include "compiler/conversion/Contraction.h"
#include "compiler/conversion/ElementMap.h"

namespace tlc {

using ein::CombineKind;
using ein::SemiringKind;

//===----------------------------------------------------------------------===//
// Projections
//===----------------------------------------------------------------------===//

CombineKind combineOf(tl::Projection kind, Type element) {
  bool isBool = element.isInteger(1);
  switch (kind) {
  case tl::Projection::Max:
    return isBool ? CombineKind::Or : CombineKind::Max;
  case tl::Projection::Min:
    return isBool ? CombineKind::And : CombineKind::Min;
  case tl::Projection::Product:
    return isBool ? CombineKind::And : CombineKind::Multiply;
  case tl::Projection::Sum:
  case tl::Projection::Avg:
    return isBool ? CombineKind::Or : CombineKind::Add;
  }
  llvm_unreachable("unknown projection");
}

Value buildProjection(Frame &frame, tl::ReduceOp reduce, ArrayRef<unsigned> result,
                      SemiringKind semiring) {
  SmallVector<unsigned> variables(result);
  SmallVector<int64_t> dims;
  for (int64_t variable : reduce.getVariables()) {
    dims.push_back(variables.size());
    variables.push_back(variable);
  }
  Type element = computeType(reduce.getResult().getType());
  Value operand = buildTensor(frame, reduce.getOperand(), variables, element, semiring);
  RankedTensorType type = tensorTypeOf(frame.sizesOf(result), element);
  return ein::ReduceOp::create(frame.env.builder, reduce.getLoc(), type, operand,
                               combineOf(reduce.getKind(), element), dims);
}

/// References whose range the reduced variables decide: not those inside further projections.
static void collectRefs(Value expr, SmallVectorImpl<tl::RefOp> &refs) {
  Operation *op = expr.getDefiningOp();
  if (tl::RefOp ref = dyn_cast<tl::RefOp>(op))
    refs.push_back(ref);
  if (isa<tl::ReduceOp, tl::NormalizeOp, tl::ConcatOp>(op))
    return;
  for (Value operand : op->getOperands())
    collectRefs(operand, refs);
}

Value buildCount(Frame &frame, tl::ReduceOp reduce, ArrayRef<unsigned> result,
                 SmallVectorImpl<unsigned> &variables) {
  Environment &env = frame.env;
  Type type = computeType(reduce.getResult().getType());
  Type element = isa<ComplexType>(type) ? cast<ComplexType>(type).getElementType() : type;
  Contraction contraction(frame, SemiringKind::SumProduct);
  llvm::SmallBitVector used(frame.sizes.size());
  SmallVector<tl::RefOp> refs;
  collectRefs(reduce.getOperand(), refs);
  for (tl::RefOp ref : refs) {
    if (!frame.mayReadOutside(ref))
      continue;
    // 1 where the element exists, 0 outside.
    SmallVector<Size> shape = env.sizesOf(env.declaration(ref.getTensor()));
    Value ones = buildFill(env, ref.getLoc(), shape, ein::oneOf(element));
    contraction.addFactor(frame.access(ref.getLoc(), ones, shape, ref.getMap().getResults(),
                                       Positions::Linear, ein::zeroOf(element)));
    used |= frame.freeVariables(ref);
  }
  for (int64_t variable : reduce.getVariables())
    contraction.addBound(variable);
  llvm::copy_if(result, std::back_inserter(variables),
                [&](unsigned variable) { return used.test(variable); });
  Value count = contraction.build(reduce.getLoc(), variables, element);
  if (refs.empty())
    return count;
  // No combination in range: 0 / 1.
  ElementMap atLeastOne(env, reduce.getLoc(), frame.sizesOf(variables));
  unsigned operand = atLeastOne.addOperand(count);
  return atLeastOne.build(element, [&](ScalarCode &code) {
    Value both[] = {atLeastOne.operand(operand), code.number(1, element)};
    return code.apply(tl::Function::Max, both);
  });
}

//===----------------------------------------------------------------------===//
// Normalisation and concatenation
//===----------------------------------------------------------------------===//

Value buildNormalize(Frame &frame, tl::NormalizeOp normalize, ArrayRef<unsigned> result) {
  Environment &env = frame.env;
  Type element = computeType(normalize.getResult().getType());
  Type real = isa<FloatType>(element) ? element : Type(env.builder.getF64Type());
  Value operand =
      buildTensor(frame, normalize.getOperand(), result, element, SemiringKind::SumProduct);
  operand = buildConvert(env, normalize.getLoc(), operand, real, SemiringKind::SumProduct);
  SmallVector<int64_t> dims;
  for (auto [dim, variable] : llvm::enumerate(result))
    if (llvm::is_contained(normalize.getVariables(), static_cast<int64_t>(variable)))
      dims.push_back(dim);
  Value value = ein::NormalizeOp::create(env.builder, normalize.getLoc(), operand.getType(),
                                         operand, normalize.getKind(), dims, llvm::APFloat(1e-5));
  return buildConvert(env, normalize.getLoc(), value, element, SemiringKind::SumProduct);
}

/// The position along each flattened variable of position d of the joined one.
static SmallVector<AffineExpr> unflatten(AffineExpr joined, ArrayRef<Size> sizes) {
  SmallVector<AffineExpr> positions(sizes.size());
  int64_t stride = 1;
  for (unsigned i = sizes.size(); i-- > 0;) {
    AffineExpr position = joined.floorDiv(stride);
    positions[i] = i == 0 ? position : position % std::max<int64_t>(sizes[i].fixed, 1);
    stride *= std::max<int64_t>(sizes[i].fixed, 1);
  }
  return positions;
}

/// Where the extents to divide by are known at run time only: writes row by row instead.
static Value scatterConcat(Frame &frame, tl::ConcatOp concat, Value operand,
                           ArrayRef<unsigned> result, ArrayRef<AffineExpr> source) {
  Environment &env = frame.env;
  OpBuilder &builder = env.builder;
  SmallVector<AffineExpr> positions(source);
  SmallVector<Value> symbols;
  AffineExpr joined = builder.getAffineConstantExpr(0);
  unsigned first = result.size() - 1;
  for (auto [number, variable] : llvm::enumerate(concat.getVariables())) {
    AffineExpr stride = builder.getAffineSymbolExpr(symbols.size());
    symbols.push_back(env.sizeValue(concat.getLoc(), frame.sizes[variable]));
    joined = joined * stride + builder.getAffineDimExpr(first + number);
  }
  for (auto [position, variable] : llvm::zip_equal(positions, result))
    if (static_cast<int64_t>(variable) == static_cast<int64_t>(concat.getInto()))
      position = joined;
  Value init =
      buildFill(env, concat.getLoc(), frame.sizesOf(result), ein::zeroOf(elementOf(operand)));
  RankedTensorType type = cast<RankedTensorType>(operand.getType());
  AffineMap map = AffineMap::get(type.getRank(), symbols.size(), positions, builder.getContext());
  return ein::ScatterOp::create(builder, concat.getLoc(), init.getType(), operand, init, symbols,
                                map, CombineKind::Overwrite);
}

Value buildConcat(Frame &frame, tl::ConcatOp concat, ArrayRef<unsigned> result,
                  SemiringKind semiring) {
  Environment &env = frame.env;
  OpBuilder &builder = env.builder;
  Type element = computeType(concat.getResult().getType());
  // The operand has the result's other variables first, then those that are joined.
  SmallVector<unsigned> variables, joined;
  SmallVector<AffineExpr> gathered, scattered;
  AffineExpr into = builder.getAffineConstantExpr(0);
  for (auto [dim, variable] : llvm::enumerate(result)) {
    bool isInto = static_cast<int64_t>(variable) == static_cast<int64_t>(concat.getInto());
    scattered.push_back(builder.getAffineDimExpr(variables.size()));
    if (isInto) {
      into = builder.getAffineDimExpr(dim);
    } else {
      gathered.push_back(builder.getAffineDimExpr(dim));
      variables.push_back(variable);
    }
  }
  joined.assign(concat.getVariables().begin(), concat.getVariables().end());
  llvm::append_range(variables, joined);
  Value operand = buildTensor(frame, concat.getOperand(), variables, element, semiring);
  SmallVector<Size> sizes = frame.sizesOf(joined);
  if (!llvm::all_of(ArrayRef<Size>(sizes).drop_front(), [](const Size &s) { return s.isStatic(); }))
    return scatterConcat(frame, concat, operand, result, scattered);
  llvm::append_range(gathered, unflatten(into, sizes));
  AffineMap map = AffineMap::get(result.size(), 0, gathered, builder.getContext());
  return buildGather(env, concat.getLoc(), operand, frame.sizesOf(result), map, {},
                     ein::zeroOf(element));
}

} // namespace tlc
