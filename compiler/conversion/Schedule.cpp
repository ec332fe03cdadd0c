//===- Schedule.cpp - loops and fixpoints ---------------------------------===//
//
//   X[i, t+1] = W[i, j] X[j, t]
//
// is a loop that carries the whole X: step v reads the slice at v - 1, a gather with v as a
// symbol, and writes the one at v, a scatter. A virtual X [E12] is carried as its slice.
//
//===----------------------------------------------------------------------===//

#include "compiler/conversion/Schedule.h"

#include "compiler/conversion/Assemble.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace tlc {

void convertEvaluate(Environment &env, tl::EvaluateOp evaluate) {
  AssemblyTarget target;
  target.tensor = env.declaration(evaluate.getTensor());
  env.bind(evaluate.getTensor(), assemble(env, target, equationsOf(evaluate.getBody()), {}));
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

/// A loop's slice, seen from inside the loop.
namespace {
struct Step {
  Environment &env;
  tl::SliceOp slice;
  const LoopPosition &loop;

  int64_t axis() { return slice.getAxis(); }
  int64_t offset() { return slice.getOffset(); }
  bool isVirtual() { return axis() < 0; }

  bool mayHaveInitial();
  Value position();
  AffineMap positions();
  Value read();
  Value write(Value value);
  void convert();
};
} // namespace

/// Whether the tensor may already hold something in the slices that the loop computes.
bool Step::mayHaveInitial() {
  for (tl::EquationOp equation : equationsOf(slice.getInitial())) {
    AffineConstantExpr where = dyn_cast<AffineConstantExpr>(equation.getMap().getResult(axis()));
    if (!where || where.getValue() >= loop.lower - offset())
      return true;
  }
  return env.declaration(slice.getTensor()).getValue().has_value();
}

/// The slice's position along the axis.
Value Step::position() {
  if (offset() == 0)
    return loop.iv;
  return mlir::arith::SubIOp::create(env.builder, slice.getLoc(), loop.iv,
                                     env.index(slice.getLoc(), offset()));
}

/// From the positions of the slice to those of the tensor, with the slice's as a symbol.
AffineMap Step::positions() {
  int64_t rank = env.declaration(slice.getTensor()).getTensorType().getRank();
  SmallVector<AffineExpr> where;
  for (int64_t each = 0, dim = 0; each < rank; ++each)
    where.push_back(each == axis() ? env.builder.getAffineSymbolExpr(0)
                                   : env.builder.getAffineDimExpr(dim++));
  return AffineMap::get(rank - 1, 1, where, env.builder.getContext());
}

Value Step::read() {
  SmallVector<Size> sizes = env.sizesOf(env.declaration(slice.getTensor()));
  sizes.erase(sizes.begin() + axis());
  Value whole = env.tensor(slice.getTensor());
  return buildGather(env, slice.getLoc(), whole, sizes, positions(), position(),
                     ein::zeroOf(elementOf(whole)));
}

Value Step::write(Value value) {
  Value whole = env.tensor(slice.getTensor());
  return ein::ScatterOp::create(env.builder, slice.getLoc(), whole.getType(), value, whole,
                                position(), positions(), ein::CombineKind::Overwrite);
}

void Step::convert() {
  AssemblyTarget target;
  target.tensor = env.declaration(slice.getTensor());
  target.axis = axis();
  target.hasFacts = false;
  target.isReplaced = isVirtual();
  if (isVirtual())
    target.old = env.tensor(slice.getTensor());
  else if (mayHaveInitial())
    target.old = read();
  Value value = assemble(env, target, equationsOf(slice.getStep()), loop);
  if (isVirtual()) {
    env.bind(slice.getTensor(), value);
    return;
  }
  env.bind(slice.getTensor(), write(value));
  env.bindSlice(slice.getTensor(), {value, static_cast<unsigned>(axis()), offset()});
}

void convertLoop(Environment &env, tl::LoopOp loop) {
  SmallVector<tl::SliceOp> slices = llvm::to_vector(loop.getBody().getOps<tl::SliceOp>());
  if (slices.empty())
    return;
  Location loc = loop.getLoc();
  LoopPosition position;
  position.lower = loop.getLower();
  position.upperOffset = loop.getUpperOffset();
  if (IntegerAttr upper = dyn_cast<IntegerAttr>(loop.getUpper()))
    position.upper.fixed = upper.getInt();
  else
    position.upper = env.runtimeExtent(cast<StringAttr>(loop.getUpper()));

  SmallVector<Value> inits;
  for (tl::SliceOp slice : slices) {
    AssemblyTarget target;
    target.tensor = env.declaration(slice.getTensor());
    inits.push_back(assemble(env, target, equationsOf(slice.getInitial()), {}));
    env.bind(slice.getTensor(), inits.back());
  }
  Value lower = env.index(loc, position.lower);
  Value upper = env.sizeValue(loc, position.upper);
  if (position.upperOffset != 0)
    upper =
        mlir::arith::AddIOp::create(env.builder, loc, upper, env.index(loc, position.upperOffset));
  auto body = [&](OpBuilder &, Location, Value iv, ValueRange carried) {
    position.iv = iv;
    for (auto [slice, value] : llvm::zip_equal(slices, carried))
      env.bind(slice.getTensor(), value);
    for (tl::SliceOp slice : slices)
      Step{env, slice, position}.convert();
    env.forgetSlices();
    SmallVector<Value> next;
    for (tl::SliceOp slice : slices)
      next.push_back(env.tensor(slice.getTensor()));
    return next;
  };
  ein::LoopOp op = ein::LoopOp::create(env.builder, loc, lower, upper, inits, body);
  for (auto [slice, result] : llvm::zip_equal(slices, op.getResults()))
    env.bind(slice.getTensor(), result);
}

//===----------------------------------------------------------------------===//
// Fixpoints
//===----------------------------------------------------------------------===//

Value convertFixpoint(Environment &env, tl::FixpointOp fixpoint) {
  SmallVector<tl::EvaluateOp> evaluates =
      llvm::to_vector(fixpoint.getBody().getOps<tl::EvaluateOp>());
  SmallVector<Value> inits;
  for (tl::EvaluateOp evaluate : evaluates) {
    tl::TensorOp tensor = env.declaration(evaluate.getTensor());
    TypedAttr zero = zeroOf(tensor.getSemiring(), tensor.getTensorType().getElementType());
    inits.push_back(buildFill(env, tensor.getLoc(), env.sizesOf(tensor), zero));
  }
  auto body = [&](OpBuilder &, Location, ValueRange current) {
    SmallVector<Value> next;
    for (auto [evaluate, value] : llvm::zip_equal(evaluates, current))
      env.bind(evaluate.getTensor(), value);
    // All from the values of the round before.
    for (tl::EvaluateOp evaluate : evaluates) {
      AssemblyTarget target;
      target.tensor = env.declaration(evaluate.getTensor());
      next.push_back(assemble(env, target, equationsOf(evaluate.getBody()), {}));
    }
    return next;
  };
  std::optional<double> tolerance;
  if (fixpoint.getTolerance())
    tolerance = fixpoint.getTolerance()->convertToDouble();
  ein::FixpointOp op = ein::FixpointOp::create(env.builder, fixpoint.getLoc(), inits, tolerance,
                                               fixpoint.getMaxSteps(), body);
  for (auto [evaluate, result] : llvm::zip_equal(evaluates, op.getResults()))
    env.bind(evaluate.getTensor(), result);
  return op.getConverged();
}

} // namespace tlc
