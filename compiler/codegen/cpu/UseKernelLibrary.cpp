//===- UseKernelLibrary.cpp - kernels are declared, not defined -----------===//
//
// Marks a module with the names of the library's kernels for its processor. The conversion to
// loops then declares these where it would define them.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/KernelFunctions.h"
#include "compiler/codegen/cpu/KernelLibrary.h"
#include "compiler/codegen/cpu/Passes.h"

#include "llvm/Target/TargetMachine.h"

namespace tlc::codegen {

#define GEN_PASS_DEF_CPUUSEKERNELLIBRARY
#include "compiler/codegen/cpu/Passes.h.inc"

namespace {

struct CpuUseKernelLibrary : impl::CpuUseKernelLibraryBase<CpuUseKernelLibrary> {
  using CpuUseKernelLibraryBase::CpuUseKernelLibraryBase;

  void runOnOperation() override {
    CodegenOptions options;
    options.triple = triple;
    options.cpu = cpu;
    options.features = features;
    llvm::Expected<llvm::TargetMachine *> machine = getThreadMachine(options);
    if (!machine) {
      getOperation().emitError() << llvm::toString(machine.takeError());
      return signalPassFailure();
    }
    const KernelLevel *level = findKernelLevel(**machine, options);
    if (!level)
      return;
    SmallVector<StringRef> names;
    for (const LibraryKernel &kernel : ArrayRef(level->kernels, level->kernelCount))
      names.push_back(kernel.name);
    takeFromLibrary(getOperation(), names);
  }
};

} // namespace
} // namespace tlc::codegen
