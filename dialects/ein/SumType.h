//===- SumType.h - the type in which a contraction adds up ----------------===//
//
// Products of numbers are exact in a wider type, and so is their sum there:
//
//   f16, bf16   ->  f32, whatever the result is
//   i8          ->  i32, if the result is: otherwise the sum wraps around as the elements do
//   others          as they are
//
//===----------------------------------------------------------------------===//

#ifndef TLC_DIALECTS_EIN_SUMTYPE_H
#define TLC_DIALECTS_EIN_SUMTYPE_H

#include "dialects/ein/EinDialect.h"

namespace tlc::ein {

/// The type of the sums of products of `operand` elements that are stored as `result`.
Type sumType(SemiringKind kind, Type operand, Type result);
/// Of a contraction.
Type sumType(ContractOp op);
/// Whether the sums of a contraction are in a wider type than those of its operands alone would be.
/// Such a sum cannot be taken in parts whose type follows from the operands.
bool isWidening(ContractOp op);

} // namespace tlc::ein

#endif // TLC_DIALECTS_EIN_SUMTYPE_H
