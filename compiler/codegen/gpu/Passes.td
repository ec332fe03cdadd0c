//===- Passes.td - passes to PTX -----------------------------*- tablegen -*-===//

#ifndef TLC_COMPILER_CODEGEN_GPU_PASSES_TD
#define TLC_COMPILER_CODEGEN_GPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertEinToGpu : Pass<"convert-ein-to-gpu", "::mlir::ModuleOp"> {
  let summary = "functions on tensors become C functions that launch kernels";
  let description = [{
    Each function on tensors becomes one with the C interface of `tlrt_entry`, as
    `convert-ein-to-cpu` makes it, whose tensors are in the memory of a GPU: operations become
    kernels in a `gpu.module` and calls of `tlrt_gpu_launch`. Examples:
    test/codegen/gpu/convert-ein-to-gpu.mlir.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::cf::ControlFlowDialect",
    "::mlir::complex::ComplexDialect", "::mlir::func::FuncDialect", "::mlir::gpu::GPUDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::math::MathDialect", "::mlir::NVVM::NVVMDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"
  ];
  let options = [
    Option<"functionName", "function-name", "std::string", "",
           "symbol of the first function; empty: its name">,
    Option<"fastMath", "fast-math", "bool", "false", "let LLVM reassociate and approximate">,
    Option<"arch", "arch", "std::string", "\"sm_80\"", "sm_80, sm_90a, ...">,
    Option<"allowTf32", "allow-tf32", "bool", "false",
           "multiply f32 with 10 bits of mantissa, on tensor cores">,
    Option<"forceLowering", "force-lowering", "std::string", "",
           "how to compute products of two tensors wherever that can be, for tests: nest, simt64, "
           "simt128, mma64, mma128x64 or mma128; empty: what costs least">,
    Option<"hopper", "hopper", "std::string", "",
           "changes of tiles on Hopper, such as 'n=128 stages=3'; for tests">
  ];
}

def GpuExpandMath : Pass<"gpu-expand-math", "::mlir::ModuleOp"> {
  let summary = "functions of math become arithmetic";
  let description = [{
    Inside of `gpu.module`, functions for which PTX has no accurate instruction become
    polynomials, so that no library of device functions is needed. Those on f32 without a
    polynomial of their own are computed in f64. Examples: test/codegen/gpu/gpu-expand-math.mlir.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
                           "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
}

def GpuKernelsToLlvm : Pass<"gpu-kernels-to-llvm", "::mlir::ModuleOp"> {
  let summary = "kernels become the llvm and nvvm dialects";
  let description = [{
    Lowers what is inside of `gpu.module` in one conversion. Runs after `gpu-expand-math`.
    Examples: test/codegen/gpu/gpu-kernels-to-llvm.mlir.
  }];
  let dependentDialects = ["::mlir::cf::ControlFlowDialect", "::mlir::LLVM::LLVMDialect",
                           "::mlir::NVVM::NVVMDialect"];
}

def GpuEmbedCode : Pass<"gpu-embed-code", "::mlir::ModuleOp"> {
  let summary = "kernels become data inside of the program";
  let description = [{
    Compiles each `gpu.module`, which holds kernels in llvm and nvvm, to PTX and puts the text
    where the program that launches them finds it, with the text assembled if an assembler is
    named. Examples: test/codegen/gpu/gpu-embed-code.mlir.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
  let options = [
    Option<"arch", "arch", "std::string", "\"sm_80\"", "sm_80, sm_90a, ...">,
    Option<"assembler", "assembler", "std::string", "\"\"", "the path of ptxas">
  ];
}

#endif // TLC_COMPILER_CODEGEN_GPU_PASSES_TD
