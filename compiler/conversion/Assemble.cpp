//===- Assemble.cpp - a tensor from its equations [E2] --------------------===//
//
//   Y[i, k] = A[i, j] B[j, k]        the contraction itself
//   Y[i, k] = C[k, i]                one map adds the transposed C to it
//   Y[0, k] = D[k]                   scattered into the sum
//
//===----------------------------------------------------------------------===//

#include "compiler/conversion/Assembly.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace tlc {

using ein::CombineKind;

SmallVector<tl::EquationOp> equationsOf(Region &region) {
  return llvm::to_vector(region.getOps<tl::EquationOp>());
}

//===----------------------------------------------------------------------===//
// Left-hand sides
//===----------------------------------------------------------------------===//

Assembly::Assembly(Environment &env, const AssemblyTarget &target,
                   ArrayRef<tl::EquationOp> equations, const LoopPosition &loop)
    : env(env), target(target), loc(this->target.tensor.getLoc()),
      sizes(env.sizesOf(this->target.tensor)), semiring(this->target.tensor.getSemiring()),
      element(this->target.tensor.getTensorType().getElementType()), compute(computeType(element)) {
  if (target.axis >= 0)
    sizes.erase(sizes.begin() + target.axis);
  if (!equations.empty()) {
    tl::EquationOp first = equations.front();
    projection = first.getProjection();
    loc = first.getLoc();
  }
  bool isSum = projection == tl::Projection::Sum;
  kind = isSum ? ein::additionOf(semiring) : combineOf(projection, compute);
  neutral = isSum ? zeroOf(semiring, compute) : ein::neutralElement(kind, compute);
  for (tl::EquationOp equation : equations)
    addPart(equation, loop);
}

void Assembly::addPart(tl::EquationOp equation, const LoopPosition &loop) {
  Part part;
  part.frame = std::make_unique<Frame>(env, equation, loop);
  part.left.assign(equation.getMap().getResults().begin(), equation.getMap().getResults().end());
  if (target.axis >= 0)
    part.left.erase(part.left.begin() + target.axis);
  part.alwaysFires = part.frame->alwaysFires();
  if (!part.alwaysFires)
    part.fires = part.frame->buildFires();
  part.isPlain = isPlain(part);
  if (!part.isPlain) {
    for (unsigned variable = 0; variable < equation.getVariables().size(); ++variable)
      if (part.frame->loopVariable != variable &&
          llvm::any_of(part.left, [&](AffineExpr e) { return e.isFunctionOfDim(variable); }))
        part.variables.push_back(variable);
  }
  if (loop.iv)
    addGuards(part, equation.getRoot());
  parts.push_back(std::move(part));
}

void Assembly::addGuards(Part &part, Value expr) {
  Operation *op = expr.getDefiningOp();
  if (isa<tl::ReduceOp, tl::NormalizeOp, tl::ConcatOp>(op))
    return; // an instance is one for each position on the left
  for (Value operand : op->getOperands())
    addGuards(part, operand);
  tl::RefOp ref = dyn_cast<tl::RefOp>(op);
  if (!ref || ref.getTensor() != target.tensor.getSymName())
    return;
  // The loop sees to the position along its own axis.
  SmallVector<AffineExpr> positions(ref.getMap().getResults());
  if (target.axis >= 0)
    positions.erase(positions.begin() + target.axis);
  bool isInside = llvm::all_of(llvm::zip_equal(positions, sizes), [&](auto each) {
    return part.frame->isInside(std::get<0>(each), std::get<1>(each));
  });
  if (isInside)
    return;
  Value truths = buildFill(env, ref.getLoc(), sizes, env.builder.getBoolAttr(true));
  part.guards.push_back(part.frame->access(ref.getLoc(), truths, sizes, positions, Positions::Plain,
                                           env.builder.getBoolAttr(false)));
}

SmallVector<unsigned> Assembly::addConditions(ElementMap &map, const Part &part) {
  SmallVector<unsigned> conditions;
  if (part.fires)
    conditions.push_back(map.addOperand(part.fires, ArrayRef<AffineExpr>()));
  for (const Access &guard : part.guards)
    conditions.push_back(map.addAccess(guard));
  return conditions;
}

