//===- Assemble.h - a tensor from its equations [E2] ----------------------===//

#ifndef TLC_COMPILER_CONVERSION_ASSEMBLE_H
#define TLC_COMPILER_CONVERSION_ASSEMBLE_H

#include "compiler/conversion/Frame.h"

namespace tlc {

/// What is to be assembled.
struct AssemblyTarget {
  tl::TensorOp tensor;
  /// In a loop: the axis along which the loop runs and which the result lacks; else -1.
  int64_t axis = -1;
  /// What the result had before, of its shape; null if that is zero.
  Value old;
  /// Whether `old` stays where no equation fires, instead of being one more summand.
  bool isReplaced = false;
  /// Whether the tensor's own value, the facts, is a summand.
  bool hasFacts = true;
};

/// The sum of the equations, or their combination by their projection, and zero where none of them
/// defines an element.
Value assemble(Environment &env, const AssemblyTarget &target, ArrayRef<tl::EquationOp> equations,
               const LoopPosition &loop);

/// The equations of a region.
SmallVector<tl::EquationOp> equationsOf(Region &region);

} // namespace tlc

#endif // TLC_COMPILER_CONVERSION_ASSEMBLE_H
