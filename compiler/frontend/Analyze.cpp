//===- Analyze.cpp - syntax tree to checked program -----------------------===//
//
// The parts of the analysis in order; see Analysis.h. Each reports all the errors it finds.
// A part that reads what a failed part should have found is not run, so that one mistake
// gives one message.
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Analysis.h"

using namespace tlc;
using namespace tlc::frontend;

std::optional<program::Program>
tlc::analyze(const ast::Module &module, const FrontendOptions &options, Diagnostics &diagnostics) {
  Analysis analysis(module, options, diagnostics);
  collectConstants(analysis);
  collectNames(analysis);
  resolveStatements(analysis);
  solveExtents(analysis);
  inferTypes(analysis);
  if (diagnostics.hasErrors())
    return std::nullopt;
  makeSchedule(analysis);
  fillData(analysis);
  if (diagnostics.hasErrors())
    return std::nullopt;
  return std::move(analysis.program);
}

std::optional<program::Program> tlc::compileSource(SourceManager &sources, uint32_t file,
                                                   const FrontendOptions &options,
                                                   Diagnostics &diagnostics) {
  ast::Module module = parse(sources, file, options, diagnostics);
  // Statements that were not understood would be missed by the ones that follow.
  if (diagnostics.hasErrors())
    return std::nullopt;
  return analyze(module, options, diagnostics);
}
