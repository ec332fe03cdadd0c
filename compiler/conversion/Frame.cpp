#include "compiler/conversion/Frame.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

namespace tlc {

Frame::Frame(Environment &env, tl::EquationOp equation, const LoopPosition &loop)
    : env(env), equation(equation), loop(loop) {
  for (Attribute variable : equation.getVariables())
    sizes.push_back(env.sizeOf(cast<tl::VariableAttr>(variable)));
  std::optional<uint64_t> number = equation.getLoopVariable();
  if (loop.iv && number && static_cast<int64_t>(*number) >= 0)
    loopVariable = *number;
}

Value Frame::loopValue() {
  if (loopValueCache)
    return loopValueCache;
  int64_t shift = equation.getLoopShift();
  loopValueCache = loop.iv;
  if (shift != 0)
    loopValueCache =
        mlir::arith::SubIOp::create(env.builder, loc(), loop.iv, env.index(loc(), shift));
  return loopValueCache;
}

unsigned Frame::rename(unsigned variable) {
  sizes.push_back(Size(sizes[variable]));
  return sizes.size() - 1;
}

SmallVector<Size> Frame::sizesOf(ArrayRef<unsigned> variables) const {
  SmallVector<Size> result;
  for (unsigned variable : variables)
    result.push_back(sizes[variable]);
  return result;
}

//===----------------------------------------------------------------------===//
// Free variables
//===----------------------------------------------------------------------===//

static void addDims(AffineMap map, llvm::SmallBitVector &variables) {
  for (AffineExpr position : map.getResults())
    for (unsigned dim = 0; dim < map.getNumDims(); ++dim)
      if (position.isFunctionOfDim(dim))
        variables.set(dim);
}

llvm::SmallBitVector Frame::freeVariables(Value expr) {
  auto known = freeCache.find(expr);
  if (known != freeCache.end())
    return known->second;
  llvm::SmallBitVector free(equation.getVariables().size());
  Operation *op = expr.getDefiningOp();
  for (Value operand : op->getOperands())
    free |= freeVariables(operand);
  llvm::TypeSwitch<Operation *>(op)
      .Case<tl::RefOp, tl::IndexOp>([&](auto leaf) { addDims(leaf.getMap(), free); })
      .Case<tl::ReduceOp>([&](tl::ReduceOp reduce) {
        for (int64_t variable : reduce.getVariables())
          free.reset(variable);
      })
      .Case<tl::NormalizeOp>([&](tl::NormalizeOp normalize) {
        for (int64_t variable : normalize.getVariables())
          free.set(variable);
      })
      .Case<tl::ConcatOp>([&](tl::ConcatOp concat) {
        for (int64_t variable : concat.getVariables())
          free.reset(variable);
        free.set(concat.getInto());
      });
  if (loopVariable)
    free.reset(*loopVariable);
  freeCache[expr] = free;
  return free;
}

SmallVector<unsigned> Frame::freeVariableList(Value expr) {
  return llvm::to_vector_of<unsigned>(freeVariables(expr).set_bits());
}

//===----------------------------------------------------------------------===//
// Ranges of positions
//===----------------------------------------------------------------------===//

Frame::Range Frame::rangeOf(AffineExpr position) {
  Range range;
  for (unsigned dim = 0; dim < sizes.size(); ++dim)
    if (position.isFunctionOfDim(dim)) {
      range.usesLoop |= loopVariable == dim;
      range.variables.push_back(dim);
    }
  std::optional<ein::LinearForm> form = ein::linearForm(position, sizes.size());
  range.isLinear = form.has_value();
  if (!form)
    return range;
  range.lowest = range.highest = form->constant;
  range.isBounded = true;
  for (unsigned variable : range.variables) {
    int64_t step;
    const Size &size = sizes[variable];
    if (!size.isStatic() || llvm::MulOverflow(form->coefficients[variable],
                                              std::max<int64_t>(size.fixed - 1, 0), step)) {
      range.isBounded = false;
      break;
    }
    int64_t &bound = step < 0 ? range.lowest : range.highest;
    range.isBounded &= !llvm::AddOverflow(bound, step, bound);
  }
  return range;
}

bool Frame::isInside(AffineExpr position, const Range &range, const Size &size) {
  if (range.usesLoop)
    return false;
  if (AffineDimExpr dim = dyn_cast<AffineDimExpr>(position))
    if (sizes[dim.getPosition()] == size)
      return true;
  return range.isBounded && size.isStatic() && range.lowest >= 0 && range.highest < size.fixed;
}

bool Frame::isSpanSmaller(const Range &range) {
  int64_t span, volume = 1;
  if (llvm::SubOverflow(range.highest, range.lowest, span))
    return false;
  for (unsigned variable : range.variables)
    if (llvm::MulOverflow(volume, sizes[variable].fixed, volume))
      return true;
  return span < volume;
}

bool Frame::mayReadOutside(tl::RefOp ref) {
  SmallVector<Size> shape = env.sizesOf(env.declaration(ref.getTensor()));
  for (auto [position, size] : llvm::zip_equal(ref.getMap().getResults(), shape))
    if (!isInside(position, size))
      return true;
  return false;
}

//===----------------------------------------------------------------------===//
// Reads
//===----------------------------------------------------------------------===//

/// A gather under construction: its dimensions and the position of the source it reads.
struct Frame::Gather {
  Gather(Frame &frame, MLIRContext *context) : frame(frame), context(context) {}

