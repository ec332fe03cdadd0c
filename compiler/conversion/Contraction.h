//===- Contraction.h - a sum of products as one contraction ---------------===//
//
//   sum[j](2 A[i,j] (sum[k](B[j,k] C[k,l]) / n))
//
// becomes one `ein.contract` of A, B and C over j and k, which the planner may order freely; the
// factors that are no tensors, 2 and 1/n, are left for the elementwise code around it.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CONVERSION_CONTRACTION_H
#define TLC_COMPILER_CONVERSION_CONTRACTION_H

#include "compiler/conversion/Frame.h"

namespace tlc {

class Contraction {
public:
  Contraction(Frame &frame, ein::SemiringKind semiring) : frame(frame), semiring(semiring) {}

  /// Takes a sum apart.
  void addReduction(tl::ReduceOp reduce);
  /// One more factor.
  void addFactor(Access factor) { factors.push_back(std::move(factor)); }
  /// Sums over a variable.
  void addBound(unsigned variable) { bound.push_back(variable); }

  /// The factors left over: the result is to be multiplied and divided by these expressions.
  ArrayRef<Value> multipliers() const { return scales; }
  ArrayRef<Value> quotients() const { return divisors; }
  bool isNegative() const { return negative; }

  /// The contraction with these variables, in this order, as the result's dimensions.
  Value build(Location loc, ArrayRef<unsigned> result, Type element);

private:
  /// The name of each variable of the equation inside this contraction.
  using Renaming = SmallVector<unsigned>;

  void addReduction(tl::ReduceOp reduce, Renaming names);
  void add(Value expr, const Renaming &names);
  bool mayReadOutside(Value expr);
  void addQuotient(tl::ApplyOp quotient, const Renaming &names);
  /// A relation or a tensor of another type as a factor; false if it is neither.
  bool addConverted(tl::ConvertOp convert, const Renaming &names);
  void addRenamed(Access factor, const Renaming &names);
  /// A variable that stands alone nowhere gets a vector of ones as a factor.
  void addOnes(Location loc, ArrayRef<unsigned> result, Type element);
  /// Gives all factors one element type.
  Type unifyElements(Location loc, Type element);

  Frame &frame;
  ein::SemiringKind semiring;
  SmallVector<Access> factors;
  SmallVector<unsigned> bound;
  SmallVector<Value> scales, divisors;
  bool negative = false;
};

} // namespace tlc

#endif // TLC_COMPILER_CONVERSION_CONTRACTION_H
