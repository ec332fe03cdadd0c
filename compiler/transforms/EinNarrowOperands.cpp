//===- EinNarrowOperands.cpp - operands as they are stored ----------------===//
//
//   %w = ein.map "ij" (%a) { arith.extsi : i8 to i32 }
//   %v = ein.map "jk" (%b) { arith.extsi : i8 to i32 }
//   %r = ein.contract "ij,jk->ik" sum_product (%w, %v) : i32
// becomes
//   %r = ein.contract "ij,jk->ik" sum_product (%a, %b) : i8 to i32
//
// A product of two i8 is exact in i32, and one of two bf16 or f16 in f32, so the sum is the same.
// The wide copies are never made, and processors multiply narrow numbers faster.
//
//===----------------------------------------------------------------------===//

#include "compiler/transforms/Passes.h"
#include "dialects/ein/SumType.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace tlc {

#define GEN_PASS_DEF_EINNARROWOPERANDS
#include "compiler/transforms/Passes.h.inc"

namespace {

using ein::ContractOp;
using ein::MapOp;

Type elementType(Value value) { return cast<RankedTensorType>(value.getType()).getElementType(); }

/// What `value` is a wider copy of; null if it is none.
Value narrowSource(Value value) {
  MapOp map = value.getDefiningOp<MapOp>();
  if (!map || map.getInputs().size() != 1 || !map.getInputMaps()[0].isIdentity())
    return {};
  Block &body = map.getBody().front();
  Operation *widening = cast<ein::YieldOp>(body.getTerminator()).getValues()[0].getDefiningOp();
  if (!widening || !isa<mlir::arith::ExtFOp, mlir::arith::ExtSIOp>(widening) ||
      widening->getOperand(0) != body.getArgument(0))
    return {};
  return map.getInputs()[0];
}

void narrow(ContractOp op) {
  if (op.getInputs().size() > 2 || op.getSemiring().getKind() != ein::SemiringKind::SumProduct)
    return;
  SmallVector<Value> sources;
  for (Value input : op.getInputs())
    sources.push_back(narrowSource(input));
  if (!llvm::all_equal(llvm::map_range(
          sources, [](Value source) { return source ? elementType(source) : Type(); })) ||
      !sources.front())
    return;
  Type wide = elementType(op.getInputs()[0]), narrowed = elementType(sources.front());
  // With an epilogue, the type of the sum follows from the operands alone.
  Type sum = op.getEpilogue().empty() ? ein::sumType(ein::SemiringKind::SumProduct, narrowed, wide)
                                      : ein::accumulatorType(narrowed);
  if (sum == wide && elementType(op.getResult()) == wide)
    op.getInputsMutable().assign(sources);
}

class EinNarrowOperands : public impl::EinNarrowOperandsBase<EinNarrowOperands> {
  void runOnOperation() override {
    getOperation()->walk([](ContractOp op) { narrow(op); });
  }
};

} // namespace
} // namespace tlc
