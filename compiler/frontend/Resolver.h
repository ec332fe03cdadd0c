//===- Resolver.h - one equation from syntax to program -------------------===//
//
// Names of one equation (or rule) are resolved here: index variables get numbers, index positions
// become affine functions of them, symbols and constants become positions. Sums are
// not placed yet: the tree has exactly the projections that were written.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_FRONTEND_RESOLVER_H
#define TLC_COMPILER_FRONTEND_RESOLVER_H

#include "compiler/frontend/Analysis.h"

namespace tlc::frontend {

class Resolver {
public:
  explicit Resolver(Analysis &analysis) : analysis(analysis), diagnostics(analysis.diagnostics) {}

  /// Notes which names stand in index positions; before `left` and `right`.
  void scan(const ast::Ref &lhs, const std::vector<const ast::Expr *> &rhs);
  /// The left side; a slice or a variable of it may be used on the right.
  bool left(const ast::Ref &lhs);
  /// An expression of the right side; null after an error.
  program::ExprPtr right(const ast::Expr &expr);

  /// Rule [E10]: a dotted index needs a normalising function. After `left` and `right`.
  bool checkDots();

  program::Equation equation;
  EquationInfo info;

private:
  using Expr = program::Expr;
  using ExprPtr = program::ExprPtr;
  using IndexExpr = program::IndexExpr;

  void scanExpr(const ast::Expr &expr);
  void scanIndex(const ast::Expr &expr, std::set<std::string> &names);

  int addVariable(const std::string &name, SourceRange range);
  int variable(const std::string &name, SourceRange range);

  /// Index positions [E5].
  bool positions(const ast::Ref &ref, int tensor, bool isLeft, std::vector<IndexExpr> &indices,
                 std::vector<SourceRange> &ranges, std::optional<IndexExpr> &virtualIndex);
  bool position(const ast::Index &index, int node, bool isLeft, IndexExpr &target, int &slices);
  bool slice(const ast::Index &index, int node, bool isLeft, IndexExpr &target, int number);
  int sliceVariable(bool isLeft, int number, SourceRange range);
  std::optional<int64_t> sliceBound(const ast::ExprPtr &bound, bool &isValid);
  std::optional<IndexExpr> affine(const ast::Expr &expr);
  std::optional<IndexExpr> affineBinary(const ast::Binary &binary, SourceRange range);
  std::optional<IndexExpr> affineName(const ast::Ref &ref, SourceRange range);
  /// The name of a symbol, if that is what stands in a position [L3].
  const std::string *symbolIn(const ast::Expr &expr) const;

  ExprPtr reference(const ast::Ref &ref, SourceRange range);
  ExprPtr bareName(const ast::Ref &ref, SourceRange range);
  ExprPtr call(const ast::Ref &ref, SourceRange range);
  ExprPtr normalize(const ast::Ref &ref, program::NormalizeKind kind, SourceRange range);
  ExprPtr concat(const ast::Ref &ref, SourceRange range);
  ExprPtr reduction(const ast::Reduction &reduction, SourceRange range);
  ExprPtr unary(const ast::Unary &unary, SourceRange range);
  ExprPtr binary(const ast::Binary &binary, SourceRange range);
  void noteCompared(const Expr &lhs, const Expr &rhs, SourceRange range);
  ExprPtr comparisonSide(const ast::Expr &expr, const ast::Expr &other);
  bool argument(const ast::Ref &ref, size_t number, ExprPtr &result);

  Analysis &analysis;
  Diagnostics &diagnostics;
  std::unordered_map<std::string, int> scope;
  std::set<std::string> leftNames, rightNames;
  std::vector<int> dotted;
  std::vector<int> leftSlices;   ///< variable of each slice on the left
  std::vector<int> pairedSlices; ///< left variables that are not on the right, in order
  std::vector<int> summedSlices; ///< variables of slices without a partner
  bool isNegated = false, inComparison = false, isBelowConcat = false;
  bool hasNormalizer = false;
};

} // namespace tlc::frontend

#endif // TLC_COMPILER_FRONTEND_RESOLVER_H
