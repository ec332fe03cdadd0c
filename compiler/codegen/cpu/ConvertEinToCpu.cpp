//===- ConvertEinToCpu.cpp - functions on tensors to C functions ----------===//
//
//   func.func @f(%a: tensor<4xf32> {tl.name = "A"}) -> tensor<4xf32> { ein ... }
//
// becomes
//
//   func.func @f(%context: !llvm.ptr, %inputs: !llvm.ptr, %outputs: !llvm.ptr) -> i32
//
// See Emitter.h for how. Multiply and add may contract to one instruction everywhere; nothing
// else may change a result unless fast mathematics is asked for.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/CodegenOptions.h"
#include "compiler/codegen/cpu/Emitter.h"
#include "compiler/codegen/cpu/LlvmPipeline.h"
#include "compiler/codegen/cpu/Passes.h"

namespace tlc::codegen {

#define GEN_PASS_DEF_CONVERTEINTOCPU
#include "compiler/codegen/cpu/Passes.h.inc"

namespace {

struct ConvertEinToCpu : impl::ConvertEinToCpuBase<ConvertEinToCpu> {
  using ConvertEinToCpuBase::ConvertEinToCpuBase;

  void runOnOperation() override;
};

} // namespace

void ConvertEinToCpu::runOnOperation() {
  mlir::ModuleOp module = getOperation();
  CodegenOptions options;
  options.triple = triple;
  options.cpu = cpu;
  options.features = features;
  Target target;
  std::string error;
  if (!resolveTarget(options, target, error)) {
    module.emitError() << error;
    return signalPassFailure();
  }
  auto functions = module.getOps<mlir::func::FuncOp>();
  if (!functionName.empty() && !functions.empty())
    (*functions.begin()).setSymName(functionName);
  Symbols symbols(module);
  for (mlir::func::FuncOp function :
       llvm::make_early_inc_range(module.getOps<mlir::func::FuncOp>())) {
    if (function.isExternal())
      continue;
    Emitter emitter(symbols, target, function);
    emitter.forcedLowering = loweringNamed(forceLowering);
    if (failed(emitter.run()))
      return signalPassFailure();
  }
  setFastMath(module, fastMath);
}

} // namespace tlc::codegen
