//===- EinAssembly.cpp - text of the ein operations -----------------------===//
//
//   %c = ein.contract "ij,jk->ik" sum_product (%a, %b) : (tensor<..>, tensor<..>) -> tensor<..>
//
// Maps that no equation expresses are written out after `maps`.
//
//===----------------------------------------------------------------------===//

#include "dialects/ein/EinDialect.h"
#include "dialects/ein/EinEquation.h"

namespace tlc::ein {

using mlir::OpAsmParser;
using mlir::OpAsmPrinter;
using mlir::ParseResult;
using Operands = SmallVector<OpAsmParser::UnresolvedOperand>;

//===----------------------------------------------------------------------===//
// Parts shared by contract and map
//===----------------------------------------------------------------------===//

namespace {
/// The maps as written: an equation with its place, or an array.
struct MapsSyntax {
  std::string equation;
  llvm::SMLoc loc;
  ArrayAttr maps;
};
} // namespace

static ParseResult parseMaps(OpAsmParser &parser, MapsSyntax &syntax) {
  syntax.loc = parser.getCurrentLocation();
  if (succeeded(parser.parseOptionalKeyword("maps")))
    return parser.parseAttribute(syntax.maps);
  return parser.parseString(&syntax.equation);
}

static void printMaps(OpAsmPrinter &printer, const std::optional<std::string> &equation,
                      ArrayAttr maps) {
  if (equation)
    printer << " \"" << *equation << '"';
  else
    printer << " maps " << maps;
}

/// The array of maps that a map's equation stands for: "ij,j", or "j->ij" where an index of the
/// result is in no operand.
static ParseResult resolveMapMaps(OpAsmParser &parser, MapsSyntax &syntax, unsigned numInputs,
                                  unsigned rank) {
  if (syntax.maps)
    return success();
  auto emitError = [&] { return parser.emitError(syntax.loc); };
  FailureOr<Equation> equation =
      parseEquation(syntax.equation, numInputs, parser.getContext(), emitError);
  if (failed(equation))
    return failure();
  if (equation->result && !equation->result->isIdentity())
    return emitError() << "the result's indices of a map are all of them in alphabetical order";
  if (equation->numDims != rank)
    return emitError() << "equation names " << equation->numDims
                       << " indices, but the result has rank " << rank;
  syntax.maps = parser.getBuilder().getAffineMapArrayAttr(equation->inputs);
  return success();
}

/// Prints the maps of a map's operands, `array` as attributes.
static void printMapMaps(OpAsmPrinter &printer, ArrayRef<AffineMap> maps, unsigned rank,
                         ArrayAttr array) {
  std::optional<std::string> equation = printEquation(maps, std::nullopt, rank);
  if (!equation)
    equation =
        printEquation(maps, AffineMap::getMultiDimIdentityMap(rank, array.getContext()), rank);
  printMaps(printer, equation, array);
}

static ParseResult parseExtents(OpAsmParser &parser, Operands &extents) {
  if (succeeded(parser.parseOptionalKeyword("extents")))
    return parser.parseOperandList(extents, OpAsmParser::Delimiter::Paren);
  return success();
}

static void printExtents(OpAsmPrinter &printer, ValueRange extents) {
  if (!extents.empty())
    printer << " extents(" << extents << ")";
}

/// Reads `attr-dict : (types) -> type` and adds operands and result.
static ParseResult parseSignature(OpAsmParser &parser, const Operands &inputs,
                                  const Operands &extents, OperationState &result) {
  llvm::SMLoc loc;
  mlir::FunctionType type;
  if (parser.parseOptionalAttrDict(result.attributes) || parser.parseColon() ||
      parser.getCurrentLocation(&loc) || parser.parseType(type) ||
      parser.resolveOperands(inputs, type.getInputs(), loc, result.operands) ||
      parser.resolveOperands(extents, parser.getBuilder().getIndexType(), result.operands))
    return failure();
  if (type.getNumResults() != 1 || !isa<RankedTensorType>(type.getResult(0)))
    return parser.emitError(loc) << "expected one ranked tensor as the result";
  result.addTypes(type.getResults());
  return success();
}

static void printSignature(OpAsmPrinter &printer, Operation *op, ValueRange inputs) {
  printer.printOptionalAttrDict(op->getDiscardableAttrDictionary().getValue());
  printer << " : ";
  printer.printFunctionalType(inputs.getTypes(), op->getResultTypes());
}

/// Sets the sizes of the two operand groups.
template <typename Properties>
static void setSegments(Properties &properties, const Operands &inputs, const Operands &extents) {
  properties.operandSegmentSizes = {static_cast<int32_t>(inputs.size()),
                                    static_cast<int32_t>(extents.size())};
}

//===----------------------------------------------------------------------===//
// ContractOp
//===----------------------------------------------------------------------===//

static ParseResult parseSemiring(OpAsmParser &parser, SemiringAttr &semiring) {
  StringRef keyword;
  llvm::SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&keyword))
    return failure();
  std::optional<SemiringKind> kind = symbolizeSemiringKind(keyword);
  if (!kind)
    return parser.emitError(loc) << "unknown semiring '" << keyword << "'";
  semiring = SemiringAttr::get(parser.getContext(), *kind);
  return success();
}

