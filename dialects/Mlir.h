//===- Mlir.h - the names of MLIR that this project uses ------------------===//
//
// Imports the common MLIR names into `tlc`, so that `using namespace mlir` is
// needed nowhere.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_DIALECTS_MLIR_H
#define TLC_DIALECTS_MLIR_H

#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Attributes.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"
#include "mlir/IR/Value.h"
#include "mlir/Support/LLVM.h"

namespace tlc {

using mlir::AffineConstantExpr;
using mlir::AffineDimExpr;
using mlir::AffineExpr;
using mlir::AffineExprKind;
using mlir::AffineMap;
using mlir::AffineMapAttr;
using mlir::ArrayAttr;
using mlir::Attribute;
using mlir::Block;
using mlir::ComplexType;
using mlir::DenseElementsAttr;
using mlir::DictionaryAttr;
using mlir::failed;
using mlir::failure;
using mlir::FailureOr;
using mlir::FloatAttr;
using mlir::FloatType;

using mlir::IntegerAttr;
using mlir::IntegerType;
using mlir::Location;
using mlir::LogicalResult;
using mlir::MLIRContext;
using mlir::NamedAttribute;
using mlir::OpBuilder;
using mlir::Operation;
using mlir::OperationState;
using mlir::OpFoldResult;
using mlir::RankedTensorType;
using mlir::Region;
using mlir::ShapedType;
using mlir::StringAttr;
using mlir::succeeded;
using mlir::success;
using mlir::Type;
using mlir::TypeAttr;
using mlir::TypedAttr;
using mlir::TypeRange;
using mlir::Value;
using mlir::ValueRange;

using llvm::ArrayRef;
using llvm::cast;
using llvm::dyn_cast;
using llvm::function_ref;
using llvm::isa;
using llvm::SmallVector;
using llvm::SmallVectorImpl;
using llvm::StringRef;

} // namespace tlc

#endif // TLC_DIALECTS_MLIR_H
