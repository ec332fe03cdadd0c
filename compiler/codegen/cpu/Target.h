//===- Target.h - what the code generator knows about a CPU ---------------===//
//
// The shape of the register tile and of the blocks of a contraction follow from a few
// numbers: how wide a vector register is, how many there are, and how large the caches are.
//
//   AVX2     16 registers of 32 bytes    6 x 2 vectors =  6 x 16 f32
//   AVX-512  32 registers of 64 bytes    8 x 3 vectors =  8 x 48 f32
//   NEON     32 registers of 16 bytes    8 x 3 vectors =  8 x 12 f32
//   SVE      32 registers of 32 bytes    8 x 3 vectors =  8 x 24 f32 (Neoverse V1)
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_TARGET_H
#define TLC_COMPILER_CODEGEN_CPU_TARGET_H

#include "compiler/codegen/cpu/CodegenOptions.h"

#include "llvm/Support/Error.h"

#include <cstdint>
#include <memory>

namespace llvm {
class TargetMachine;
} // namespace llvm

namespace tlc::codegen {

struct Target {
  unsigned vectorBytes = 16;
  unsigned vectorRegisters = 16;
  /// Whether a multiply-add is one instruction. Without it, products are rounded.
  bool fma = false;
  /// Whether sums of two products of bf16, or of four of i8, are one instruction for a whole
  /// vector.
  bool dotBf16 = false, dotI8 = false;
  /// Whether two products of i16 are summed in one instruction for a whole vector.
  bool pairsOfI16 = false;
  /// Whether it takes floats modulo 1 and multiplies them by powers of two (AVX-512 F and DQ).
  bool scalesByPowers = false;
  int64_t l1Bytes = 32 << 10;
  int64_t l2Bytes = 512 << 10;
  /// The part of the last-level cache that one contraction may count on.
  int64_t l3Bytes = 8 << 20;

  /// Elements of `elementBytes` in one vector register.
  unsigned lanes(unsigned elementBytes) const { return vectorBytes / elementBytes; }
};

/// A machine that generates position-independent code as `options` asks. Initialises LLVM's
/// back ends on the first call.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const CodegenOptions &options);

/// The machine for `options` that this thread keeps until it asks for another one. It serves any
/// number of modules, one after the other.
llvm::Expected<llvm::TargetMachine *> getThreadMachine(const CodegenOptions &options);

/// What `machine` can do. Cache sizes are this machine's if it generates code for it, and
/// modest guesses otherwise.
Target describeTarget(const llvm::TargetMachine &machine, const CodegenOptions &options);

/// All of this machine that code for "native" depends on, in a line.
std::string describeHost();

/// Both at once.
llvm::Expected<Target> getTarget(const CodegenOptions &options);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_TARGET_H
