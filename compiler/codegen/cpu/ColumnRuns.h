//===- ColumnRuns.h - how the columns of a tile lie in the result ---------===//
//
// The columns of a tile have their offsets in a table. Often all of them are neighbours. Where
// they are several dimensions, flattened, a vector crosses from one run of neighbours into the
// next, such as one of 16 lanes in runs of 20:
//
//   offsets        312 .. 319 1100 .. 1107
//   first run      lanes 0 .. 7,  lane l at  312 + l
//   second run     lanes 8 .. 15, lane l at 1092 + l
//
// Then it is written by two instructions with masks.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_COLUMNRUNS_H
#define TLC_COMPILER_CODEGEN_CPU_COLUMNRUNS_H

#include "compiler/codegen/cpu/IndexBuilder.h"
#include "compiler/codegen/cpu/TileKernel.h"

namespace tlc::codegen {

/// Two runs of the lanes of a vector: `first` and `second` are where lane 0 of each is or would be.
/// No lane is in both masks.
struct VectorRuns {
  Value first, firstMask, second, secondMask;
};

/// The runs at the start and at the end of the `tile.lanes` offsets at `table`.
VectorRuns findRuns(IndexBuilder &b, const Tile &tile, Value table);

/// runs(table, columns, result): a ColumnRun for each tile of the columns.
mlir::LLVM::LLVMFuncOp getColumnRunsFunction(mlir::ModuleOp module, const Tile &tile);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_COLUMNRUNS_H
