//===- LowRankReport.h - what became of constants that may be off [K1] ----===//

#ifndef TLC_COMPILER_API_LOWRANKREPORT_H
#define TLC_COMPILER_API_LOWRANKREPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/JSON.h"

#include <string>

namespace tlc {

/// What `ein-factorize-constants` says in the attribute `tlc.lowrank` of the module's function: one
/// object for each constant, with its error if it was factorized, else the reason.
llvm::json::Array lowRankReport(mlir::ModuleOp module);

/// The same in sentences, a line each.
std::string renderLowRank(const llvm::json::Array &report);

/// Puts the report as a string `<function>_lowrank` into the section .tlc.lowrank of the object
/// that a module in the llvm dialect becomes.
void addLowRankSection(mlir::ModuleOp module, const std::string &function,
                       const llvm::json::Array &report);

} // namespace tlc

#endif // TLC_COMPILER_API_LOWRANKREPORT_H
