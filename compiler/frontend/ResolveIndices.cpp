//===- ResolveIndices.cpp - index positions [L3] [E5] [E7] [E12] ----------===//
//
// What stands in a position is an affine function of index variables with an integer divisor,
//
//   floor((c1 v1 + ... + cn vn + c0) / d)      X[2*i+1]   Pooled[x/S]   Image[x+dx]
//
// a symbol, or a slice. The k-th slice of a tensor on the right is paired with the k-th slice
// on the left, failing that with the left-hand indices that are absent from the right,
// in order; else its variable is summed:
//
//   Y[0:4] = X[4:8]       Y[i] = X[4:8]       S = X[4:8]
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Resolver.h"
#include "compiler/support/Text.h"

#include <algorithm>

using namespace tlc;
using namespace tlc::frontend;
using program::IndexExpr;

namespace {

/// a * x + b * y over one divisor; nullopt on overflow.
std::optional<IndexExpr> combine(const IndexExpr &x, int64_t a, const IndexExpr &y, int64_t b) {
  IndexExpr result;
  auto accumulate = [](int64_t &into, int64_t value, int64_t factor) {
    int64_t product;
    return !__builtin_mul_overflow(value, factor, &product) &&
           !__builtin_add_overflow(into, product, &into);
  };
  auto add = [&](const IndexExpr &part, int64_t factor) {
    for (auto [variable, coefficient] : part.terms) {
      auto same = std::find_if(result.terms.begin(), result.terms.end(),
                               [v = variable](const auto &term) { return term.first == v; });
      if (same == result.terms.end())
        same = result.terms.insert(result.terms.end(), {variable, 0});
      if (!accumulate(same->second, coefficient, factor))
        return false;
    }
    return accumulate(result.constant, part.constant, factor);
  };
  if (!add(x, a) || !add(y, b))
    return std::nullopt;
  std::erase_if(result.terms, [](const auto &term) { return term.second == 0; });
  return result;
}

int64_t floorDivide(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

} // namespace

//===----------------------------------------------------------------------===//
// Affine functions
//===----------------------------------------------------------------------===//

std::optional<IndexExpr> Resolver::affineName(const ast::Ref &ref, SourceRange range) {
  if (ref.brackets != ast::Brackets::None) {
    diagnostics.error(range, diag::IndexNotAffine);
    return std::nullopt;
  }
  IndexExpr result;
  auto constant = analysis.constants.find(ref.name);
  if (!startsUpperCase(ref.name)) {
    if (constant != analysis.constants.end()) {
      diagnostics.error(range, diag::LowerCaseConstant, ref.name)
          .note(constant->second.range, "the constant is declared here");
      return std::nullopt;
    }
    result.terms.push_back({variable(ref.name, range), 1});
    return result;
  }
  if (constant == analysis.constants.end()) {
    std::vector<std::string_view> names;
    for (const auto &entry : analysis.constants)
      names.push_back(entry.first);
    diagnostics.error(range, diag::NotConstantName, ref.name, suggestion(ref.name, names));
    return std::nullopt;
  }
  if (!constant->second.integer) {
    diagnostics.error(range, diag::PositionNotInteger, ref.name, constant->second.value);
    return std::nullopt;
  }
  result.constant = *constant->second.integer;
  return result;
}

std::optional<IndexExpr> Resolver::affine(const ast::Expr &expr) {
  if (auto *number = std::get_if<ast::Number>(&expr.value)) {
    if (!number->isInteger) {
      diagnostics.error(expr.range, diag::PositionNotInteger, "the position", number->value);
      return std::nullopt;
    }
    IndexExpr result;
    result.constant = number->integer;
    return result;
  }
  if (auto *ref = std::get_if<ast::Ref>(&expr.value))
    return affineName(*ref, expr.range);
  if (auto *binary = std::get_if<ast::Binary>(&expr.value))
    return affineBinary(*binary, expr.range);
  auto *unary = std::get_if<ast::Unary>(&expr.value);
  if (!unary || unary->op != ast::UnaryOp::Negate) {
    diagnostics.error(expr.range, diag::IndexNotAffine);
    return std::nullopt;
  }
  std::optional<IndexExpr> operand = affine(*unary->operand);
  if (!operand)
    return std::nullopt;
  if (operand->divisor != 1) {
    diagnostics.error(expr.range, diag::IndexNotAffine);
    return std::nullopt;
  }
  std::optional<IndexExpr> result = combine(*operand, -1, IndexExpr(), 0);
  if (!result)
    diagnostics.error(expr.range, diag::IndexOverflow);
  return result;
}

std::optional<IndexExpr> Resolver::affineBinary(const ast::Binary &binary, SourceRange range) {
  std::optional<IndexExpr> lhs = affine(*binary.lhs), rhs = affine(*binary.rhs);
  if (!lhs || !rhs)
    return std::nullopt;
  auto finish = [&](std::optional<IndexExpr> result, int64_t divisor) {
    if (!result) {
      diagnostics.error(range, diag::IndexOverflow);
      return result;
    }
    result->divisor = divisor;
    if (result->isConstant()) {
      result->constant = floorDivide(result->constant, divisor);
      result->divisor = 1;
    }
    return result;
  };
  switch (binary.op) {
  case ast::BinaryOp::Add:
  case ast::BinaryOp::Subtract: {
    int64_t sign = binary.op == ast::BinaryOp::Add ? 1 : -1;
    if (lhs->divisor == 1 && rhs->divisor == 1)
      return finish(combine(*lhs, 1, *rhs, sign), 1);
    // floor(a / d) + c = floor((a + c d) / d).
    if (rhs->isConstant())
      return finish(combine(*lhs, 1, *rhs, sign * lhs->divisor), lhs->divisor);
    if (lhs->isConstant() && sign == 1)
      return finish(combine(*lhs, rhs->divisor, *rhs, 1), rhs->divisor);
    break;
  }
  case ast::BinaryOp::Multiply:
  case ast::BinaryOp::Juxtapose:
    if (lhs->isConstant() && rhs->divisor == 1)
      return finish(combine(*rhs, lhs->constant, IndexExpr(), 0), 1);
    if (rhs->isConstant() && lhs->divisor == 1)
      return finish(combine(*lhs, rhs->constant, IndexExpr(), 0), 1);
    break;
  case ast::BinaryOp::Divide: {
    if (!rhs->isConstant())
      break;
    // floor(floor(a / d) / e) = floor(a / (d e)).
    int64_t divisor;
    if (rhs->constant <= 0) {
      diagnostics.error(binary.rhs->range, diag::IndexDivisor, rhs->constant);
      return std::nullopt;
    }
    if (__builtin_mul_overflow(lhs->divisor, rhs->constant, &divisor))
      return finish(std::nullopt, 1);
    return finish(std::move(lhs), divisor);
  }
  default:
    break;
  }
  diagnostics.error(range, diag::IndexNotAffine);
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Positions of a tensor
//===----------------------------------------------------------------------===//

const std::string *Resolver::symbolIn(const ast::Expr &expr) const {
  if (auto *string = std::get_if<ast::String>(&expr.value))
    return &string->text;
  auto *ref = std::get_if<ast::Ref>(&expr.value);
  if (ref && ref->brackets == ast::Brackets::None && startsUpperCase(ref->name) &&
      !analysis.constants.count(ref->name))
    return &ref->name;
  return nullptr;
}

bool Resolver::positions(const ast::Ref &ref, int tensor, bool isLeft,
                         std::vector<IndexExpr> &indices, std::vector<SourceRange> &ranges,
                         std::optional<IndexExpr> &virtualIndex) {
  const TensorInfo &known = analysis.tensors[tensor];
  size_t stars = std::count_if(ref.indices.begin(), ref.indices.end(),
                               [](const ast::Index &index) { return index.isVirtual; });
  if (ref.indices.size() != static_cast<size_t>(known.storedRank()) + stars) {
    // With brackets the mismatch has been reported; a bare name is found out here.
    if (ref.brackets == ast::Brackets::None)
      diagnostics.error(ref.nameRange, diag::ArityMismatch, ref.name, known.rank, 0)
          .note(known.rankRange, "'{}' has rank {} here", ref.name, known.rank);
    return false;
  }
  bool isValid = true;
  int slices = 0;
  // The addresses of `indices` are kept until symbols and slices are known.
  indices.resize(known.storedRank());
  size_t stored = 0;
  for (const ast::Index &index : ref.indices) {
    if (index.isVirtual) {
      virtualIndex = index.expr ? affine(*index.expr) : std::nullopt;
      isValid &= virtualIndex.has_value();
      continue;
    }
    int node = analysis.extents.position(tensor, static_cast<int>(stored));
    isValid &= position(index, node, isLeft, indices[stored++], slices);
    ranges.push_back(index.range);
  }
  return isValid;
}

bool Resolver::position(const ast::Index &index, int node, bool isLeft, IndexExpr &target,
                        int &slices) {
  if (index.isDotted && !isLeft) {
    diagnostics.error(index.range, diag::DottedOnRight);
    return false;
  }
  if (index.isSlice)
    return slice(index, node, isLeft, target, slices++);
  if (!index.expr)
    return false;
  if (const std::string *symbol = symbolIn(*index.expr)) {
    analysis.extents.symbols.push_back(
        {node, *symbol, index.range, &target.constant, isLeft, false});
    return true;
  }
  std::optional<IndexExpr> result = affine(*index.expr);
  if (!result)
    return false;
  target = std::move(*result);
  if (target.isConstant())
    analysis.extents.integers.push_back({node, target.constant, index.range, isLeft});
  if (!index.isDotted)
    return true;
  if (!target.isVariable()) {
    diagnostics.error(index.range, diag::DottedNotVariable);
    return false;
  }
  dotted.push_back(target.terms[0].first);
  return true;
}

//===----------------------------------------------------------------------===//
// Slices
//===----------------------------------------------------------------------===//

std::optional<int64_t> Resolver::sliceBound(const ast::ExprPtr &bound, bool &isValid) {
  if (!bound)
    return std::nullopt;
  std::optional<Constant> value = evaluateConstant(analysis, *bound);
  if (value && !value->integer)
    diagnostics.error(bound->range, diag::PositionNotInteger, "the bound", value->value);
  isValid &= value && value->integer;
  return value ? value->integer : std::nullopt;
}

bool Resolver::slice(const ast::Index &index, int node, bool isLeft, IndexExpr &target,
                     int number) {
  bool isValid = true;
  Slice slice;
  slice.lower = sliceBound(index.lower, isValid);
  slice.upper = sliceBound(index.upper, isValid);
  slice.step = sliceBound(index.step, isValid).value_or(1);
  if (slice.step == 0) {
    diagnostics.error(index.range, diag::SliceStepZero);
    return false;
  }
  // -step must exist.
  if (slice.step == INT64_MIN)
    slice.step = -INT64_MAX;
  int variable = sliceVariable(isLeft, number, index.range);
  target.terms.push_back({variable, 1});
  if (!slice.lower && !slice.upper && slice.step == 1)
    return isValid;   // `X[:]` is a bare index
  target.divisor = 0; // not known yet
  slice.target = &target;
  slice.equation = static_cast<int>(analysis.program.equations.size());
  slice.variable = variable;
  slice.node = node;
  slice.isLeft = isLeft;
  slice.range = index.range;
  if (isValid)
    analysis.slices.push_back(slice);
  return isValid;
}

int Resolver::sliceVariable(bool isLeft, int number, SourceRange range) {
  auto name = [&](int n) { return fmt::format("slice{}", n); };
  auto position = static_cast<size_t>(number);
  if (isLeft) {
    leftSlices.push_back(addVariable(name(number), range));
    return leftSlices.back();
  }
  if (position < leftSlices.size())
    return leftSlices[position];
  size_t unpaired = position - leftSlices.size();
  if (unpaired < pairedSlices.size())
    return pairedSlices[unpaired];
  unpaired -= pairedSlices.size();
  while (summedSlices.size() <= unpaired)
    summedSlices.push_back(addVariable(name(number), range));
  return summedSlices[unpaired];
}