/// The array of maps of operands and result that an equation stands for.
static ParseResult resolveContractMaps(OpAsmParser &parser, MapsSyntax &syntax,
                                       unsigned numInputs) {
  if (syntax.maps)
    return success();
  auto emitError = [&] { return parser.emitError(syntax.loc); };
  FailureOr<Equation> equation =
      parseEquation(syntax.equation, numInputs, parser.getContext(), emitError);
  if (failed(equation))
    return failure();
  if (!equation->result)
    return emitError() << "expected '->' and the result's indices in the equation";
  SmallVector<AffineMap> maps = equation->inputs;
  maps.push_back(*equation->result);
  syntax.maps = parser.getBuilder().getAffineMapArrayAttr(maps);
  return success();
}

namespace {
/// Tensors read by a region, with their maps: `"ij,j" (%x, %b : tensor<..>, tensor<..>)`.
struct PlacedSyntax {
  MapsSyntax maps;
  Operands inputs;
  SmallVector<Type> types;
  llvm::SMLoc loc;
};
} // namespace

/// Reads `epilogue`, its operands if it has some, and its block.
static ParseResult parseEpilogue(OpAsmParser &parser, PlacedSyntax &placed, Region &epilogue) {
  if (failed(parser.parseOptionalKeyword("epilogue")))
    return success();
  std::string equation;
  bool hasMaps = succeeded(parser.parseOptionalKeyword("maps"));
  placed.maps.loc = parser.getCurrentLocation();
  if (hasMaps && parser.parseAttribute(placed.maps.maps))
    return failure();
  if (!hasMaps && succeeded(parser.parseOptionalString(&placed.maps.equation)))
    hasMaps = true;
  if (hasMaps && (parser.parseLParen() || parser.getCurrentLocation(&placed.loc) ||
                  parser.parseOperandList(placed.inputs) ||
                  parser.parseColonTypeList(placed.types) || parser.parseRParen()))
    return failure();
  return parser.parseRegion(epilogue);
}

ParseResult ContractOp::parse(OpAsmParser &parser, OperationState &result) {
  MapsSyntax syntax;
  SemiringAttr semiring;
  Operands inputs, extents;
  PlacedSyntax placed;
  if (parseMaps(parser, syntax) || parseSemiring(parser, semiring) ||
      parser.parseOperandList(inputs, OpAsmParser::Delimiter::Paren) ||
      resolveContractMaps(parser, syntax, inputs.size()) || parseExtents(parser, extents) ||
      parseEpilogue(parser, placed, *result.addRegion()) ||
      parseSignature(parser, inputs, extents, result) ||
      parser.resolveOperands(placed.inputs, placed.types, placed.loc, result.operands))
    return failure();
  Properties &properties = result.getOrAddProperties<Properties>();
  properties.setIndexingMaps(syntax.maps);
  properties.setSemiring(semiring);
  if (!placed.inputs.empty()) {
    unsigned rank = cast<RankedTensorType>(result.types.front()).getRank();
    if (resolveMapMaps(parser, placed.maps, placed.inputs.size(), rank))
      return failure();
    properties.setEpilogueMaps(placed.maps.maps);
  }
  properties.operandSegmentSizes = {static_cast<int32_t>(inputs.size()),
                                    static_cast<int32_t>(extents.size()),
                                    static_cast<int32_t>(placed.inputs.size())};
  return success();
}

