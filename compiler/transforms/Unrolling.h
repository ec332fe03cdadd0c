//===- Unrolling.h - contractions with few elements of a constant ---------===//
//
//   out[b,c,k] = C[i,j,k] x[b,c,i] y[b,j]      C a constant with few elements that are not zero
//
// Clebsch-Gordan coefficients are such a constant. All positions along its axes (i, j, k) are
// written out: a line of code for each element that is not zero, in a loop over the others (b, c).
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_TRANSFORMS_UNROLLING_H
#define TLC_COMPILER_TRANSFORMS_UNROLLING_H

#include "compiler/support/DType.h"
#include "dialects/ein/EinDialect.h"

namespace tlc {

/// Marks a contraction for straight-line code; its value is the number of the constant operand.
inline constexpr const char *unrollAttrName = "tlc.unroll";

/// What straight-line code for a contraction does, for each point of its loop.
struct UnrolledWork {
  double points = 1;
  double multiplyAdds = 0, products = 0;
  double elements = 0; ///< read and written

  double flops() const { return points * (2 * multiplyAdds + products); }
  /// Predicted time.
  double seconds(DType type) const;
};

/// The work for a constant operand with `nonzeros` elements; nothing if the contraction has another
/// form than this code takes: floats, at most two other operands, single dimensions for positions,
/// those of the constant distinct, others not summed, and all extents known but the loop's.
std::optional<UnrolledWork> unrolledWork(ein::ContractOp op, Value constant, int64_t nonzeros,
                                         int64_t nominalExtent);

} // namespace tlc

#endif // TLC_COMPILER_TRANSFORMS_UNROLLING_H
