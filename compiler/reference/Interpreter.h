//===- Interpreter.h - state of an interpretation -------------------------===//

#ifndef TLC_COMPILER_REFERENCE_INTERPRETER_H
#define TLC_COMPILER_REFERENCE_INTERPRETER_H

#include "compiler/reference/Reference.h"
#include "compiler/reference/Scalar.h"
#include "dialects/ein/EinDialect.h"

#include "llvm/ADT/DenseMap.h"

#include <memory>
#include <vector>

namespace tlc::reference {

/// A row-major tensor of the interpreted program.
struct Tensor {
  Type elementType;
  SmallVector<int64_t> shape;
  std::vector<Scalar> elements;

  /// Row-major position of an index, which must be inside.
  int64_t offset(ArrayRef<int64_t> index) const;
  bool contains(ArrayRef<int64_t> index) const;
  const Scalar &at(ArrayRef<int64_t> index) const { return elements[offset(index)]; }
};
using TensorRef = std::shared_ptr<const Tensor>;

/// Calls `visit` with each index of a box in row-major order, until it fails.
LogicalResult forEachIndex(ArrayRef<int64_t> shape,
                           function_ref<LogicalResult(ArrayRef<int64_t>)> visit);

/// x -> exp(x - max) / sum(exp(x - max)), in place.
void softmax(std::vector<double> &group);

/// Conversions between the caller's tensors and ours. A host tensor's bytes must fit its shape.
std::optional<DType> dtypeOf(Type elementType);
Tensor fromHost(const HostTensor &host, Type elementType);
HostTensor toHost(const Tensor &tensor);

/// Runs operations in order. Errors are reported at the operation that caused them.
class Interpreter {
public:
  LogicalResult runBlock(Block &block);

  void bind(Value value, Scalar scalar) { scalars[value] = scalar; }
  void bind(Value value, TensorRef tensor) { tensors[value] = std::move(tensor); }
  TensorRef tensor(Value value) const { return tensors.lookup(value); }
  Scalar scalar(Value value) const { return scalars.lookup(value); }

private:
  LogicalResult run(Operation &op);
  LogicalResult runScalar(Operation &op);
  LogicalResult runTensorOp(Operation &op);
  /// Runs a body of scalars and gives the yielded one.
  FailureOr<Scalar> runBody(Region &body, ArrayRef<Scalar> arguments);

  LogicalResult runConstant(Operation &op, mlir::ElementsAttr values);
  LogicalResult run(ein::AttentionOp op);
  LogicalResult run(ein::ContractOp op);
  /// Replaces each sum by what the epilogue makes of it.
  LogicalResult runEpilogue(ein::ContractOp op, Tensor &sums);
  LogicalResult run(ein::MapOp op);
  LogicalResult run(ein::ReduceOp op);
  LogicalResult run(ein::NormalizeOp op);
  LogicalResult run(ein::GatherOp op);
  LogicalResult run(ein::ScatterOp op);
  LogicalResult run(ein::LoopOp op);
  LogicalResult run(ein::FixpointOp op);

  /// A result filled with a value, its `?` extents taken from `dynamic` in order; fails if it is
  /// negative or too large.
  FailureOr<Tensor> create(Operation &op, RankedTensorType type, ArrayRef<int64_t> dynamic,
                           Scalar fill);
  /// Rounds each element to its type and binds the tensor.
  void store(Value result, Tensor tensor);
  /// The extents of an iteration space from operands and result.
  FailureOr<SmallVector<int64_t>> extentsOf(Operation &op, ValueRange inputs,
                                            ArrayRef<AffineMap> maps, ValueRange extents,
                                            AffineMap resultMap, RankedTensorType resultType);
  SmallVector<int64_t> indices(ValueRange values) const;
  /// Appends the operands' elements at a position of the iteration space.
  LogicalResult readOperands(Operation &op, ValueRange inputs, ArrayRef<AffineMap> maps,
                             ArrayRef<int64_t> index, SmallVectorImpl<Scalar> &elements);

  llvm::DenseMap<Value, Scalar> scalars;
  llvm::DenseMap<Value, TensorRef> tensors;
  SmallVector<int64_t> mapIndex; ///< position of the map that is running, for ein.index
};

} // namespace tlc::reference

#endif // TLC_COMPILER_REFERENCE_INTERPRETER_H
