//===- Projection.h - projections, normalisation, concatenation -----------===//
//
// The expressions that are tensors in their own right and no contractions.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CONVERSION_PROJECTION_H
#define TLC_COMPILER_CONVERSION_PROJECTION_H

#include "compiler/conversion/Frame.h"

namespace tlc {

/// The operator of a projection that is not the semiring's sum.
ein::CombineKind combineOf(tl::Projection kind, Type element);

/// max, min, avg (as a sum) and product over variables; `result` are the remaining dimensions.
Value buildProjection(Frame &frame, tl::ReduceOp reduce, ArrayRef<unsigned> result,
                      ein::SemiringKind semiring);
/// How many combinations of the reduced variables are in range, for each value of some of
/// `result`; those variables are put into `variables`.
Value buildCount(Frame &frame, tl::ReduceOp reduce, ArrayRef<unsigned> result,
                 SmallVectorImpl<unsigned> &variables);

Value buildNormalize(Frame &frame, tl::NormalizeOp normalize, ArrayRef<unsigned> result);
Value buildConcat(Frame &frame, tl::ConcatOp concat, ArrayRef<unsigned> result,
                  ein::SemiringKind semiring);

} // namespace tlc

#endif // TLC_COMPILER_CONVERSION_PROJECTION_H
