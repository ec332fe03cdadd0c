//===- ColumnReduction.h - reductions across rows -------------------------===//
//
//   result[j] = (+) over i of x[i, j]
//
// Memory is read row by row. The results of a few kilobytes of columns are the accumulators,
// which stay in the first cache while several rows at a time pass by:
//
//   for each block of columns (parallel)
//     for i in steps of 8
//       for j in the block    result[j] = result[j] (+) x[i, j] (+) ... (+) x[i + 7, j]
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_COLUMNREDUCTION_H
#define TLC_COMPILER_CODEGEN_CPU_COLUMNREDUCTION_H

#include "compiler/codegen/cpu/Nest.h"

namespace tlc::codegen {

/// Emits the nest and returns true if it is a long reduction across long rows, and no input is
/// shared by several rows of the result.
bool emitColumnReduction(OpBuilder &builder, Location loc, const Nest &nest, unsigned maxLanes);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_COLUMNREDUCTION_H
