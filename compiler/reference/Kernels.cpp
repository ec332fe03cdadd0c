//===- Kernels.cpp - contraction, map, reduction, moves -------------------===//

#include "compiler/reference/Interpreter.h"
#include "dialects/ein/SumType.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace tlc::reference {

//===----------------------------------------------------------------------===//
// Iteration spaces
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> Interpreter::extentsOf(Operation &op, ValueRange inputs,
                                                       ArrayRef<AffineMap> maps, ValueRange extents,
                                                       AffineMap resultMap,
                                                       RankedTensorType resultType) {
  SmallVector<int64_t> space(resultMap.getNumDims(), -1);
  auto learn = [&](AffineExpr position, int64_t extent) -> LogicalResult {
    AffineDimExpr dim = dyn_cast<AffineDimExpr>(position);
    if (!dim)
      return success();
    int64_t &known = space[dim.getPosition()];
    if (known >= 0 && known != extent)
      return op.emitError() << "dimension " << dim.getPosition() << " has extent " << known
                            << " in one tensor but " << extent << " in another";
    known = extent;
    return success();
  };
  for (auto [input, map] : llvm::zip_equal(inputs, maps))
    for (auto [position, extent] : llvm::zip_equal(map.getResults(), tensor(input)->shape))
      if (failed(learn(position, extent)))
        return failure();
  // The operands' knowledge of the result's `?` is complete but for `extents`.
  SmallVector<int64_t> given = indices(extents);
  size_t next = 0;
  for (auto [position, extent] : llvm::zip_equal(resultMap.getResults(), resultType.getShape())) {
    bool isUnknown = space[cast<AffineDimExpr>(position).getPosition()] < 0;
    if (ShapedType::isStatic(extent) || isUnknown)
      if (failed(learn(position, ShapedType::isStatic(extent) ? extent : given[next++])))
        return failure();
  }
  return space;
}

/// The extents of the result's `?` positions.
static SmallVector<int64_t> dynamicExtents(RankedTensorType type, AffineMap map,
                                           ArrayRef<int64_t> space) {
  SmallVector<int64_t> result;
  for (auto [position, extent] : llvm::zip_equal(map.getResults(), type.getShape()))
    if (ShapedType::isDynamic(extent))
      result.push_back(space[cast<AffineDimExpr>(position).getPosition()]);
  return result;
}

static int64_t evaluateAt(AffineExpr expr, ArrayRef<int64_t> dims, ArrayRef<int64_t> symbols) {
  switch (expr.getKind()) {
  case AffineExprKind::Constant:
    return cast<AffineConstantExpr>(expr).getValue();
  case AffineExprKind::DimId:
    return dims[cast<AffineDimExpr>(expr).getPosition()];
  case AffineExprKind::SymbolId:
    return symbols[cast<mlir::AffineSymbolExpr>(expr).getPosition()];
  default:
    break;
  }
  mlir::AffineBinaryOpExpr binary = cast<mlir::AffineBinaryOpExpr>(expr);
  int64_t lhs = evaluateAt(binary.getLHS(), dims, symbols);
  int64_t rhs = evaluateAt(binary.getRHS(), dims, symbols);
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    return static_cast<int64_t>(static_cast<uint64_t>(lhs) + static_cast<uint64_t>(rhs));
  case AffineExprKind::Mul:
    return static_cast<int64_t>(static_cast<uint64_t>(lhs) * static_cast<uint64_t>(rhs));
  case AffineExprKind::FloorDiv:
    return llvm::divideFloorSigned(lhs, rhs);
  case AffineExprKind::CeilDiv:
    return llvm::divideCeilSigned(lhs, rhs);
  default: // mod, by a positive number
    return lhs - llvm::divideFloorSigned(lhs, rhs) * rhs;
  }
}

static SmallVector<int64_t> evaluateAt(AffineMap map, ArrayRef<int64_t> dims,
                                       ArrayRef<int64_t> symbols = {}) {
  return llvm::map_to_vector(
      map.getResults(), [&](AffineExpr position) { return evaluateAt(position, dims, symbols); });
}

