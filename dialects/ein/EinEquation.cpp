//===- EinEquation.cpp - index labels of an iteration space ---------------===//

#include "dialects/ein/EinEquation.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/StringExtras.h"

namespace tlc::ein {

static constexpr unsigned numLetters = 52;

/// Letters in ascending order: from 'i' as mathematicians do, from further ahead where these do not
/// suffice.
std::string dimensionLabel(unsigned dim, unsigned numDims) {
  if (numDims > numLetters)
    return "d" + std::to_string(dim);
  if (numDims <= 'z' - 'i' + 1)
    return std::string(1, static_cast<char>('i' + dim));
  if (numDims <= 26)
    return std::string(1, static_cast<char>('a' + dim));
  return std::string(1, static_cast<char>(dim < 26 ? 'A' + dim : 'a' + dim - 26));
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {
/// Terms of labels before they are numbered.
struct Terms {
  SmallVector<SmallVector<char>> inputs;
  std::optional<SmallVector<char>> result;
};
} // namespace

static LogicalResult readTerm(StringRef text, SmallVectorImpl<char> &labels,
                              function_ref<mlir::InFlightDiagnostic()> emitError) {
  for (char c : text) {
    if (llvm::isSpace(c))
      continue;
    if (!llvm::isAlpha(c))
      return emitError() << "expected a letter as an index in the equation, but found '" << c
                         << "'";
    labels.push_back(c);
  }
  return success();
}

static FailureOr<Terms> readTerms(StringRef text, unsigned numInputs,
                                  function_ref<mlir::InFlightDiagnostic()> emitError) {
  Terms terms;
  auto [left, right] = text.split("->");
  if (text.contains("->") && failed(readTerm(right, terms.result.emplace(), emitError)))
    return failure();
  SmallVector<StringRef> inputs;
  left.split(inputs, ',');
  // Without operands, the one empty term is none.
  if (numInputs == 0 && inputs.size() == 1 && left.trim().empty())
    inputs.clear();
  if (inputs.size() != numInputs)
    return emitError() << "equation names " << inputs.size() << " operands, but " << numInputs
                       << " are given";
  for (StringRef input : inputs)
    if (failed(readTerm(input, terms.inputs.emplace_back(), emitError)))
      return failure();
  return terms;
}

FailureOr<Equation> parseEquation(StringRef text, unsigned numInputs, MLIRContext *context,
                                  function_ref<mlir::InFlightDiagnostic()> emitError) {
  FailureOr<Terms> terms = readTerms(text, numInputs, emitError);
  if (failed(terms))
    return failure();

  llvm::BitVector used(128);
  for (ArrayRef<char> term : terms->inputs)
    for (char label : term)
      used.set(label);
  if (terms->result)
    for (char label : *terms->result)
      used.set(label);
  unsigned numbers[128] = {};
  Equation equation;
  for (unsigned label : used.set_bits())
    numbers[label] = equation.numDims++;

  auto makeMap = [&](ArrayRef<char> term) {
    SmallVector<AffineExpr> positions;
    for (char label : term)
      positions.push_back(mlir::getAffineDimExpr(numbers[static_cast<int>(label)], context));
    return AffineMap::get(equation.numDims, 0, positions, context);
  };
  for (ArrayRef<char> term : terms->inputs)
    equation.inputs.push_back(makeMap(term));
  if (terms->result)
    equation.result = makeMap(*terms->result);
  return equation;
}

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

/// Appends the labels of a map, and marks them; false if a position is not a single dimension.
static bool appendTerm(AffineMap map, std::string &text, llvm::BitVector &used) {
  if (map.getNumSymbols() != 0 || map.getNumDims() != used.size())
    return false;
  for (AffineExpr position : map.getResults()) {
    AffineDimExpr dim = dyn_cast<AffineDimExpr>(position);
    if (!dim)
      return false;
    used.set(dim.getPosition());
    text += dimensionLabel(dim.getPosition(), used.size());
  }
  return true;
}

std::optional<std::string> printEquation(ArrayRef<AffineMap> inputs,
                                         std::optional<AffineMap> result, unsigned numDims) {
  if (numDims > numLetters)
    return std::nullopt;
  std::string text;
  llvm::BitVector used(numDims);
  for (auto [number, map] : llvm::enumerate(inputs)) {
    if (number != 0)
      text += ',';
    if (!appendTerm(map, text, used))
      return std::nullopt;
  }
  if (result) {
    text += "->";
    if (!appendTerm(*result, text, used))
      return std::nullopt;
  }
  // A dimension without a label would shift the numbers of the others.
  if (!used.all())
    return std::nullopt;
  return text;
}

} // namespace tlc::ein
