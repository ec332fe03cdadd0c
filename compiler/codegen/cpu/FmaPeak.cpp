//===- FmaPeak.cpp - how fast one core can multiply and add ---------------===//
//
// The generated function repeats, `steps` times, one multiply-add on each of as many
// accumulators as a register tile has. No memory is read, so that only the units count.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/FmaPeak.h"

#include "compiler/codegen/cpu/Target.h"

#include "llvm/ExecutionEngine/Orc/CompileUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/Target/TargetMachine.h"

#include <ctime>

namespace tlc::codegen {
namespace {

namespace orc = llvm::orc;

/// More accumulators than the units have in flight, few enough for the registers.
unsigned accumulatorCount(const Target &target) { return target.vectorRegisters >= 32 ? 24 : 12; }

/// double peak(i64 steps, double factor): the sum of all accumulators, so that none is dead.
void emitPeak(llvm::Module &module, const Target &target, bool f64) {
  llvm::IRBuilder<> b(module.getContext());
  llvm::Type *element = f64 ? b.getDoubleTy() : b.getFloatTy();
  auto *vector = llvm::FixedVectorType::get(element, target.lanes(f64 ? 8 : 4));
  auto *type = llvm::FunctionType::get(b.getDoubleTy(), {b.getInt64Ty(), b.getDoubleTy()}, false);
  auto *function =
      llvm::Function::Create(type, llvm::Function::ExternalLinkage, "tlc_peak", module);
  auto *entry = llvm::BasicBlock::Create(module.getContext(), "", function);
  auto *loop = llvm::BasicBlock::Create(module.getContext(), "", function);
  auto *exit = llvm::BasicBlock::Create(module.getContext(), "", function);

  b.SetInsertPoint(entry);
  llvm::Value *scalar = function->getArg(1);
  if (!f64)
    scalar = b.CreateFPTrunc(scalar, element);
  llvm::Value *factor = b.CreateVectorSplat(vector->getElementCount(), scalar);
  b.CreateBr(loop);

  b.SetInsertPoint(loop);
  llvm::PHINode *step = b.CreatePHI(b.getInt64Ty(), 2);
  step->addIncoming(b.getInt64(0), entry);
  std::vector<llvm::PHINode *> sums;
  for (unsigned i = 0; i < accumulatorCount(target); ++i) {
    sums.push_back(b.CreatePHI(vector, 2));
    sums.back()->addIncoming(llvm::ConstantFP::get(vector, i), entry);
  }
  llvm::Value *total = nullptr;
  std::vector<llvm::Value *> next;
  for (llvm::PHINode *sum : sums) {
    llvm::Value *value =
        target.fma ? b.CreateIntrinsic(llvm::Intrinsic::fma, {vector}, {factor, factor, sum})
                   : b.CreateFAdd(b.CreateFMul(factor, sum), factor);
    sum->addIncoming(value, loop);
    next.push_back(value);
  }
  llvm::Value *following = b.CreateAdd(step, b.getInt64(1));
  step->addIncoming(following, loop);
  b.CreateCondBr(b.CreateICmpULT(following, function->getArg(0)), loop, exit);

  b.SetInsertPoint(exit);
  for (llvm::Value *value : next)
    total = total ? b.CreateFAdd(total, value) : value;
  llvm::Value *first = b.CreateExtractElement(total, uint64_t(0));
  b.CreateRet(f64 ? first : b.CreateFPExt(first, b.getDoubleTy()));
}

using Peak = double (*)(int64_t, double);

llvm::Expected<std::unique_ptr<orc::LLJIT>> compilePeak(llvm::TargetMachine &machine,
                                                        const Target &target, bool f64) {
  auto context = std::make_unique<llvm::LLVMContext>();
  auto module = std::make_unique<llvm::Module>("peak", *context);
  module->setDataLayout(machine.createDataLayout());
  module->setTargetTriple(machine.getTargetTriple());
  emitPeak(*module, target, f64);
  auto createCompiler = [&](orc::JITTargetMachineBuilder)
      -> llvm::Expected<std::unique_ptr<orc::IRCompileLayer::IRCompiler>> {
    return std::make_unique<orc::SimpleCompiler>(machine);
  };
  llvm::Expected<std::unique_ptr<orc::LLJIT>> engine =
      orc::LLJITBuilder()
          .setJITTargetMachineBuilder(orc::JITTargetMachineBuilder(machine.getTargetTriple()))
          .setDataLayout(machine.createDataLayout())
          .setCompileFunctionCreator(createCompiler)
          .create();
  if (!engine)
    return engine;
  if (llvm::Error error =
          (*engine)->addIRModule(orc::ThreadSafeModule(std::move(module), std::move(context))))
    return error;
  return engine;
}

/// Time that this thread has run, which others on a busy machine do not lengthen.
double threadSeconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec + 1e-9 * now.tv_nsec;
}

double measure(Peak peak, const Target &target, bool f64) {
  constexpr int64_t steps = 100000;
  constexpr int rounds = 20;
  volatile double sink = peak(steps, 0.5);
  double best = 0;
  for (int round = 0; round < rounds; ++round) {
    double start = threadSeconds();
    sink = peak(steps, 0.5);
    double seconds = threadSeconds() - start;
    double operations = 2.0 * steps * accumulatorCount(target) * target.lanes(f64 ? 8 : 4);
    best = std::max(best, operations / seconds * 1e-9);
  }
  (void)sink;
  return best;
}

} // namespace

double measureFmaPeak(bool f64) {
  CodegenOptions options;
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> machine = createTargetMachine(options);
  if (!machine) {
    llvm::consumeError(machine.takeError());
    return 0;
  }
  Target target = describeTarget(**machine, options);
  llvm::Expected<std::unique_ptr<orc::LLJIT>> engine = compilePeak(**machine, target, f64);
  if (!engine) {
    llvm::consumeError(engine.takeError());
    return 0;
  }
  llvm::Expected<orc::ExecutorAddr> address = (*engine)->lookup("tlc_peak");
  if (!address) {
    llvm::consumeError(address.takeError());
    return 0;
  }
  return measure(address->toPtr<Peak>(), target, f64);
}

} // namespace tlc::codegen
