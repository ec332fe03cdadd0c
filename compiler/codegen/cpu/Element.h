//===- Element.h - elements in memory and in registers --------------------===//
//
// An element has a type in memory and a type to compute in:
//
//   memory   i1: a byte, 0 or 1     f16, bf16     complex<T>: two adjacent T     other
//   compute  i1, or i8 in Boolean   f32           complex<T>                     the same
//            contractions
//
// With `lanes` > 1 a value is a vector of that many adjacent elements.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_ELEMENT_H
#define TLC_COMPILER_CODEGEN_CPU_ELEMENT_H

#include "dialects/Mlir.h"

namespace tlc::codegen {

/// The element as LLVM stores it: i1 becomes i8; a complex number is two of its parts.
Type storageType(Type element);
/// Bytes of one element in memory.
int64_t byteSize(Type element);

/// f32 for f16 and bf16, else the type itself.
Type computeType(Type element);
/// `type`, or a vector of it.
Type withLanes(Type type, unsigned lanes);

/// `pointer` advanced by `offset` elements (i64).
Value elementPointer(OpBuilder &builder, Location loc, Value pointer, Type element, Value offset);

/// Reads `lanes` adjacent elements as values of `compute`.
Value loadElement(OpBuilder &builder, Location loc, Value pointer, Type element, Type compute,
                  unsigned lanes = 1);
/// Writes them.
void storeElement(OpBuilder &builder, Location loc, Value value, Value pointer, Type element);

/// Writes a vector of plain numbers past the cache: for results that are too large to stay in it,
/// whose lines would be read before they are overwritten. The pointer is aligned as the vector is
/// long.
void storePastCache(OpBuilder &builder, Location loc, Value value, Value pointer, Type element);

/// The value in another element type: wider or narrower, integer to float, real to complex.
Value convertElement(OpBuilder &builder, Location loc, Value value, Type to);

/// 0, 1, 2, ... in vectors of an integer type or of index.
Value laneNumbers(OpBuilder &builder, Location loc, Type type, unsigned lanes);
/// A scalar in every lane.
Value splat(OpBuilder &builder, Location loc, Value scalar, unsigned lanes);
/// An element in every lane, in the compute type.
Value constantElement(OpBuilder &builder, Location loc, TypedAttr element, Type compute,
                      unsigned lanes = 1);

/// Whether every operation of a body has a vector form, and the widest type in it, in bits.
struct BodyShape {
  bool vectorizable = true;
  unsigned widestBits = 0;
  bool usesPosition = false;
  /// Operations of the block, weighted: a function counts more than a sum.
  int64_t cost = 0;
};
BodyShape describeBody(Block &body);

/// Emits the operations of `body` for `arguments` (in compute types, of `lanes`) and returns the
/// value it yields. `position(d)` is the value of `ein.index d`; `outside(v)` is the value of an
/// operand that is defined outside the body.
Value inlineBody(OpBuilder &builder, Location loc, Block &body, ValueRange arguments,
                 unsigned lanes, function_ref<Value(int64_t)> position,
                 function_ref<Value(Value)> outside);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_ELEMENT_H
