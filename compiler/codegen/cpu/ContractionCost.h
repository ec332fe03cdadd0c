//===- ContractionCost.h - which lowering a contraction gets --------------===//
//
// A contraction of two tensors can be lowered in several ways. Each is estimated in processor
// cycles on one core, and the cheapest is taken:
//
//   direct   both operands read in place           small, or few rows or columns
//   vector   one operand is a vector               memory decides
//   packed   both operands copied into panels      large, or lying unfavourably
//   nest     the loops of any other operation      what none of the others can do
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_CONTRACTIONCOST_H
#define TLC_COMPILER_CODEGEN_CPU_CONTRACTIONCOST_H

#include "compiler/codegen/cpu/DirectContraction.h"
#include "compiler/codegen/cpu/MatrixVector.h"
#include "compiler/codegen/cpu/TileArithmetic.h"

namespace tlc::codegen {

enum class Lowering { Nest, Direct, Packed, Vector };

/// The lowering named "nest", "direct", "packed" or "vector".
std::optional<Lowering> loweringNamed(StringRef name);

/// What a contraction of two inputs can be lowered to.
struct Lowerings {
  std::optional<DirectPlan> direct;
  std::optional<MatrixVectorPlan> vector;
  /// What the packed lowering would compute with; null if it does not take such elements.
  TileArithmeticRef packed;
};

/// The cheapest lowering, or `forced` if that is possible.
Lowering chooseLowering(const Nest &nest, const ContractionGroups &groups,
                        const Lowerings &possible, const Target &target,
                        std::optional<Lowering> forced);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_CONTRACTIONCOST_H
