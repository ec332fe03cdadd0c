//===- MmaKind.h - products of small matrices by a warp -------------------===//
//
// A tensor core multiplies matrices whose elements are spread over the lanes of a warp. For every
// type a step covers 32 bytes of each row, and a block of 16 x 16 results in 8 registers a lane:
//
//   lane l, register 4 h + 2 q + e     row l / 4 + 8 q, column 8 h + 2 (l % 4) + e
//
//   bf16, f16     m16n8k16, into f32     i8     m16n8k32, into i32
//   tf32          m16n8k8, into f32      f64    m8n8k4
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_GPU_MMAKIND_H
#define TLC_COMPILER_CODEGEN_GPU_MMAKIND_H

#include "compiler/codegen/cpu/Nest.h"

namespace tlc::codegen {

/// Bytes of a row that one step multiplies.
inline constexpr int64_t kMmaStepBytes = 32;
/// Rows and columns of a block of results, and its registers.
inline constexpr int64_t kMmaBlock = 16, kMmaRegisters = 8;

struct MmaKind {
  /// The elements in memory, and what they are accumulated in.
  Type element, accumulator;
  /// f32 is rounded to 10 bits of mantissa.
  bool isTf32 = false;

  int64_t elementBytes() const;
  int64_t elementsOfStep() const { return kMmaStepBytes / elementBytes(); }
  /// The registers of 16 rows of an input in a step: four of 32 bits, or two of f64.
  unsigned fragmentSize() const { return element.isF64() ? 2 : 4; }
  /// Whether `ldmatrix` can transpose while it loads, or single elements are loaded anyway.
  bool canTranspose() const { return elementBytes() == 2 || element.isF64(); }
};

/// The kind that computes a nest as accurately as its types ask for; `allowTf32` lets f32 be
/// rounded.
std::optional<MmaKind> mmaKindOf(const Nest &nest, bool allowTf32);

/// Rounds the fragment of an input as the kind asks for.
SmallVector<Value> prepareFragment(OpBuilder &builder, Location loc, const MmaKind &kind,
                                   ValueRange fragment);
/// sums + left * right for 16 rows of each input: 8 registers.
SmallVector<Value> multiplyBlock(OpBuilder &builder, Location loc, const MmaKind &kind,
                                 ArrayRef<Value> left, ArrayRef<Value> right, ValueRange sums);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_GPU_MMAKIND_H
