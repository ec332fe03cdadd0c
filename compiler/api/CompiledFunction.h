//===- CompiledFunction.h - machine code and what belongs to it -----------===//
//
// All that a Function is made of, as bytes for a file: whoever has them needs neither the front
// end nor MLIR.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_API_COMPILEDFUNCTION_H
#define TLC_COMPILER_API_COMPILEDFUNCTION_H

#include "compiler/api/Compilation.h"
#include "compiler/codegen/cpu/Jit.h"

namespace tlc {

struct CompiledFunction {
  Signature signature;
  std::vector<Plan> plans;
  double peakBytes = 0;   ///< modelled, of what has known extents: operands, results and the rest
  bool isLimited = false; ///< another limit of memory may lead to other code
  codegen::MachineCode code;
};

std::string encode(const CompiledFunction &function);
/// Nullopt if the bytes are not what `encode` gives.
std::optional<CompiledFunction> decode(std::string_view bytes);

} // namespace tlc

#endif // TLC_COMPILER_API_COMPILEDFUNCTION_H
