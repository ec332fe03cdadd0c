//===- Unrolling.cpp - contractions with few elements of a constant -------===//

#include "compiler/transforms/Unrolling.h"

#include "compiler/planner/Planner.h"

namespace tlc {
namespace {

/// Lines of code above which loops are better.
constexpr int64_t mostLines = 1024;
/// Seconds to bring an element from memory into its lane, or back, on the planner's scale.
constexpr double elementSeconds = 0.02e-9;

bool hasSingleDims(AffineMap map) {
  return llvm::all_of(map.getResults(), [](AffineExpr e) { return isa<AffineDimExpr>(e); });
}

} // namespace

double UnrolledWork::seconds(DType type) const {
  // A flop takes what it takes in a large product: the planner is as hopeful about small ones,
  // which this is compared with.
  planner::Plan product =
      planner::evaluate({{{0, 1}, {1, 2}}, {0, 2}, {256, 256, 256}, type}, {{0, 1}});
  double flopSeconds = product.seconds / product.flops;
  return planner::MachineModel().stepSeconds + flops() * flopSeconds +
         points * elements * elementSeconds;
}

std::optional<UnrolledWork> unrolledWork(ein::ContractOp op, Value constant, int64_t nonzeros,
                                         int64_t nominalExtent) {
  size_t numInputs = op.getInputs().size();
  Type element = cast<RankedTensorType>(constant.getType()).getElementType();
  if (!isa<mlir::FloatType>(element) || numInputs < 2 || numInputs > 3 || nonzeros > mostLines ||
      !op.getEpilogue().empty() || !op.getSemiring().isField())
    return std::nullopt;
  // The constant is there once, and with it the dimensions that are written out.
  llvm::SmallBitVector unrolled(op.getNumDims());
  unsigned uses = 0;
  for (auto [input, map] : llvm::zip_equal(op.getInputs(), op.getInputMaps())) {
    if (!hasSingleDims(map))
      return std::nullopt;
    if (input != constant)
      continue;
    if (uses++ || !map.isProjectedPermutation())
      return std::nullopt;
    for (unsigned i = 0; i < map.getNumResults(); ++i)
      unrolled.set(map.getDimPosition(i));
  }
  SmallVector<int64_t> extents = op.getStaticExtents();
  UnrolledWork work;
  for (unsigned dim = 0; dim < op.getNumDims(); ++dim) {
    bool isKept = op.getResultMap().isFunctionOfDim(dim);
    if (unrolled[dim])
      continue;
    if (!isKept)
      return std::nullopt;
    work.points *= double(ShapedType::isDynamic(extents[dim]) ? nominalExtent : extents[dim]);
  }
  // The positions of an operand that are written out.
  auto positions = [&](AffineMap map) {
    double count = 1;
    for (unsigned dim = 0; dim < op.getNumDims(); ++dim)
      if (unrolled[dim] && map.isFunctionOfDim(dim))
        count *= double(extents[dim]);
    return count;
  };
  double pairs = 1;
  for (auto [input, map] : llvm::zip_equal(op.getInputs(), op.getInputMaps())) {
    if (input == constant)
      continue;
    work.elements += positions(map);
    pairs *= positions(map);
  }
  work.elements += positions(op.getResultMap());
  if (work.elements > double(mostLines))
    return std::nullopt;
  work.multiplyAdds = double(nonzeros);
  work.products = numInputs == 3 ? std::min(pairs, double(nonzeros)) : 0;
  return work;
}

} // namespace tlc
