//===- TileKernel.h - the functions that all packed contractions share ----===//
//
// Two functions do the work of every contraction. They know nothing of its dimensions:
// positions come in tables of offsets, one for each row, column and summed position.
//
//   pack:      panel[p][k][lane] = source[laneOffset[p, lane] + kOffset[k]]     panels `pitch`
//   apart multiply:  result[row[i] + column[j]] (+)= sum over k of lhs[i/R][k][i%R] *
//   rhs[j/C][k][j%C]
//
// where R x C is the register tile. What the sum and the product are, and how many positions k an
// element of a panel stands for, is the tile's arithmetic. There is one pack function for each
// panel format and width, and one multiply function for each arithmetic in a module.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_TILEKERNEL_H
#define TLC_COMPILER_CODEGEN_CPU_TILEKERNEL_H

#include "compiler/codegen/cpu/TileArithmetic.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"

namespace tlc::codegen {

/// The register tile: `rows` x `vectors` of `lanes` elements. Elements are those of panels.
struct Tile {
  Type elementType;
  unsigned rows, vectors, lanes;
  TileArithmeticRef arithmetic;

  int64_t columns() const { return int64_t(vectors) * lanes; }
  unsigned elementBytes() const { return arithmetic->elementBytes; }
  /// Numbers in a vector register.
  unsigned numbers() const { return lanes * arithmetic->parts; }
  /// Whether panels hold elements as the operands do, of a size that registers transpose.
  bool copiesElements() const { return arithmetic->left.isPlain() && elementBytes() <= 8; }
  /// Whether the right operand may be read where it is.
  bool canReadInPlace() const {
    return copiesElements() && arithmetic->parts == 1 && !arithmetic->hasPlainForm();
  }
  /// Whether part of a vector of the result is read and written by one instruction: on AVX, AVX-512
  /// and SVE, where its numbers have four bytes at least.
  bool hasMasks() const {
    return lanes * elementBytes() >= 32 && arithmetic->stored.getIntOrFloatBitWidth() >= 32;
  }
  /// Rows of a panel for so many summed positions.
  Value panelRows(IndexBuilder &b, Value depth) const;
};

/// The accumulators, one row of `vectors` and a broadcast have to fit the registers.
Tile chooseTile(const TileArithmeticRef &arithmetic, const Target &target);

/// The side of the squares in which panels of `width` lanes are transposed. It may exceed the
/// width: then as many more entries of the table of lanes are read, and elements written behind
/// the last panel.
int64_t transposedBlock(const Tile &tile, int64_t width);

/// Elements from the start of a panel to that of the next. A line lies between them, so that the
/// same row of neighbouring panels is not in the same set of the first cache.
Value panelPitch(IndexBuilder &b, const Tile &tile, int64_t width, Value rows);

/// pack(source, laneOffsets, kOffsets, panels, depth, destination, pitch) for the panels of the
/// left or right operand, rows() or columns() lanes wide; part of the rows of panels may be filled.
mlir::LLVM::LLVMFuncOp getPanelFunction(mlir::ModuleOp module, const Tile &tile, bool isRight);

/// The same for panels of `width` lanes whose elements are copied as they are.
/// `laneOffsets` has panels * width entries, and those that transposedBlock() asks for. Behind them
/// are three panels more that may hold anything: what they point to is asked for, not read.
mlir::LLVM::LLVMFuncOp getPackFunction(mlir::ModuleOp module, const Tile &tile, int64_t width);

/// How the columns of a tile lie in the result.
enum class ColumnRun : int8_t {
  None = 0,  ///< anywhere
  Whole = 1, ///< all that exist are neighbours
  Parts = 2, ///< all exist; a vector is two runs of neighbours, or halves without masks
};

/// multiply(panelRows, lhsPanels, rhsPanels, result, rowOffsets, columnOffsets, columnRuns, rows,
/// columns, accumulate, alongRows). The offset tables are filled up to whole tiles with repetitions
/// of their last entries. `columnRuns` has a ColumnRun for each tile. `accumulate` (i1) adds to the
/// result instead of overwriting it; `alongRows` (i1) writes all columns of a few rows before the
/// next rows.
mlir::LLVM::LLVMFuncOp getMultiplyFunction(mlir::ModuleOp module, const Tile &tile);

/// The same with one argument more, the distance of the rows of the right operand, which is read in
/// place: its columns are neighbours, and a whole number of vectors.
mlir::LLVM::LLVMFuncOp getMultiplyInPlaceFunction(mlir::ModuleOp module, const Tile &tile);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_TILEKERNEL_H