LogicalResult Interpreter::readOperands(Operation &op, ValueRange inputs, ArrayRef<AffineMap> maps,
                                        ArrayRef<int64_t> index,
                                        SmallVectorImpl<Scalar> &elements) {
  for (auto [input, map] : llvm::zip_equal(inputs, maps)) {
    SmallVector<int64_t> position = evaluateAt(map, index);
    if (!tensor(input)->contains(position))
      return op.emitError("an operand is read outside its extents");
    elements.push_back(tensor(input)->at(position));
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Contraction
//===----------------------------------------------------------------------===//

namespace {
/// The elements of a tensor as a linear function of the iteration space.
struct Access {
  int64_t constant = 0;
  SmallVector<int64_t> strides;

  Access(const Tensor &tensor, AffineMap map) : strides(map.getNumDims(), 0) {
    int64_t stride = 1;
    for (size_t i = tensor.shape.size(); i-- > 0; stride *= tensor.shape[i]) {
      ein::LinearForm form = *ein::linearForm(map.getResult(i), map.getNumDims());
      constant += form.constant * stride;
      for (auto [total, coefficient] : llvm::zip_equal(strides, form.coefficients))
        total += coefficient * stride;
    }
  }
  int64_t offset(ArrayRef<int64_t> index) const {
    int64_t result = constant;
    for (auto [position, stride] : llvm::zip_equal(index, strides))
      result += position * stride;
    return result;
  }
};
} // namespace

/// Whether every position of the map is inside the tensor over the whole space.
static bool staysInside(const Tensor &tensor, AffineMap map, ArrayRef<int64_t> space) {
  if (llvm::is_contained(space, 0))
    return true;
  for (auto [position, extent] : llvm::zip_equal(map.getResults(), tensor.shape)) {
    ein::LinearForm form = *ein::linearForm(position, space.size());
    int64_t lowest = form.constant, highest = form.constant;
    for (auto [coefficient, size] : llvm::zip_equal(form.coefficients, space))
      (coefficient < 0 ? lowest : highest) += coefficient * (size - 1);
    if (lowest < 0 || highest >= extent)
      return false;
  }
  return true;
}

LogicalResult Interpreter::runEpilogue(ein::ContractOp op, Tensor &sums) {
  Type type = cast<RankedTensorType>(op.getInputs().front().getType()).getElementType();
  SmallVector<AffineMap> maps = op.getEpilogueInputMaps();
  return forEachIndex(sums.shape, [&](ArrayRef<int64_t> index) -> LogicalResult {
    Scalar &element = sums.elements[sums.offset(index)];
    SmallVector<Scalar> arguments = {roundTo(element, ein::accumulatorType(type))};
    if (failed(readOperands(*op, op.getEpilogueInputs(), maps, index, arguments)))
      return failure();
    mapIndex.assign(index.begin(), index.end());
    FailureOr<Scalar> stored = runBody(op.getEpilogue(), arguments);
    if (failed(stored))
      return failure();
    element = *stored;
    return success();
  });
}

LogicalResult Interpreter::run(ein::ContractOp op) {
  SmallVector<AffineMap> maps = op.getInputMaps();
  RankedTensorType resultType = op.getResult().getType();
  FailureOr<SmallVector<int64_t>> space =
      extentsOf(*op, op.getInputs(), maps, op.getExtents(), op.getResultMap(), resultType);
  if (failed(space))
    return failure();
  Type type = ein::isWidening(op)
                  ? ein::sumType(op)
                  : cast<RankedTensorType>(op.getInputs().front().getType()).getElementType();
  ein::SemiringAttr semiring = op.getSemiring();
  FailureOr<Tensor> sums =
      create(*op, resultType, dynamicExtents(resultType, op.getResultMap(), *space),
             scalarOf(semiring.getZero(type)));
  if (failed(sums))
    return failure();

  SmallVector<std::pair<TensorRef, Access>> operands;
  for (auto [number, input, map] : llvm::enumerate(op.getInputs(), maps)) {
    TensorRef operand = tensor(input);
    if (!staysInside(*operand, map, *space))
      return op.emitError() << "operand #" << number << " is read outside its extents";
    operands.emplace_back(operand, Access(*operand, map));
  }
  Access result(*sums, op.getResultMap());
  LogicalResult summed = forEachIndex(*space, [&](ArrayRef<int64_t> index) -> LogicalResult {
    std::optional<Scalar> product;
    for (auto &[operand, access] : operands) {
      const Scalar &factor = operand->elements[access.offset(index)];
      product = product ? multiply(semiring, type, *product, factor) : factor;
      if (!product)
        return op.emitError("overflow in a product of a 64-bit count");
    }
    Scalar &sum = sums->elements[result.offset(index)];
    std::optional<Scalar> next = add(semiring, type, sum, *product);
    if (!next)
      return op.emitError("overflow in a sum of a 64-bit count");
    sum = *next;
    return success();
  });
  if (failed(summed))
    return failure();

  if (!op.getEpilogue().empty() && failed(runEpilogue(op, *sums)))
    return failure();
  store(op.getResult(), std::move(*sums));
  return success();
}

//===----------------------------------------------------------------------===//
// Map
//===----------------------------------------------------------------------===//

LogicalResult Interpreter::run(ein::MapOp op) {
  SmallVector<AffineMap> maps = op.getInputMaps();
  RankedTensorType type = op.getResult().getType();
  AffineMap identity = AffineMap::getMultiDimIdentityMap(type.getRank(), op.getContext());
  FailureOr<SmallVector<int64_t>> space =
      extentsOf(*op, op.getInputs(), maps, op.getExtents(), identity, type);
  if (failed(space))
    return failure();
  FailureOr<Tensor> result = create(*op, type, dynamicExtents(type, identity, *space), {});
  if (failed(result))
    return failure();
  size_t next = 0;
  LogicalResult done = forEachIndex(*space, [&](ArrayRef<int64_t> index) -> LogicalResult {
    SmallVector<Scalar> arguments;
    if (failed(readOperands(*op, op.getInputs(), maps, index, arguments)))
      return failure();
    mapIndex.assign(index.begin(), index.end());
    FailureOr<Scalar> element = runBody(op.getBody(), arguments);
    if (failed(element))
      return failure();
    result->elements[next++] = *element;
    return success();
  });
  if (failed(done))
    return failure();
  store(op.getResult(), std::move(*result));
  return success();
}

//===----------------------------------------------------------------------===//
// Reduce and normalize
//===----------------------------------------------------------------------===//

LogicalResult Interpreter::run(ein::ReduceOp op) {
  TensorRef input = tensor(op.getInput());
  Type type = input->elementType;
  auto isReduced = [&](size_t dim) {
    return llvm::is_contained(op.getDims(), static_cast<int64_t>(dim));
  };
  auto keep = [&](ArrayRef<int64_t> index) {
    SmallVector<int64_t> kept;
    for (auto [dim, position] : llvm::enumerate(index))
      if (!isReduced(dim))
        kept.push_back(position);
    return kept;
  };
  Tensor result{type, keep(input->shape), {}};
  int64_t count = 1;
  for (int64_t extent : result.shape)
    count *= extent;
  result.elements.assign(count, scalarOf(ein::neutralElement(op.getKind(), type)));
  LogicalResult done = forEachIndex(input->shape, [&](ArrayRef<int64_t> index) -> LogicalResult {
    Scalar &sum = result.elements[result.offset(keep(index))];
    std::optional<Scalar> next = combine(op.getKind(), type, sum, input->at(index));
    if (!next)
      return op.emitError("overflow in a sum of a 64-bit count");
    sum = *next;
    return success();
  });
  if (failed(done))
    return failure();
  store(op.getResult(), std::move(result));
  return success();
}

void softmax(std::vector<double> &group) {
  if (group.empty())
    return;
  double max = *std::max_element(group.begin(), group.end()), sum = 0;
  for (double &x : group)
    sum += x = std::exp(x - max);
  for (double &x : group)
    x /= sum;
}

/// x -> (x - mean) / sqrt(mean((x - mean)^2) + epsilon), the mean taken as 0 if not `centred`.
static void standardize(std::vector<double> &group, bool centred, double epsilon) {
  double sum = 0, squares = 0, size = static_cast<double>(group.size());
  for (double x : group)
    sum += x;
  double mean = centred ? sum / size : 0;
  for (double x : group)
    squares += (x - mean) * (x - mean);
  double scale = std::sqrt(squares / size + epsilon);
  for (double &x : group)
    x = (x - mean) / scale;
}

/// x -> x / max(sqrt(sum(x^2)), epsilon).
static void l2norm(std::vector<double> &group, double epsilon) {
  double squares = 0;
  for (double x : group)
    squares += x * x;
  double length = std::fmax(std::sqrt(squares), epsilon);
  for (double &x : group)
    x /= length;
}

static void normalize(std::vector<double> &group, ein::NormalizeKind kind, double epsilon) {
  switch (kind) {
  case ein::NormalizeKind::Softmax:
    return softmax(group);
  case ein::NormalizeKind::LayerNorm:
    return standardize(group, /*centred=*/true, epsilon);
  case ein::NormalizeKind::RmsNorm:
    return standardize(group, /*centred=*/false, epsilon);
  case ein::NormalizeKind::L2Norm:
    return l2norm(group, epsilon);
  case ein::NormalizeKind::ArgMax:
    llvm_unreachable("argmax compares elements of any type");
  }
}

/// The first of some elements that none exceeds.
static int64_t argMax(const Tensor &tensor, ArrayRef<int64_t> places) {
  int64_t best = places.front();
  for (int64_t place : places) {
    const Scalar &x = tensor.elements[place], &y = tensor.elements[best];
    if (isNumber(tensor.elementType) ? x.real() > y.real() : x.integer > y.integer)
      best = place;
  }
  return best;
}

LogicalResult Interpreter::run(ein::NormalizeOp op) {
  Tensor result = *tensor(op.getInput());
  // The places of the elements that are normalised together, by that of their first one.
  std::map<int64_t, SmallVector<int64_t>> groups;
  (void)forEachIndex(result.shape, [&](ArrayRef<int64_t> index) {
    SmallVector<int64_t> first(index);
    for (int64_t dim : op.getDims())
      first[dim] = 0;
    groups[result.offset(first)].push_back(result.offset(index));
    return success();
  });
  for (auto &[first, places] : groups) {
    if (op.getKind() == ein::NormalizeKind::ArgMax) {
      int64_t best = argMax(result, places);
      for (int64_t place : places)
        result.elements[place] = scalarOf(place == best ? ein::oneOf(result.elementType)
                                                        : ein::zeroOf(result.elementType));
      continue;
    }
    std::vector<double> group;
    for (int64_t place : places)
      group.push_back(result.elements[place].real());
    normalize(group, op.getKind(), op.getEpsilon().convertToDouble());
    for (auto [place, x] : llvm::zip_equal(places, group))
      result.elements[place] = Scalar::of(x);
  }
  store(op.getResult(), std::move(result));
  return success();
}

//===----------------------------------------------------------------------===//
// Gather and scatter
//===----------------------------------------------------------------------===//

LogicalResult Interpreter::run(ein::GatherOp op) {
  TensorRef source = tensor(op.getSource());
  FailureOr<Tensor> result =
      create(*op, op.getResult().getType(), indices(op.getExtents()), scalarOf(op.getFill()));
  if (failed(result))
    return failure();
  SmallVector<int64_t> symbols = indices(op.getSymbols());
  (void)forEachIndex(result->shape, [&](ArrayRef<int64_t> index) {
    SmallVector<int64_t> position = evaluateAt(op.getMap(), index, symbols);
    if (source->contains(position))
      result->elements[result->offset(index)] = source->at(position);
    return success();
  });
  store(op.getResult(), std::move(*result));
  return success();
}

LogicalResult Interpreter::run(ein::ScatterOp op) {
  TensorRef value = tensor(op.getValue());
  Tensor result = *tensor(op.getInit());
  SmallVector<int64_t> symbols = indices(op.getSymbols());
  LogicalResult done = forEachIndex(value->shape, [&](ArrayRef<int64_t> index) -> LogicalResult {
    SmallVector<int64_t> position = evaluateAt(op.getMap(), index, symbols);
    if (!result.contains(position))
      return success();
    Scalar &target = result.elements[result.offset(position)];
    std::optional<Scalar> next =
        combine(op.getKind(), result.elementType, target, value->at(index));
    if (!next)
      return op.emitError("overflow in a sum of a 64-bit count");
    target = *next;
    return success();
  });
  if (failed(done))
    return failure();
  store(op.getResult(), std::move(result));
  return success();
}

} // namespace tlc::reference
