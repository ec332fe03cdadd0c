//===- KernelLibrary.h - kernels compiled when tlc is built ---------------===//
//
// Code generation for the kernels takes several times as long as for the rest of a contraction,
// and gives the same result every time. So the kernels are compiled when tlc is built, by the
// same code, for some levels of processors:
//
//   x86-64-v4-dot   with instructions for dot products of bf16 and i8
//   x86-64-v4   tlc_pack_f32_8, tlc_pack_f32_48, tlc_multiply_f32_8x48, ...
//   x86-64-v3   tlc_pack_f32_6, tlc_pack_f32_16, tlc_multiply_f32_6x16, ...
//
// A module that is compiled into this process declares the kernels of the processor's level; the
// loader finds them here. Ahead-of-time objects define their kernels and stay self-contained.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_KERNELLIBRARY_H
#define TLC_COMPILER_CODEGEN_CPU_KERNELLIBRARY_H

#include "compiler/codegen/cpu/Target.h"
#include "dialects/Mlir.h"

#include <cstdint>

namespace tlc::codegen {

/// As tlc-generate-kernels writes it.
struct LibraryKernel {
  const char *name;
  void *address;
};

/// The kernels for one level of processors, as tlc-generate-kernels writes them.
struct KernelLevel {
  const char *cpu; ///< the level's name
  /// What a processor must have besides the basics of its architecture, as in "+avx2,+fma".
  const char *features;
  /// What the tiles were chosen for; see Target.
  uint32_t vectorBytes, vectorRegisters, fma;
  uint32_t kernelCount;
  const LibraryKernel *kernels;

  /// The address of a kernel, or null.
  void *find(StringRef name) const;
};

/// The level whose kernels are those that code for `machine` would define; null if there is none,
/// or if the machine is no processor of this process.
const KernelLevel *findKernelLevel(const llvm::TargetMachine &machine,
                                   const CodegenOptions &options);
/// The level of this name, or null.
const KernelLevel *findKernelLevel(StringRef cpu);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_KERNELLIBRARY_H
