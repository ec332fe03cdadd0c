//===- TlExpressions.cpp - checks on right-hand sides ---------------------===//

#include "dialects/tl/TlDialect.h"

namespace tlc::tl {

/// The number of variables of the equation around `op`, or an error.
static FailureOr<unsigned> variableCount(Operation *op) {
  if (EquationOp equation = op->getParentOfType<EquationOp>())
    return equation.getVariables().size();
  return op->emitOpError("stands outside an equation");
}

static LogicalResult verifyMap(Operation *op, AffineMap map) {
  FailureOr<unsigned> count = variableCount(op);
  if (failed(count))
    return failure();
  if (map.getNumDims() != *count || map.getNumSymbols() != 0)
    return op->emitOpError() << "has a map of " << map.getNumDims()
                             << " dimensions but the equation " << *count << " variables";
  return success();
}

/// Distinct variables of the equation.
static LogicalResult verifyVariables(Operation *op, ArrayRef<int64_t> variables) {
  FailureOr<unsigned> count = variableCount(op);
  if (failed(count))
    return failure();
  llvm::SmallDenseSet<int64_t> seen;
  for (int64_t variable : variables) {
    if (variable < 0 || variable >= static_cast<int64_t>(*count))
      return op->emitOpError() << "has no variable " << variable << ", the equation has " << *count;
    if (!seen.insert(variable).second)
      return op->emitOpError() << "names variable " << variable << " twice";
  }
  return success();
}

LogicalResult RefOp::verify() {
  if (failed(verifyMap(*this, getMap())))
    return failure();
  ProgramOp program = (*this)->getParentOfType<ProgramOp>();
  TensorOp tensor = program ? program.lookupSymbol<TensorOp>(getTensor()) : TensorOp();
  if (!tensor)
    return emitOpError() << "names the unknown tensor @" << getTensor();
  RankedTensorType type = tensor.getTensorType();
  if (getMap().getNumResults() != static_cast<uint64_t>(type.getRank()))
    return emitOpError() << "has " << getMap().getNumResults() << " positions but @" << getTensor()
                         << " has rank " << type.getRank();
  if (getResult().getType() != type.getElementType())
    return emitOpError() << "has type " << getResult().getType() << " but @" << getTensor()
                         << " has elements of type " << type.getElementType();
  return success();
}

LogicalResult IndexOp::verify() {
  if (getMap().getNumResults() != 1)
    return emitOpError("has one value");
  return verifyMap(*this, getMap());
}

static LogicalResult verifySemiring(Operation *op, SemiringKind kind, Type type) {
  if (!ein::SemiringAttr::get(op->getContext(), kind).supports(type))
    return op->emitOpError() << "cannot compute " << ein::stringifySemiringKind(kind) << " on "
                             << type;
  return success();
}

LogicalResult ProductOp::verify() {
  return verifySemiring(*this, getSemiring(), getResult().getType());
}

LogicalResult AddOp::verify() {
  return verifySemiring(*this, getSemiring(), getResult().getType());
}

std::pair<unsigned, unsigned> arityOf(Function function) {
  switch (function) {
  case Function::Subtract:
  case Function::Divide:
  case Function::Power:
  case Function::Min:
  case Function::Max:
    return {2, 2};
  case Function::Where:
    return {3, 3};
  case Function::Sigmoid:
    return {1, 2};
  default:
    return {1, 1};
  }
}

LogicalResult ApplyOp::verify() {
  auto [fewest, most] = arityOf(getFunction());
  if (getNumOperands() < fewest || getNumOperands() > most)
    return emitOpError() << stringifyFunction(getFunction()) << " takes "
                         << (fewest == most ? "" : "up to ") << most << " arguments, not "
                         << getNumOperands();
  for (auto [number, operand] : llvm::enumerate(getOperands())) {
    bool isCondition =
        getFunction() == Function::Not || (getFunction() == Function::Where && number == 0);
    Type expected = isCondition ? IntegerType::get(getContext(), 1) : getResult().getType();
    if (operand.getType() != expected)
      return emitOpError() << "has an argument of type " << operand.getType() << " where "
                           << stringifyFunction(getFunction()) << " needs " << expected;
  }
  if (getFunction() == Function::Not && !getResult().getType().isInteger(1))
    return emitOpError("yields a Boolean");
  return success();
}

LogicalResult ReduceOp::verify() { return verifyVariables(*this, getVariables()); }

LogicalResult NormalizeOp::verify() { return verifyVariables(*this, getVariables()); }

LogicalResult ConcatOp::verify() {
  SmallVector<int64_t> all(getVariables());
  all.push_back(getInto());
  return verifyVariables(*this, all);
}

LogicalResult YieldOp::verify() {
  EquationOp equation = cast<EquationOp>((*this)->getParentOp());
  ProgramOp program = (*this)->getParentOfType<ProgramOp>();
  TensorOp tensor = program ? program.lookupSymbol<TensorOp>(equation.getTensor()) : TensorOp();
  if (tensor && tensor.getTensorType().getElementType() != getValue().getType())
    return emitOpError() << "yields " << getValue().getType() << " but @" << equation.getTensor()
                         << " has elements of type " << tensor.getTensorType().getElementType();
  return success();
}

} // namespace tlc::tl
