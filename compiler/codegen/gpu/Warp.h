//===- Warp.h - values that lanes of a warp exchange ----------------------===//
//
// A sum over 16 neighbouring lanes in four exchanges, after which all of them have it:
//
//   x += x of lane xor 8, x += x of lane xor 4, ...
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_GPU_WARP_H
#define TLC_COMPILER_CODEGEN_GPU_WARP_H

#include "dialects/Mlir.h"

namespace tlc::codegen {

/// The value that the lane with number `lane xor distance` has. All lanes of the warp take part.
/// For numbers of at most 64 bits.
Value shuffleXor(OpBuilder &builder, Location loc, Value value, int64_t distance);

/// The combination of the values of `lanes` neighbours, a power of two, in all of them. The order
/// is the same in every lane if `combine` commutes.
Value combineNeighbours(OpBuilder &builder, Location loc, Value value, int64_t lanes,
                        function_ref<Value(Value, Value)> combine);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_GPU_WARP_H
