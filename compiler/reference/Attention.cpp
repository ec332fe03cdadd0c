//===- Attention.cpp - scores, softmax and the weighted mean --------------===//
//
//   s[q,k] = score(sum over d of Q[q,d] K[k,d])
//   result[q,v] = sum over k of softmax(s[q,:])[k] V[k,v]
//
// One slice after the other, each with all of its scores in f64.
//
//===----------------------------------------------------------------------===//

#include "compiler/reference/Interpreter.h"

#include <algorithm>
#include <cmath>

namespace tlc::reference {

using ein::AttentionRole;

namespace {
/// Points of the iteration space, visited by the roles of its dimensions.
struct AttentionSpace {
  SmallVector<int64_t> extents;
  SmallVector<std::optional<AttentionRole>> roles;

  /// Calls `visit` for every position of the dimensions with this role; the others stay at `point`.
  LogicalResult forEach(AttentionRole role, SmallVectorImpl<int64_t> &point,
                        function_ref<LogicalResult()> visit) const {
    SmallVector<unsigned> dims;
    SmallVector<int64_t> shape;
    for (unsigned dim = 0; dim < roles.size(); ++dim)
      if (roles[dim] == role) {
        dims.push_back(dim);
        shape.push_back(extents[dim]);
      }
    return forEachIndex(shape, [&](ArrayRef<int64_t> index) {
      for (auto [dim, position] : llvm::zip_equal(dims, index))
        point[dim] = position;
      return visit();
    });
  }
};
} // namespace

LogicalResult Interpreter::run(ein::AttentionOp op) {
  SmallVector<AffineMap> maps = op.getInputMaps();
  RankedTensorType type = op.getResult().getType();
  FailureOr<SmallVector<int64_t>> extents =
      extentsOf(*op, op.getInputs(), maps, {}, op.getResultMap(), type);
  if (failed(extents))
    return failure();
  AttentionSpace space{*extents, op.getRoles()};
  SmallVector<int64_t> point(space.extents.size(), 0), dynamic;
  auto placeOf = [&](AffineMap map) {
    return llvm::map_to_vector(map.getResults(), [&](AffineExpr position) {
      AffineDimExpr dim = dyn_cast<AffineDimExpr>(position);
      return dim ? point[dim.getPosition()] : cast<AffineConstantExpr>(position).getValue();
    });
  };
  for (auto [position, extent] : llvm::zip_equal(op.getResultMap().getResults(), type.getShape()))
    if (ShapedType::isDynamic(extent))
      dynamic.push_back(space.extents[cast<AffineDimExpr>(position).getPosition()]);
  FailureOr<Tensor> result = create(*op, type, dynamic, Scalar::of(0.0));
  if (failed(result))
    return failure();
  TensorRef query = tensor(op.getInputs()[0]), key = tensor(op.getInputs()[1]),
            value = tensor(op.getInputs()[2]);
  Type accumulator = ein::accumulatorType(query->elementType);

  std::vector<double> weights;
  auto addScore = [&]() -> LogicalResult {
    double sum = 0;
    (void)space.forEach(AttentionRole::Depth, point, [&] {
      sum += query->at(placeOf(maps[0])).real() * key->at(placeOf(maps[1])).real();
      return success();
    });
    Scalar score = roundTo(Scalar::of(sum), accumulator);
    if (!op.getScore().empty()) {
      SmallVector<Scalar> arguments = {score};
      if (failed(readOperands(*op, op.getInputs().drop_front(3), ArrayRef(maps).drop_front(3),
                              point, arguments)))
        return failure();
      mapIndex = point;
      FailureOr<Scalar> element = runBody(op.getScore(), arguments);
      if (failed(element))
        return failure();
      score = *element;
    }
    weights.push_back(score.real());
    return success();
  };
  LogicalResult done = space.forEach(AttentionRole::Slice, point, [&]() -> LogicalResult {
    weights.clear();
    if (failed(space.forEach(AttentionRole::Key, point, addScore)))
      return failure();
    softmax(weights);
    return space.forEach(AttentionRole::Value, point, [&] {
      double mean = 0;
      size_t next = 0;
      (void)space.forEach(AttentionRole::Key, point, [&] {
        mean += weights[next++] * value->at(placeOf(maps[2])).real();
        return success();
      });
      result->elements[result->offset(placeOf(op.getResultMap()))] = Scalar::of(mean);
      return success();
    });
  });
  if (failed(done))
    return failure();
  store(op.getResult(), std::move(*result));
  return success();
}

} // namespace tlc::reference
