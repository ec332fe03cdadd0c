#include "compiler/conversion/ElementMap.h"

#include "compiler/conversion/Contraction.h"
#include "compiler/conversion/Projection.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace tlc {

using ein::SemiringKind;

//===----------------------------------------------------------------------===//
// Leaves
//===----------------------------------------------------------------------===//

unsigned ElementMap::addOperand(Value tensor, ArrayRef<AffineExpr> where) {
  operands.push_back(tensor);
  positions.emplace_back(where);
  return operands.size() - 1;
}

unsigned ElementMap::addOperand(Value tensor) {
  SmallVector<AffineExpr> where;
  for (unsigned dim = 0; dim < sizes.size(); ++dim)
    where.push_back(env.builder.getAffineDimExpr(dim));
  return addOperand(tensor, where);
}

unsigned ElementMap::addAccess(const Access &access) {
  SmallVector<AffineExpr> where;
  for (AffineExpr position : access.positions) {
    AffineDimExpr variable = dyn_cast<AffineDimExpr>(position);
    where.push_back(variable ? env.builder.getAffineDimExpr((*current)[variable.getPosition()])
                             : position);
  }
  return addOperand(access.tensor, where);
}

unsigned ElementMap::addTensor(Value tensor, ArrayRef<unsigned> variables) {
  Access access{tensor, {}};
  for (unsigned variable : variables)
    access.positions.push_back(env.builder.getAffineDimExpr(variable));
  return addAccess(access);
}

SmallVector<unsigned> ElementMap::variablesOf(Frame &frame, Value expr) {
  llvm::SmallBitVector free = frame.freeVariables(expr);
  SmallVector<unsigned> result;
  llvm::copy_if(order, std::back_inserter(result),
                [&](unsigned variable) { return free.test(variable); });
  return result;
}

void ElementMap::enter(Frame &frame, ArrayRef<unsigned> variables) {
  SmallVector<int64_t> &dims = dimensions[frame.equation];
  dims.assign(frame.equation.getVariables().size(), -1);
  for (auto [dim, variable] : llvm::enumerate(variables))
    dims[variable] = dim;
  current = &dims;
  order.assign(variables.begin(), variables.end());
}

void ElementMap::addExpression(Frame &frame, Value root, ArrayRef<unsigned> variables,
                               SemiringKind semiring) {
  enter(frame, variables);
  plan(frame, root, semiring);
}

void ElementMap::plan(Frame &frame, Value expr, SemiringKind semiring) {
  Operation *op = expr.getDefiningOp();
  if (tl::RefOp ref = dyn_cast<tl::RefOp>(op)) {
    Access access = frame.access(ref, Positions::Plain, zeroOf(semiring, expr.getType()));
    leaves[expr].operand = addAccess(access);
  } else if (tl::ReduceOp reduce = dyn_cast<tl::ReduceOp>(op)) {
    planReduction(frame, reduce);
  } else if (tl::NormalizeOp normalize = dyn_cast<tl::NormalizeOp>(op)) {
    SmallVector<unsigned> variables = variablesOf(frame, expr);
    leaves[expr].operand = addTensor(buildNormalize(frame, normalize, variables), variables);
  } else if (tl::ConcatOp concat = dyn_cast<tl::ConcatOp>(op)) {
    SmallVector<unsigned> variables = variablesOf(frame, expr);
    leaves[expr].operand = addTensor(buildConcat(frame, concat, variables, semiring), variables);
  } else if (tl::IndexOp index = dyn_cast<tl::IndexOp>(op)) {
    planIndex(frame, index);
  } else {
    if (tl::ProductOp product = dyn_cast<tl::ProductOp>(op))
      semiring = product.getSemiring();
    else if (tl::AddOp add = dyn_cast<tl::AddOp>(op))
      semiring = add.getSemiring();
    else if (isa<tl::CompareOp>(op))
      semiring = SemiringKind::SumProduct;
    else if (tl::ApplyOp apply = dyn_cast<tl::ApplyOp>(op))
      planGuards(frame, apply);
    for (Value operand : op->getOperands()) {
      // Out of range, a Boolean is false and a number of another type is zero.
      bool isOwn = !isa<tl::ConvertOp>(op) && !operand.getType().isInteger(1);
      plan(frame, operand, isOwn ? semiring : SemiringKind::SumProduct);
    }
  }
}

void ElementMap::planGuards(Frame &frame, tl::ApplyOp apply) {
  SmallVector<Access> accesses;
  if (apply.getFunction() == tl::Function::Divide)
    accesses = frame.insideGuards(apply.getOperand(1));
  else if (apply.getFunction() == tl::Function::Power)
    accesses = frame.insideGuards(apply.getResult());
  for (const Access &access : accesses)
    guards[apply].push_back(addAccess(access));
}

