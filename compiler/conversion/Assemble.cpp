//===- Assemble.cpp - a tensor from its equations [E2] --------------------===//
//
//   Y[i, k] = A[i, j] B[j, k]        the contraction itself
//   Y[i, k] = C[k, i]                one map adds the transposed C to it
//   Y[0, k] = D[k]                   scattered into the sum
//   P[x/2, y/2] max= F[x, y]         scattered into the lowest value, combined by max [E5]
//
//===----------------------------------------------------------------------===//

#include "compiler/conversion/Assemble.h"

#include "compiler/conversion/ElementMap.h"
#include "compiler/conversion/Projection.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace tlc {

using ein::CombineKind;

SmallVector<tl::EquationOp> equationsOf(Region &region) {
  return llvm::to_vector(region.getOps<tl::EquationOp>());
}

namespace {

class Assembly {
public:
  Assembly(Environment &env, const AssemblyTarget &target, ArrayRef<tl::EquationOp> equations,
           const LoopPosition &loop);

  Value build();

private:
  /// One equation, and where it writes.
  struct Part {
    std::unique_ptr<Frame> frame;
    SmallVector<AffineExpr> left;    ///< without the loop's axis
    SmallVector<unsigned> variables; ///< of `left`, without the loop's; if plain, in its order
    bool isPlain = false;            ///< distinct variables that range over all positions
    bool alwaysFires = true;
    Value fires; ///< a rank-0 Boolean, null if it always fires
  };
  using Operands = SmallVector<std::optional<unsigned>>;

  void addPart(tl::EquationOp equation, const LoopPosition &loop);
  bool isPlain(Part &part);
  /// Whether the positions on the left reach every element.
  bool isCovering(const Part &part);
  bool coversAxis(Frame &frame, AffineExpr position, const Size &size, llvm::SmallBitVector &used);

  /// The plain equations, the facts and the old value, in one map; null if there are none.
  Value buildPlain(Type type);
  Value emitPlain(ElementMap &map, ScalarCode &code, const Operands &fires,
                  std::optional<unsigned> old, std::optional<unsigned> facts, Type type);
  /// The value of an equation that does not cover its tensor, neutral where it does not fire.
  Value buildPartValue(Part &part, Value expr, Type type, TypedAttr neutralValue);
  Value scatter(Part &part, Value value, Value into, CombineKind how);
  /// Zero instead of the neutral element where nothing was written.
  Value clearUnwritten(Value value);
  Value buildAverage();
  /// The old value of a virtual tensor where no equation fires.
  Value keepOld(Value value);
  Value finish(Value value);
  bool alwaysReplaced() {
    return llvm::any_of(parts, [](const Part &part) { return part.alwaysFires; });
  }
  /// What no equation writes.
  TypedAttr zero() {
    return projection == tl::Projection::Sum ? neutral : zeroOf(semiring, compute);
  }

