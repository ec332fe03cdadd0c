//===- KernelRegistry.cpp - all kernels of one processor ------------------===//

#include "compiler/codegen/cpu/KernelRegistry.h"

#include "compiler/codegen/cpu/ColumnRuns.h"
#include "compiler/codegen/cpu/KernelFunctions.h"
#include "compiler/codegen/cpu/PackAcross.h"
#include "compiler/codegen/cpu/TileKernel.h"

#include "mlir/IR/Builders.h"

namespace tlc::codegen {

using ein::SemiringKind;

void emitAllKernels(mlir::ModuleOp module, const Target &target) {
  OpBuilder builder(module.getContext());
  getIsRunFunction(module);
  getRunLengthFunction(module);
  auto add = [&](SemiringKind kind, Type operand) {
    TileArithmeticRef arithmetic = chooseArithmetic(kind, operand, target);
    Tile tile = chooseTile(arithmetic, target);
    for (bool isRight : {false, true})
      getPanelFunction(module, tile, isRight);
    if (tile.copiesElements())
      getPackAcrossFunction(module, tile);
    getColumnRunsFunction(module, tile);
    getMultiplyFunction(module, tile);
    if (tile.canReadInPlace())
      getMultiplyInPlaceFunction(module, tile);
  };
  Type f32 = builder.getF32Type(), f64 = builder.getF64Type();
  for (Type type :
       {f32, f64, Type(builder.getF16Type()), Type(builder.getBF16Type()),
        Type(builder.getI8Type()), Type(ComplexType::get(f32)), Type(ComplexType::get(f64))})
    add(SemiringKind::SumProduct, type);
  for (SemiringKind kind : {SemiringKind::MinPlus, SemiringKind::MaxPlus})
    add(kind, f32);
  add(SemiringKind::OrAnd, builder.getI1Type());
}

} // namespace tlc::codegen