void ContractOp::print(OpAsmPrinter &printer) {
  printMaps(printer, printEquation(getInputMaps(), getResultMap(), getNumDims()),
            getIndexingMaps());
  printer << ' ' << stringifySemiringKind(getSemiring().getKind()) << " (" << getInputs() << ")";
  printExtents(printer, getExtents());
  if (!getEpilogue().empty()) {
    printer << " epilogue";
    if (!getEpilogueInputs().empty()) {
      printMapMaps(printer, getEpilogueInputMaps(), getResult().getType().getRank(),
                   getEpilogueMaps());
      printer << " (" << getEpilogueInputs() << " : " << getEpilogueInputs().getTypes() << ")";
    }
    printer << ' ';
    printer.printRegion(getEpilogue());
  }
  printSignature(printer, *this, getInputs());
}

//===----------------------------------------------------------------------===//
// MapOp
//===----------------------------------------------------------------------===//

ParseResult MapOp::parse(OpAsmParser &parser, OperationState &result) {
  MapsSyntax syntax;
  Operands inputs, extents;
  if (parseMaps(parser, syntax) || parser.parseOperandList(inputs, OpAsmParser::Delimiter::Paren) ||
      parseExtents(parser, extents) || parseSignature(parser, inputs, extents, result))
    return failure();
  unsigned rank = cast<RankedTensorType>(result.types.front()).getRank();
  if (resolveMapMaps(parser, syntax, inputs.size(), rank))
    return failure();
  Properties &properties = result.getOrAddProperties<Properties>();
  properties.setIndexingMaps(syntax.maps);
  setSegments(properties, inputs, extents);
  return parser.parseRegion(*result.addRegion());
}

void MapOp::print(OpAsmPrinter &printer) {
  printMapMaps(printer, getInputMaps(), getNumDims(), getIndexingMaps());
  printer << " (" << getInputs() << ")";
  printExtents(printer, getExtents());
  printSignature(printer, *this, getInputs());
  printer << ' ';
  printer.printRegion(getBody());
}

//===----------------------------------------------------------------------===//
// AttentionOp
//===----------------------------------------------------------------------===//

ParseResult AttentionOp::parse(OpAsmParser &parser, OperationState &result) {
  MapsSyntax syntax;
  Operands inputs;
  if (parseMaps(parser, syntax) || parser.parseOperandList(inputs, OpAsmParser::Delimiter::Paren) ||
      resolveContractMaps(parser, syntax, inputs.size()))
    return failure();
  Region *score = result.addRegion();
  if (succeeded(parser.parseOptionalKeyword("score")) && parser.parseRegion(*score))
    return failure();
  result.getOrAddProperties<Properties>().setIndexingMaps(syntax.maps);
  return parseSignature(parser, inputs, /*extents=*/{}, result);
}

void AttentionOp::print(OpAsmPrinter &printer) {
  printMaps(printer, printEquation(getInputMaps(), getResultMap(), getNumDims()),
            getIndexingMaps());
  printer << " (" << getInputs() << ")";
  if (!getScore().empty()) {
    printer << " score ";
    printer.printRegion(getScore());
  }
  printSignature(printer, *this, getInputs());
}

//===----------------------------------------------------------------------===//
// LoopOp and FixpointOp
//===----------------------------------------------------------------------===//

