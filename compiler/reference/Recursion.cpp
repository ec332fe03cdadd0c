//===- Recursion.cpp - loops and fixpoints --------------------------------===//

#include "compiler/reference/Interpreter.h"

#include <cmath>

namespace tlc::reference {

LogicalResult Interpreter::run(ein::LoopOp op) {
  Block &block = op.getBody().front();
  SmallVector<TensorRef> carried;
  for (Value init : op.getInits())
    carried.push_back(tensor(init));
  int64_t upper = scalar(op.getUpper()).integer;
  for (int64_t iv = scalar(op.getLower()).integer; iv < upper; ++iv) {
    bind(block.getArgument(0), Scalar::of(iv));
    for (auto [argument, value] : llvm::zip_equal(block.getArguments().drop_front(), carried))
      bind(argument, value);
    if (failed(runBlock(block)))
      return failure();
    for (auto [next, value] : llvm::zip_equal(block.getTerminator()->getOperands(), carried))
      value = tensor(next);
  }
  for (auto [result, value] : llvm::zip_equal(op.getResults(), carried))
    bind(result, value);
  return success();
}

/// Equal, both NaN, or at most `tolerance` apart.
static bool isClose(const Scalar &lhs, const Scalar &rhs, double tolerance) {
  auto isPartClose = [&](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); };
  return (lhs.integer == rhs.integer && isPartClose(lhs.number.real(), rhs.number.real()) &&
          isPartClose(lhs.number.imag(), rhs.number.imag())) ||
         std::abs(lhs.number - rhs.number) +
                 std::fabs(static_cast<double>(lhs.integer) - static_cast<double>(rhs.integer)) <=
             tolerance;
}

static bool isClose(const Tensor &lhs, const Tensor &rhs, double tolerance) {
  if (lhs.shape != rhs.shape)
    return false;
  for (auto [x, y] : llvm::zip_equal(lhs.elements, rhs.elements))
    if (!isClose(x, y, tolerance))
      return false;
  return true;
}

LogicalResult Interpreter::run(ein::FixpointOp op) {
  Block &block = op.getBody().front();
  double tolerance = op.getTolerance() ? op.getTolerance()->convertToDouble() : 0;
  SmallVector<TensorRef> current;
  for (Value init : op.getInits())
    current.push_back(tensor(init));

  bool converged = false;
  int64_t step = 0;
  while (!converged && (!op.getMaxSteps() || step < static_cast<int64_t>(*op.getMaxSteps()))) {
    if (step++ == maxFixpointSteps)
      return op.emitError() << "fixpoint is not reached after " << maxFixpointSteps << " steps";
    for (auto [argument, value] : llvm::zip_equal(block.getArguments(), current))
      bind(argument, value);
    if (failed(runBlock(block)))
      return failure();
    converged = true;
    for (auto [next, value] : llvm::zip_equal(block.getTerminator()->getOperands(), current)) {
      converged &= isClose(*tensor(next), *value, tolerance);
      value = tensor(next);
    }
  }
  for (auto [result, value] : llvm::zip_equal(op.getResults(), current))
    bind(result, value);
  Tensor flag{cast<RankedTensorType>(op.getConverged().getType()).getElementType(),
              {},
              {Scalar::of(converged)}};
  store(op.getConverged(), std::move(flag));
  return success();
}

} // namespace tlc::reference
