//===- UnrolledContraction.cpp - a line of code for each nonzero ----------===//

#include "compiler/codegen/cpu/UnrolledContraction.h"

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/IndexMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SmallBitVector.h"
#include "llvm/ADT/bit.h"

#include <map>

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace vector = mlir::vector;

namespace {

/// A position along every dimension; 0 along those of the loop.
using Position = std::vector<int64_t>;

struct Term {
  Position position;
  double coefficient;
};

class UnrolledEmitter {
public:
  UnrolledEmitter(Location loc, const Target &target, const Nest &nest, ein::ContractOp op,
                  unsigned constant)
      : loc(loc), target(target), nest(nest), op(op), constant(constant),
        written(nest.extents.size()) {}

  bool findTerms();
  void emit(OpBuilder &builder);

private:
  void chooseLanes();
  void emitPoint(OpBuilder &builder);
  Value pointerAt(OpBuilder &builder, const Access &access, const Position &position);
  Value load(OpBuilder &builder, const Access &access, const Position &position);
  void store(OpBuilder &builder, Value value, const Position &position);
  Value finish(OpBuilder &builder, Value sum, const Position &position);
  Value product(OpBuilder &builder, const Position &position);
  Position restrict(const Position &position, AffineMap map) const;

  Location loc;
  const Target &target;
  const Nest &nest;
  ein::ContractOp op;
  unsigned constant;
  /// The dimensions that are written out: the constant's.
  llvm::SmallBitVector written;
  std::vector<Term> terms;
  int vectorDim = -1;
  unsigned lanes = 1;
  /// The point of the loop: null along the dimensions that are written out.
  SmallVector<Value> point;
  /// What has been loaded or multiplied at this point.
  std::map<std::pair<unsigned, Position>, Value> loaded;
  std::map<Position, Value> products;
};

} // namespace

/// The position with 0 along the dimensions that a map does not have.
Position UnrolledEmitter::restrict(const Position &position, AffineMap map) const {
  Position result(position.size(), 0);
  for (unsigned dim = 0; dim < result.size(); ++dim)
    if (map.isFunctionOfDim(dim))
      result[dim] = position[dim];
  return result;
}

bool UnrolledEmitter::findTerms() {
  mlir::DenseElementsAttr values;
  if (!mlir::matchPattern(op.getInputs()[constant], mlir::m_Constant(&values)))
    return false;
  AffineMap map = op.getInputMaps()[constant];
  for (unsigned i = 0; i < map.getNumResults(); ++i)
    written.set(map.getDimPosition(i));
  ArrayRef<int64_t> shape = values.getType().getShape();
  int64_t number = 0;
  for (llvm::APFloat value : values.getValues<llvm::APFloat>()) {
    int64_t rest = number++;
    if (value.isZero())
      continue;
    Term &term = terms.emplace_back();
    term.position.assign(nest.extents.size(), 0);
    for (unsigned i = shape.size(); i-- > 0; rest /= shape[i])
      term.position[map.getDimPosition(i)] = rest % shape[i];
    bool losesInfo;
    value.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
    term.coefficient = value.convertToDouble();
  }
  // Products of the others' elements are used as soon as they are there.
  auto operands = [&](const Term &term) {
    SmallVector<Position> key;
    for (auto [input, other] : llvm::enumerate(op.getInputMaps()))
      if (input != constant)
        key.push_back(restrict(term.position, other));
    return key;
  };
  llvm::stable_sort(terms, [&](const Term &a, const Term &b) {
    SmallVector<Position> left = operands(a), right = operands(b);
    return std::lexicographical_compare(left.begin(), left.end(), right.begin(), right.end());
  });
  chooseLanes();
  return true;
}

