//===- Frontend.h - text to checked program -------------------------------===//
//
//   SourceManager sources;
//   Diagnostics diagnostics(sources);
//   std::optional<program::Program> p = compileSource(sources, file, options, diagnostics);
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_FRONTEND_FRONTEND_H
#define TLC_COMPILER_FRONTEND_FRONTEND_H

#include "compiler/frontend/Ast.h"
#include "compiler/frontend/Program.h"
#include "compiler/support/Diagnostic.h"

#include <functional>
#include <optional>
#include <string>

namespace tlc {

/// What a data file holds, as far as types and extents go.
struct FileInfo {
  DType type = DType::F32;
  std::vector<int64_t> shape;
  /// For files of facts (.tsv, .csv, .txt read into a relation): one row of symbols per fact.
  std::vector<std::vector<std::string>> rows;
};

/// How the front end reaches the world outside the text. Each returns an error message in `error`,
/// or fills its result and returns true.
struct FrontendOptions {
  /// Text of an imported module, by the path as written.
  std::function<bool(const std::string &path, std::string &text, std::string &error)> readModule;
  /// `asRelation`: the file is read into a relation, its rows are facts.
  std::function<bool(const std::string &path, bool asRelation, FileInfo &info, std::string &error)>
      inspectFile;
  /// Shape and type of values bound from outside (`--set X=x.npy`), by tensor name.
  std::function<bool(const std::string &tensor, FileInfo &info)> inspectInput;
  /// Element type of numeric tensors that declare none (`--dtype`).
  DType defaultType = DType::F32;
};

/// Text to syntax tree; reports errors and recovers at the next statement [X1]. Imported modules
/// are parsed in place. Nesting is limited to 256.
ast::Module parse(SourceManager &sources, uint32_t file, const FrontendOptions &options,
                  Diagnostics &diagnostics);

/// The tree as s-expressions, for `--emit=ast` and tests.
std::string print(const ast::Module &module);

/// Syntax tree to checked program. Nullopt if there were errors.
std::optional<program::Program> analyze(const ast::Module &module, const FrontendOptions &options,
                                        Diagnostics &diagnostics);

/// `parse`, then `analyze`.
std::optional<program::Program> compileSource(SourceManager &sources, uint32_t file,
                                              const FrontendOptions &options,
                                              Diagnostics &diagnostics);

} // namespace tlc

#endif // TLC_COMPILER_FRONTEND_FRONTEND_H
