//===- SymbolDomains.h - positions of symbols [R6] ------------------------===//
#ifndef TLC_COMPILER_FRONTEND_SYMBOLDOMAINS_H
#define TLC_COMPILER_FRONTEND_SYMBOLDOMAINS_H

#include "compiler/frontend/Analysis.h"

namespace tlc::frontend {

/// A position that holds a symbol of a declared domain belongs to that domain; so do
/// two indices that are compared for equality, if both hold symbols.
void linkDomains(Analysis &analysis);

/// Gives every symbol its position, fills `Program::domains` and the domains of tensors. Returns
/// for each class representative of the extent graph how many symbols it has, or -1.
std::vector<int64_t> numberSymbols(Analysis &analysis);

} // namespace tlc::frontend

#endif // TLC_COMPILER_FRONTEND_SYMBOLDOMAINS_H