void ElementMap::planReduction(Frame &frame, tl::ReduceOp reduce) {
  SmallVector<unsigned> variables = variablesOf(frame, reduce);
  Type element = computeType(reduce.getResult().getType());
  Leaf leaf;
  leaf.semiring = reduce.getSemiring();
  if (reduce.getKind() == tl::Projection::Sum) {
    Contraction contraction(frame, reduce.getSemiring());
    contraction.addReduction(reduce);
    leaf.operand = addTensor(contraction.build(reduce.getLoc(), variables, element), variables);
    leaf.negative = contraction.isNegative();
    leaf.scales.assign(contraction.multipliers().begin(), contraction.multipliers().end());
    leaf.divisors.assign(contraction.quotients().begin(), contraction.quotients().end());
    for (Value divisor : leaf.divisors)
      plan(frame, divisor, leaf.semiring);
  } else {
    leaf.operand = addTensor(buildProjection(frame, reduce, variables, leaf.semiring), variables);
    if (reduce.getKind() == tl::Projection::Avg) {
      SmallVector<unsigned> counted;
      Value count = buildCount(frame, reduce, variables, counted);
      leaf.count = addTensor(count, counted);
    }
  }
  leaves[reduce] = std::move(leaf);
}

void ElementMap::planIndex(Frame &frame, tl::IndexOp index) {
  AffineExpr value = index.getMap().getResult(0);
  if (!frame.loopVariable || !value.isFunctionOfDim(*frame.loopVariable))
    return;
  // Bodies see no values from outside: read the loop's variable from 0, 1, 2, ...
  auto body = [](OpBuilder &builder, Location at, ValueRange) {
    Value position = ein::IndexOp::create(builder, at, 0);
    return mlir::arith::IndexCastOp::create(builder, at, builder.getI64Type(), position)
        .getResult();
  };
  Size size = frame.sizes[*frame.loopVariable];
  Value iota =
      ein::MapOp::create(env.builder, index.getLoc(), tensorTypeOf(size, env.builder.getI64Type()),
                         ValueRange(), ArrayRef<AffineMap>(), body, dynamicSizes(size));
  AffineMap map = AffineMap::get(0, 1, env.builder.getAffineSymbolExpr(0));
  Value value0 = buildGather(env, index.getLoc(), iota, {}, map, frame.loopValue(),
                             env.builder.getI64IntegerAttr(0));
  leaves[index].operand = addOperand(value0, ArrayRef<AffineExpr>());
}

//===----------------------------------------------------------------------===//
// The body
//===----------------------------------------------------------------------===//

Value ElementMap::operand(unsigned number) {
  Value value = arguments[number];
  return code->convert(value, computeType(value.getType()), SemiringKind::SumProduct);
}

Value ElementMap::emitLeaf(const Leaf &leaf) {
  Value value = operand(leaf.operand);
  for (Value scale : leaf.scales)
    value = code->multiply(leaf.semiring, emit(scale), value);
  if (leaf.negative)
    value = code->apply(tl::Function::Negate, value);
  for (Value divisor : leaf.divisors) {
    Value quotient[] = {value, emit(divisor)};
    value = code->apply(tl::Function::Divide, quotient);
  }
  if (leaf.count) {
    Value count = code->convert(operand(*leaf.count), value.getType(), SemiringKind::SumProduct);
    Value quotient[] = {value, count};
    value = code->apply(tl::Function::Divide, quotient);
  }
  return value;
}

Value ElementMap::emitGuarded(tl::ApplyOp apply, Value value) {
  auto found = guards.find(apply);
  if (found == guards.end())
    return value;
  for (unsigned guard : found->second)
    value = code->select(operand(guard), value, code->number(0, value.getType()));
  return value;
}

Value ElementMap::emitPower(tl::ApplyOp apply) {
  Value base = emit(apply.getOperand(0));
  if (tl::NumberOp exponent = apply.getOperand(1).getDefiningOp<tl::NumberOp>())
    return code->power(base, exponent.getValue().convertToDouble());
  Value both[] = {base, emit(apply.getOperand(1))};
  return code->apply(tl::Function::Power, both);
}

Value ElementMap::emitIndex(tl::IndexOp index) {
  const SmallVector<int64_t> &dims = dimensions[index->getParentOp()];
  auto leaf = leaves.find(index.getResult());
  auto dim = [&](unsigned variable) -> Value {
    if (leaf != leaves.end() && dims[variable] < 0)
      return mlir::arith::IndexCastOp::create(*bodyBuilder, loc, bodyBuilder->getIndexType(),
                                              operand(leaf->second.operand));
    return ein::IndexOp::create(*bodyBuilder, loc, dims[variable]);
  };
  Value value = code->affine(index.getMap().getResult(0), dim);
  value = mlir::arith::IndexCastOp::create(*bodyBuilder, loc, bodyBuilder->getI64Type(), value);
  return code->convert(value, computeType(index.getResult().getType()), SemiringKind::SumProduct);
}

