//===- KernelRegistry.cpp - all kernels of one processor ------------------===//

#include "compiler/codegen/cpu/KernelRegistry.h"

#include "compiler/codegen/cpu/ColumnRuns.h"
#include "compiler/codegen/cpu/KernelFunctions.h"
#include "compiler/codegen/cpu/PackAcross.h"
#include "compiler/codegen/cpu/TileKernel.h"

#include "mlir/IR/Builders.h"

namespace tlc::codegen {

void emitAllKernels(mlir::ModuleOp module, const Target &target) {
  OpBuilder builder(module.getContext());
  getIsRunFunction(module);
  getRunLengthFunction(module);
  for (Type type : {Type(builder.getF32Type()), Type(builder.getF64Type())}) {
    Tile tile = chooseTile(type, target);
    getPackFunction(module, tile, tile.rows);
    getPackFunction(module, tile, tile.columns());
    getPackAcrossFunction(module, tile);
    getColumnRunsFunction(module, tile);
    getMultiplyFunction(module, tile);
    getMultiplyInPlaceFunction(module, tile);
  }
}

} // namespace tlc::codegen
