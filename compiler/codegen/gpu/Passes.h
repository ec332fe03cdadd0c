//===- Passes.h - passes to PTX -------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_GPU_PASSES_H
#define TLC_COMPILER_CODEGEN_GPU_PASSES_H

#include "dialects/Mlir.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/Pass.h"

namespace tlc::codegen {

#define GEN_PASS_DECL
#include "compiler/codegen/gpu/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "compiler/codegen/gpu/Passes.h.inc"

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_GPU_PASSES_H
