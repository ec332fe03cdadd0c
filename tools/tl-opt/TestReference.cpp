//===- TestReference.cpp - a pass that interprets a module ----------------===//
//
// Runs @main, which takes no arguments, in the reference interpreter and prints its results:
//
//   result 0: tensor<2xi32> [1, 2]
//
//===----------------------------------------------------------------------===//

#include "tools/tl-opt/TestReference.h"

#include "compiler/reference/Reference.h"

#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/raw_ostream.h"

namespace {
struct TestReference : mlir::PassWrapper<TestReference, mlir::OperationPass<mlir::ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TestReference)

  llvm::StringRef getArgument() const final { return "test-reference"; }
  llvm::StringRef getDescription() const final { return "Interpret @main and print its results"; }

  void runOnOperation() final {
    tlc::Expected<std::vector<tlc::reference::HostTensor>> results =
        tlc::reference::interpret(getOperation(), "main", {});
    if (!results) {
      getOperation().emitError() << results.error().message();
      return signalPassFailure();
    }
    for (auto [number, tensor] : llvm::enumerate(*results))
      llvm::outs() << "result " << number << ": " << tlc::reference::print(tensor) << "\n";
  }
};
} // namespace

void tlc::registerTestReferencePass() { mlir::PassRegistration<TestReference>(); }
