//===- DirectContraction.h - contractions that read operands in place -----===//
//
// Where the operands are small or already lie well, packing them costs more than it gains. A
// direct contraction has the register tile of a packed one,
//
//   acc[r][c] += A[i + r, k] * B[k, j + c ...]        r < rows, c < columns, a vector each
//
// but reads both operands where they are. All extents of the tile are known when compiling, so
// what is left over at the edges has a tile of its own: a product of 7 rows and 12 columns takes
// 4 and 3 rows, and one vector of 8 and one of 4 columns. Nothing is masked.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_DIRECTCONTRACTION_H
#define TLC_COMPILER_CODEGEN_CPU_DIRECTCONTRACTION_H

#include "compiler/codegen/cpu/ContractionGroups.h"
#include "compiler/codegen/cpu/Nest.h"

namespace tlc::codegen {

/// How a contraction of two inputs is cut into register tiles.
struct DirectPlan {
  /// The inputs that give the rows and the columns: 0 and 1, or 1 and 0.
  unsigned lhs = 0, rhs = 1;
  /// Neighbours along this dimension are lanes: one of the columns', or of the batch.
  unsigned vectorDim = 0;
  /// Tiled dimensions of m and n; -1 if there is none.
  int rowDim = -1, columnDim = -1;
  /// Lanes of a whole vector, and the tile in rows and vectors.
  unsigned lanes = 1, rows = 1, columns = 1;
  /// Processor cycles for the whole product if all operands are in the first cache.
  double cycles = 0;

  bool isAlongBatch() const { return static_cast<int>(vectorDim) != columnDim; }
};

/// The best plan; none if no dimension of known extent has neighbours in the result and in the
/// operands that have it.
std::optional<DirectPlan> planDirectContraction(const Nest &nest, const ContractionGroups &groups,
                                                const Target &target);

/// Emits the nest, a contraction of two inputs with a reduction, as planned. A result that is
/// larger than the caches is written past them.
void emitDirectContraction(OpBuilder &builder, Location loc, const Target &target, const Nest &nest,
                           const ContractionGroups &groups, const DirectPlan &plan);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_DIRECTCONTRACTION_H
