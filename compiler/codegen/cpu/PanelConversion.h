//===- PanelConversion.h - panels of converted elements -------------------===//
//
// What getPackFunction() is for panels whose elements are not those of the operand (see
// PanelFormat):
//
//   f16    ->  f32                   converted
//   bf16   ->  pairs                 two positions of the sum side by side
//   bool   ->  words of 32 bits      a bit for each position
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_PANELCONVERSION_H
#define TLC_COMPILER_CODEGEN_CPU_PANELCONVERSION_H

#include "compiler/codegen/cpu/TileKernel.h"

namespace tlc::codegen {

/// pack(source, laneOffsets, kOffsets, panels, depth, destination, pitch), as getPackFunction()
/// describes it. With `isRight`, panels begin with the start of the sums, where the arithmetic has
/// one.
mlir::LLVM::LLVMFuncOp getConvertingPackFunction(mlir::ModuleOp module, const Tile &tile,
                                                 const PanelFormat &format, int64_t width,
                                                 bool isRight);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_PANELCONVERSION_H
