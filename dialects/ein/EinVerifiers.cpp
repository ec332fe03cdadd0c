//===- EinVerifiers.cpp - when an ein operation makes sense ---------------===//
//
// An operation's iteration space is determined by its operands: each dimension d has the extent
// of a position where it stands alone, all such positions agree, and no operand is read outside:
//
//   "ij,jk->ik" : 8x16, 17x4     index 'j' has extent 16 in operand #0 but 17 in operand #1
//
//===----------------------------------------------------------------------===//

#include "dialects/ein/EinDialect.h"
#include "dialects/ein/EinEquation.h"
#include "dialects/ein/SumType.h"

#include "llvm/Support/MathExtras.h"

#include <cmath>

namespace tlc::ein {

static RankedTensorType tensorType(Value value) { return cast<RankedTensorType>(value.getType()); }

static std::string operandName(unsigned number) { return "operand #" + std::to_string(number); }

//===----------------------------------------------------------------------===//
// Iteration spaces
//===----------------------------------------------------------------------===//

namespace {
/// What is known of the dimensions from the positions where they stand alone.
class Space {
public:
  Space(Operation *op, unsigned numDims)
      : op(op), extents(numDims, ShapedType::kDynamic), places(numDims), found(numDims) {}

  /// Learns from one tensor, or reports that it contradicts an earlier one.
  LogicalResult learn(AffineMap map, RankedTensorType type, const std::string &place);
  /// Reports a position that reaches outside the tensor.
  LogicalResult checkReach(AffineMap map, RankedTensorType type, const std::string &place) const;

