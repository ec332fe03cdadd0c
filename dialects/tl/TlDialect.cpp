//===- TlDialect.cpp - registration and the variable attribute ------------===//

#include "dialects/tl/TlDialect.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

#include "dialects/tl/TlDialect.cpp.inc"

#include "dialects/tl/TlEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/tl/TlAttrs.cpp.inc"

namespace tlc::tl {

void TlDialect::initialize() {
  registerAttributes();
  registerOperations();
}

void TlDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/tl/TlAttrs.cpp.inc"
      >();
}

/// "i" = 8, or "b" = ?"batch".
static FailureOr<VariableAttr> parseVariable(mlir::AsmParser &parser) {
  StringAttr name, runtimeExtent;
  int64_t extent = -1;
  if (parser.parseAttribute(name) || parser.parseEqual())
    return failure();
  if (succeeded(parser.parseOptionalQuestion())) {
    if (parser.parseAttribute(runtimeExtent))
      return failure();
  } else {
    llvm::SMLoc loc = parser.getCurrentLocation();
    if (parser.parseInteger(extent))
      return failure();
    if (extent < 0)
      return parser.emitError(loc, "an extent is at least 0");
  }
  return VariableAttr::get(parser.getContext(), name, extent, runtimeExtent);
}

static void printVariable(mlir::AsmPrinter &printer, VariableAttr variable) {
  printer << variable.getName() << " = ";
  if (variable.isStatic())
    printer << variable.getExtent();
  else
    printer << '?' << variable.getRuntimeExtent();
}

Attribute VariableAttr::parse(mlir::AsmParser &parser, Type) {
  if (parser.parseLess())
    return {};
  FailureOr<VariableAttr> variable = parseVariable(parser);
  if (failed(variable) || parser.parseGreater())
    return {};
  return *variable;
}

void VariableAttr::print(mlir::AsmPrinter &printer) const {
  printer << '<';
  printVariable(printer, *this);
  printer << '>';
}

/// ("i" = 8, "b" = ?"batch"), in the assembly of an equation.
static mlir::ParseResult parseVariables(mlir::OpAsmParser &parser, ArrayAttr &variables) {
  SmallVector<Attribute> list;
  auto parseOne = [&]() -> mlir::ParseResult {
    FailureOr<VariableAttr> variable = parseVariable(parser);
    if (failed(variable))
      return failure();
    list.push_back(*variable);
    return success();
  };
  if (parser.parseCommaSeparatedList(mlir::AsmParser::Delimiter::Paren, parseOne))
    return failure();
  variables = parser.getBuilder().getArrayAttr(list);
  return success();
}

static void printVariables(mlir::OpAsmPrinter &printer, Operation *, ArrayAttr variables) {
  printer << '(';
  llvm::interleaveComma(variables, printer,
                        [&](Attribute each) { printVariable(printer, cast<VariableAttr>(each)); });
  printer << ')';
}

void TlDialect::registerOperations() {
  addOperations<
#define GET_OP_LIST
#include "dialects/tl/TlOps.cpp.inc"
      >();
}

} // namespace tlc::tl

#define GET_OP_CLASSES
#include "dialects/tl/TlOps.cpp.inc"
