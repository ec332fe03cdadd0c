//===- Dispatch.h - one object with code for several processors -----------===//
//
// For `--cpu baseline,x86-64-v3,x86-64-v4` and the function mm:
//
//   mm             jumps to where mm.chosen points, at first to mm.choose
//   mm.choose      asks the runtime what the processor can do, sets mm.chosen, jumps there
//   mm.x86-64-v4   one body for each processor, with its own vectors and tiles
//
// Threads that come first at once choose the same. Nothing runs before the first call. With code
// for several GPUs (mm.baseline.sm_80, mm.baseline.sm_90a) every call chooses, since a process may
// use more than one.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_DISPATCH_H
#define TLC_COMPILER_CODEGEN_CPU_DISPATCH_H

#include "compiler/codegen/cpu/EmitObject.h"

#include "mlir/IR/OwningOpRef.h"

#include <vector>

namespace tlc::codegen {

/// A function's code for one processor, in the `llvm` dialect.
struct Variant {
  mlir::OwningOpRef<mlir::ModuleOp> module;
  CodegenOptions options;
  /// The GPU that the code launches kernels for; empty for none.
  std::string gpuArch;
};

/// The file's contents. The options differ in the processor only, all of one architecture. The
/// variant that asks for least of its processor is taken where no other fits; of those for one
/// processor, the first for a GPU is.
llvm::Expected<std::string> emitVariants(std::vector<Variant> variants, EmitKind kind);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_DISPATCH_H
