//===- Rules.h - rules as equations [R1] [R2] -----------------------------===//
#ifndef TLC_COMPILER_FRONTEND_RULES_H
#define TLC_COMPILER_FRONTEND_RULES_H

#include "compiler/frontend/Resolver.h"

namespace tlc::frontend {

/// Fills `resolver` with the equation of a rule. False after an error.
bool buildRule(Analysis &analysis, Resolver &resolver, const ast::Rule &rule);

/// Makes the right side of a relation's equation Boolean: a numeric factor holds where it is > 0.
void makeBoolean(Analysis &analysis, program::ExprPtr &expr);

/// An equation that is being resolved. If it fails, what it has told the extent graph is taken
/// back.
class ResolveScope {
public:
  explicit ResolveScope(Analysis &analysis)
      : analysis(analysis), symbols(analysis.extents.symbols.size()),
        integers(analysis.extents.integers.size()), slices(analysis.slices.size()),
        concats(analysis.concats.size()) {}

  /// Adds the equation, empty if it is not valid; returns its number.
  int finish(Resolver &resolver, bool isValid);

private:
  Analysis &analysis;
  size_t symbols, integers, slices, concats;
};

} // namespace tlc::frontend

#endif // TLC_COMPILER_FRONTEND_RULES_H
