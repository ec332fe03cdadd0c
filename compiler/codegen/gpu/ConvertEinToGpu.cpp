//===- ConvertEinToGpu.cpp - functions on tensors to launches -------------===//
//
//   func.func @f(%a: tensor<4xf32>) -> tensor<4xf32> { ein.map ... }
//
// becomes a C function that uploads a, launches kernel 0 and downloads the result, and
//
//   gpu.module @f_kernels { llvm.func @f_map_0(...) attributes {nvvm.kernel} }
//
// The function around the launches is made by the Emitter of codegen/cpu: control flow, extents
// and the life of tensors are the same there.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/LlvmPipeline.h"
#include "compiler/codegen/gpu/AttentionKernel.h"
#include "compiler/codegen/gpu/ContractChoice.h"
#include "compiler/codegen/gpu/HopperKernel.h"
#include "compiler/codegen/gpu/MapKernel.h"
#include "compiler/codegen/gpu/NestKernel.h"
#include "compiler/codegen/gpu/NormalizeKernel.h"
#include "compiler/codegen/gpu/Passes.h"
#include "compiler/codegen/gpu/ReduceKernel.h"

namespace tlc::codegen {

#define GEN_PASS_DEF_CONVERTEINTOGPU
#include "compiler/codegen/gpu/Passes.h.inc"

namespace {

class GpuOffload : public Offload {
public:
  GpuOffload(mlir::ModuleOp module, StringRef name, bool isHopper, ContractOptions contractions,
             const HopperConfig &config)
      : kernels(module, name), isHopper(isHopper), contractions(std::move(contractions)),
        config(config) {}

  void emitNest(Emitter &emitter, Location loc, const Nest &nest) override {
    if (isHopper && contractions.forced.empty() &&
        emitHopperKernel(kernels, emitter, loc, nest, contractions.allowTf32, config))
      return;
    if (!emitContraction(kernels, emitter, loc, nest, contractions) &&
        !emitMapKernel(kernels, emitter, loc, nest) &&
        !emitReduceKernel(kernels, emitter, loc, nest))
      emitNestKernel(kernels, emitter, loc, nest);
  }
  void forEachPoint(Emitter &emitter, Location loc, ArrayRef<Value> trips,
                    ArrayRef<bool> isParallel,
                    function_ref<void(OpBuilder &, Location, ArrayRef<Value>)> body) override {
    emitPointKernel(kernels, emitter, loc, trips, isParallel, body);
  }
  bool emitNormalize(Emitter &emitter, ein::NormalizeOp op, const Buffer &input,
                     const Buffer &result) override {
    return emitNormalizeKernel(kernels, emitter, op, input, result);
  }
  LogicalResult emitAttention(Emitter &emitter, ein::AttentionOp op) override {
    return emitAttentionKernel(kernels, emitter, op);
  }
  Value program(OpBuilder &builder, Location loc) override { return kernels.program(builder, loc); }

private:
  KernelModule kernels;
  bool isHopper;
  ContractOptions contractions;
  HopperConfig config;
};

struct ConvertEinToGpu : impl::ConvertEinToGpuBase<ConvertEinToGpu> {
  using ConvertEinToGpuBase::ConvertEinToGpuBase;

  void runOnOperation() override {
    mlir::ModuleOp module = getOperation();
    auto functions = module.getOps<mlir::func::FuncOp>();
    if (!functionName.empty() && !functions.empty())
      (*functions.begin()).setSymName(functionName);
    Symbols symbols(module);
    Target target;
    for (mlir::func::FuncOp function : llvm::make_early_inc_range(functions)) {
      if (function.isExternal())
        continue;
      GpuOffload offload(module, function.getSymName(), arch == "sm_90a",
                         {allowTf32, forceLowering}, hopperConfig(hopper));
      Emitter emitter(symbols, target, function);
      emitter.offload = &offload;
      if (failed(emitter.run()))
        return signalPassFailure();
    }
    setFastMath(module, fastMath);
  }
};

} // namespace
} // namespace tlc::codegen