Value Assembly::emitConditions(ElementMap &map, ScalarCode &code, ArrayRef<unsigned> conditions) {
  Value all = map.operand(conditions.front());
  for (unsigned condition : conditions.drop_front())
    all = code.combine(CombineKind::And, all, map.operand(condition));
  return all;
}

bool Assembly::isPlain(Part &part) {
  SmallVector<unsigned> variables;
  for (auto [position, size] : llvm::zip_equal(part.left, sizes)) {
    AffineDimExpr dim = dyn_cast<AffineDimExpr>(position);
    if (!dim || part.frame->loopVariable == dim.getPosition() ||
        llvm::is_contained(variables, dim.getPosition()) ||
        !(part.frame->sizes[dim.getPosition()] == size))
      return false;
    variables.push_back(dim.getPosition());
  }
  part.variables = std::move(variables);
  return true;
}

bool Assembly::coversAxis(Frame &frame, AffineExpr position, const Size &size,
                          llvm::SmallBitVector &used) {
  int64_t divisor = 1;
  mlir::AffineBinaryOpExpr binary = dyn_cast<mlir::AffineBinaryOpExpr>(position);
  if (binary && binary.getKind() == AffineExprKind::FloorDiv) {
    divisor = cast<AffineConstantExpr>(binary.getRHS()).getValue();
    position = binary.getLHS();
  }
  std::optional<ein::LinearForm> form = ein::linearForm(position, frame.sizes.size());
  int variable = -1;
  for (unsigned dim = 0; form && dim < frame.sizes.size(); ++dim)
    if (form->coefficients[dim] != 0) {
      if (variable >= 0 || used.test(dim) || form->coefficients[dim] != 1)
        return false;
      variable = dim;
    }
  if (variable < 0 || frame.loopVariable == static_cast<unsigned>(variable))
    return false;
  used.set(variable);
  const Size &extent = frame.sizes[variable];
  if (!extent.isStatic() || !size.isStatic())
    return divisor == 1 && form->constant == 0 && extent == size;
  // Steps of 1 before the division: nothing between the first and the last is left out.
  int64_t first = form->constant, last = form->constant + extent.fixed - 1;
  return extent.fixed > 0 && llvm::divideFloorSigned(first, divisor) <= 0 &&
         llvm::divideFloorSigned(last, divisor) >= size.fixed - 1;
}

bool Assembly::isCovering(const Part &part) {
  if (part.isGuarded())
    return false;
  llvm::SmallBitVector used(part.frame->sizes.size());
  for (auto [position, size] : llvm::zip_equal(part.left, sizes))
    if (!coversAxis(*part.frame, position, size, used))
      return false;
  return true;
}

//===----------------------------------------------------------------------===//
// Equations that define every element
//===----------------------------------------------------------------------===//

Value Assembly::emitPlain(ElementMap &map, ScalarCode &code, const Operands &fires,
                          std::optional<unsigned> old, std::optional<unsigned> facts) {
  Value sum, anyFires;
  bool someAlwaysFires = false;
  auto combine = [&](Value value) { sum = sum ? code.combine(kind, sum, value) : value; };
  auto constant = [&](TypedAttr attr) { return ein::buildConstant(map.body(), loc, attr); };
  unsigned number = 0;
  for (Part &part : parts) {
    if (!part.isPlain)
      continue;
    Value value = map.emit(part.frame->equation.getRoot());
    ArrayRef<unsigned> conditions = fires[number++];
    if (!conditions.empty()) {
      Value isFiring = emitConditions(map, code, conditions);
      value = code.select(isFiring, value, constant(neutral));
      anyFires = anyFires ? code.combine(CombineKind::Or, anyFires, isFiring) : isFiring;
    } else {
      someAlwaysFires = true;
    }
    combine(value);
  }
  if (facts)
    combine(map.operand(*facts));
  if (old && !target.isReplaced)
    combine(map.operand(*old));
  if (old && target.isReplaced && !someAlwaysFires) {
    Value before = map.operand(*old);
    return sum ? code.select(anyFires, sum, before) : before;
  }
  if (!sum)
    return constant(neutral);
  // Where nothing fires, nothing is written.
  bool isUnwritten = anyFires && !someAlwaysFires && !old && !facts;
  return isUnwritten ? code.select(anyFires, sum, constant(zero())) : sum;
}

