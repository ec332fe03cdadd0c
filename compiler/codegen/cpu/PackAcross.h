//===- PackAcross.h - panels along a dimension the operand jumps over -----===//
//
// Vectors of a panel lie along the dimension v that the result has as neighbours. Where the right
// operand's neighbours lie along another dimension u of the columns,
//
//   C[i,u,v] = sum over k of A[i,k] * B[v,k,u]
//
// its elements would be collected one by one. Instead squares of u and v are transposed in
// registers: one vector's width of neighbours along u, from as many positions of v, becomes that
// many vectors along v, which go to as many places in the panels.
//
//   B[v+0,k,u..u+3]      panels at (u+0, v..v+3)
//   B[v+1,k,u..u+3]  ->  panels at (u+1, v..v+3)
//   B[v+2,k,u..u+3]      panels at (u+2, v..v+3)
//   B[v+3,k,u..u+3]      panels at (u+3, v..v+3)
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_PACKACROSS_H
#define TLC_COMPILER_CODEGEN_CPU_PACKACROSS_H

#include "compiler/codegen/cpu/TileKernel.h"

namespace tlc::codegen {

/// pack(source, laneOffsets, kOffsets, rows, firstRow, extent, pitch, lane, depth, destination,
/// panelPitch).
/// Columns come in `rows` rows of `pitch` lanes, a multiple of the vector's; rows are neighbours in
/// the source, in runs of `extent`, of which the first row is number `firstRow`. Packs the vectors
/// that start at `lane` of every row.
mlir::LLVM::LLVMFuncOp getPackAcrossFunction(mlir::ModuleOp module, const Tile &tile);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_PACKACROSS_H
