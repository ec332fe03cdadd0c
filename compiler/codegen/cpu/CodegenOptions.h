//===- CodegenOptions.h - which machine, how much effort ------------------===//
//
// Plain data, shared by the JIT and the object emitter.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_CODEGENOPTIONS_H
#define TLC_COMPILER_CODEGEN_CPU_CODEGENOPTIONS_H

#include <string>

namespace tlc::codegen {

struct CodegenOptions {
  /// LLVM's target triple; empty: this machine's.
  std::string triple;
  /// "native", "baseline" (any machine of the triple's architecture) or LLVM's name of a
  /// processor, such as "znver4".
  std::string cpu = "native";
  /// Added to the processor's own features, as in "+avx2,-fma".
  std::string features;
  /// The symbol of the compiled entry point.
  std::string functionName = "main";
  /// 0: as little work as possible in the compiler; 1: quick instruction selection; 2: the
  /// usual; 3: all that LLVM has.
  unsigned optLevel = 2;
  /// Reassociate, ignore NaN and infinity, approximate divisions.
  bool fastMath = false;
  /// On GPUs, multiply f32 with 10 bits of mantissa, which tensor cores do.
  bool allowTf32 = false;
  /// Take kernels from the library in this process, where it has them, instead of compiling them.
  bool kernelLibrary = false;
  /// "nest", "direct", "packed" or "vector": how to lower contractions that can be lowered so,
  /// whatever it costs. For tests; empty: what costs least.
  std::string forceLowering;
};

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_CODEGENOPTIONS_H
