//===- Symbols.h - the runtime's functions and constant data --------------===//
//
// Generated code refers to the runtime's functions, to texts of messages and to the values of
// constant tensors. Each becomes one global of the module.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_SYMBOLS_H
#define TLC_COMPILER_CODEGEN_CPU_SYMBOLS_H

#include "dialects/Mlir.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"

namespace tlc::codegen {

class Symbols {
public:
  explicit Symbols(mlir::ModuleOp module) : module(module) {}

  /// Calls a function of the runtime; `result` may be void.
  Value call(OpBuilder &builder, Location loc, StringRef name, Type result, ValueRange arguments);
  /// tlrt_fail(context, status, format, arguments...).
  Value callFail(OpBuilder &builder, Location loc, Value context, int32_t status, StringRef format,
                 ValueRange arguments);

  /// A pointer to the text, which is ended by 0. It may hold zeros.
  Value text(OpBuilder &builder, Location loc, StringRef text);
  /// A pointer to constant numbers.
  Value numbers(OpBuilder &builder, Location loc, ArrayRef<int64_t> numbers);
  /// A pointer to the elements of a tensor, as in memory; one element if all are equal.
  Value elements(OpBuilder &builder, Location loc, DenseElementsAttr elements);

private:
  Value address(OpBuilder &builder, Location loc, Type type, Attribute value);
  void declare(StringRef name, mlir::LLVM::LLVMFunctionType type);

  mlir::ModuleOp module;
  llvm::DenseMap<Attribute, mlir::LLVM::GlobalOp> globals;
  unsigned count = 0;
};

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_SYMBOLS_H