  bool standsAlone(unsigned dim) const { return found[dim]; }
  std::string label(unsigned dim) const { return dimensionLabel(dim, extents.size()); }

private:
  Operation *op;
  SmallVector<int64_t> extents;
  SmallVector<std::string> places; ///< where the static extent comes from
  SmallVector<bool> found;
};
} // namespace

LogicalResult Space::learn(AffineMap map, RankedTensorType type, const std::string &place) {
  for (auto [position, size] : llvm::zip_equal(map.getResults(), type.getShape())) {
    AffineDimExpr dim = dyn_cast<AffineDimExpr>(position);
    if (!dim)
      continue;
    unsigned number = dim.getPosition();
    found[number] = true;
    if (ShapedType::isDynamic(size))
      continue;
    if (ShapedType::isStatic(extents[number]) && extents[number] != size)
      return op->emitOpError() << "index '" << label(number) << "' has extent " << extents[number]
                               << " in " << places[number] << " but " << size << " in " << place;
    extents[number] = size;
    places[number] = place;
  }
  return success();
}

LogicalResult Space::checkReach(AffineMap map, RankedTensorType type,
                                const std::string &place) const {
  // Nothing is read over an empty space.
  if (llvm::is_contained(extents, 0))
    return success();
  for (auto [number, position, size] : llvm::enumerate(map.getResults(), type.getShape())) {
    LinearForm form = *linearForm(position, extents.size());
    int64_t lowest = form.constant, highest = form.constant;
    bool isKnown = true;
    for (auto [coefficient, extent] : llvm::zip_equal(form.coefficients, extents)) {
      if (coefficient == 0)
        continue;
      int64_t step;
      if (ShapedType::isDynamic(extent) || llvm::MulOverflow(coefficient, extent - 1, step)) {
        isKnown = false;
        break;
      }
      int64_t &bound = step < 0 ? lowest : highest;
      if (llvm::AddOverflow(bound, step, bound))
        isKnown = false;
    }
    if (!isKnown)
      continue;
    if (lowest < 0 || (ShapedType::isStatic(size) && highest >= size))
      return op->emitOpError() << "position " << number << " of " << place << " reaches from "
                               << lowest << " to " << highest << ", outside its extent "
                               << (ShapedType::isStatic(size) ? std::to_string(size) : "?");
  }
  return success();
}

/// Checks the shape of the operands' maps: dimensions, no symbols, one position an axis.
static LogicalResult verifyMapShapes(Operation *op, ArrayRef<AffineMap> maps, ValueRange inputs,
                                     unsigned numDims) {
  for (auto [number, map, input] : llvm::enumerate(maps, inputs)) {
    if (map.getNumDims() != numDims || map.getNumSymbols() != 0)
      return op->emitOpError() << "map of " << operandName(number) << " has " << map.getNumDims()
                               << " dimensions and " << map.getNumSymbols() << " symbols, expected "
                               << numDims << " and 0";
    if (map.getNumResults() != tensorType(input).getRank())
      return op->emitOpError() << "map of " << operandName(number) << " has " << map.getNumResults()
                               << " positions, but the operand has rank "
                               << tensorType(input).getRank();
  }
  return success();
}

/// Checks that the positions of one operand are distinct dimensions and constants.
static LogicalResult verifyMapPositions(Operation *op, const std::string &place, AffineMap map) {
  SmallVector<bool> used(map.getNumDims());
  for (AffineExpr position : map.getResults()) {
    if (isa<AffineConstantExpr>(position))
      continue;
    AffineDimExpr dim = dyn_cast<AffineDimExpr>(position);
    if (!dim || used[dim.getPosition()])
      return op->emitOpError() << "expected the map of " << place
                               << " to consist of distinct dimensions and constants";
    used[dim.getPosition()] = true;
  }
  return success();
}

/// Checks that there is one extent for each `?` of the result that stands alone in no operand.
static LogicalResult verifyExtents(Operation *op, const Space &inputs, AffineMap resultMap,
                                   RankedTensorType type, size_t given) {
  size_t needed = 0;
  for (auto [position, size] : llvm::zip_equal(resultMap.getResults(), type.getShape()))
    needed += ShapedType::isDynamic(size) &&
              !inputs.standsAlone(cast<AffineDimExpr>(position).getPosition());
  if (needed != given)
    return op->emitOpError() << "expected " << needed << " extents, but " << given << " are given";
  return success();
}

//===----------------------------------------------------------------------===//
// Bodies
//===----------------------------------------------------------------------===//

/// Checks that a region's one block has these arguments and yields these types.
static LogicalResult verifyBlock(Operation *op, Region &region, TypeRange arguments,
                                 TypeRange yields, StringRef what) {
  if (!region.hasOneBlock())
    return op->emitOpError() << "expected one block in its " << what;
  Block &block = region.front();
  if (TypeRange(block.getArgumentTypes()) != arguments)
    return op->emitOpError() << "expected the " << what << "'s arguments to have types ("
                             << arguments << "), but they have (" << block.getArgumentTypes()
                             << ")";
  YieldOp yield = block.empty() ? YieldOp() : dyn_cast<YieldOp>(block.back());
  if (!yield)
    return op->emitOpError() << "expected its " << what << " to end with 'ein.yield'";
  if (TypeRange(yield.getValues().getTypes()) != yields)
    return op->emitOpError() << "expected its " << what << " to yield (" << yields
                             << "), but it yields (" << yield.getValues().getTypes() << ")";
  return success();
}

/// Checks that the operations of a body compute with scalars and nothing else.
static LogicalResult verifyScalarBody(Operation *op, Region &region) {
  for (Operation &nested : region.front().without_terminator()) {
    StringRef space = nested.getName().getDialectNamespace();
    bool isScalar = space == "arith" || space == "math" || space == "complex";
    if (!isScalar && !isa<IndexOp>(nested))
      return nested.emitOpError() << "cannot stand in the body of '" << op->getName()
                                  << "', which holds 'arith', 'math', 'complex' and 'ein.index'";
  }
  return success();
}

//===----------------------------------------------------------------------===//
// ContractOp
//===----------------------------------------------------------------------===//

Type sumType(SemiringKind kind, Type operand, Type result) {
  bool widens = kind == SemiringKind::SumProduct && operand.isInteger(8) && result.isInteger(32);
  return widens ? result : accumulatorType(operand);
}

Type sumType(ContractOp op) {
  Type operand = tensorType(op.getInputs().front()).getElementType();
  // An epilogue takes what the operands alone tell.
  if (!op.getEpilogue().empty())
    return accumulatorType(operand);
  return sumType(op.getSemiring().getKind(), operand, op.getResult().getType().getElementType());
}

bool isWidening(ContractOp op) {
  return sumType(op) != accumulatorType(tensorType(op.getInputs().front()).getElementType());
}

/// Whether a sum of products of `operand` elements may be stored as `result` elements.
static bool isStorable(SemiringKind kind, Type operand, Type result) {
  Type accumulator = accumulatorType(operand);
  return result == operand || result == sumType(kind, operand, result) ||
         (accumulator.isF32() && accumulatorType(result).isF32());
}

static LogicalResult verifyContractTypes(ContractOp op) {
  Type element = tensorType(op.getInputs().front()).getElementType();
  for (auto [number, input] : llvm::enumerate(op.getInputs()))
    if (Type other = tensorType(input).getElementType(); other != element)
      return op.emitOpError() << "expected operands of one element type, but operand #0 has "
                              << element << " and " << operandName(number) << " has " << other;
  if (!op.getSemiring().supports(element))
    return op.emitOpError() << "semiring '" << stringifySemiringKind(op.getSemiring().getKind())
                            << "' does not support elements of type " << element;
  Type result = op.getResult().getType().getElementType();
  if (!op.getEpilogue().empty()) {
    SmallVector<Type> arguments = {accumulatorType(element)};
    for (Value input : op.getEpilogueInputs())
      arguments.push_back(tensorType(input).getElementType());
    if (failed(verifyBlock(op, op.getEpilogue(), arguments, result, "epilogue")))
      return failure();
    return verifyScalarBody(op, op.getEpilogue());
  }
  if (!isStorable(op.getSemiring().getKind(), element, result))
    return op.emitOpError() << "cannot store sums of " << element << " as " << result
                            << " without an epilogue";
  if (isWidening(op) && op.getInputs().size() > 2)
    return op.emitOpError() << "expected at most two operands where sums of " << element << " are "
                            << result << ", but it has " << op.getInputs().size();
  return success();
}

/// Checks the result's map: distinct dimensions, one an axis.
static LogicalResult verifyResultMap(Operation *op, AffineMap map, RankedTensorType type) {
  if (map.getNumSymbols() != 0 || !map.isProjectedPermutation())
    return op->emitOpError("expected the result's map to consist of distinct dimensions");
  if (map.getNumResults() != type.getRank())
    return op->emitOpError() << "map of the result has " << map.getNumResults()
                             << " positions, but the result has rank " << type.getRank();
  return success();
}

/// Checks that the operands of the epilogue are placed on the result's axes.
static LogicalResult verifyEpilogueInputs(ContractOp op) {
  SmallVector<AffineMap> maps = op.getEpilogueInputMaps();
  if (maps.size() != op.getEpilogueInputs().size())
    return op.emitOpError() << "expected " << op.getEpilogueInputs().size()
                            << " maps of the epilogue, but " << maps.size() << " are given";
  if (maps.empty())
    return success();
  if (op.getEpilogue().empty())
    return op.emitOpError("has operands of an epilogue, but no epilogue");
  RankedTensorType resultType = op.getResult().getType();
  if (failed(verifyMapShapes(op, maps, op.getEpilogueInputs(), resultType.getRank())))
    return failure();
  Space space(op, resultType.getRank());
  AffineMap identity = AffineMap::getMultiDimIdentityMap(resultType.getRank(), op.getContext());
  if (failed(space.learn(identity, resultType, "the result")))
    return failure();
  for (auto [number, map, input] : llvm::enumerate(maps, op.getEpilogueInputs())) {
    std::string place = "the epilogue's " + operandName(number);
    if (failed(verifyMapPositions(op, place, map)) ||
        failed(space.learn(map, tensorType(input), place)))
      return failure();
  }
  for (auto [number, map, input] : llvm::enumerate(maps, op.getEpilogueInputs()))
    if (failed(space.checkReach(map, tensorType(input), "the epilogue's " + operandName(number))))
      return failure();
  return success();
}

LogicalResult ContractOp::verify() {
  if (getInputs().empty())
    return emitOpError("expected at least one operand");
  if (getIndexingMaps().size() != getInputs().size() + 1)
    return emitOpError() << "expected " << getInputs().size() + 1 << " maps, but "
                         << getIndexingMaps().size() << " are given";
  SmallVector<AffineMap> maps = getInputMaps();
  RankedTensorType resultType = getResult().getType();
  if (failed(verifyResultMap(*this, getResultMap(), resultType)) ||
      failed(verifyMapShapes(*this, maps, getInputs(), getNumDims())))
    return failure();
  for (auto [number, map] : llvm::enumerate(maps))
    for (AffineExpr position : map.getResults())
      if (!linearForm(position, getNumDims()))
        return emitOpError() << "expected linear positions in the map of " << operandName(number)
                             << ", which is " << AffineMapAttr::get(map);

  Space space(*this, getNumDims());
  for (auto [number, map, input] : llvm::enumerate(maps, getInputs()))
    if (failed(space.learn(map, tensorType(input), operandName(number))))
      return failure();
  if (failed(verifyExtents(*this, space, getResultMap(), resultType, getExtents().size())) ||
      failed(space.learn(getResultMap(), resultType, "the result")))
    return failure();
  for (unsigned dim = 0; dim < getNumDims(); ++dim)
    if (!space.standsAlone(dim))
      return emitOpError() << "index '" << space.label(dim)
                           << "' stands alone in no operand and not in the result";
  for (auto [number, map, input] : llvm::enumerate(maps, getInputs()))
    if (failed(space.checkReach(map, tensorType(input), operandName(number))))
      return failure();
  if (failed(verifyEpilogueInputs(*this)))
    return failure();
  return verifyContractTypes(*this);
}

//===----------------------------------------------------------------------===//
// MapOp and IndexOp
//===----------------------------------------------------------------------===//

LogicalResult MapOp::verify() {
  if (getIndexingMaps().size() != getInputs().size())
    return emitOpError() << "expected " << getInputs().size() << " maps, but "
                         << getIndexingMaps().size() << " are given";
  SmallVector<AffineMap> maps = getInputMaps();
  RankedTensorType resultType = getResult().getType();
  if (failed(verifyMapShapes(*this, maps, getInputs(), getNumDims())))
    return failure();
  Space space(*this, getNumDims());
  SmallVector<Type> elements;
  for (auto [number, map, input] : llvm::enumerate(maps, getInputs())) {
    if (failed(verifyMapPositions(*this, operandName(number), map)) ||
        failed(space.learn(map, tensorType(input), operandName(number))))
      return failure();
    elements.push_back(tensorType(input).getElementType());
  }
  AffineMap identity = AffineMap::getMultiDimIdentityMap(getNumDims(), getContext());
  if (failed(verifyExtents(*this, space, identity, resultType, getExtents().size())) ||
      failed(space.learn(identity, resultType, "the result")))
    return failure();
  for (auto [number, map, input] : llvm::enumerate(maps, getInputs()))
    if (failed(space.checkReach(map, tensorType(input), operandName(number))))
      return failure();
  if (failed(verifyBlock(*this, getBody(), elements, resultType.getElementType(), "body")))
    return failure();
  return verifyScalarBody(*this, getBody());
}

LogicalResult IndexOp::verify() {
  Operation *parent = (*this)->getParentOp();
  int64_t dim = getDim();
  if (MapOp map = dyn_cast<MapOp>(parent)) {
    if (dim >= map.getNumDims())
      return emitOpError() << "dimension " << dim << " is outside the map's " << map.getNumDims();
    return success();
  }
  if (AttentionOp attention = dyn_cast<AttentionOp>(parent)) {
    if (dim >= attention.getNumDims())
      return emitOpError() << "dimension " << dim << " is outside the attention's "
                           << attention.getNumDims();
    return success();
  }
  int64_t rank = cast<ContractOp>(parent).getResult().getType().getRank();
  if (dim >= rank)
    return emitOpError() << "dimension " << dim << " is outside the result's rank " << rank;
  return success();
}

//===----------------------------------------------------------------------===//
// AttentionOp
//===----------------------------------------------------------------------===//

/// Checks the maps, and that each dimension has a role.
static LogicalResult verifyAttentionSpace(AttentionOp op) {
  SmallVector<AffineMap> maps = op.getInputMaps();
  RankedTensorType resultType = op.getResult().getType();
  if (failed(verifyResultMap(op, op.getResultMap(), resultType)) ||
      failed(verifyMapShapes(op, maps, op.getInputs(), op.getNumDims())))
    return failure();
  Space space(op, op.getNumDims());
  for (auto [number, map, input] : llvm::enumerate(maps, op.getInputs()))
    if (failed(verifyMapPositions(op, operandName(number), map)) ||
        failed(space.learn(map, tensorType(input), operandName(number))))
      return failure();
  if (failed(verifyExtents(op, space, op.getResultMap(), resultType, /*given=*/0)) ||
      failed(space.learn(op.getResultMap(), resultType, "the result")))
    return failure();
  for (auto [number, map, input] : llvm::enumerate(maps, op.getInputs()))
    if (failed(space.checkReach(map, tensorType(input), operandName(number))))
      return failure();
  SmallVector<std::optional<AttentionRole>> roles = op.getRoles();
  for (unsigned dim = 0; dim < roles.size(); ++dim) {
    if (!roles[dim])
      return op.emitOpError() << "index '" << space.label(dim)
                              << "' is neither a depth nor a key nor in the result";
    bool isScored = roles[dim] == AttentionRole::Slice || roles[dim] == AttentionRole::Key;
    for (unsigned number = 3; number < maps.size(); ++number)
      if (!isScored && maps[number].isFunctionOfDim(dim))
        return op.emitOpError() << "index '" << space.label(dim) << "' of " << operandName(number)
                                << " is not one of the scores'";
  }
  for (auto [role, name] :
       {std::pair(AttentionRole::Depth, "depth"), std::pair(AttentionRole::Key, "key"),
        std::pair(AttentionRole::Value, "value")})
    if (int64_t count = llvm::count(roles, std::optional(role)); count != 1)
      return op.emitOpError() << "expected one index of the " << name << ", but there are "
                              << count;
  return success();
}

LogicalResult AttentionOp::verify() {
  if (getInputs().size() < 3)
    return emitOpError("expected at least three operands");
  if (getIndexingMaps().size() != getInputs().size() + 1)
    return emitOpError() << "expected " << getInputs().size() + 1 << " maps, but "
                         << getIndexingMaps().size() << " are given";
  if (failed(verifyAttentionSpace(*this)))
    return failure();
  Type element = tensorType(getInputs().front()).getElementType();
  Type result = getResult().getType().getElementType();
  for (unsigned number = 1; number < 3; ++number)
    if (Type other = tensorType(getInputs()[number]).getElementType(); other != element)
      return emitOpError() << "expected queries, keys and values of one element type, but operand "
                              "#0 has "
                           << element << " and " << operandName(number) << " has " << other;
  if (!isa<mlir::FloatType>(element) || !isStorable(SemiringKind::SumProduct, element, result))
    return emitOpError() << "cannot store means of " << element << " as " << result;
  if (getScore().empty())
    return getInputs().size() == 3 ? success()
                                   : emitOpError("has operands of a score, but no score");
  SmallVector<Type> arguments = {accumulatorType(element)};
  for (Value input : getInputs().drop_front(3))
    arguments.push_back(tensorType(input).getElementType());
  if (failed(verifyBlock(*this, getScore(), arguments, accumulatorType(element), "score")))
    return failure();
  return verifyScalarBody(*this, getScore());
}

//===----------------------------------------------------------------------===//
// ReduceOp and NormalizeOp
//===----------------------------------------------------------------------===//

/// Checks that `dims` ascend within the rank.
static LogicalResult verifyDims(Operation *op, ArrayRef<int64_t> dims, int64_t rank) {
  int64_t last = -1;
  for (int64_t dim : dims) {
    if (dim < 0 || dim >= rank)
      return op->emitOpError() << "dimension " << dim << " is outside the operand's rank " << rank;
    if (dim <= last)
      return op->emitOpError() << "expected ascending dimensions, but " << dim << " follows "
                               << last;
    last = dim;
  }
  return success();
}

static LogicalResult verifyCombine(Operation *op, CombineKind kind, Type element) {
  if (!supportsCombine(kind, element))
    return op->emitOpError() << "'" << stringifyCombineKind(kind)
                             << "' does not combine elements of type " << element;
  return success();
}

LogicalResult ReduceOp::verify() {
  RankedTensorType input = getInput().getType();
  if (failed(verifyDims(*this, getDims(), input.getRank())))
    return failure();
  if (getKind() == CombineKind::Overwrite)
    return emitOpError("'overwrite' is not a reduction");
  if (failed(verifyCombine(*this, getKind(), input.getElementType())))
    return failure();
  SmallVector<int64_t> shape;
  for (auto [dim, size] : llvm::enumerate(input.getShape()))
    if (!llvm::is_contained(getDims(), static_cast<int64_t>(dim)))
      shape.push_back(size);
  RankedTensorType expected = RankedTensorType::get(shape, input.getElementType());
  if (getResult().getType() != expected)
    return emitOpError() << "expected a result of type " << expected << ", but it has type "
                         << getResult().getType();
  return success();
}

LogicalResult NormalizeOp::verify() {
  RankedTensorType type = getInput().getType();
  if (failed(verifyDims(*this, getDims(), type.getRank())))
    return failure();
  Type element = type.getElementType();
  bool isSupported =
      getKind() == NormalizeKind::ArgMax ? !isa<ComplexType>(element) : isa<FloatType>(element);
  if (!isSupported)
    return emitOpError() << "'" << stringifyNormalizeKind(getKind())
                         << "' does not normalize elements of type " << element;
  return success();
}

//===----------------------------------------------------------------------===//
// GatherOp and ScatterOp
//===----------------------------------------------------------------------===//

/// Checks a map from the positions of `from` and some symbols to those of `to`.
static LogicalResult verifyMove(Operation *op, AffineMap map, RankedTensorType from,
                                RankedTensorType to, size_t numSymbols) {
  if (map.getNumDims() != from.getRank())
    return op->emitOpError() << "expected a map of " << from.getRank() << " dimensions, but it has "
                             << map.getNumDims();
  if (map.getNumSymbols() != numSymbols)
    return op->emitOpError() << "map has " << map.getNumSymbols() << " symbols, but " << numSymbols
                             << " are given";
  if (map.getNumResults() != to.getRank())
    return op->emitOpError() << "expected a map to " << to.getRank() << " positions, but it has "
                             << map.getNumResults();
  if (from.getElementType() != to.getElementType())
    return op->emitOpError() << "cannot move elements between types " << from.getElementType()
                             << " and " << to.getElementType();
  // Division by zero and by symbols have no value.
  bool isSound = true;
  map.walkExprs([&](AffineExpr expr) {
    AffineExprKind kind = expr.getKind();
    if (kind != AffineExprKind::FloorDiv && kind != AffineExprKind::CeilDiv &&
        kind != AffineExprKind::Mod)
      return;
    AffineConstantExpr divisor =
        dyn_cast<AffineConstantExpr>(cast<mlir::AffineBinaryOpExpr>(expr).getRHS());
    isSound &= divisor && divisor.getValue() > 0;
  });
  if (!isSound)
    return op->emitOpError("expected positive constant divisors in the map");
  return success();
}

LogicalResult GatherOp::verify() {
  RankedTensorType source = getSource().getType(), result = getResult().getType();
  if (failed(verifyMove(*this, getMap(), result, source, getSymbols().size())))
    return failure();
  if (getFill().getType() != source.getElementType())
    return emitOpError() << "expected a fill value of type " << source.getElementType()
                         << ", but it has type " << getFill().getType();
  if (static_cast<size_t>(result.getNumDynamicDims()) != getExtents().size())
    return emitOpError() << "expected " << result.getNumDynamicDims() << " extents, but "
                         << getExtents().size() << " are given";
  return success();
}

LogicalResult ScatterOp::verify() {
  RankedTensorType value = getValue().getType(), init = getInit().getType();
  if (failed(verifyMove(*this, getMap(), value, init, getSymbols().size())))
    return failure();
  return verifyCombine(*this, getKind(), init.getElementType());
}

//===----------------------------------------------------------------------===//
// LoopOp and FixpointOp
//===----------------------------------------------------------------------===//

static LogicalResult verifyCarried(Operation *op, ValueRange inits, TypeRange results) {
  if (inits.empty())
    return op->emitOpError("expected at least one carried tensor");
  if (inits.getTypes() != results)
    return op->emitOpError() << "expected results of the carried types (" << inits.getTypes()
                             << "), but they have (" << results << ")";
  return success();
}

LogicalResult LoopOp::verify() {
  if (failed(verifyCarried(*this, getInits(), getResultTypes())))
    return failure();
  SmallVector<Type> arguments = {mlir::IndexType::get(getContext())};
  llvm::append_range(arguments, getInits().getTypes());
  return verifyBlock(*this, getBody(), arguments, getInits().getTypes(), "body");
}

LogicalResult FixpointOp::verify() {
  if (failed(verifyCarried(*this, getInits(), getResults().getTypes())))
    return failure();
  if (FloatAttr tolerance = getToleranceAttr())
    if (!(tolerance.getValueAsDouble() >= 0) || std::isinf(tolerance.getValueAsDouble()))
      return emitOpError("expected a finite tolerance from 0 on");
  if (IntegerAttr steps = getMaxStepsAttr(); steps && steps.getInt() < 1)
    return emitOpError() << "expected at least one step, but max_steps is " << steps.getInt();
  return verifyBlock(*this, getBody(), getInits().getTypes(), getInits().getTypes(), "body");
}

} // namespace tlc::ein
