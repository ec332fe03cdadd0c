//===- Symbols.cpp - the runtime's functions and constant data ------------===//

#include "compiler/codegen/cpu/Symbols.h"

#include "compiler/codegen/cpu/Element.h"

namespace tlc::codegen {

namespace LLVM = mlir::LLVM;

void Symbols::declare(StringRef name, LLVM::LLVMFunctionType type) {
  if (module.lookupSymbol(name))
    return;
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  LLVM::LLVMFuncOp::create(builder, module.getLoc(), name, type);
}

Value Symbols::call(OpBuilder &builder, Location loc, StringRef name, Type result,
                    ValueRange arguments) {
  LLVM::LLVMFunctionType type =
      LLVM::LLVMFunctionType::get(result, SmallVector<Type>(arguments.getTypes()));
  declare(name, type);
  LLVM::CallOp call = LLVM::CallOp::create(builder, loc, type, name, arguments);
  return call.getNumResults() ? call.getResult() : Value();
}

Value Symbols::callFail(OpBuilder &builder, Location loc, Value context, int32_t status,
                        StringRef format, ValueRange arguments) {
  Type i32 = builder.getI32Type(), pointer = context.getType();
  LLVM::LLVMFunctionType type =
      LLVM::LLVMFunctionType::get(i32, {pointer, i32, pointer}, /*isVarArg=*/true);
  declare("tlrt_fail", type);
  SmallVector<Value> all{
      context, LLVM::ConstantOp::create(builder, loc, i32, builder.getI32IntegerAttr(status)),
      text(builder, loc, format)};
  llvm::append_range(all, arguments);
  return LLVM::CallOp::create(builder, loc, type, "tlrt_fail", all).getResult();
}

Value Symbols::address(OpBuilder &builder, Location loc, Type type, Attribute value) {
  LLVM::GlobalOp &global = globals[value];
  if (!global) {
    OpBuilder atStart = OpBuilder::atBlockBegin(module.getBody());
    std::string name;
    do
      name = "tlc_constant_" + std::to_string(count++);
    while (module.lookupSymbol(name));
    global = LLVM::GlobalOp::create(atStart, loc, type, /*isConstant=*/true, LLVM::Linkage::Private,
                                    name, value, /*alignment=*/64);
  }
  return LLVM::AddressOfOp::create(builder, loc, global);
}

Value Symbols::text(OpBuilder &builder, Location loc, StringRef text) {
  std::string ended = text.str() + '\0';
  Type type = LLVM::LLVMArrayType::get(builder.getI8Type(), ended.size());
  return address(builder, loc, type, builder.getStringAttr(ended));
}

Value Symbols::numbers(OpBuilder &builder, Location loc, ArrayRef<int64_t> numbers) {
  Type type = LLVM::LLVMArrayType::get(builder.getI64Type(), numbers.size());
  return address(builder, loc, type, builder.getI64TensorAttr(numbers));
}

/// The elements with the type they have in memory, as a vector of `count` numbers.
static DenseElementsAttr inMemory(DenseElementsAttr elements) {
  Type element = elements.getElementType();
  int64_t count = elements.isSplat() ? 1 : elements.getNumElements();
  if (element.isInteger(1)) {
    SmallVector<int8_t> bytes;
    for (auto [value, i] : llvm::zip(elements.getValues<bool>(), llvm::seq<int64_t>(0, count)))
      bytes.push_back(value);
    Type i8 = IntegerType::get(element.getContext(), 8);
    return DenseElementsAttr::get(RankedTensorType::get({count}, i8), ArrayRef<int8_t>(bytes));
  }
  Type part = element;
  if (ComplexType complexType = dyn_cast<ComplexType>(element)) {
    part = complexType.getElementType();
    count *= 2;
  }
  return DenseElementsAttr::getFromRawBuffer(RankedTensorType::get({count}, part),
                                             elements.getRawData());
}

Value Symbols::elements(OpBuilder &builder, Location loc, DenseElementsAttr elements) {
  DenseElementsAttr values = inMemory(elements);
  Type type = LLVM::LLVMArrayType::get(values.getElementType(), values.getNumElements());
  return address(builder, loc, type, values);
}

} // namespace tlc::codegen
