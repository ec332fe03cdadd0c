//===- Discontinuity.cpp - where small errors become large ----------------===//
//
//   Y = step(W[i,j] X[j] - 1/2)
//
// However near a factorization is to W, an element of the sum near 1/2 may come to lie on the
// other side. Values are followed through everything that reads them to the results of the
// function.
//
// If W and X are whole numbers, so is the sum, and it lies at least 1/2 from the threshold: an
// error below that changes nothing. This is how relations embedded in a vector space stay exact.
//
//===----------------------------------------------------------------------===//

#include "compiler/transforms/Discontinuity.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SetVector.h"

#include <cmath>

namespace tlc {
namespace {

namespace arith = mlir::arith;
namespace math = mlir::math;

class Followed {
public:
  explicit Followed(Value value) { values.insert(value); }

  std::string run() {
    for (unsigned i = 0; i < values.size(); ++i)
      for (mlir::OpOperand &use : values[i].getUses())
        if (std::string found = follow(use); !found.empty())
          return found;
    return "";
  }

private:
  std::string follow(mlir::OpOperand &use);
  void addResults(Operation *op) { values.insert(op->result_begin(), op->result_end()); }
  /// The argument of a body that stands for an operand.
  std::string intoBody(mlir::OpOperand &use, mlir::Region &body, unsigned firstArgument);

  llvm::SetVector<Value> values;
};

std::string Followed::intoBody(mlir::OpOperand &use, mlir::Region &body, unsigned argument) {
  if (!body.empty())
    values.insert(body.front().getArgument(argument));
  addResults(use.getOwner());
  return "";
}

std::string Followed::follow(mlir::OpOperand &use) {
  Operation *op = use.getOwner();
  unsigned number = use.getOperandNumber();
  if (isa<mlir::tensor::DimOp>(op)) // of the shape, not of the elements
    return "";
  if (isa<arith::CmpFOp, arith::CmpIOp>(op))
    return "a comparison";
  if (isa<math::FloorOp, math::CeilOp, math::RoundOp, math::RoundEvenOp, math::TruncOp,
          arith::FPToSIOp, arith::FPToUIOp>(op))
    return "rounding to whole numbers";
  if (ein::NormalizeOp normalize = dyn_cast<ein::NormalizeOp>(op);
      normalize && normalize.getKind() == ein::NormalizeKind::ArgMax)
    return "an argmax";
  if (ein::MapOp map = dyn_cast<ein::MapOp>(op))
    return intoBody(use, map.getBody(), number);
  if (ein::ContractOp contract = dyn_cast<ein::ContractOp>(op)) {
    unsigned firstLate = contract.getInputs().size() + contract.getExtents().size();
    return intoBody(use, contract.getEpilogue(), number < firstLate ? 0 : number - firstLate + 1);
  }
  if (ein::AttentionOp attention = dyn_cast<ein::AttentionOp>(op))
    return intoBody(use, attention.getScore(), number < 3 ? 0 : number - 2);
  if (ein::LoopOp loop = dyn_cast<ein::LoopOp>(op)) {
    unsigned carried = number - 2; // behind the bounds
    values.insert(loop.getBody().front().getArgument(carried + 1));
    values.insert(loop.getResult(carried));
    return "";
  }
  if (ein::FixpointOp fixpoint = dyn_cast<ein::FixpointOp>(op)) {
    values.insert(fixpoint.getBody().front().getArgument(number));
    values.insert(fixpoint.getResult(number));
    return "";
  }
  if (isa<ein::YieldOp>(op)) {
    Operation *parent = op->getParentOp();
    if (ein::LoopOp loop = dyn_cast<ein::LoopOp>(parent))
      values.insert(loop.getBody().front().getArgument(number + 1));
    else if (ein::FixpointOp fixpoint = dyn_cast<ein::FixpointOp>(parent))
      values.insert(fixpoint.getBody().front().getArgument(number));
    if (isa<ein::LoopOp, ein::FixpointOp>(parent))
      values.insert(parent->getResult(number));
    return "";
  }
  addResults(op);
  return "";
}

std::optional<double> constantOf(Value value) {
  mlir::FloatAttr constant;
  if (!mlir::matchPattern(value, mlir::m_Constant(&constant)))
    return std::nullopt;
  return constant.getValueAsDouble();
}

/// The least distance of a whole number from where a reader of `element` = number + `offset`
/// changes its mind.
std::optional<double> marginAt(Value element, double offset) {
  double margin = HUGE_VAL;
  for (Operation *reader : element.getUsers()) {
    bool isLeft = reader->getOperand(0) == element;
    std::optional<double> other =
        reader->getNumOperands() == 2 ? constantOf(reader->getOperand(isLeft)) : std::nullopt;
    std::optional<double> found;
    if (other && isa<arith::CmpFOp>(reader))
      found = std::abs(*other - offset - std::round(*other - offset));
    else if (other && isa<arith::AddFOp>(reader))
      found = marginAt(reader->getResult(0), offset + *other);
    else if (other && isa<arith::SubFOp>(reader) && isLeft)
      found = marginAt(reader->getResult(0), offset - *other);
    if (!found)
      return std::nullopt;
    margin = std::min(margin, *found);
  }
  return margin;
}

} // namespace

std::string findDiscontinuity(Value value) { return Followed(value).run(); }

std::optional<double> marginOfWholeNumbers(Value value) {
  double margin = HUGE_VAL;
  for (mlir::OpOperand &use : value.getUses()) {
    ein::MapOp map = dyn_cast<ein::MapOp>(use.getOwner());
    if (!map)
      return std::nullopt;
    std::optional<double> found =
        marginAt(map.getBody().front().getArgument(use.getOperandNumber()), 0);
    if (!found)
      return std::nullopt;
    margin = std::min(margin, *found);
  }
  return margin;
}

} // namespace tlc
