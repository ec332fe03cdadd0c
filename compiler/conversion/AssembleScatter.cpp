//===- AssembleScatter.cpp - equations that define some elements [E5] -----===//
//
//   Y[0, k] = D[k]                   scattered into the sum of the others
//   P[x/2, y/2] max= F[x, y]         scattered into the lowest value, combined by max
//   M[x/2] avg= F[x]                 sums and counts are scattered, then divided
//
//===----------------------------------------------------------------------===//

#include "compiler/conversion/Assembly.h"

namespace tlc {

using ein::CombineKind;

Value Assembly::buildPartValue(Part &part, Value expr, Type type, TypedAttr neutralValue) {
  Frame &frame = *part.frame;
  ElementMap map(env, frame.loc(), frame.sizesOf(part.variables));
  map.addExpression(frame, expr, part.variables, semiring);
  if (!part.isGuarded()) {
    Value whole = map.wholeLeaf(expr);
    if (whole && elementOf(whole) == type)
      return whole;
    return map.build(type, [&](ScalarCode &) { return map.emit(expr); });
  }
  SmallVector<unsigned> conditions = addConditions(map, part);
  return map.build(type, [&](ScalarCode &code) {
    Value otherwise = ein::buildConstant(map.body(), frame.loc(), neutralValue);
    return code.select(emitConditions(map, code, conditions), map.emit(expr), otherwise);
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
    if (part.isGuarded()) {
      ElementMap map(env, loc, shape);
      map.enter(*part.frame, part.variables);
      SmallVector<unsigned> conditions = addConditions(map, part);
      wrote = map.build(yes.getType(),
                        [&](ScalarCode &code) { return emitConditions(map, code, conditions); });
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

/// Adds what one equation contributes to the sum and to the number of its elements.
void Assembly::addToAverage(Part &part, Value &sum, Value &count) {
  Frame &frame = *part.frame;
  Value root = frame.equation.getRoot();
  tl::ReduceOp reduce = root.getDefiningOp<tl::ReduceOp>();
  ElementMap map(env, loc, frame.sizesOf(part.variables));
  map.enter(frame, part.variables);
  auto accessOf = [&](Value tensor, ArrayRef<unsigned> variables) {
    Access access{tensor, {}};
    for (unsigned variable : variables)
      access.positions.push_back(env.builder.getAffineDimExpr(variable));
    return map.addAccess(access);
  };
  unsigned total = 0;
  std::optional<unsigned> number;
  if (reduce && reduce.getKind() == tl::Projection::Avg) {
    SmallVector<unsigned> free, counted;
    llvm::SmallBitVector isFree = frame.freeVariables(root);
    llvm::copy_if(part.variables, std::back_inserter(free),
                  [&](unsigned variable) { return isFree.test(variable); });
    total = accessOf(buildProjection(frame, reduce, free, semiring), free);
    Value combinations = buildCount(frame, reduce, free, counted);
    number = accessOf(combinations, counted);
  } else {
    total = map.addOperand(buildTensor(frame, root, part.variables, compute, semiring));
  }
  SmallVector<unsigned> conditions = addConditions(map, part);
  auto masked = [&](ScalarCode &code, Value value) {
    if (conditions.empty())
      return value;
    return code.select(emitConditions(map, code, conditions), value, code.number(0, compute));
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

/// The sum over all equations and colliding positions, over how many elements it has.
Value Assembly::buildAverage() {
  Value sum = buildFill(env, loc, sizes, ein::zeroOf(compute));
  Value count = sum;
  for (Part &part : parts)
    addToAverage(part, sum, count);
  ElementMap map(env, loc, sizes);
  unsigned total = map.addOperand(sum), number = map.addOperand(count);
  return map.build(element, [&](ScalarCode &code) {
    Value zero = code.number(0, compute), divisor = map.operand(number);
    Value isNone = code.compare(tl::Comparison::Equal, divisor, zero);
    Value quotient[] = {map.operand(total), code.select(isNone, code.number(1, compute), divisor)};
    return code.apply(tl::Function::Divide, quotient);
  });
}

} // namespace tlc
