//===- FactoredContraction.cpp - a contraction with factors of a constant -===//

#include "compiler/transforms/FactoredContraction.h"

#include "compiler/transforms/ContractionNetwork.h"

namespace tlc {

static planner::Plan planForSeconds(const planner::Network &network) {
  planner::Options options;
  options.objective = planner::Objective::Seconds;
  options.seconds = 1e-3;
  return planner::plan(network, options);
}

FactoredContraction::FactoredContraction(ein::ContractOp op, Value constant,
                                         const lowrank::Format &format, int64_t nominalExtent)
    : op(op), format(format), nominalExtent(nominalExtent) {
  for (int64_t extent : op.getStaticExtents())
    extents.push_back(ShapedType::isDynamic(extent) ? nominalExtent : extent);
  mlir::MLIRContext *context = op.getContext();
  int order = static_cast<int>(cast<RankedTensorType>(constant.getType()).getRank());
  for (auto [number, operand] : llvm::enumerate(placedOperands(op))) {
    if (operand.value != constant || format.form == lowrank::Form::Dense) {
      operands.push_back({static_cast<int>(number), -1, operand.positions});
      continue;
    }
    unsigned firstRank = static_cast<unsigned>(extents.size());
    extents.append(format.ranks.begin(), format.ranks.end());
    for (auto [factor, modes] : llvm::enumerate(format.factors)) {
      Operand &added = operands.emplace_back();
      added.factor = static_cast<int>(factor);
      for (int mode : modes)
        added.positions.push_back(mode < order
                                      ? operand.positions[mode]
                                      : mlir::getAffineDimExpr(firstRank + mode - order, context));
    }
  }
  rest = planForSeconds(network());
  for (unsigned operand = 0; operand < operands.size(); ++operand)
    for (unsigned factor = 0; factor < operands.size(); ++factor)
      if (findWindow(operand, factor)) {
        before = planForSeconds(windowNetwork());
        planner::Plan after = planForSeconds(network());
        if (before.seconds + after.seconds < rest.seconds) {
          rest = std::move(after);
          return;
        }
        before = {};
        window.reset();
      }
}

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

/// Whether the operand is read through a window and meets the factor in dimensions that nothing
/// else has. Sets `window` if so.
bool FactoredContraction::findWindow(unsigned operand, unsigned factor) {
  const Operand &read = operands[operand], &with = operands[factor];
  auto isSame = [&](const Operand &other) { return other.factor == with.factor; };
  if (read.input < 0 || with.factor < 0 || llvm::count_if(operands, isSame) != 1 ||
      llvm::all_of(read.positions, [](AffineExpr e) { return isa<AffineDimExpr>(e); }))
    return false;
  Type element = cast<RankedTensorType>(op.getInputs()[read.input].getType()).getElementType();
  if (ein::accumulatorType(element) != element)
    return false;
  Window found{operand, with.factor, {}, {}, {}};
  unsigned firstRank = op.getNumDims();
  for (AffineExpr position : with.positions) {
    AffineDimExpr single = dyn_cast<AffineDimExpr>(position);
    if (!single)
      return false;
    unsigned dim = single.getPosition();
    if (dim >= firstRank) {
      found.ranks.push_back(dim);
      continue;
    }
    // Alone in both, nowhere else, and not kept.
    for (auto [number, other] : llvm::enumerate(operands)) {
      unsigned count =
          llvm::count_if(other.positions, [&](AffineExpr e) { return e.isFunctionOfDim(dim); });
      if (count != (number == operand || number == factor))
        return false;
    }
    auto axis = llvm::find(read.positions, position);
    if (axis == read.positions.end() || op.getResultMap().isFunctionOfDim(dim))
      return false;
    found.summed.push_back(axis - read.positions.begin());
  }
  if (found.summed.empty())
    return false;
  for (unsigned axis = 0; axis < read.positions.size(); ++axis)
    if (!llvm::is_contained(found.summed, axis))
      found.kept.push_back(axis);
  window = std::move(found);
  return true;
}

FactoredContraction::Operand FactoredContraction::afterWindow() {
  const Operand &read = operands[window->operand];
  Operand result{read.input, -1, {}};
  for (unsigned axis : window->kept)
    result.positions.push_back(read.positions[axis]);
  for (unsigned dim : window->ranks)
    result.positions.push_back(mlir::getAffineDimExpr(dim, op.getContext()));
  return result;
}

planner::Network FactoredContraction::windowNetwork() {
  planner::Network result = networkOf(op, nominalExtent); // for its type
  result.inputs.assign(2, {});
  result.output.clear();
  result.sizes.clear();
  auto type = cast<RankedTensorType>(op.getInputs()[operands[window->operand].input].getType());
  for (int64_t extent : type.getShape()) {
    result.inputs[0].push_back(static_cast<int>(result.sizes.size()));
    result.sizes.push_back(ShapedType::isDynamic(extent) ? nominalExtent : extent);
  }
  result.inputs[1].assign(window->summed.begin(), window->summed.end());
  result.output.assign(window->kept.begin(), window->kept.end());
  for (unsigned dim : window->ranks) {
    int index = static_cast<int>(result.sizes.size());
    result.inputs[1].push_back(index);
    result.output.push_back(index);
    result.sizes.push_back(extents[dim]);
  }
  return result;
}

/// Of all operands, after the window's product if there is one.
planner::Network FactoredContraction::network() {
  planner::Network result = networkOf(op, nominalExtent);
  result.inputs.clear();
  result.sizes.assign(extents.begin(), extents.end());
  for (auto [number, operand] : llvm::enumerate(operands)) {
    if (window && operand.factor == window->factor)
      continue;
    bool isRead = window && number == window->operand;
    std::vector<int> &input = result.inputs.emplace_back();
    for (AffineExpr position : isRead ? afterWindow().positions : operand.positions)
      for (unsigned dim = 0; dim < extents.size(); ++dim)
        if (position.isFunctionOfDim(dim))
          input.push_back(static_cast<int>(dim));
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

Value FactoredContraction::buildWindow(OpBuilder &builder, Value factor) {
  Value read = op.getInputs()[operands[window->operand].input];
  auto type = cast<RankedTensorType>(read.getType());
  unsigned order = static_cast<unsigned>(type.getRank());
  PlacedOperand left{read, {}}, right{factor, {}};
  SmallVector<unsigned> result(window->kept);
  SmallVector<int64_t> shape;
  for (unsigned axis = 0; axis < order; ++axis)
    left.positions.push_back(builder.getAffineDimExpr(axis));
  for (unsigned axis : window->kept)
    shape.push_back(type.getDimSize(axis));
  auto summed = window->summed.begin();
  unsigned rank = 0;
  for (AffineExpr position : llvm::find_if(operands, [&](const Operand &operand) {
                               return operand.factor == window->factor;
                             })->positions) {
    unsigned dim = cast<AffineDimExpr>(position).getPosition();
    if (dim < op.getNumDims()) {
      right.positions.push_back(builder.getAffineDimExpr(*summed++));
      continue;
    }
    right.positions.push_back(builder.getAffineDimExpr(order + rank));
    result.push_back(order + rank++);
    shape.push_back(extents[dim]);
  }
  auto noExtent = [](unsigned) { return Value(); }; // every axis stands alone
  return buildContraction(builder, op.getLoc(), op.getSemiring().getKind(), {left, right}, result,
                          RankedTensorType::get(shape, type.getElementType()), noExtent)
      .getResult();
}

ein::ContractOp FactoredContraction::build(ArrayRef<Value> factors) {
  OpBuilder builder(op);
  SmallVector<PlacedOperand> placed;
  for (auto [number, operand] : llvm::enumerate(operands)) {
    if (window && operand.factor == window->factor)
      continue;
    if (window && number == window->operand)
      placed.push_back({buildWindow(builder, factors[window->factor]), afterWindow().positions});
    else
      placed.push_back(
          {operand.factor < 0 ? op.getInputs()[operand.input] : factors[operand.factor],
           operand.positions});
  }
  auto extentOf = [&](unsigned dim) { return runtimeExtent(builder, op, dim); };
  ein::ContractOp result = rebuildContraction(builder, op, placed, extentOf);
  op.replaceAllUsesWith(result.getResult());
  op.erase();
  return result;
}

} // namespace tlc
