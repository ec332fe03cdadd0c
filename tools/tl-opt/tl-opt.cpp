//===- tl-opt.cpp - runs passes on textual IR -----------------------------===//
//
// The workbench of the dialects and passes, for developers and tests:
//
//   tl-opt --canonicalize program.mlir
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/Passes.h"
#include "compiler/codegen/gpu/Passes.h"
#include "compiler/conversion/Passes.h"
#include "compiler/pipelines/Pipelines.h"
#include "compiler/transforms/Passes.h"
#include "dialects/ein/EinDialect.h"
#include "dialects/tl/TlDialect.h"
#include "tools/tl-opt/TestCpu.h"
#include "tools/tl-opt/TestReference.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

static void registerDialects(mlir::DialectRegistry &registry) {
  registry.insert<tlc::ein::EinDialect, tlc::tl::TlDialect>();
  registry.insert<mlir::arith::ArithDialect, mlir::complex::ComplexDialect, mlir::func::FuncDialect,
                  mlir::gpu::GPUDialect, mlir::LLVM::LLVMDialect, mlir::math::MathDialect,
                  mlir::NVVM::NVVMDialect, mlir::scf::SCFDialect, mlir::tensor::TensorDialect,
                  mlir::vector::VectorDialect>();
}

// One line for each group of passes.
static void registerPasses() {
  mlir::registerCanonicalizerPass();
  mlir::registerCSEPass();
  tlc::codegen::registerCodegenCpuPasses();
  tlc::codegen::registerCodegenGpuPasses();
  tlc::registerPipelines();
  tlc::registerTestCpuPass();
  tlc::registerTestReferencePass();
  tlc::registerTransformsPasses();
  tlc::registerConversionPasses();
}

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registerDialects(registry);
  registerPasses();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "optimizer of the tl and ein dialects\n", registry));
}
