//===- Scalar.h - elements and their arithmetic ---------------------------===//
//
// An element of any type, in the widest arithmetic: i32 7 is the integer 7, f16 0.5 the
// number 0.5. `roundTo` brings it back to its type.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_REFERENCE_SCALAR_H
#define TLC_COMPILER_REFERENCE_SCALAR_H

#include "dialects/Mlir.h"
#include "dialects/ein/EinDialect.h"

#include <complex>
#include <optional>

namespace tlc::reference {

/// Integers (sign-extended, i1 as 0 or 1) and indices are in `integer`, floats and complex numbers
/// in `number`; the other part is zero.
struct Scalar {
  int64_t integer = 0;
  std::complex<double> number = 0;

  static Scalar of(int64_t integer) { return {integer, 0}; }
  static Scalar of(bool flag) { return {flag, 0}; }
  static Scalar of(double number) { return {0, number}; }
  static Scalar of(std::complex<double> number) { return {0, number}; }

  double real() const { return number.real(); }
};

/// Whether elements of this type are in `Scalar::number`.
inline bool isNumber(Type type) { return isa<FloatType, ComplexType>(type); }
/// Bits of an integer type; 64 for an index.
unsigned integerWidth(Type type);

/// The nearest element of the type, ties to even; integers wrap at their width.
Scalar roundTo(Scalar value, Type type);
/// The integer with the sign of its type, so that the i1 true is -1.
int64_t signedValue(Scalar value, Type type);
/// The integer's bits.
uint64_t unsignedValue(Scalar value, Type type);

/// The element of an attribute: integer, float or complex number.
Scalar scalarOf(TypedAttr attribute);

/// The combination of two elements; nothing if a count overflows. Floats are not rounded.
std::optional<Scalar> combine(ein::CombineKind kind, Type type, Scalar lhs, Scalar rhs);
/// The semiring's operations, likewise.
std::optional<Scalar> add(ein::SemiringAttr semiring, Type type, Scalar lhs, Scalar rhs);
std::optional<Scalar> multiply(ein::SemiringAttr semiring, Type type, Scalar lhs, Scalar rhs);

/// Interprets an operation of `arith`, `math` or `complex` on scalars. Reports an error at the
/// operation and gives nothing if it is unknown or has no value (division by zero).
FailureOr<Scalar> evaluate(Operation &op, ArrayRef<Scalar> operands);

} // namespace tlc::reference

#endif // TLC_COMPILER_REFERENCE_SCALAR_H
