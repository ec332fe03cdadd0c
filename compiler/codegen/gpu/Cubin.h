//===- Cubin.h - PTX assembled by CUDA's assembler ------------------------===//
//
// PTX is enough: the driver compiles it when a program starts. Assembled ahead of time, where
// CUDA's ptxas is at hand, a program starts at once on the GPU that it is assembled for.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_GPU_CUBIN_H
#define TLC_COMPILER_CODEGEN_GPU_CUBIN_H

#include "dialects/Mlir.h"

#include "llvm/Support/Error.h"

#include <string>

namespace tlc::codegen {

/// The path of ptxas: TLC_PTXAS of the environment, or in the folder bin of CUDA_HOME, CUDA_PATH or
/// CUDA_ROOT, in PATH, or where CUDA is installed. "" if there is none.
std::string findAssembler();

/// A cubin for `arch` from the text, by the ptxas at `path`.
llvm::Expected<std::string> assemble(StringRef ptx, StringRef arch, StringRef path);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_GPU_CUBIN_H
