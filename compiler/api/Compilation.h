//===- Compilation.h - from text to a module in ein -----------------------===//
//
// What the JIT, the ahead-of-time emitter and `explain` share: a program or an einsum is
// checked, lowered to `tl` and then to `ein`, whose entry is
//
//   func.func @NAME(inputs.., params.., files..) -> (outputs, queried, written ..)
//
// with the tensors' names in the attribute `tl.name` of each argument and result.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_API_COMPILATION_H
#define TLC_COMPILER_API_COMPILATION_H

#include "compiler/frontend/Frontend.h"
#include "compiler/pipelines/Options.h"
#include "tlc/tlc.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tlc {

/// An argument or result of the compiled function.
struct Binding {
  std::string name;
  TensorType type;
  std::string kind; ///< of an argument: "input", "param", "file"
  std::string path; ///< "file"
  std::string initializer;
  std::vector<double> initializerArguments;
};

struct Signature {
  std::vector<Binding> arguments, results;
};

/// One program or einsum on its way to machine code.
struct Compilation {
  SourceManager sources;
  Diagnostics diagnostics{sources};
  std::optional<program::Program> program; ///< not for an einsum
  std::string directory = ".";
  std::unique_ptr<mlir::MLIRContext> context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

using BoundTypes = std::map<std::string, TensorType>;

/// Parses only. Fails with the rendered diagnostics.
Expected<ast::Module> parseOnly(Compilation &compilation, const Source &source,
                                const Options &options);

class CacheKey;

/// Checks a program, without MLIR. All that it depends on is added to `key`, if there is one.
Expected<std::unique_ptr<Compilation>> checkProgram(const Source &source, const Options &options,
                                                    const BoundTypes &bound = {},
                                                    CacheKey *key = nullptr);

/// Lowers a checked program through `tl` to `ein`.
Expected<void> lowerProgram(Compilation &compilation, const Options &options);

/// Checks a program and lowers it to `tl`.
Expected<std::unique_ptr<Compilation>> compileToTl(const Source &source, const Options &options,
                                                   const BoundTypes &bound = {});

/// Lowers a program through `tl`, or an einsum directly, to `ein`, as written: no order is chosen
/// yet.
Expected<std::unique_ptr<Compilation>> compileToEin(const Source &source, const Options &options,
                                                    const BoundTypes &bound = {});

/// The order of each contraction, and the memory that all take.
struct OrderedPlans {
  std::vector<Plan> plans;
  double peakBytes = 0;
  bool isLimited = false; ///< by the limit of memory
};

/// Merges the contractions of a module in `ein`, and then orders them, within the limit of memory.
Expected<void> simplifyEin(Compilation &compilation, const Options &options);
Expected<OrderedPlans> orderEin(Compilation &compilation, const Options &options);
/// What the planner is told.
planner::Options plannerOptions(const Options &options);

/// Lowers a module in `ein` to the `llvm` dialect.
Expected<void> lowerToLlvm(Compilation &compilation, const PipelineOptions &options);
/// To kernels for a GPU in the llvm and nvvm dialects.
Expected<void> lowerToKernels(Compilation &compilation, const PipelineOptions &options);
/// The options with the GPU that is there, if there is one and they ask for any.
Options forThisMachine(const Options &options);
/// Whether the options name a GPU that code can be made for, if they ask for one.
Expected<void> checkGpuArch(const Options &options);
Expected<void> lowerToLlvm(Compilation &compilation, const Options &options,
                           const std::string &entryName);

/// What the entry of a module in `ein` takes and gives.
Signature signatureOf(mlir::ModuleOp module);

PipelineOptions pipelineOptions(const Options &options, const std::string &entryName = "main");

/// The type and extents of a view, strides that fit them, memory for what is not null: else what is
/// wrong.
Expected<void> checkView(const View &view, const Binding &expected);

/// `path`, relative to `directory` unless it is absolute.
std::string resolvePath(const std::string &directory, const std::string &path);

/// An error for something that no program should be able to cause.
Error internalError(const std::string &message);

} // namespace tlc

#endif // TLC_COMPILER_API_COMPILATION_H
