//===- EinEquation.h - index labels of an iteration space -----------------===//
//
// "ij,jk->ik" stands for the maps (d0, d1), (d1, d2) -> (d0, d2). The labels are numbered in
// alphabetical order, capitals first, so that the text determines the maps. Only maps whose
// positions are single dimensions can be written so.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_DIALECTS_EIN_EINEQUATION_H
#define TLC_DIALECTS_EIN_EINEQUATION_H

#include "dialects/Mlir.h"

#include "mlir/IR/Diagnostics.h"

#include <optional>
#include <string>

namespace tlc::ein {

/// Maps read from an equation. A map operation's may leave out the result.
struct Equation {
  SmallVector<AffineMap> inputs;
  std::optional<AffineMap> result;
  unsigned numDims = 0;
};

/// Reads an equation of `numInputs` operands, or reports what is wrong with it.
FailureOr<Equation> parseEquation(StringRef text, unsigned numInputs, MLIRContext *context,
                                  function_ref<mlir::InFlightDiagnostic()> emitError);

/// The equation of these maps of `numDims` dimensions, or nothing if they have none. Without a
/// `result` the text ends before the arrow.
std::optional<std::string> printEquation(ArrayRef<AffineMap> inputs,
                                         std::optional<AffineMap> result, unsigned numDims);

/// The letter of a dimension in an equation of `numDims`: "i", "j", ...; "d7" where there are
/// more dimensions than letters.
std::string dimensionLabel(unsigned dim, unsigned numDims);

} // namespace tlc::ein

#endif // TLC_DIALECTS_EIN_EINEQUATION_H
