//===- FmaPeak.h - how fast one core can multiply and add -----------------===//
//
// The yardstick of every dense kernel: a loop of independent multiply-adds on registers, as
// the JIT generates it for this machine.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_FMAPEAK_H
#define TLC_COMPILER_CODEGEN_CPU_FMAPEAK_H

namespace tlc::codegen {

/// Multiplications and additions in 1e9 per second on one core of this machine, in f64 or f32.
/// Takes about 20 ms beside compiling. 0 if there is no JIT for this machine.
double measureFmaPeak(bool f64);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_FMAPEAK_H
