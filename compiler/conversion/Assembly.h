//===- Assembly.h - the parts of a tensor ---------------------------------===//
//
// Private to Assemble.cpp and AssembleScatter.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CONVERSION_ASSEMBLY_H
#define TLC_COMPILER_CONVERSION_ASSEMBLY_H

#include "compiler/conversion/Assemble.h"
#include "compiler/conversion/ElementMap.h"
#include "compiler/conversion/Projection.h"

#include <memory>

namespace tlc {

class Assembly {
public:
  Assembly(Environment &env, const AssemblyTarget &target, ArrayRef<tl::EquationOp> equations,
           const LoopPosition &loop);

  Value build();

private:
  /// One equation, and where it writes.
  struct Part {
    std::unique_ptr<Frame> frame;
    SmallVector<AffineExpr> left;    ///< without the loop's axis
    SmallVector<unsigned> variables; ///< of `left`, without the loop's; if plain, in its order
    bool isPlain = false;            ///< distinct variables that range over all positions
    bool alwaysFires = true;
    Value fires; ///< a rank-0 Boolean, null if it always fires
    /// Booleans, by the variables: whether a read of the tensor itself is inside [E6].
    SmallVector<Access> guards;

    bool isGuarded() const { return fires || !guards.empty(); }
  };
  /// The operands that must be true for each plain equation to fire.
  using Operands = SmallVector<SmallVector<unsigned>>;

  void addPart(tl::EquationOp equation, const LoopPosition &loop);
  bool isPlain(Part &part);
  /// An instance that reads its own tensor outside does not fire [E6].
  void addGuards(Part &part, Value expr);
  /// The operands of the map, to which the equation has been added last, that must be true.
  SmallVector<unsigned> addConditions(ElementMap &map, const Part &part);
  static Value emitConditions(ElementMap &map, ScalarCode &code, ArrayRef<unsigned> conditions);
  /// Whether the positions on the left reach every element.
  bool isCovering(const Part &part);
  bool coversAxis(Frame &frame, AffineExpr position, const Size &size, llvm::SmallBitVector &used);

  /// The plain equations, the facts and the old value, in one map; null if there are none.
  Value buildPlain(Type type);
  Value emitPlain(ElementMap &map, ScalarCode &code, const Operands &fires,
                  std::optional<unsigned> old, std::optional<unsigned> facts);
  /// The value of an equation that does not cover its tensor, neutral where it does not fire.
  Value buildPartValue(Part &part, Value expr, Type type, TypedAttr neutralValue);
  Value scatter(Part &part, Value value, Value into, ein::CombineKind how);
  /// Zero instead of the neutral element where nothing was written.
  Value clearUnwritten(Value value);
  Value buildAverage();
  void addToAverage(Part &part, Value &sum, Value &count);
  /// The old value of a virtual tensor where no equation fires.
  Value keepOld(Value value);
  Value finish(Value value);
  bool alwaysReplaced() {
    return llvm::any_of(parts,
                        [](const Part &part) { return part.alwaysFires && part.guards.empty(); });
  }
  /// What no equation writes.
  TypedAttr zero() {
    return projection == tl::Projection::Sum ? neutral : zeroOf(semiring, compute);
  }

  Environment &env;
  AssemblyTarget target;
  Location loc;
  SmallVector<Size> sizes;
  SmallVector<Part> parts;
  tl::Projection projection = tl::Projection::Sum;
  ein::SemiringKind semiring;
  Type element; ///< of the tensor
  Type compute;
  ein::CombineKind kind;
  TypedAttr neutral;
};

} // namespace tlc

#endif // TLC_COMPILER_CONVERSION_ASSEMBLY_H