/// Lanes lie along the dimension with most tensors whose elements are neighbours there.
void UnrolledEmitter::chooseLanes() {
  if (!nest.vectorizable)
    return;
  unsigned widest = std::max<unsigned>(byteSize(nest.valueType), nest.widestBits / 8);
  int64_t most = -1;
  for (unsigned dim = 0; dim < nest.extents.size(); ++dim) {
    std::optional<int64_t> extent = known(nest.extents[dim]);
    if (written[dim] || !extent || *extent < 2)
      continue;
    int64_t neighbours = 0;
    auto count = [&](const Access &access) {
      neighbours += isKnown(access.strides[dim], 0) || isKnown(access.strides[dim], 1);
    };
    count(nest.result);
    for (auto [number, access] : llvm::enumerate(nest.inputs))
      if (number != constant)
        count(access);
    int64_t merit = (neighbours << 32) + std::min<int64_t>(*extent, 1 << 30);
    if (merit <= most)
      continue;
    most = merit;
    vectorDim = static_cast<int>(dim);
    lanes = std::min<uint64_t>(target.vectorBytes / widest, llvm::bit_floor(uint64_t(*extent)));
  }
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

Value UnrolledEmitter::pointerAt(OpBuilder &builder, const Access &access,
                                 const Position &position) {
  IndexMath math(builder, loc);
  Value offset = math.constant(0);
  for (unsigned dim = 0; dim < position.size(); ++dim) {
    Value at = point[dim] ? point[dim] : math.constant(position[dim]);
    offset = math.add(offset, math.mul(at, access.strides[dim]));
  }
  return elementPointer(builder, loc, access.pointer, access.element, offset);
}

Value UnrolledEmitter::load(OpBuilder &builder, const Access &access, const Position &position) {
  Value pointer = pointerAt(builder, access, position);
  if (lanes == 1 || isKnown(access.strides[vectorDim], 1))
    return loadElement(builder, loc, pointer, access.element, access.compute, lanes);
  Value first = loadElement(builder, loc, pointer, access.element, access.compute);
  Value result = splat(builder, loc, first, lanes);
  if (isKnown(access.strides[vectorDim], 0))
    return result;
  IndexMath math(builder, loc);
  for (unsigned lane = 1; lane < lanes; ++lane) {
    Value by = math.mul(math.constant(lane), access.strides[vectorDim]);
    Value at = elementPointer(builder, loc, pointer, access.element, by);
    result = vector::InsertOp::create(
        builder, loc, loadElement(builder, loc, at, access.element, access.compute), result, lane);
  }
  return result;
}

void UnrolledEmitter::store(OpBuilder &builder, Value value, const Position &position) {
  Value pointer = pointerAt(builder, nest.result, position);
  if (lanes == 1 || isKnown(nest.result.strides[vectorDim], 1))
    return storeElement(builder, loc, value, pointer, nest.result.element);
  IndexMath math(builder, loc);
  for (unsigned lane = 0; lane < lanes; ++lane) {
    Value by = math.mul(math.constant(lane), nest.result.strides[vectorDim]);
    storeElement(builder, loc, vector::ExtractOp::create(builder, loc, value, lane),
                 elementPointer(builder, loc, pointer, nest.result.element, by),
                 nest.result.element);
  }
}

Value UnrolledEmitter::finish(OpBuilder &builder, Value sum, const Position &position) {
  if (!nest.finish)
    return sum;
  SmallVector<Value> late = llvm::map_to_vector(
      nest.late, [&](const Access &access) { return load(builder, access, position); });
  auto positionOf = [&](int64_t dim) -> Value {
    IndexMath math(builder, loc);
    Value at = math.toIndex(point[dim] ? point[dim] : math.constant(position[dim]));
    at = splat(builder, loc, at, lanes);
    if (dim != vectorDim || lanes == 1)
      return at;
    return arith::AddIOp::create(builder, loc, at,
                                 laneNumbers(builder, loc, builder.getIndexType(), lanes));
  };
  return nest.finish({builder, loc, lanes, positionOf}, sum, late);
}

/// The product of the other operands' elements.
Value UnrolledEmitter::product(OpBuilder &builder, const Position &position) {
  Position all(position.size(), 0);
  SmallVector<Value> values;
  for (auto [number, map] : llvm::enumerate(op.getInputMaps())) {
    if (number == constant)
      continue;
    Position own = restrict(position, map);
    for (unsigned dim = 0; dim < own.size(); ++dim)
      all[dim] |= own[dim];
    Value &value = loaded[{unsigned(number), own}];
    if (!value)
      value = load(builder, nest.inputs[number], own);
    values.push_back(value);
  }
  Value &result = products[all];
  if (!result) {
    result = values[0];
    for (Value value : ArrayRef(values).drop_front())
      result = arith::MulFOp::create(builder, loc, result, value);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// The loop
//===----------------------------------------------------------------------===//

void UnrolledEmitter::emitPoint(OpBuilder &builder) {
  loaded.clear();
  products.clear();
  // Sums start from 0, so that one of nothing but -0 is 0.
  Value zero = constantElement(builder, loc, builder.getFloatAttr(nest.valueType, 0.0),
                               nest.valueType, lanes);
  std::map<Position, Value> sums;
  for (const Term &term : terms) {
    Value factor =
        constantElement(builder, loc, builder.getFloatAttr(nest.valueType, term.coefficient),
                        nest.valueType, lanes);
    Value scaled = arith::MulFOp::create(builder, loc, product(builder, term.position), factor);
    Value &sum = sums[restrict(term.position, op.getResultMap())];
    sum = arith::AddFOp::create(builder, loc, sum ? sum : zero, scaled);
  }
  // Every element of the result, also those that no term has.
  Position position(nest.extents.size(), 0);
  std::function<void(unsigned)> visit = [&](unsigned dim) {
    if (dim == position.size()) {
      Value sum = sums[position];
      return store(builder, finish(builder, sum ? sum : zero, position), position);
    }
    bool isVisited = written[dim] && !nest.reduced[dim];
    for (int64_t at = 0; at < (isVisited ? *known(nest.extents[dim]) : 1); ++at) {
      position[dim] = at;
      visit(dim + 1);
    }
    position[dim] = 0;
  };
  visit(0);
}

void UnrolledEmitter::emit(OpBuilder &builder) {
  IndexMath math(builder, loc);
  SmallVector<unsigned> dims;
  SmallVector<Value> trips;
  for (unsigned dim = 0; dim < nest.extents.size(); ++dim) {
    if (written[dim])
      continue;
    dims.push_back(dim);
    Value trip = nest.extents[dim];
    if (int(dim) == vectorDim)
      trip = math.constant(llvm::divideCeil(*known(trip), lanes));
    trips.push_back(trip);
  }
  Value cost = math.constant(static_cast<int64_t>(terms.size()) + 1);
  forEachPoint(builder, loc, trips, cost, nest.parallel,
               [&](OpBuilder &inner, Location, ArrayRef<Value> at) {
                 IndexMath math(inner, loc);
                 point.assign(nest.extents.size(), Value());
                 for (auto [dim, position] : llvm::zip_equal(dims, at)) {
                   point[dim] = position;
                   if (int(dim) != vectorDim)
                     continue;
                   // The last vector may overlap with the one before.
                   int64_t last = *known(nest.extents[dim]) - lanes;
                   point[dim] =
                       math.min(math.mul(position, math.constant(lanes)), math.constant(last));
                 }
                 emitPoint(inner);
               });
}

bool emitUnrolledContraction(OpBuilder &builder, Location loc, const Target &target,
                             const Nest &nest, ein::ContractOp op, unsigned constant) {
  UnrolledEmitter emitter(loc, target, nest, op, constant);
  if (!emitter.findTerms())
    return false;
  emitter.emit(builder);
  return true;
}

} // namespace tlc::codegen
