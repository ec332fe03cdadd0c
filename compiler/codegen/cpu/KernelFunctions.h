//===- KernelFunctions.h - internal functions of generated modules --------===//
//
// Kernels are functions with internal linkage that the contractions of a module share by name.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_KERNELFUNCTIONS_H
#define TLC_COMPILER_CODEGEN_CPU_KERNELFUNCTIONS_H

#include "compiler/codegen/cpu/IndexBuilder.h"

#include "mlir/IR/BuiltinOps.h"

#include <string>

namespace tlc::codegen {

/// An internal function with an empty body, into which `builder` then points.
mlir::LLVM::LLVMFuncOp createKernel(mlir::ModuleOp module, StringRef name, Type result,
                                    ArrayRef<Type> arguments, OpBuilder &builder);

/// "f32", "f64".
std::string typeName(Type type);

/// Whether `count` >= 1 entries of a table of offsets ascend in steps of one: then the elements
/// are neighbours in memory.
Value emitIsRun(IndexBuilder &b, mlir::ModuleOp module, Value table, Value count);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_KERNELFUNCTIONS_H
