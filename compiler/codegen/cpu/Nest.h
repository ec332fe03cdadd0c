//===- Nest.h - loops over the iteration space of one operation -----------===//
//
// Every dense operation is a nest of loops:
//
//   result[r] = finish( (+)_{x} element(inputs at (r, x)) )        x: the reduced dimensions
//
// A contraction multiplies its inputs, a map has no reduced dimension, a softmax is three
// nests. The accumulators live in registers: a tile of rows times vectors of the result, with
// the reduced loops inside. The work is cut into parts that do not depend on the number of
// threads, so that neither do the results.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_NEST_H
#define TLC_COMPILER_CODEGEN_CPU_NEST_H

#include "compiler/codegen/cpu/Target.h"
#include "dialects/Mlir.h"
#include "dialects/ein/EinDialect.h"

#include <functional>

namespace tlc::codegen {

/// The element at pointer + sum over d of x_d * strides[d].
struct Access {
  Value pointer;
  SmallVector<Value> strides; // i64, in elements, one for each dimension of the nest
  Type element;               // as in memory
  Type compute;               // as `element` and `finish` see it
};

/// Where the functions of a nest put their code.
struct NestPoint {
  OpBuilder &builder;
  Location loc;
  unsigned lanes;
  /// The position along a dimension, of index type, in every lane.
  function_ref<Value(int64_t)> position;
};

struct Reduction {
  TypedAttr neutral; // of the nest's value type
  std::function<Value(OpBuilder &, Location, Value, Value)> combine;
};

struct Nest {
  SmallVector<Value> extents; // i64
  SmallVector<bool> reduced;
  SmallVector<Access> inputs;
  /// Read once for each element of the result, by `finish`.
  SmallVector<Access> late;
  Access result;
  /// The type of element()'s value and of the accumulator.
  Type valueType;
  std::function<Value(const NestPoint &, ValueRange)> element;
  /// Absent if nothing is reduced.
  std::optional<Reduction> reduction;
  /// From the accumulated value to the stored one; may be empty.
  std::function<Value(const NestPoint &, Value, ValueRange)> finish;

  bool vectorizable = true;
  /// The element is the product of the inputs, and the reduction their sum.
  bool isProductSum = false;
  bool usesPosition = false;
  /// Elements may not be computed twice, because an input is the result itself.
  bool inPlace = false;
  bool parallel = true;
  /// Widest type inside element() and finish(), in bits.
  unsigned widestBits = 8;
  /// Operations for each point.
  int64_t cost = 1;
};

/// The inputs, those read late, and the result.
SmallVector<Access *> accessesOf(Nest &nest);
/// Whether stepping once along `outer` is stepping through all of `inner`, in every tensor.
bool canMergeDims(const Nest &nest, unsigned outer, unsigned inner);
/// Drops dimensions of extent 1 and merges neighbours that lie in memory like one. Returns the
/// original number of each dimension that is left.
SmallVector<unsigned> simplifyDims(OpBuilder &builder, Location loc, Nest &nest);

/// The lanes of a vector combined to one value, by halves.
Value combineLanes(OpBuilder &builder, Location loc, const Reduction &reduction, Value value,
                   unsigned lanes);

/// Emits the nest at the builder's insertion point.
void emitNest(OpBuilder &builder, Location loc, const Target &target, const Nest &nest);

/// Emits body for each point of the box, in parallel if `parallel` and the work (trips times
/// `cost`) is large. The body must write disjoint memory for different points. `finish` is emitted
/// after the points of each part, on the thread that ran them.
void forEachPoint(OpBuilder &builder, Location loc, ArrayRef<Value> trips, Value cost,
                  bool parallel, function_ref<void(OpBuilder &, Location, ArrayRef<Value>)> body,
                  function_ref<void(OpBuilder &, Location)> finish = {});

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_NEST_H
