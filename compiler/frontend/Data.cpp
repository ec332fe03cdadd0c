//===- Data.cpp - literals and facts as arrays ----------------------------===//
//
//   W = [[1, 2], [3, 4]]                   reals 1, 2, 3, 4 (or integers, by the tensor's type)
//   Parent(Alice, Bob)                     a 0/1 array over the domain's symbols
//
// Runs when shapes and types are known. A number that its type cannot hold is an error.
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Analysis.h"

using namespace tlc;
using namespace tlc::frontend;
using namespace tlc::program;

namespace {

bool isIntegral(DType type) { return type == DType::Bool || isInteger(type); }

std::pair<int64_t, int64_t> rangeOf(DType type) {
  switch (type) {
  case DType::Bool:
    return {0, 1};
  case DType::I8:
    return {INT8_MIN, INT8_MAX};
  case DType::I32:
    return {INT32_MIN, INT32_MAX};
  default:
    return {INT64_MIN, INT64_MAX};
  }
}

void fillInteger(Analysis &analysis, Tensor &tensor, const Constant &value) {
  auto [least, most] = rangeOf(tensor.type);
  if (!value.integer || *value.integer < least || *value.integer > most)
    analysis.diagnostics.error(value.range, diag::LiteralValue, value.value, name(tensor.type),
                               tensor.name);
  tensor.literal.integers.push_back(value.integer.value_or(0));
}

void fillList(Analysis &analysis, Tensor &tensor, const ast::Expr &expr) {
  if (auto *list = std::get_if<ast::List>(&expr.value)) {
    for (const ast::ExprPtr &item : list->items)
      fillList(analysis, tensor, *item);
    return;
  }
  std::optional<Constant> value = evaluateConstant(analysis, expr);
  if (!value)
    return;
  if (isIntegral(tensor.type)) {
    fillInteger(analysis, tensor, *value);
    return;
  }
  tensor.literal.reals.push_back(value->value);
  if (isComplex(tensor.type))
    tensor.literal.reals.push_back(0);
}

void fillFacts(Analysis &analysis, Tensor &tensor, const std::vector<Fact> &facts) {
  int64_t elements = 1;
  for (const Extent &extent : tensor.shape) {
    if (!extent.isStatic()) {
      analysis.diagnostics.error(tensor.range, diag::FactsNeedExtent, tensor.name);
      return;
    }
    elements *= extent.value;
  }
  std::vector<int64_t> values(elements);
  for (const Fact &fact : facts) {
    int64_t position = 0;
    bool isInside = true;
    for (size_t i = 0; i < fact.positions.size(); ++i) {
      isInside &= fact.positions[i] < tensor.shape[i].value;
      position = position * tensor.shape[i].value + fact.positions[i];
    }
    if (isInside)
      values[position] = 1;
  }
  if (isIntegral(tensor.type)) {
    tensor.literal.integers = std::move(values);
    return;
  }
  for (int64_t value : values) {
    tensor.literal.reals.push_back(static_cast<double>(value));
    if (isComplex(tensor.type))
      tensor.literal.reals.push_back(0);
  }
}

} // namespace

void frontend::fillData(Analysis &analysis) {
  for (size_t t = 0; t < analysis.tensors.size(); ++t) {
    Tensor &tensor = analysis.tensor(static_cast<int>(t));
    const TensorInfo &info = analysis.tensors[t];
    if (tensor.origin != Origin::Literal)
      continue;
    if (!info.data.empty())
      fillList(analysis, tensor, *info.data[0].list);
    else
      fillFacts(analysis, tensor, info.facts);
  }
}
