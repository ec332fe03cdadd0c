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

/// The dimensions that a loop cannot fix in turn: those in positions such as `x + dx`.
std::vector<int> unsliceableDims(ein::ContractOp op);

/// The limit of memory for a contraction, of which the planner counts each operand, where `limit`
/// is for all that is alive and `beside` bytes are alive beside it; 0 if `limit` is.
double limitFor(ein::ContractOp op, const planner::Network &network, double limit, double beside);

/// The letters of the dimensions in the contraction's equation.
planner::Labels labelsOf(ein::ContractOp op);

/// The element type, which must be one of the language's.
DType dtypeOf(Type elementType);

} // namespace tlc

#endif // TLC_COMPILER_TRANSFORMS_CONTRACTIONNETWORK_H
