//===- TestCpu.cpp - a pass that compiles and runs a module ---------------===//
//
// Compiles @main, which takes no arguments, for this machine, runs it and prints its results as
// `--test-reference` does, so that the two can be compared:
//
//   result 0: tensor<2xi32> [1, 2]
//
//===----------------------------------------------------------------------===//

#include "tools/tl-opt/TestCpu.h"

#include "compiler/codegen/cpu/Jit.h"
#include "compiler/codegen/gpu/Passes.h"
#include "compiler/pipelines/Pipelines.h"
#include "compiler/reference/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/raw_ostream.h"

#include <cstring>

namespace {

using tlc::reference::HostTensor;

/// An output that the compiled function allocates.
struct Output {
  int64_t shape[16], strides[16];
};

struct TestCpu : mlir::PassWrapper<TestCpu, mlir::OperationPass<mlir::ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TestCpu)

  TestCpu() = default;
  TestCpu(const TestCpu &other) : PassWrapper(other) {}

  llvm::StringRef getArgument() const final { return "test-cpu"; }
  llvm::StringRef getDescription() const final {
    return "Compile @main, run it, print its results";
  }
  void getDependentDialects(mlir::DialectRegistry &registry) const final {
    tlc::registerAllDialects(registry);
    registry.insert<mlir::gpu::GPUDialect, mlir::NVVM::NVVMDialect>();
  }

  void runOnOperation() final {
    tlc::PipelineOptions options;
    options.verify = true;
    options.codegen.cpu = cpu;
    options.gpuArch = gpu;
    options.codegen.forceLowering = lowering;
    options.codegen.allowTf32 = allowTf32;
    options.codegen.kernelLibrary = kernelLibrary;
    mlir::func::FuncOp main = getOperation().lookupSymbol<mlir::func::FuncOp>("main");
    if (!main || main.getNumArguments() != 0) {
      getOperation().emitError() << "expected a function @main without arguments";
      return signalPassFailure();
    }
    size_t count = main.getNumResults();
    mlir::OwningOpRef<mlir::ModuleOp> copy = getOperation().clone();
    if (failed(tlc::runPipeline(*copy, options, tlc::buildEinToLlvm)))
      return signalPassFailure();
    auto code = tlc::codegen::jit(*copy, options.codegen);
    if (!code) {
      getOperation().emitError() << llvm::toString(code.takeError());
      return signalPassFailure();
    }
    if (!run((*code)->entry(), count))
      signalPassFailure();
  }

private:
  bool run(tlrt_entry entry, size_t count) {
    std::vector<Output> outputs(count);
    std::vector<tlrt_view> views(count);
    for (size_t i = 0; i < count; ++i)
      views[i] = {nullptr, outputs[i].shape, outputs[i].strides, 0, 0};
    tlrt_context *context = tlrt_context_create(threads);
    int32_t status = entry(context, nullptr, views.data());
    if (status != TLRT_OK)
      getOperation().emitError() << "status " << status << ": " << tlrt_context_message(context);
    for (size_t i = 0; i < count && status == TLRT_OK; ++i) {
      llvm::outs() << "result " << i << ": " << tlc::reference::print(read(views[i])) << "\n";
      tlrt_release(context, views[i].data);
    }
    tlrt_context_destroy(context);
    return status == TLRT_OK;
  }

  static HostTensor read(const tlrt_view &view) {
    HostTensor tensor;
    tensor.type = static_cast<tlc::DType>(view.dtype);
    tensor.shape.assign(view.shape, view.shape + view.rank);
    int64_t bytes = tlc::byteSize(tensor.type);
    for (int64_t extent : tensor.shape)
      bytes *= extent;
    tensor.bytes.resize(bytes);
    std::memcpy(tensor.bytes.data(), view.data, bytes);
    return tensor;
  }

  Option<std::string> cpu{*this, "cpu", llvm::cl::desc("processor to compile for"),
                          llvm::cl::init("native")};
  Option<std::string> gpu{*this, "gpu", llvm::cl::desc("GPU to compile for and to run on"),
                          llvm::cl::init("")};
  Option<bool> kernelLibrary{*this, "kernel-library",
                             llvm::cl::desc("take kernels from the library"), llvm::cl::init(true)};
  Option<std::string> lowering{*this, "force-lowering",
                               llvm::cl::desc("how to lower contractions, as convert-ein-to-cpu")};
  Option<bool> allowTf32{*this, "allow-tf32", llvm::cl::desc("round factors of f32 on GPUs"),
                         llvm::cl::init(false)};
  Option<int32_t> threads{*this, "threads", llvm::cl::desc("threads to run on"), llvm::cl::init(2)};
};

} // namespace

void tlc::registerTestCpuPass() { mlir::PassRegistration<TestCpu>(); }
