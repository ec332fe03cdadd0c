//===- Ptx.h - kernels to PTX ---------------------------------------------===//
//
// LLVM's NVPTX back end, in this process: no CUDA is needed, and what it makes refers to no
// library of device functions.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_GPU_PTX_H
#define TLC_COMPILER_CODEGEN_GPU_PTX_H

#include "dialects/Mlir.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <string>

namespace tlc::codegen {

/// What is compiled for unless told otherwise: later GPUs run it, too.
inline constexpr const char *leastGpuArch = "sm_80";

/// Whether kernels can be compiled for `arch`, such as sm_90a: it is known and not too old.
bool isGpuArch(StringRef arch);

/// The text of a `gpu.module` whose functions are in the llvm and nvvm dialects.
llvm::Expected<std::string> toPtx(Operation *kernels, StringRef arch);

/// The text of all kernels of a module.
llvm::Expected<std::string> emitPtx(mlir::ModuleOp module, StringRef arch);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_GPU_PTX_H
