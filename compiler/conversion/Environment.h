//===- Environment.h - what the names of a program stand for --------------===//
//
// While a program is converted, each tensor has a current value in SSA and each run-time
// extent a value of index type. Inside a loop, a tensor may also have the slice that was
// computed last, so that it need not be read back from the whole.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CONVERSION_ENVIRONMENT_H
#define TLC_COMPILER_CONVERSION_ENVIRONMENT_H

#include "dialects/tl/TlDialect.h"

#include "llvm/ADT/MapVector.h"

namespace tlc {

/// An extent: a number, or a value at run time and its name if it has one.
struct Size {
  int64_t fixed = ShapedType::kDynamic;
  StringAttr name;
  Value value;

  bool isStatic() const { return ShapedType::isStatic(fixed); }
  /// Known to be equal.
  bool operator==(const Size &other) const {
    return isStatic() ? fixed == other.fixed : name && name == other.name;
  }
};

/// The slice of a tensor at the current position of the loop minus `offset`.
struct CurrentSlice {
  Value value;
  unsigned axis;
  int64_t offset;
};

class Environment {
public:
  Environment(tl::ProgramOp program, OpBuilder &builder) : builder(builder), symbols(program) {}

  OpBuilder &builder;

  tl::TensorOp declaration(StringRef tensor) { return symbols.lookup<tl::TensorOp>(tensor); }
  Value tensor(StringRef name) { return tensors.lookup(name); }
  void bind(StringRef name, Value value) { tensors[name] = value; }

  /// Null if the slice at the loop's position is not known.
  const CurrentSlice *slice(StringRef name) const;
  void bindSlice(StringRef name, CurrentSlice slice) { slices[name] = slice; }
  void forgetSlices() { slices.clear(); }

  void bindExtent(StringAttr name, Value value) { extents[name] = value; }
  /// The run-time extent of this name, with the value it has, if any argument has it.
  Size runtimeExtent(StringAttr name) { return {ShapedType::kDynamic, name, extents.lookup(name)}; }
  Size sizeOf(tl::VariableAttr variable);
  SmallVector<Size> sizesOf(tl::TensorOp tensor);

  Value index(Location loc, int64_t value);
  /// The size as a value of index type.
  Value sizeValue(Location loc, const Size &size);

private:
  mlir::SymbolTable symbols;
  llvm::StringMap<Value> tensors;
  llvm::StringMap<CurrentSlice> slices;
  llvm::DenseMap<StringAttr, Value> extents;
};

//===----------------------------------------------------------------------===//
// Small pieces of ein
//===----------------------------------------------------------------------===//

/// f32 for f16 and bf16: the type of intermediate elements.
inline Type computeType(Type element) { return ein::accumulatorType(element); }

inline Type elementOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getElementType();
}

/// The semiring's zero, which is also what no equation defines [E2].
TypedAttr zeroOf(ein::SemiringKind semiring, Type element);
TypedAttr oneOf(ein::SemiringKind semiring, Type element);

RankedTensorType tensorTypeOf(ArrayRef<Size> sizes, Type element);
/// The values of the sizes that are known at run time only.
SmallVector<Value> dynamicSizes(ArrayRef<Size> sizes);

/// A tensor of equal elements.
Value buildFill(Environment &env, Location loc, ArrayRef<Size> sizes, TypedAttr element);
/// The tensor with its elements converted; itself if they have the type.
Value buildConvert(Environment &env, Location loc, Value tensor, Type element,
                   ein::SemiringKind semiring);
/// result[p] = source[map(p, symbols)], `fill` outside.
Value buildGather(Environment &env, Location loc, Value source, ArrayRef<Size> sizes, AffineMap map,
                  ValueRange symbols, TypedAttr fill);

} // namespace tlc

#endif // TLC_COMPILER_CONVERSION_ENVIRONMENT_H
