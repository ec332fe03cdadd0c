#include "compiler/conversion/Contraction.h"

#include "compiler/conversion/ElementMap.h"
#include "compiler/conversion/ScalarCode.h"

namespace tlc {

using ein::SemiringKind;

//===----------------------------------------------------------------------===//
// Taking products apart
//===----------------------------------------------------------------------===//

void Contraction::addReduction(tl::ReduceOp reduce) {
  Renaming names;
  for (unsigned variable = 0; variable < frame.equation.getVariables().size(); ++variable)
    names.push_back(variable);
  addReduction(reduce, names);
}

void Contraction::addReduction(tl::ReduceOp reduce, Renaming names) {
  for (int64_t variable : reduce.getVariables()) {
    // Two sums of one product may use the same name.
    bool isTaken = llvm::is_contained(bound, static_cast<unsigned>(variable));
    names[variable] = isTaken ? frame.rename(variable) : static_cast<unsigned>(variable);
    bound.push_back(names[variable]);
  }
  add(reduce.getOperand(), names);
}

void Contraction::add(Value expr, const Renaming &names) {
  Operation *op = expr.getDefiningOp();
  bool isNumeric = semiring == SemiringKind::SumProduct && !isa<IntegerType>(expr.getType());
  if (tl::ProductOp product = dyn_cast<tl::ProductOp>(op)) {
    if (product.getSemiring() == semiring) {
      for (Value factor : product.getOperands())
        add(factor, names);
      return;
    }
  } else if (tl::ReduceOp reduce = dyn_cast<tl::ReduceOp>(op)) {
    if (reduce.getKind() == tl::Projection::Sum && reduce.getSemiring() == semiring)
      return addReduction(reduce, names);
  } else if (isa<tl::NumberOp>(op)) {
    scales.push_back(expr);
    return;
  } else if (tl::ApplyOp apply = dyn_cast<tl::ApplyOp>(op)) {
    if (isNumeric && apply.getFunction() == tl::Function::Negate) {
      negative = !negative;
      return add(apply.getOperand(0), names);
    }
    bool isQuotient = isNumeric && apply.getFunction() == tl::Function::Divide;
    if (isQuotient && !mayReadOutside(apply.getOperand(1)))
      return addQuotient(apply, names);
  } else if (tl::ConvertOp convert = dyn_cast<tl::ConvertOp>(op)) {
    if (addConverted(convert, names))
      return;
  } else if (tl::RefOp ref = dyn_cast<tl::RefOp>(op)) {
    TypedAttr zero = zeroOf(semiring, ref.getResult().getType());
    return addRenamed(frame.access(ref, Positions::Linear, zero), names);
  }
  // An elementwise expression or another projection: a tensor of its own.
  SmallVector<unsigned> variables = frame.freeVariableList(expr);
  Value tensor = buildTensor(frame, expr, variables, computeType(expr.getType()), semiring);
  Access factor{tensor, {}};
  for (unsigned variable : variables)
    factor.positions.push_back(frame.env.builder.getAffineDimExpr(variable));
  addRenamed(std::move(factor), names);
}

bool Contraction::mayReadOutside(Value expr) {
  Operation *op = expr.getDefiningOp();
  if (tl::RefOp ref = dyn_cast<tl::RefOp>(op))
    return frame.mayReadOutside(ref);
  return llvm::any_of(op->getOperands(), [&](Value operand) { return mayReadOutside(operand); });
}

void Contraction::addQuotient(tl::ApplyOp quotient, const Renaming &names) {
  add(quotient.getOperand(0), names);
  Value divisor = quotient.getOperand(1);
  SmallVector<unsigned> variables = frame.freeVariableList(divisor);
  bool isSummed = llvm::any_of(
      variables, [&](unsigned variable) { return llvm::is_contained(bound, names[variable]); });
  if (!isSummed) {
    divisors.push_back(divisor);
    return;
  }
  // 1 / divisor is one more factor.
  Type type = computeType(divisor.getType());
  Value tensor = buildTensor(frame, divisor, variables, type, semiring);
  auto body = [&](OpBuilder &builder, Location at, ValueRange arguments) {
    ScalarCode code(builder, at);
    return code.power(arguments[0], -1);
  };
  AffineMap identity = frame.env.builder.getMultiDimIdentityMap(variables.size());
  Value inverse = ein::MapOp::create(frame.env.builder, quotient.getLoc(),
                                     cast<RankedTensorType>(tensor.getType()), ValueRange(tensor),
                                     identity, body);
  Access factor{inverse, {}};
  for (unsigned variable : variables)
    factor.positions.push_back(frame.env.builder.getAffineDimExpr(variable));
  addRenamed(std::move(factor), names);
}

bool Contraction::addConverted(tl::ConvertOp convert, const Renaming &names) {
  tl::RefOp ref = convert.getOperand().getDefiningOp<tl::RefOp>();
  Type from = convert.getOperand().getType(), to = convert.getResult().getType();
  // A number is a Boolean by a test, which zero of another semiring may pass.
  if (!ref || convert.getSemiring() != semiring || to.isInteger(1))
    return false;
  bool isGuard = from.isInteger(1);
  if (!isGuard && semiring != SemiringKind::SumProduct)
    return false;
  Access factor = frame.access(ref, Positions::Linear, ein::zeroOf(from));
  factor.tensor = buildConvert(frame.env, convert.getLoc(), factor.tensor, to, semiring);
  addRenamed(std::move(factor), names);
  return true;
}

void Contraction::addRenamed(Access factor, const Renaming &names) {
  SmallVector<AffineExpr> replacement;
  for (unsigned name : names)
    replacement.push_back(frame.env.builder.getAffineDimExpr(name));
  for (AffineExpr &position : factor.positions)
    position = position.replaceDims(replacement);
  factors.push_back(std::move(factor));
}

//===----------------------------------------------------------------------===//
// Putting them together
//===----------------------------------------------------------------------===//

void Contraction::addOnes(Location loc, ArrayRef<unsigned> result, Type element) {
  llvm::SmallDenseSet<unsigned> alone(result.begin(), result.end());
  for (const Access &factor : factors)
    for (AffineExpr position : factor.positions)
      if (AffineDimExpr dim = dyn_cast<AffineDimExpr>(position))
        alone.insert(dim.getPosition());
  for (unsigned variable : bound)
    if (!alone.contains(variable)) {
      Value ones = buildFill(frame.env, loc, frame.sizes[variable], oneOf(semiring, element));
      factors.push_back({ones, {frame.env.builder.getAffineDimExpr(variable)}});
    }
  // A contraction has an operand.
  if (factors.empty())
    factors.push_back({buildFill(frame.env, loc, {}, oneOf(semiring, element)), {}});
}

Type Contraction::unifyElements(Location loc, Type element) {
  Type common;
  for (const Access &factor : factors) {
    Type type = elementOf(factor.tensor);
    common = !common || common == type ? type : computeType(element);
  }
  if (!common)
    return element;
  for (Access &factor : factors)
    factor.tensor = buildConvert(frame.env, loc, factor.tensor, common, semiring);
  return common;
}

Value Contraction::build(Location loc, ArrayRef<unsigned> result, Type element) {
  OpBuilder &builder = frame.env.builder;
  addOnes(loc, result, unifyElements(loc, element));
  SmallVector<unsigned> variables(result);
  llvm::append_range(variables, bound);
  SmallVector<AffineExpr> dimOf(frame.sizes.size(), builder.getAffineConstantExpr(0));
  for (auto [dim, variable] : llvm::enumerate(variables))
    dimOf[variable] = builder.getAffineDimExpr(dim);

  SmallVector<Value> operands;
  SmallVector<AffineMap> maps;
  llvm::SmallBitVector given(variables.size());
  for (const Access &factor : factors) {
    operands.push_back(factor.tensor);
    SmallVector<AffineExpr> positions;
    for (AffineExpr position : factor.positions) {
      positions.push_back(mlir::simplifyAffineExpr(position.replaceDims(dimOf), variables.size(),
                                                   /*numSymbols=*/0));
      if (AffineDimExpr dim = dyn_cast<AffineDimExpr>(positions.back()))
        given.set(dim.getPosition());
    }
    maps.push_back(AffineMap::get(variables.size(), 0, positions, builder.getContext()));
  }
  SmallVector<AffineExpr> resultPositions;
  SmallVector<Value> extents;
  for (auto [dim, variable] : llvm::enumerate(result)) {
    resultPositions.push_back(builder.getAffineDimExpr(dim));
    if (!frame.sizes[variable].isStatic() && !given.test(dim))
      extents.push_back(frame.sizes[variable].value);
  }
  maps.push_back(AffineMap::get(variables.size(), 0, resultPositions, builder.getContext()));
  RankedTensorType type = tensorTypeOf(frame.sizesOf(result), element);
  return ein::ContractOp::create(builder, loc, type, operands, maps, semiring, extents);
}

} // namespace tlc