  Frame &frame;
  MLIRContext *context;
  SmallVector<Size> sizes;
  SmallVector<AffineExpr> sourcePositions; ///< over the gather's dimensions and the symbol
  SmallVector<AffineExpr> positions;       ///< of the result, over the variables
  llvm::DenseMap<unsigned, unsigned> dimOf;
  bool usesLoop = false;

  /// A new dimension of the result, read at `position`.
  AffineExpr addDim(const Size &size, AffineExpr position) {
    sizes.push_back(size);
    positions.push_back(position);
    return mlir::getAffineDimExpr(sizes.size() - 1, context);
  }
  /// The result has the variables of the position as dimensions.
  void addVariables(AffineExpr position, const Range &range) {
    SmallVector<AffineExpr> replacement(frame.sizes.size(),
                                        mlir::getAffineConstantExpr(0, context));
    for (unsigned variable : range.variables) {
      if (frame.loopVariable == variable) {
        usesLoop = true;
        replacement[variable] = mlir::getAffineSymbolExpr(0, context);
        continue;
      }
      auto [entry, isNew] = dimOf.try_emplace(variable, sizes.size());
      if (isNew)
        addDim(frame.sizes[variable], mlir::getAffineDimExpr(variable, context));
      replacement[variable] = mlir::getAffineDimExpr(entry->second, context);
    }
    sourcePositions.push_back(position.replaceDims(replacement));
  }
  /// The result has the values of the position, from the lowest to the highest, as a dimension.
  void addSpan(AffineExpr position, const Range &range, const Size &size) {
    if (frame.isInside(position, range, size)) {
      sourcePositions.push_back(addDim(size, position));
      return;
    }
    Size span;
    span.fixed = range.highest - range.lowest + 1;
    sourcePositions.push_back(addDim(span, position - range.lowest) + range.lowest);
  }
};

Access Frame::access(tl::RefOp ref, Positions form, TypedAttr fill) {
  SmallVector<Size> shape = env.sizesOf(env.declaration(ref.getTensor()));
  SmallVector<AffineExpr> positions(ref.getMap().getResults());
  const CurrentSlice *slice = env.slice(ref.getTensor());
  if (slice && loopVariable) {
    // The slice is that at iv - offset, where iv = variable + shift.
    AffineExpr current = mlir::getAffineDimExpr(*loopVariable, fill.getContext()) +
                         (static_cast<int64_t>(equation.getLoopShift()) - slice->offset);
    if (positions[slice->axis] == current) {
      shape.erase(shape.begin() + slice->axis);
      positions.erase(positions.begin() + slice->axis);
      return access(ref.getLoc(), slice->value, shape, positions, form, fill);
    }
  }
  return access(ref.getLoc(), env.tensor(ref.getTensor()), shape, positions, form, fill);
}

Access Frame::access(Location loc, Value tensor, ArrayRef<Size> shape,
                     ArrayRef<AffineExpr> positions, Positions form, TypedAttr fill) {
  bool isDirect = true;
  llvm::SmallBitVector seen(sizes.size());
  for (auto [position, size] : llvm::zip_equal(positions, shape)) {
    isDirect &= isInside(position, rangeOf(position), size);
    if (form == Positions::Linear || isa<AffineConstantExpr>(position))
      continue;
    AffineDimExpr dim = dyn_cast<AffineDimExpr>(position);
    isDirect &= dim && !seen.test(dim.getPosition());
    if (dim)
      seen.set(dim.getPosition());
  }
  if (isDirect)
    return {tensor, SmallVector<AffineExpr>(positions)};

  Gather gather(*this, fill.getContext());
  for (auto [position, size] : llvm::zip_equal(positions, shape)) {
    Range range = rangeOf(position);
    bool isSpan = form == Positions::Linear && range.isLinear && range.variables.size() > 1 &&
                  !range.usesLoop && range.isBounded;
    if (isSpan && (isInside(position, range, size) || isSpanSmaller(range)))
      gather.addSpan(position, range, size);
    else
      gather.addVariables(position, range);
  }
  AffineMap map = AffineMap::get(gather.sizes.size(), gather.usesLoop, gather.sourcePositions,
                                 fill.getContext());
  SmallVector<Value> symbols;
  if (gather.usesLoop)
    symbols.push_back(loopValue());
  return {buildGather(env, loc, tensor, gather.sizes, map, symbols, fill), gather.positions};
}

SmallVector<Access> Frame::insideGuards(Value expr) {
  Operation *op = expr.getDefiningOp();
  SmallVector<Access> guards;
  if (isa<tl::ReduceOp, tl::NormalizeOp, tl::ConcatOp>(op))
    return guards;
  for (Value operand : op->getOperands())
    guards.append(insideGuards(operand));
  tl::RefOp ref = dyn_cast<tl::RefOp>(op);
  if (!ref || !mayReadOutside(ref))
    return guards;
  SmallVector<Size> shape = env.sizesOf(env.declaration(ref.getTensor()));
  Value truths = buildFill(env, ref.getLoc(), shape, env.builder.getBoolAttr(true));
  guards.push_back(access(ref.getLoc(), truths, shape, ref.getMap().getResults(), Positions::Plain,
                          env.builder.getBoolAttr(false)));
  return guards;
}

//===----------------------------------------------------------------------===//
// Firing
//===----------------------------------------------------------------------===//

int64_t Frame::firesFrom() {
  return loopVariable ? equation.getFireLower() : equation.getLoopShift();
}

SmallVector<Frame::UpperBound> Frame::firesBelow() {
  int64_t shift = equation.getLoopShift();
  if (!loopVariable)
    return {{Size{1, {}, {}}, shift}};
  SmallVector<UpperBound> bounds;
  ArrayAttr given = equation.getFireUpperAttr();
  for (Attribute bound : given ? given.getValue() : ArrayRef<Attribute>()) {
    if (IntegerAttr number = dyn_cast<IntegerAttr>(bound)) {
      bounds.push_back({Size{std::max<int64_t>(number.getInt(), 0), {}, {}}, 0});
      continue;
    }
    ArrayAttr pair = cast<ArrayAttr>(bound);
    bounds.push_back(
        {env.runtimeExtent(cast<StringAttr>(pair[0])), cast<IntegerAttr>(pair[1]).getInt()});
  }
  return bounds;
}

bool Frame::alwaysFires() {
  if (!loop.iv || !equation.getLoopVariable())
    return true;
  if (firesFrom() > loop.lower)
    return false;
  return llvm::all_of(firesBelow(), [&](const UpperBound &bound) {
    if (bound.extent.isStatic() && loop.upper.isStatic())
      return bound.extent.fixed + bound.offset >= loop.upper.fixed + loop.upperOffset;
    return bound.extent == loop.upper && bound.offset >= loop.upperOffset;
  });
}

Value Frame::buildFires() {
  OpBuilder &builder = env.builder;
  Value isFiring = mlir::arith::CmpIOp::create(builder, loc(), mlir::arith::CmpIPredicate::sge,
                                               loop.iv, env.index(loc(), firesFrom()));
  for (const UpperBound &bound : firesBelow()) {
    Value end = env.sizeValue(loc(), bound.extent);
    if (bound.offset != 0)
      end = mlir::arith::AddIOp::create(builder, loc(), end, env.index(loc(), bound.offset));
    Value isBelow =
        mlir::arith::CmpIOp::create(builder, loc(), mlir::arith::CmpIPredicate::slt, loop.iv, end);
    isFiring = mlir::arith::AndIOp::create(builder, loc(), isFiring, isBelow);
  }
  // Maps see tensors only: reads the one element of a vector, or outside it.
  Value position = mlir::arith::SelectOp::create(builder, loc(), isFiring, env.index(loc(), 0),
                                                 env.index(loc(), -1));
  Value truth = buildFill(env, loc(), Size{1, {}, {}}, builder.getBoolAttr(true));
  AffineMap map = AffineMap::get(0, 1, builder.getAffineSymbolExpr(0));
  return buildGather(env, loc(), truth, {}, map, position, builder.getBoolAttr(false));
}

} // namespace tlc
