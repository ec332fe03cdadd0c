#include "compiler/lower/ExprLowering.h"

#include "compiler/lower/LowerToTl.h"

#include <cmath>

namespace tlc {

using namespace program;
using ein::SemiringKind;

//===----------------------------------------------------------------------===//
// Index expressions
//===----------------------------------------------------------------------===//

AffineExpr ExprLowering::affine(const IndexExpr &index) {
  AffineExpr sum = builder.getAffineConstantExpr(index.constant);
  for (auto [variable, coefficient] : index.terms)
    sum = builder.getAffineDimExpr(variable) * coefficient + sum;
  return index.divisor == 1 ? sum : sum.floorDiv(index.divisor);
}

AffineMap ExprLowering::map(ArrayRef<IndexExpr> indices) {
  SmallVector<AffineExpr> positions;
  for (const IndexExpr &index : indices)
    positions.push_back(affine(index));
  return AffineMap::get(equation.variables.size(), 0, positions, builder.getContext());
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

/// The narrower of two types that both fit into, in the order Booleans, integers, floats, complex.
static Type wider(Type a, Type b) {
  if (!a || a == b)
    return b;
  auto rank = [](Type type) {
    if (isa<ComplexType>(type))
      return 300 + cast<ComplexType>(type).getElementType().getIntOrFloatBitWidth();
    return (isa<FloatType>(type) ? 150u : 0u) + type.getIntOrFloatBitWidth();
  };
  if (rank(a) == rank(b)) // f16 and bf16
    return mlir::Float32Type::get(a.getContext());
  Type result = rank(a) > rank(b) ? a : b;
  Type other = result == a ? b : a;
  if (other.isF64() && isa<ComplexType>(result))
    return ComplexType::get(other);
  return result;
}

static bool isReal(double value) { return std::floor(value) != value; }

void ExprLowering::inspect(const Expr &expr, Contents &contents) {
  if (const Ref *ref = std::get_if<Ref>(&expr.value)) {
    Type type = elementType(program.tensors[ref->tensor].type, builder.getContext());
    contents.widest = wider(contents.widest, type);
  } else if (const Number *number = std::get_if<Number>(&expr.value)) {
    contents.isReal |= isReal(number->value);
    contents.isCount = true;
  } else if (std::holds_alternative<IndexValue>(expr.value)) {
    contents.isCount = true;
  } else if (const Unary *unary = std::get_if<Unary>(&expr.value)) {
    contents.isCount |= unary->op == UnaryOp::Negate;
    if (unary->op == UnaryOp::Negate)
      inspect(*unary->operand, contents);
    else
      contents.widest = wider(contents.widest, builder.getI1Type());
  } else if (const Binary *binary = std::get_if<Binary>(&expr.value)) {
    if (binary->op >= BinaryOp::Equal) {
      contents.widest = wider(contents.widest, builder.getI1Type());
      return;
    }
    contents.isReal |= binary->op == BinaryOp::Divide || binary->op == BinaryOp::Power;
    contents.isCount |= binary->op != BinaryOp::Multiply;
    inspect(*binary->lhs, contents);
    inspect(*binary->rhs, contents);
  } else if (const Call *call = std::get_if<Call>(&expr.value)) {
    contents.isReal |= call->function != "min" && call->function != "max" &&
                       call->function != "abs" && call->function != "where";
    contents.isCount |= call->function != "where";
    for (const ExprPtr &argument : call->arguments)
      inspect(*argument, contents);
  } else if (const Reduce *reduce = std::get_if<Reduce>(&expr.value)) {
    contents.isCount |= reduce->kind == ReduceKind::Sum;
    contents.isReal |= reduce->kind == ReduceKind::Avg;
    inspect(*reduce->operand, contents);
  } else if (const Normalize *normalize = std::get_if<Normalize>(&expr.value)) {
    contents.isReal = true;
    inspect(*normalize->operand, contents);
  } else if (const Concat *concat = std::get_if<Concat>(&expr.value)) {
    inspect(*concat->operand, contents);
  }
}

Type ExprLowering::ownType(ArrayRef<const Expr *> exprs) {
  Contents contents;
  for (const Expr *expr : exprs)
    inspect(*expr, contents);
  Type widest = contents.widest;
  if (widest && isa<FloatType, ComplexType>(widest))
    return widest;
  if (contents.isReal)
    return builder.getF64Type();
  if (!widest || (widest.isInteger(1) && contents.isCount))
    return builder.getI64Type();
  return widest;
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

Value ExprLowering::convert(Value value, Type type, SemiringKind semiring) {
  if (value.getType() == type)
    return value;
  return tl::ConvertOp::create(builder, value.getLoc(), type, semiring, value);
}

Value ExprLowering::apply(Location loc, tl::Function function, Type type, ValueRange operands) {
  return tl::ApplyOp::create(builder, loc, type, function, operands);
}

void ExprLowering::flatten(const Expr &expr, BinaryOp op, SmallVectorImpl<const Expr *> &operands) {
  const Binary *binary = std::get_if<Binary>(&expr.value);
  if (!binary || binary->op != op) {
    operands.push_back(&expr);
    return;
  }
  flatten(*binary->lhs, op, operands);
  flatten(*binary->rhs, op, operands);
}

Value ExprLowering::lower(const Expr &expr, Type type, SemiringKind semiring) {
  Location loc = locationOf(expr.range);
  return std::visit([&](const auto &node) { return lowerNode(node, loc, type, semiring, expr); },
                    expr.value);
}

Value ExprLowering::lowerNode(const Ref &ref, Location loc, Type type, SemiringKind semiring,
                              const Expr &) {
  const Tensor &tensor = program.tensors[ref.tensor];
  Type own = elementType(tensor.type, builder.getContext());
  return convert(tl::RefOp::create(builder, loc, own, tensor.name, map(ref.indices)), type,
                 semiring);
}

Value ExprLowering::lowerNode(const Number &number, Location loc, Type type, SemiringKind,
                              const Expr &) {
  double value = type.isInteger(1) ? number.value > 0 : number.value;
  return tl::NumberOp::create(builder, loc, type, builder.getF64FloatAttr(value));
}

Value ExprLowering::lowerNode(const IndexValue &index, Location loc, Type type,
                              SemiringKind semiring, const Expr &) {
  Type own = type.isInteger(1) ? builder.getI64Type() : type;
  return convert(tl::IndexOp::create(builder, loc, own, map(index.expr)), type, semiring);
}

Value ExprLowering::lowerNode(const Unary &unary, Location loc, Type type, SemiringKind semiring,
                              const Expr &expr) {
  if (unary.op == UnaryOp::Not) {
    Value operand = lower(*unary.operand, builder.getI1Type(), SemiringKind::OrAnd);
    return convert(apply(loc, tl::Function::Not, builder.getI1Type(), operand), type, semiring);
  }
  if (type.isInteger(1))
    return convert(lower(expr, ownType(&expr), SemiringKind::SumProduct), type, semiring);
  return apply(loc, tl::Function::Negate, type, lower(*unary.operand, type, semiring));
}

/// Comparisons stand in the order of both enumerations.
static tl::Comparison comparisonOf(BinaryOp op) {
  return static_cast<tl::Comparison>(static_cast<int>(op) - static_cast<int>(BinaryOp::Equal));
}

static tl::Function functionOf(BinaryOp op) {
  return op == BinaryOp::Subtract ? tl::Function::Subtract
         : op == BinaryOp::Divide ? tl::Function::Divide
                                  : tl::Function::Power;
}

Value ExprLowering::lowerNode(const Binary &binary, Location loc, Type type, SemiringKind semiring,
                              const Expr &expr) {
  if (binary.op >= BinaryOp::Equal) {
    Type own = ownType({binary.lhs.get(), binary.rhs.get()});
    Value lhs = lower(*binary.lhs, own, SemiringKind::SumProduct);
    Value rhs = lower(*binary.rhs, own, SemiringKind::SumProduct);
    return convert(tl::CompareOp::create(builder, loc, comparisonOf(binary.op), lhs, rhs), type,
                   semiring);
  }
  if (binary.op == BinaryOp::Add || binary.op == BinaryOp::Multiply) {
    SmallVector<const Expr *> exprs;
    flatten(expr, binary.op, exprs);
    SmallVector<Value> operands;
    for (const Expr *each : exprs)
      operands.push_back(lower(*each, type, semiring));
    if (binary.op == BinaryOp::Add)
      return tl::AddOp::create(builder, loc, type, semiring, operands);
    return tl::ProductOp::create(builder, loc, type, semiring, operands);
  }
  if (type.isInteger(1))
    return convert(lower(expr, ownType(&expr), SemiringKind::SumProduct), type, semiring);
  Value lhs = lower(*binary.lhs, type, semiring);
  Value rhs = lower(*binary.rhs, type, semiring);
  return apply(loc, functionOf(binary.op), type, {lhs, rhs});
}

Value ExprLowering::lowerNode(const Call &call, Location loc, Type type, SemiringKind semiring,
                              const Expr &expr) {
  bool isChoice = call.function == "where";
  if (type.isInteger(1) && !isChoice)
    return convert(lower(expr, ownType(&expr), SemiringKind::SumProduct), type, semiring);
  SmallVector<Value> arguments;
  for (const ExprPtr &argument : call.arguments)
    arguments.push_back(isChoice && arguments.empty()
                            ? lower(*argument, builder.getI1Type(), SemiringKind::OrAnd)
                            : lower(*argument, type, semiring));
  // The only function of the language that is an operator of tl under another name.
  tl::Function function = tl::symbolizeFunction(call.function).value_or(tl::Function::Power);
  return apply(loc, function, type, arguments);
}

/// Both enumerations list sum, max, min, avg, product.
static tl::Projection projectionOf(ReduceKind kind) { return static_cast<tl::Projection>(kind); }

static SmallVector<int64_t> widen(ArrayRef<int> variables) {
  return SmallVector<int64_t>(variables.begin(), variables.end());
}

Value ExprLowering::lowerNode(const Reduce &reduce, Location loc, Type type, SemiringKind semiring,
                              const Expr &expr) {
  if (type.isInteger(1) && reduce.kind == ReduceKind::Avg)
    return convert(lower(expr, ownType(&expr), SemiringKind::SumProduct), type, semiring);
  Value operand = lower(*reduce.operand, type, semiring);
  return tl::ReduceOp::create(builder, loc, type, projectionOf(reduce.kind), semiring,
                              widen(reduce.variables), operand);
}

/// Both enumerations list the kinds in one order.
static ein::NormalizeKind normalizeKind(NormalizeKind kind) {
  return static_cast<ein::NormalizeKind>(kind);
}

Value ExprLowering::lowerNode(const Normalize &normalize, Location loc, Type type,
                              SemiringKind semiring, const Expr &expr) {
  if (type.isInteger(1))
    return convert(lower(expr, ownType(&expr), SemiringKind::SumProduct), type, semiring);
  Value operand = lower(*normalize.operand, type, semiring);
  return tl::NormalizeOp::create(builder, loc, type, normalizeKind(normalize.kind),
                                 widen(normalize.variables), operand);
}

Value ExprLowering::lowerNode(const Concat &concat, Location loc, Type type, SemiringKind semiring,
                              const Expr &) {
  Value operand = lower(*concat.operand, type, semiring);
  return tl::ConcatOp::create(builder, loc, type, widen(concat.variables), concat.result, operand);
}

} // namespace tlc
