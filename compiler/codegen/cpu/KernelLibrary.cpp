//===- KernelLibrary.cpp - kernels compiled when tlc is built -------------===//

#include "compiler/codegen/cpu/KernelLibrary.h"

#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

/// The best level first, ended by null. In the object that tlc-generate-kernels writes.
extern "C" const tlc::codegen::KernelLevel *const tlc_kernel_levels[];

namespace tlc::codegen {

void *KernelLevel::find(StringRef name) const {
  for (const LibraryKernel &kernel : ArrayRef(kernels, kernelCount))
    if (name == kernel.name)
      return kernel.address;
  return nullptr;
}

static bool fits(const KernelLevel &level, const llvm::TargetMachine &machine,
                 const Target &target) {
  return level.vectorBytes == target.vectorBytes &&
         level.vectorRegisters == target.vectorRegisters && bool(level.fma) == target.fma &&
         machine.getMCSubtargetInfo()->checkFeatures(level.features);
}

const KernelLevel *findKernelLevel(const llvm::TargetMachine &machine,
                                   const CodegenOptions &options) {
  llvm::Triple process(llvm::sys::getProcessTriple());
  // Fast mathematics changes what a kernel may compute.
  if (machine.getTargetTriple().getArch() != process.getArch() || options.fastMath)
    return nullptr;
  Target target = describeTarget(machine, options);
  for (const KernelLevel *const *level = tlc_kernel_levels; *level; ++level)
    if (fits(**level, machine, target))
      return *level;
  return nullptr;
}

const KernelLevel *findKernelLevel(StringRef cpu) {
  for (const KernelLevel *const *level = tlc_kernel_levels; *level; ++level)
    if (cpu == (*level)->cpu)
      return *level;
  return nullptr;
}

} // namespace tlc::codegen