  Environment &env;
  AssemblyTarget target;
  Location loc;
  SmallVector<Size> sizes;
  SmallVector<Part> parts;
  tl::Projection projection = tl::Projection::Sum;
  ein::SemiringKind semiring;
  Type element; ///< of the tensor
  Type compute;
  CombineKind kind;
  TypedAttr neutral;
};

} // namespace

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
  parts.push_back(std::move(part));
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
  if (!part.alwaysFires)
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
                          std::optional<unsigned> old, std::optional<unsigned> facts, Type type) {
  Value sum, anyFires;
  bool someAlwaysFires = false;
  auto combine = [&](Value value) { sum = sum ? code.combine(kind, sum, value) : value; };
  auto constant = [&](TypedAttr attr) { return ein::buildConstant(map.body(), loc, attr); };
  unsigned number = 0;
  for (Part &part : parts) {
    if (!part.isPlain)
      continue;
    Value value = map.emit(part.frame->equation.getRoot());
    if (std::optional<unsigned> flag = fires[number++]) {
      Value isFiring = map.operand(*flag);
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
    fires.push_back(std::nullopt);
    if (part.fires)
      fires.back() = map.addOperand(part.fires, ArrayRef<AffineExpr>());
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
  if (fires.size() == 1 && !fires.front() && !old && !facts)
    if (Value whole = map.wholeLeaf(onlyRoot))
      return whole;
  return map.build(type,
                   [&](ScalarCode &code) { return emitPlain(map, code, fires, old, facts, type); });
}

//===----------------------------------------------------------------------===//
// Equations that define some elements
//===----------------------------------------------------------------------===//

Value Assembly::buildPartValue(Part &part, Value expr, Type type, TypedAttr neutralValue) {
  Frame &frame = *part.frame;
  ElementMap map(env, frame.loc(), frame.sizesOf(part.variables));
  map.addExpression(frame, expr, part.variables, semiring);
  if (!part.fires) {
    Value whole = map.wholeLeaf(expr);
    if (whole && elementOf(whole) == type)
      return whole;
    return map.build(type, [&](ScalarCode &) { return map.emit(expr); });
  }
  unsigned fires = map.addOperand(part.fires, ArrayRef<AffineExpr>());
  return map.build(type, [&](ScalarCode &code) {
    Value otherwise = ein::buildConstant(map.body(), frame.loc(), neutralValue);
    return code.select(map.operand(fires), map.emit(expr), otherwise);
  });
}

Value Assembly::scatter(Part &part, Value value, Value into, CombineKind how) {
  Frame &frame = *part.frame;
  OpBuilder &builder = env.builder;
  SmallVector<AffineExpr> replacement(frame.sizes.size(), builder.getAffineConstantExpr(0));
  for (auto [dim, variable] : llvm::enumerate(part.variables))
    replacement[variable] = builder.getAffineDimExpr(dim);
  SmallVector<Value> symbols;
  bool usesLoop = frame.loopVariable && llvm::any_of(part.left, [&](AffineExpr position) {
                    return position.isFunctionOfDim(*frame.loopVariable);
                  });
  if (usesLoop) {
    replacement[*frame.loopVariable] = builder.getAffineSymbolExpr(0);
    symbols.push_back(frame.loopValue());
  }
  SmallVector<AffineExpr> positions;
  for (AffineExpr position : part.left)
    positions.push_back(position.replaceDims(replacement));
  AffineMap map =
      AffineMap::get(part.variables.size(), symbols.size(), positions, builder.getContext());
  return ein::ScatterOp::create(builder, frame.loc(), into.getType(), value, into, symbols, map,
                                how);
}

Value Assembly::clearUnwritten(Value value) {
  TypedAttr no = env.builder.getBoolAttr(false), yes = env.builder.getBoolAttr(true);
  Value written = buildFill(env, loc, sizes, no);
  for (Part &part : parts) {
    SmallVector<Size> shape = part.frame->sizesOf(part.variables);
    Value wrote = buildFill(env, loc, shape, yes);
    if (part.fires) {
      ElementMap map(env, loc, shape);
      unsigned fires = map.addOperand(part.fires, ArrayRef<AffineExpr>());
      wrote = map.build(yes.getType(), [&](ScalarCode &) { return map.operand(fires); });
    }
    written = scatter(part, wrote, written, CombineKind::Or);
  }
  ElementMap map(env, loc, sizes);
  unsigned flag = map.addOperand(written), kept = map.addOperand(value);
  return map.build(elementOf(value), [&](ScalarCode &code) {
    return code.select(map.operand(flag), map.operand(kept),
                       ein::buildConstant(map.body(), loc, zero()));
  });
}

/// The sum over all equations and colliding positions, over how many elements it has.
Value Assembly::buildAverage() {
  Value sum = buildFill(env, loc, sizes, ein::zeroOf(compute));
  Value count = buildFill(env, loc, sizes, ein::zeroOf(compute));
  for (Part &part : parts) {
    Frame &frame = *part.frame;
    Value root = frame.equation.getRoot();
    tl::ReduceOp reduce = root.getDefiningOp<tl::ReduceOp>();
    bool isAverage = reduce && reduce.getKind() == tl::Projection::Avg;
    ElementMap map(env, loc, frame.sizesOf(part.variables));
    unsigned total = 0;
    std::optional<unsigned> number, fires;
    if (isAverage) {
      SmallVector<unsigned> free, counted;
      llvm::SmallBitVector isFree = frame.freeVariables(root);
      llvm::copy_if(part.variables, std::back_inserter(free),
                    [&](unsigned variable) { return isFree.test(variable); });
      auto positionsOf = [&](ArrayRef<unsigned> variables) {
        SmallVector<AffineExpr> positions;
        for (unsigned variable : variables)
          positions.push_back(env.builder.getAffineDimExpr(llvm::find(part.variables, variable) -
                                                           part.variables.begin()));
        return positions;
      };
      total = map.addOperand(buildProjection(frame, reduce, free, semiring), positionsOf(free));
      Value combinations = buildCount(frame, reduce, free, counted);
      number = map.addOperand(combinations, positionsOf(counted));
    } else {
      total = map.addOperand(buildTensor(frame, root, part.variables, compute, semiring));
    }
    if (part.fires)
      fires = map.addOperand(part.fires, ArrayRef<AffineExpr>());
    auto masked = [&](ScalarCode &code, Value value) {
      return fires ? code.select(map.operand(*fires), value, code.number(0, compute)) : value;
    };
    Value sums =
        map.build(compute, [&](ScalarCode &code) { return masked(code, map.operand(total)); });
    Value counts = map.build(compute, [&](ScalarCode &code) {
      Value one =
          number ? code.convert(map.operand(*number), compute, semiring) : code.number(1, compute);
      return masked(code, one);
    });
    sum = scatter(part, sums, sum, CombineKind::Add);
    count = scatter(part, counts, count, CombineKind::Add);
  }
  ElementMap map(env, loc, sizes);
  unsigned total = map.addOperand(sum), number = map.addOperand(count);
  return map.build(element, [&](ScalarCode &code) {
    Value zero = code.number(0, compute), divisor = map.operand(number);
    Value isNone = code.compare(tl::Comparison::Equal, divisor, zero);
    Value quotient[] = {map.operand(total), code.select(isNone, code.number(1, compute), divisor)};
    return code.apply(tl::Function::Divide, quotient);
  });
}

//===----------------------------------------------------------------------===//
// The whole
//===----------------------------------------------------------------------===//

Value Assembly::keepOld(Value value) {
  if (!target.isReplaced || !target.old || alwaysReplaced())
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
