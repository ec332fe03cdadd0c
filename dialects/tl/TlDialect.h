//===- TlDialect.h - the dialect of named-index equations -----------------===//
//
// Include this for everything of `tl`: the dialect, its attributes and operations.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_DIALECTS_TL_TLDIALECT_H
#define TLC_DIALECTS_TL_TLDIALECT_H

#include "dialects/ein/EinDialect.h"

#include "mlir/IR/RegionKindInterface.h"
#include "mlir/IR/SymbolTable.h"

#include "dialects/tl/TlDialect.h.inc"

#include "dialects/tl/TlEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/tl/TlAttrs.h.inc"

#define GET_OP_CLASSES
#include "dialects/tl/TlOps.h.inc"

namespace tlc::tl {

using ein::NormalizeKind;
using ein::SemiringKind;

/// Fewest and most arguments of a function.
std::pair<unsigned, unsigned> arityOf(Function function);

} // namespace tlc::tl

#endif // TLC_DIALECTS_TL_TLDIALECT_H