/// Reads `attr-dict : types { body }`; the carried arguments follow those already in `arguments`,
/// which have their types.
static ParseResult parseCarriedBody(OpAsmParser &parser,
                                    SmallVectorImpl<OpAsmParser::Argument> &arguments,
                                    ArrayRef<OpAsmParser::Argument> carried, const Operands &inits,
                                    OperationState &result) {
  llvm::SMLoc loc;
  SmallVector<Type> types;
  if (parser.parseOptionalAttrDict(result.attributes) || parser.parseColon() ||
      parser.getCurrentLocation(&loc) || parser.parseTypeList(types) ||
      parser.resolveOperands(inits, types, loc, result.operands))
    return failure();
  result.addTypes(types);
  for (auto [argument, type] : llvm::zip_equal(carried, types)) {
    arguments.push_back(argument);
    arguments.back().type = type;
  }
  return parser.parseRegion(*result.addRegion(), arguments);
}

/// Prints `(%x = %init, ...)`.
static void printAssignments(OpAsmPrinter &printer, ValueRange arguments, ValueRange inits) {
  printer << " (";
  llvm::interleaveComma(llvm::zip_equal(arguments, inits), printer, [&](auto pair) {
    printer << std::get<0>(pair) << " = " << std::get<1>(pair);
  });
  printer << ")";
}

static void printCarriedBody(OpAsmPrinter &printer, Operation *op, ValueRange inits) {
  printer.printOptionalAttrDict(op->getDiscardableAttrDictionary().getValue());
  printer << " : " << inits.getTypes() << ' ';
  printer.printRegion(op->getRegion(0), /*printEntryBlockArgs=*/false);
}

ParseResult LoopOp::parse(OpAsmParser &parser, OperationState &result) {
  SmallVector<OpAsmParser::Argument> arguments(1), carried;
  Operands bounds(2), inits;
  Type index = parser.getBuilder().getIndexType();
  if (parser.parseArgument(arguments[0]) || parser.parseEqual() || parser.parseOperand(bounds[0]) ||
      parser.parseKeyword("to") || parser.parseOperand(bounds[1]) ||
      parser.parseAssignmentList(carried, inits) ||
      parser.resolveOperands(bounds, index, result.operands))
    return failure();
  arguments[0].type = index;
  return parseCarriedBody(parser, arguments, carried, inits, result);
}

void LoopOp::print(OpAsmPrinter &printer) {
  Block &block = getBody().front();
  printer << ' ' << block.getArgument(0) << " = " << getLower() << " to " << getUpper();
  printAssignments(printer, block.getArguments().drop_front(), getInits());
  printCarriedBody(printer, *this, getInits());
}

ParseResult FixpointOp::parse(OpAsmParser &parser, OperationState &result) {
  SmallVector<OpAsmParser::Argument> arguments, carried;
  Operands inits;
  if (parser.parseAssignmentList(carried, inits))
    return failure();
  Properties &properties = result.getOrAddProperties<Properties>();
  if (succeeded(parser.parseOptionalKeyword("tolerance"))) {
    double tolerance;
    if (parser.parseFloat(tolerance))
      return failure();
    properties.setTolerance(parser.getBuilder().getF64FloatAttr(tolerance));
  }
  if (succeeded(parser.parseOptionalKeyword("max_steps"))) {
    int64_t steps;
    if (parser.parseInteger(steps))
      return failure();
    properties.setMaxSteps(parser.getBuilder().getI64IntegerAttr(steps));
  }
  if (parseCarriedBody(parser, arguments, carried, inits, result))
    return failure();
  result.addTypes(RankedTensorType::get({}, parser.getBuilder().getI1Type()));
  return success();
}

void FixpointOp::print(OpAsmPrinter &printer) {
  printAssignments(printer, getBody().front().getArguments(), getInits());
  if (FloatAttr tolerance = getToleranceAttr()) {
    printer << " tolerance ";
    printer.printAttributeWithoutType(tolerance);
  }
  if (IntegerAttr steps = getMaxStepsAttr())
    printer << " max_steps " << steps.getInt();
  printCarriedBody(printer, *this, getInits());
}

} // namespace tlc::ein
