//===- TlOps.cpp - checks on programs, tensors and the schedule -----------===//

#include "dialects/tl/TlDialect.h"

namespace tlc::tl {

/// The program around an operation; null where there is none.
static ProgramOp programOf(Operation *op) { return op->getParentOfType<ProgramOp>(); }

/// The tensor that a symbol names, or an error.
static TensorOp lookupTensor(Operation *op, mlir::FlatSymbolRefAttr name) {
  TensorOp tensor;
  if (ProgramOp program = programOf(op))
    tensor = program.lookupSymbol<TensorOp>(name.getAttr());
  if (!tensor)
    op->emitOpError() << "names the unknown tensor " << name;
  return tensor;
}

/// An error for an operation in `body` that is none of the listed kinds.
template <typename... Kinds> static LogicalResult verifyBody(Operation *op, Region &body) {
  for (Operation &each : body.getOps())
    if (!isa<Kinds...>(each))
      return op->emitOpError() << "cannot hold '" << each.getName() << "'";
  return success();
}

/// Every equation of `body` defines `tensor`, and all have one projection [E3].
static LogicalResult verifyEquations(Operation *op, Region &body, StringRef tensor) {
  if (failed(verifyBody<EquationOp>(op, body)))
    return failure();
  std::optional<Projection> projection;
  for (EquationOp equation : body.getOps<EquationOp>()) {
    if (equation.getTensor() != tensor)
      return equation.emitOpError()
             << "defines @" << equation.getTensor() << " among the equations of @" << tensor;
    if (projection && *projection != equation.getProjection())
      return equation.emitOpError()
             << "combines by " << stringifyProjection(equation.getProjection())
             << ", another equation of @" << tensor << " by " << stringifyProjection(*projection);
    projection = equation.getProjection();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Tensors, queries and writes
//===----------------------------------------------------------------------===//

StringAttr TensorOp::getRuntimeExtent(unsigned position) {
  RankedTensorType type = getTensorType();
  if (!type.isDynamicDim(position) || !getExtents())
    return {};
  unsigned number = llvm::count_if(type.getShape().take_front(position), ShapedType::isDynamic);
  return cast<StringAttr>((*getExtents())[number]);
}

LogicalResult TensorOp::verify() {
  RankedTensorType type = getTensorType();
  ein::SemiringAttr semiring = ein::SemiringAttr::get(getContext(), getSemiring());
  if (!semiring.supports(type.getElementType()))
    return emitOpError() << "cannot hold " << ein::stringifySemiringKind(getSemiring())
                         << " in elements of type " << type.getElementType();
  size_t named = getExtents() ? getExtents()->size() : 0;
  if (named != static_cast<size_t>(type.getNumDynamicDims()))
    return emitOpError() << "names " << named << " run-time extents but its type has "
                         << type.getNumDynamicDims();
  if (getDomains() && static_cast<int64_t>(getDomains()->size()) != type.getRank())
    return emitOpError() << "has " << getDomains()->size() << " domains but rank "
                         << type.getRank();
  if (getOrigin() == Origin::Literal && !getValue())
    return emitOpError("is a literal without a value");
  if (getOrigin() == Origin::File && !getPath())
    return emitOpError("comes from a file without a path");
  if (getValue() && getValueAttr().getType() != type)
    return emitOpError() << "has type " << type << " but a value of type "
                         << getValueAttr().getType();
  return success();
}

LogicalResult QueryOp::verify() {
  TensorOp tensor = lookupTensor(*this, getTensorAttr());
  if (!tensor)
    return failure();
  int64_t rank = tensor.getTensorType().getRank();
  if (static_cast<int64_t>(getPositions().size()) != rank)
    return emitOpError() << "has " << getPositions().size() << " positions but @" << getTensor()
                         << " has rank " << rank;
  for (Attribute position : getPositions())
    if (!isa<IntegerAttr, StringAttr>(position))
      return emitOpError() << "has a position that is neither fixed nor named: " << position;
  return success();
}

LogicalResult WriteOp::verify() { return success(lookupTensor(*this, getTensorAttr())); }

//===----------------------------------------------------------------------===//
// The schedule
//===----------------------------------------------------------------------===//

LogicalResult EvaluateOp::verify() {
  if (!lookupTensor(*this, getTensorAttr()))
    return failure();
  return verifyEquations(*this, getBody(), getTensor());
}

LogicalResult LoopOp::verify() { return verifyBody<SliceOp>(*this, getBody()); }

LogicalResult SliceOp::verify() {
  TensorOp tensor = lookupTensor(*this, getTensorAttr());
  if (!tensor)
    return failure();
  int64_t axis = getAxis();
  if (axis < -1 || axis >= tensor.getTensorType().getRank())
    return emitOpError() << "has axis " << axis << " but @" << getTensor() << " has rank "
                         << tensor.getTensorType().getRank();
  if (failed(verifyEquations(*this, getInitial(), getTensor())))
    return failure();
  return verifyEquations(*this, getStep(), getTensor());
}

LogicalResult FixpointOp::verify() {
  if (getMaxSteps() && static_cast<int64_t>(*getMaxSteps()) < 1)
    return emitOpError("needs at least one step");
  return verifyBody<EvaluateOp>(*this, getBody());
}

Value EquationOp::getRoot() { return cast<YieldOp>(getBody().front().getTerminator()).getValue(); }

LogicalResult EquationOp::verify() {
  TensorOp tensor = lookupTensor(*this, getTensorAttr());
  if (!tensor)
    return failure();
  unsigned variables = getVariables().size();
  if (getMap().getNumDims() != variables || getMap().getNumSymbols() != 0)
    return emitOpError() << "has " << variables << " variables but a map of "
                         << getMap().getNumDims() << " dimensions";
  if (getMap().getNumResults() != static_cast<uint64_t>(tensor.getTensorType().getRank()))
    return emitOpError() << "has " << getMap().getNumResults() << " positions on the left but @"
                         << getTensor() << " has rank " << tensor.getTensorType().getRank();
  for (Attribute each : getVariables())
    if (VariableAttr variable = cast<VariableAttr>(each);
        !variable.isStatic() && !variable.getRuntimeExtent())
      return emitOpError() << "has the variable " << variable.getName() << " without an extent";
  if (std::optional<uint64_t> loop = getLoopVariable();
      loop && static_cast<int64_t>(*loop) >= static_cast<int64_t>(variables))
    return emitOpError() << "has no loop variable " << *loop;
  ArrayAttr bounds = getFireUpperAttr();
  for (Attribute bound : bounds ? bounds.getValue() : ArrayRef<Attribute>()) {
    ArrayAttr pair = dyn_cast<ArrayAttr>(bound);
    bool isPair = pair && pair.size() == 2 && isa<StringAttr>(pair[0]) && isa<IntegerAttr>(pair[1]);
    if (!isa<IntegerAttr>(bound) && !isPair)
      return emitOpError() << "has the bound " << bound
                           << ", which is neither a number nor a run-time extent and an offset";
  }
  if (getBody().empty() || !isa<YieldOp>(getBody().front().back()))
    return emitOpError("must end in 'tl.yield'");
  return success();
}

} // namespace tlc::tl
