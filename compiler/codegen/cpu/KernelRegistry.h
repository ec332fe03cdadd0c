//===- KernelRegistry.h - all kernels of one processor --------------------===//
//
// The one list of what the kernel library holds. A kernel that is missing here still works: each
// module that calls it then compiles its own.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_KERNELREGISTRY_H
#define TLC_COMPILER_CODEGEN_CPU_KERNELREGISTRY_H

#include "compiler/codegen/cpu/Target.h"

#include "mlir/IR/BuiltinOps.h"

namespace tlc::codegen {

/// Defines in `module` every kernel that modules for `target` may call.
void emitAllKernels(mlir::ModuleOp module, const Target &target);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_KERNELREGISTRY_H
