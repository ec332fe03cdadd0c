//===- KernelFunctions.h - functions shared by name ---------------===//
//
// Kernels are functions that the contractions of a module share by name. What a name means depends
// on the processor alone, never on the program:
//
//   tlc_multiply_f32_6x16    sums tiles of 6 x 16 elements from packed panels
//
// So they are compiled once, when tlc is built (see KernelLibrary.h). A module defines the kernels
// that it calls, with internal linkage, or declares those that it takes from the library.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_KERNELFUNCTIONS_H
#define TLC_COMPILER_CODEGEN_CPU_KERNELFUNCTIONS_H

#include "compiler/codegen/cpu/IndexBuilder.h"

#include "mlir/IR/BuiltinOps.h"

#include <string>

namespace tlc::codegen {

/// The kernel `name` of `module`. Where it is new and not in the library, `emitBody` fills it, up
/// to the return.
mlir::LLVM::LLVMFuncOp getKernel(mlir::ModuleOp module, StringRef name, Type result,
                                 ArrayRef<Type> arguments,
                                 function_ref<void(IndexBuilder &, ValueRange)> emitBody);

/// Makes `module` declare the kernels of these names instead of defining them.
void takeFromLibrary(mlir::ModuleOp module, ArrayRef<StringRef> names);

/// "f32", "bf16", "i8".
std::string typeName(Type type);

/// is_run(table, count), see emitIsRun().
mlir::LLVM::LLVMFuncOp getIsRunFunction(mlir::ModuleOp module);

/// Whether `count` >= 1 entries of a table of offsets ascend in steps of one: then the elements
/// are neighbours in memory.
Value emitIsRun(IndexBuilder &b, mlir::ModuleOp module, Value table, Value count);

/// run_length(table, count), see emitRunLength().
mlir::LLVM::LLVMFuncOp getRunLengthFunction(mlir::ModuleOp module);

/// How many of `count` >= 1 entries ascend in steps of one from the first.
Value emitRunLength(IndexBuilder &b, mlir::ModuleOp module, Value table, Value count);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_KERNELFUNCTIONS_H
