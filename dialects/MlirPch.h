//===- MlirPch.h - headers that nearly every file of the compiler reads ---===//
//
// MLIR's headers take longer to read than our files take to compile: they are precompiled
// once (TLC_PCH in CMakeLists.txt). No file includes this one.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_DIALECTS_MLIRPCH_H
#define TLC_DIALECTS_MLIRPCH_H

#include "dialects/Mlir.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Pass/Pass.h"

#endif // TLC_DIALECTS_MLIRPCH_H
