//===- ContractionNetwork.h - a contraction as the planner sees it --------===//

#ifndef TLC_COMPILER_TRANSFORMS_CONTRACTIONNETWORK_H
#define TLC_COMPILER_TRANSFORMS_CONTRACTIONNETWORK_H

#include "compiler/planner/Planner.h"
#include "dialects/ein/EinDialect.h"

namespace tlc {

/// Extent that is assumed where it is known at run time only.
inline constexpr int64_t defaultNominalExtent = 64;

/// The planner's network of a contraction: an index for each iteration dimension, with the same
/// number. All dimensions of a position `x + dx` belong to its operand; dimensions of the
/// result that no operand has take part in no choice and are left out.
planner::Network networkOf(ein::ContractOp op, int64_t nominalExtent = defaultNominalExtent);

/// The letters of the dimensions in the contraction's equation.
planner::Labels labelsOf(ein::ContractOp op);

/// The element type, which must be one of the language's.
DType dtypeOf(Type elementType);

} // namespace tlc

#endif // TLC_COMPILER_TRANSFORMS_CONTRACTIONNETWORK_H
