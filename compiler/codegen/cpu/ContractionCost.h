//===- ContractionCost.h - which lowering a contraction gets --------------===//
//
// A contraction of two tensors can be lowered in several ways. Each is estimated in processor
// cycles on one core, and the cheapest is taken:
//
//   direct   both operands read in place           small, or few rows or columns
//   packed   both operands copied into panels      large, or lying unfavourably
//   nest     the loops of any other operation      what none of the others can do
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_CONTRACTIONCOST_H
#define TLC_COMPILER_CODEGEN_CPU_CONTRACTIONCOST_H

#include "compiler/codegen/cpu/DirectContraction.h"

namespace tlc::codegen {

enum class Lowering { Nest, Direct, Packed };

/// The lowering named "nest", "direct" or "packed".
std::optional<Lowering> loweringNamed(StringRef name);

/// The lowering of a contraction of two inputs. `direct` is the best plan in place, if there is
/// one; `canPack` says whether the packed lowering takes such elements. `forced` is taken where it
/// can be.
Lowering chooseLowering(const Nest &nest, const ContractionGroups &groups,
                        const std::optional<DirectPlan> &direct, bool canPack, const Target &target,
                        std::optional<Lowering> forced);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_CONTRACTIONCOST_H