Value Assembly::buildPlain(Type type) {
  ElementMap map(env, loc, sizes);
  Operands fires;
  Value onlyRoot;
  for (Part &part : parts) {
    if (!part.isPlain)
      continue;
    onlyRoot = part.frame->equation.getRoot();
    map.addExpression(*part.frame, onlyRoot, part.variables, semiring);
    fires.push_back(addConditions(map, part));
  }
  std::optional<unsigned> old, facts;
  bool arePlain = llvm::all_of(parts, [](const Part &part) { return part.isPlain; });
  if (target.old && !(target.isReplaced && (alwaysReplaced() || !arePlain)))
    old = map.addOperand(target.old);
  if (target.hasFacts && target.tensor.getValue())
    facts = map.addOperand(mlir::arith::ConstantOp::create(env.builder, target.tensor.getLoc(),
                                                           target.tensor.getValueAttr()));
  if (fires.empty() && !old && !facts)
    return {};
  if (fires.size() == 1 && fires.front().empty() && !old && !facts)
    if (Value whole = map.wholeLeaf(onlyRoot))
      return whole;
  return map.build(type, [&](ScalarCode &code) { return emitPlain(map, code, fires, old, facts); });
}

//===----------------------------------------------------------------------===//
// The whole
//===----------------------------------------------------------------------===//

Value Assembly::keepOld(Value value) {
  bool isFiring = llvm::any_of(parts, [](const Part &part) { return part.alwaysFires; });
  if (!target.isReplaced || !target.old || isFiring)
    return value;
  ElementMap map(env, loc, sizes);
  unsigned after = map.addOperand(value), before = map.addOperand(target.old);
  SmallVector<unsigned> flags;
  for (Part &part : parts)
    flags.push_back(map.addOperand(part.fires, ArrayRef<AffineExpr>()));
  return map.build(compute, [&](ScalarCode &code) {
    Value anyFires = map.operand(flags.front());
    for (unsigned flag : llvm::drop_begin(flags))
      anyFires = code.combine(CombineKind::Or, anyFires, map.operand(flag));
    return code.select(anyFires, map.operand(after), map.operand(before));
  });
}

Value Assembly::finish(Value value) {
  if (elementOf(value) == element)
    return value;
  // A contraction may store its sums as the narrower type itself.
  ein::ContractOp contract = value.getDefiningOp<ein::ContractOp>();
  if (contract && contract->use_empty()) {
    contract.getResult().setType(contract.getResult().getType().clone(element));
    return contract.getResult();
  }
  return buildConvert(env, loc, value, element, semiring);
}

Value Assembly::build() {
  bool hasScattered = llvm::any_of(parts, [](const Part &part) { return !part.isPlain; });
  if (projection == tl::Projection::Avg && (hasScattered || parts.size() > 1))
    return buildAverage();
  // Collisions add up in the wider type.
  Value value = buildPlain(hasScattered ? compute : element);
  if (!hasScattered)
    return value ? finish(value) : buildFill(env, loc, sizes, zeroOf(semiring, element));
  bool isCovered = value || projection == tl::Projection::Sum ||
                   llvm::any_of(parts, [&](const Part &part) { return isCovering(part); });
  if (!value)
    value = buildFill(env, loc, sizes, neutral);
  value = buildConvert(env, loc, value, compute, semiring);
  for (Part &part : parts)
    if (!part.isPlain)
      value = scatter(part, buildPartValue(part, part.frame->equation.getRoot(), compute, neutral),
                      value, kind);
  return finish(keepOld(isCovered ? value : clearUnwritten(value)));
}

Value assemble(Environment &env, const AssemblyTarget &target, ArrayRef<tl::EquationOp> equations,
               const LoopPosition &loop) {
  return Assembly(env, target, equations, loop).build();
}

} // namespace tlc
