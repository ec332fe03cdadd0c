//===- Constants.cpp - files and params inside the object -----------------===//
//
//   func.func @main(%x {input}, %w {file "w.npy"})   becomes
//   func.func @main(%x) { %w = arith.constant dense<...> .. }
//
//===----------------------------------------------------------------------===//

#include "compiler/api/Constants.h"

#include "compiler/api/Initializers.h"
#include "compiler/support/DType.h"
#include "dialects/Mlir.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <fmt/format.h>

namespace tlc {

static Expected<Tensor> valueOf(const Binding &argument, const std::string &directory) {
  if (argument.kind == "file") {
    Expected<Tensor> tensor = Tensor::read(resolvePath(directory, argument.path));
    return tensor ? tensor->cast(argument.type.type) : tensor;
  }
  return initialize(argument.name, argument.type.type, argument.type.shape, argument.initializer,
                    argument.initializerArguments);
}

/// Booleans are bytes in memory but bits in MLIR's buffers.
static DenseElementsAttr attributeOf(const Tensor &tensor, RankedTensorType type) {
  auto bytes = static_cast<size_t>(tensor.size() * byteSize(tensor.type()));
  if (tensor.type() != DType::Bool)
    return DenseElementsAttr::getFromRawBuffer(type, {tensor.data<char>(), bytes});
  SmallVector<bool> bits(tensor.data<uint8_t>(), tensor.data<uint8_t>() + bytes);
  return DenseElementsAttr::get(type, ArrayRef<bool>(bits));
}

Expected<void> embedConstants(Compilation &compilation) {
  mlir::func::FuncOp entry = *(*compilation.module).getOps<mlir::func::FuncOp>().begin();
  Signature signature = signatureOf(*compilation.module);
  OpBuilder builder = OpBuilder::atBlockBegin(&entry.getBody().front());
  llvm::BitVector embedded(entry.getNumArguments());
  for (auto [i, argument] : llvm::enumerate(signature.arguments)) {
    if (argument.kind != "file" && argument.kind != "param")
      continue;
    auto type = cast<RankedTensorType>(entry.getArgument(i).getType());
    if (!type.hasStaticShape())
      return Error(ErrorKind::Program,
                   fmt::format("error: {} '{}' has extents that are known only at run time; "
                               "declare them with a domain to compile ahead of time",
                               argument.kind, argument.name));
    Expected<Tensor> value = valueOf(argument, compilation.directory);
    if (!value)
      return value.error();
    auto constant =
        mlir::arith::ConstantOp::create(builder, entry.getLoc(), attributeOf(*value, type));
    entry.getArgument(i).replaceAllUsesWith(constant);
    embedded.set(i);
  }
  if (mlir::failed(entry.eraseArguments(embedded)))
    return internalError("arguments could not be replaced by constants");
  return {};
}

} // namespace tlc