Value ElementMap::emitNode(Operation *op) {
  if (tl::NumberOp number = dyn_cast<tl::NumberOp>(op))
    return code->number(number.getValue().convertToDouble(),
                        computeType(number.getResult().getType()));
  if (tl::IndexOp index = dyn_cast<tl::IndexOp>(op))
    return emitIndex(index);
  if (tl::ApplyOp apply = dyn_cast<tl::ApplyOp>(op))
    if (apply.getFunction() == tl::Function::Power)
      return emitGuarded(apply, emitPower(apply));
  SmallVector<Value> values;
  for (Value operand : op->getOperands())
    values.push_back(emit(operand));
  if (tl::ApplyOp apply = dyn_cast<tl::ApplyOp>(op))
    return emitGuarded(apply, code->apply(apply.getFunction(), values));
  if (tl::CompareOp compare = dyn_cast<tl::CompareOp>(op))
    return code->compare(compare.getKind(), values[0], values[1]);
  if (tl::ConvertOp convert = dyn_cast<tl::ConvertOp>(op))
    return code->convert(values[0], computeType(convert.getResult().getType()),
                         convert.getSemiring());
  Value value = values[0];
  for (Value other : ArrayRef<Value>(values).drop_front())
    value = isa<tl::ProductOp>(op)
                ? code->multiply(cast<tl::ProductOp>(op).getSemiring(), value, other)
                : code->add(cast<tl::AddOp>(op).getSemiring(), value, other);
  return value;
}

Value ElementMap::emit(Value expr) {
  auto known = emitted.find(expr);
  if (known != emitted.end())
    return known->second;
  auto leaf = leaves.find(expr);
  bool isLeaf = leaf != leaves.end() && !expr.getDefiningOp<tl::IndexOp>();
  Value value = isLeaf ? emitLeaf(leaf->second) : emitNode(expr.getDefiningOp());
  emitted[expr] = value;
  return value;
}

//===----------------------------------------------------------------------===//
// The map
//===----------------------------------------------------------------------===//

Value ElementMap::wholeLeaf(Value expr) {
  auto found = leaves.find(expr);
  if (found == leaves.end() || expr.getDefiningOp<tl::IndexOp>())
    return {};
  const Leaf &leaf = found->second;
  if (leaf.negative || leaf.count || !leaf.scales.empty() || !leaf.divisors.empty())
    return {};
  if (positions[leaf.operand].size() != sizes.size())
    return {};
  for (auto [dim, position] : llvm::enumerate(positions[leaf.operand]))
    if (position != env.builder.getAffineDimExpr(dim))
      return {};
  return operands[leaf.operand];
}

Value ElementMap::build(Type element, function_ref<Value(ScalarCode &)> body) {
  SmallVector<AffineMap> maps;
  llvm::SmallBitVector given(sizes.size());
  for (ArrayRef<AffineExpr> where : positions) {
    maps.push_back(AffineMap::get(sizes.size(), 0, where, env.builder.getContext()));
    for (AffineExpr position : where)
      if (AffineDimExpr dim = dyn_cast<AffineDimExpr>(position))
        given.set(dim.getPosition());
  }
  SmallVector<Value> extents;
  for (auto [dim, size] : llvm::enumerate(sizes))
    if (!size.isStatic() && !given.test(dim))
      extents.push_back(size.value);
  auto emitBody = [&](OpBuilder &builder, Location at, ValueRange blockArguments) {
    ScalarCode scalars(builder, at);
    bodyBuilder = &builder;
    code = &scalars;
    arguments.assign(blockArguments.begin(), blockArguments.end());
    return scalars.convert(body(scalars), element, SemiringKind::SumProduct);
  };
  return ein::MapOp::create(env.builder, loc, tensorTypeOf(sizes, element), operands, maps,
                            emitBody, extents);
}

Value buildTensor(Frame &frame, Value expr, ArrayRef<unsigned> variables, Type element,
                  SemiringKind semiring) {
  ElementMap map(frame.env, expr.getLoc(), frame.sizesOf(variables));
  map.addExpression(frame, expr, variables, semiring);
  if (Value whole = map.wholeLeaf(expr)) {
    if (elementOf(whole) == element)
      return whole;
    return buildConvert(frame.env, expr.getLoc(), whole, element, semiring);
  }
  return map.build(element, [&](ScalarCode &) { return map.emit(expr); });
}

} // namespace tlc
