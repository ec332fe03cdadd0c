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

static mlir::func::FuncOp entryOf(Compilation &compilation) {
  return *(*compilation.module).getOps<mlir::func::FuncOp>().begin();
}

/// Puts a value in the place of an argument. The constant keeps the argument's name and the error
/// that it may have.
static mlir::arith::ConstantOp embed(OpBuilder &builder, mlir::func::FuncOp entry, unsigned number,
                                     const Tensor &value) {
  auto type = cast<RankedTensorType>(entry.getArgument(number).getType());
  auto constant =
      mlir::arith::ConstantOp::create(builder, entry.getLoc(), attributeOf(value, type));
  for (const char *name : {"tl.name", "tl.lowrank"})
    if (mlir::Attribute attribute = entry.getArgAttr(number, name))
      constant->setAttr(name, attribute);
  entry.getArgument(number).replaceAllUsesWith(constant);
  return constant;
}

//===----------------------------------------------------------------------===//
// While a function is compiled
//===----------------------------------------------------------------------===//

/// Of a constant: the number of the argument in whose place it is.
static constexpr const char *argumentAttr = "tlc.argument";

Expected<void> embedFactorizable(Compilation &compilation, const Options &options) {
  mlir::func::FuncOp entry = entryOf(compilation);
  OpBuilder builder = OpBuilder::atBlockBegin(&entry.getBody().front());
  for (auto [i, argument] : llvm::enumerate(signatureOf(*compilation.module).arguments)) {
    auto type = cast<RankedTensorType>(entry.getArgument(i).getType());
    bool isWanted = options.lowRank > 0 || entry.getArgAttr(i, "tl.lowrank");
    if (!isWanted || argument.kind != "file" || !type.hasStaticShape() || type.getRank() < 2 ||
        !isa<mlir::FloatType, ComplexType>(type.getElementType()))
      continue;
    Expected<Tensor> value = valueOf(argument, compilation.directory);
    if (!value)
      return value.error();
    embed(builder, entry, i, *value)->setAttr(argumentAttr, builder.getI64IntegerAttr(i));
  }
  return {};
}

Expected<void> releaseConstants(Compilation &compilation) {
  mlir::func::FuncOp entry = entryOf(compilation);
  llvm::BitVector factorized(entry.getNumArguments());
  bool isAny = false;
  for (auto [i, argument] : llvm::enumerate(signatureOf(*compilation.module).arguments))
    if (argument.kind == "file" && entry.getArgument(i).use_empty()) {
      factorized.set(i);
      isAny = true;
    }
  if (!isAny)
    return {};
  llvm::SmallVector<mlir::arith::ConstantOp> constants;
  entry.walk([&](mlir::arith::ConstantOp op) {
    if (op->hasAttr(argumentAttr))
      constants.push_back(op);
  });
  for (mlir::arith::ConstantOp op : constants) {
    auto number =
        static_cast<unsigned>(op->getAttrOfType<mlir::IntegerAttr>(argumentAttr).getInt());
    if (!op.use_empty())
      factorized.reset(number);
    op.replaceAllUsesWith(Value(entry.getArgument(number)));
    op.erase();
  }
  if (mlir::failed(entry.eraseArguments(factorized)))
    return internalError("arguments could not be replaced by their factors");
  return {};
}

//===----------------------------------------------------------------------===//
// Ahead of time
//===----------------------------------------------------------------------===//

Expected<void> embedConstants(Compilation &compilation) {
  mlir::func::FuncOp entry = entryOf(compilation);
  Signature signature = signatureOf(*compilation.module);
  OpBuilder builder = OpBuilder::atBlockBegin(&entry.getBody().front());
  llvm::BitVector embedded(entry.getNumArguments());
  for (auto [i, argument] : llvm::enumerate(signature.arguments)) {
    if (argument.kind != "file" && argument.kind != "param")
      continue;
    embedded.set(i);
    if (entry.getArgument(i).use_empty())
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
    embed(builder, entry, i, *value);
  }
  if (mlir::failed(entry.eraseArguments(embedded)))
    return internalError("arguments could not be replaced by constants");
  return {};
}

} // namespace tlc
