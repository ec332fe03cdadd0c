//===- DenseNormalize.h - softmax and norms while a slice is in the cache -===//

#ifndef TLC_COMPILER_CODEGEN_CPU_DENSENORMALIZE_H
#define TLC_COMPILER_CODEGEN_CPU_DENSENORMALIZE_H

#include "compiler/codegen/cpu/Emitter.h"

namespace tlc::codegen {

/// Emits a softmax or a norm of f32 or f64 over rows or columns of a dense tensor and returns true,
/// or returns false. `otherwise` emits it for extents that are only known at run time and turn out
/// to be too short or too long.
bool emitDenseNormalize(Emitter &emitter, ein::NormalizeOp op, const Buffer &input,
                        const Buffer &result, function_ref<void(OpBuilder &)> otherwise);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_DENSENORMALIZE_H
