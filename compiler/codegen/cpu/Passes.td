//===- Passes.td - passes to machine code --------------------*- tablegen -*-===//

#ifndef TLC_COMPILER_CODEGEN_CPU_PASSES_TD
#define TLC_COMPILER_CODEGEN_CPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertEinToCpu : Pass<"convert-ein-to-cpu", "::mlir::ModuleOp"> {
  let summary = "functions on tensors become C functions on views";
  let description = [{
    Each function on tensors becomes one of the same name with the C interface of `tlrt_entry`:
    loops over pointers, with calls of the runtime for memory and errors. Nothing of `ein` and
    no tensor is left. Parallel loops are left for `cpu-outline-parallel`. Examples:
    test/codegen/cpu/convert-ein-to-cpu.mlir.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::cf::ControlFlowDialect",
    "::mlir::complex::ComplexDialect", "::mlir::func::FuncDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::math::MathDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"
  ];
  let options = [
    Option<"triple", "triple", "std::string", "", "target triple; empty: this machine's">,
    Option<"cpu", "cpu", "std::string", "\"native\"",
           "processor: native, baseline or a name that LLVM knows">,
    Option<"features", "features", "std::string", "", "features, such as +avx2,-fma">,
    Option<"functionName", "function-name", "std::string", "",
           "symbol of the first function; empty: its name">,
    Option<"fastMath", "fast-math", "bool", "false", "let LLVM reassociate and approximate">,
    Option<"forceLowering", "force-lowering", "std::string", "",
           "lower contractions as nest, direct, packed or vector where possible, for tests">
  ];
}

def CpuUseKernelLibrary : Pass<"cpu-use-kernel-library", "::mlir::ModuleOp"> {
  let summary = "kernels are declared, not defined";
  let description = [{
    Lists on the module the kernels that were compiled for its processor when tlc was built.
    `convert-ein-to-cpu` then declares them instead of defining them. Only for code that runs in
    this process. Examples: test/codegen/cpu/kernel-library.mlir.
  }];
  let options = [
    Option<"triple", "triple", "std::string", "", "target triple; empty: this machine's">,
    Option<"cpu", "cpu", "std::string", "\"native\"",
           "processor: native, baseline or a name that LLVM knows">,
    Option<"features", "features", "std::string", "", "features, such as +avx2,-fma">
  ];
}

def CpuToLlvm : Pass<"cpu-to-llvm", "::mlir::ModuleOp"> {
  let summary = "loops, arithmetic and vectors become the llvm dialect";
  let description = [{
    Lowers scf, cf, arith, math, complex, vector and func in one conversion. Functions of
    `math` on f32 become polynomials where those are accurate to a few units in the last place,
    else calls of libm. Runs after `cpu-outline-parallel`.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::vector::VectorDialect"];
}

def CpuOutlineParallel : Pass<"cpu-outline-parallel", "::mlir::ModuleOp"> {
  let summary = "parallel loops become calls of the runtime";
  let description = [{
    Each one-dimensional `scf.parallel` from 0 in steps of 1 becomes a function
    `NAME_parallel_K(captured, i)` and a call of `tlrt_parallel_for` in the function NAME,
    whose first argument is the runtime's context. Afterwards there is no `scf.parallel`. Runs
    last before the lowering to `llvm`. Examples: test/codegen/cpu/outline-parallel.mlir.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect"];
}

#endif // TLC_COMPILER_CODEGEN_CPU_PASSES_TD
