//===- EmitObject.h - object files, assembly and LLVM IR ------------------===//
//
// From a module in the `llvm` dialect to the bytes of a file. The caller writes them.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_EMITOBJECT_H
#define TLC_COMPILER_CODEGEN_CPU_EMITOBJECT_H

#include "compiler/codegen/cpu/CodegenOptions.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <string>

namespace llvm {
class Module;
class TargetMachine;
} // namespace llvm

namespace tlc::codegen {

enum class EmitKind { Object, Assembly, LlvmIr };

/// The file's contents for `options.cpu` on `options.triple`.
llvm::Expected<std::string> emit(mlir::ModuleOp module, const CodegenOptions &options,
                                 EmitKind kind);

/// The same for a module of LLVM that was translated and optimised for `machine`.
llvm::Expected<std::string> emit(llvm::Module &module, llvm::TargetMachine &machine, EmitKind kind);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_EMITOBJECT_H
