//===- ElementwiseNest.h - nests that only move and map elements ----------===//
//
// Without reduced dimensions a nest is bound by memory. What counts is that memory is read and
// written along its rows, and once:
//
//   along     result and inputs have the same unit stride: one loop along the rows
//   across    an input has its unit stride elsewhere (a transposition): squares in registers
//
// A result that is larger than the last-level cache is written past it, so that its lines are not
// read first.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_ELEMENTWISENEST_H
#define TLC_COMPILER_CODEGEN_CPU_ELEMENTWISENEST_H

#include "compiler/codegen/cpu/Nest.h"

namespace tlc::codegen {

/// How the elements of a nest are cut into vectors.
struct ElementwisePlan {
  /// The result's unit-stride dimension, along which vectors lie.
  unsigned vectorDim = 0;
  /// The unit-stride dimension of inputs that lie across; -1 if there are none.
  int crossDim = -1;
  unsigned lanes = 1;
};

/// A plan for a nest without reduced dimensions, of at most `maxLanes` lanes; nothing if it cannot
/// be computed in vectors.
std::optional<ElementwisePlan> planElementwise(const Nest &nest, unsigned maxLanes);

/// i1: whether the extents, where they are not constants, are as large as the plan needs; null if
/// all are constants.
Value fitsElementwise(OpBuilder &builder, Location loc, const Nest &nest,
                      const ElementwisePlan &plan);

/// Emits the nest. Its dimensions were numbered `origin` before some were dropped.
void emitElementwise(OpBuilder &builder, Location loc, const Target &target, const Nest &nest,
                     const ElementwisePlan &plan, ArrayRef<unsigned> origin);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_ELEMENTWISENEST_H
