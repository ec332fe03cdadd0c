//===- Compilation.cpp - from text to a module in ein ---------------------===//

#include "compiler/api/Compilation.h"

#include "compiler/api/CacheKey.h"
#include "compiler/api/Constants.h"
#include "compiler/api/FileInspector.h"
#include "compiler/api/MachineFile.h"
#include "compiler/api/TensorAccess.h"
#include "compiler/codegen/gpu/Ptx.h"
#include "compiler/conversion/Passes.h"
#include "compiler/frontend/Einsum.h"
#include "compiler/lower/EinsumToEin.h"
#include "compiler/lower/LowerToTl.h"
#include "compiler/pipelines/Pipelines.h"
#include "compiler/planner/Paths.h"
#include "compiler/support/DType.h"
#include "compiler/transforms/ContractionNetwork.h"
#include "compiler/transforms/LiveBytes.h"
#include "dialects/ein/EinDialect.h"
#include "runtime/include/tlrt/gpu.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/raw_ostream.h"

#include <fmt/format.h>

#include <cstdlib>

namespace tlc {

Error internalError(const std::string &message) {
  return {ErrorKind::Internal, fmt::format("internal error: {}; please report this", message)};
}

static Error programError(const Compilation &compilation, const Options &options) {
  return {ErrorKind::Program, compilation.diagnostics.render(options.colour)};
}

/// Runs `action`, which may report through MLIR; what it reports becomes the error.
static Expected<void> collectErrors(mlir::MLIRContext *context,
                                    llvm::function_ref<mlir::LogicalResult()> action) {
  std::string messages;
  mlir::ScopedDiagnosticHandler handler(context, [&](mlir::Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() != mlir::DiagnosticSeverity::Error)
      return;
    llvm::raw_string_ostream stream(messages);
    if (!mlir::isa<mlir::UnknownLoc>(diagnostic.getLocation()))
      stream << diagnostic.getLocation() << ": ";
    stream << diagnostic << '\n';
  });
  if (mlir::succeeded(action()))
    return {};
  return internalError(messages.empty() ? "a pass failed" : messages);
}

planner::Options plannerOptions(const Options &options) {
  planner::Options result;
  result.objective = static_cast<planner::Objective>(options.plan.objective);
  result.seconds = options.plan.seconds;
  result.seed = options.plan.seed;
  result.threads = options.plan.threads;
  result.progress = options.plan.progress;
  result.memory = double(options.memoryLimit);
  result.machine = machineModel(options.target);
  return result;
}

PipelineOptions pipelineOptions(const Options &options, const std::string &entryName) {
  PipelineOptions result;
  result.plan = plannerOptions(options);
  result.codegen.functionName = entryName;
  if (!options.cpu.empty())
    result.codegen.cpu = options.cpu;
  result.codegen.fastMath = options.fastMath;
  result.lowRank = options.lowRank;
  result.codegen.allowTf32 = options.allowTf32;
  if (options.target == Target::Gpu)
    result.gpuArch = options.gpuArch.empty() ? codegen::leastGpuArch : options.gpuArch;
  if (const char *lowering = std::getenv("TLC_FORCE_LOWERING")) // for tests
    result.codegen.forceLowering = lowering;
  return result;
}

//===----------------------------------------------------------------------===//
// Front ends
//===----------------------------------------------------------------------===//

static std::unique_ptr<mlir::MLIRContext> makeContext() {
  mlir::DialectRegistry registry;
  registerAllDialects(registry);
  auto context =
      std::make_unique<mlir::MLIRContext>(registry, mlir::MLIRContext::Threading::DISABLED);
  context->loadAllAvailableDialects();
  return context;
}

Expected<ast::Module> parseOnly(Compilation &compilation, const Source &source,
                                const Options &options) {
  uint32_t file = compilation.sources.add(source.name, source.text);
  FrontendOptions frontend = frontendOptions(source.directory, options, {});
  ast::Module module = parse(compilation.sources, file, frontend, compilation.diagnostics);
  if (compilation.diagnostics.hasErrors())
    return programError(compilation, options);
  return module;
}

Expected<std::unique_ptr<Compilation>> checkProgram(const Source &source, const Options &options,
                                                    const BoundTypes &bound, CacheKey *key) {
  auto compilation = std::make_unique<Compilation>();
  compilation->directory = source.directory;
  if (key) {
    key->add("program");
    key->add(source.name); // messages at run time show it
    key->add(source.text);
  }
  uint32_t file = compilation->sources.add(source.name, source.text);
  compilation->program = compileSource(compilation->sources, file,
                                       frontendOptions(source.directory, options, bound, key),
                                       compilation->diagnostics);
  if (!compilation->program)
    return programError(*compilation, options);
  return compilation;
}

static Expected<void> lowerToTl(Compilation &compilation) {
  compilation.context = makeContext();
  return collectErrors(compilation.context.get(), [&] {
    compilation.module =
        lowerToTl(*compilation.program, compilation.sources, compilation.context.get());
    return mlir::success(static_cast<bool>(compilation.module));
  });
}

Expected<void> lowerProgram(Compilation &compilation, const Options &options) {
  if (Expected<void> done = lowerToTl(compilation); !done)
    return done;
  if (Expected<void> done = collectErrors(
          compilation.context.get(),
          [&] { return runPipeline(*compilation.module, pipelineOptions(options), buildTlToEin); });
      !done)
    return done;
  // The interpreter runs the program as it is written.
  return options.target == Target::Reference ? Expected<void>()
                                             : embedFactorizable(compilation, options);
}

Expected<std::unique_ptr<Compilation>> compileToTl(const Source &source, const Options &options,
                                                   const BoundTypes &bound) {
  Expected<std::unique_ptr<Compilation>> compilation = checkProgram(source, options, bound);
  if (!compilation)
    return compilation;
  if (Expected<void> done = lowerToTl(**compilation); !done)
    return done.error();
  return compilation;
}

static Expected<std::unique_ptr<Compilation>> compileEinsumToEin(const Source &source,
                                                                 const Options &options) {
  auto compilation = std::make_unique<Compilation>();
  compilation->sources.add("<einsum>", source.text);
  std::vector<std::vector<int64_t>> shapes;
  for (const TensorType &operand : source.operands)
    shapes.push_back(operand.shape);
  std::optional<EinsumSpec> spec =
      parseEinsum(compilation->sources, 0, shapes, compilation->diagnostics);
  if (!spec)
    return programError(*compilation, options);
  DType type = source.operands.empty() ? source.operandType : source.operands.front().type;
  if (shapes.empty())
    for (const std::vector<int> &labels : spec->inputs)
      shapes.emplace_back(labels.size(), -1);
  compilation->context = makeContext();
  Expected<void> lowered = collectErrors(compilation->context.get(), [&] {
    compilation->module =
        lowerToEin(*spec, shapes, type, options.semiring, compilation->context.get());
    return mlir::success(static_cast<bool>(compilation->module));
  });
  if (!lowered) // the one thing that the notation does not say
    return Error(ErrorKind::Program, fmt::format("error: elements of type {} do not carry the "
                                                 "semiring {}; choose another with --dtype",
                                                 name(type), name(options.semiring)));
  return compilation;
}

Expected<std::unique_ptr<Compilation>> compileToEin(const Source &source, const Options &options,
                                                    const BoundTypes &bound) {
  if (source.isEinsum)
    return compileEinsumToEin(source, options);
  Expected<std::unique_ptr<Compilation>> compilation = checkProgram(source, options, bound);
  if (!compilation)
    return compilation;
  if (Expected<void> done = lowerProgram(**compilation, options); !done)
    return done.error();
  return compilation;
}

Expected<void> simplifyEin(Compilation &compilation, const Options &options) {
  return collectErrors(compilation.context.get(), [&] {
    return runPipeline(*compilation.module, pipelineOptions(options), buildSimplifyEin);
  });
}

Expected<void> lowerToLlvm(Compilation &compilation, const PipelineOptions &options) {
  return collectErrors(compilation.context.get(),
                       [&] { return runPipeline(*compilation.module, options, buildEinToLlvm); });
}

Expected<void> lowerToKernels(Compilation &compilation, const PipelineOptions &options) {
  return collectErrors(compilation.context.get(), [&] {
    return runPipeline(*compilation.module, options, buildEinToKernels);
  });
}

Options forThisMachine(const Options &options) {
  Options result = options;
  if (options.target != Target::Gpu || !options.gpuArch.empty())
    return result;
  RuntimeContext context(tlrt_context_create(1));
  tlrt_gpu_select(context.get(), options.gpuDevice);
  // Only Hopper has code of its own. Without a GPU, the first call will say so.
  if (tlrt_gpu_capability(context.get()) == 90)
    result.gpuArch = "sm_90a";
  return result;
}

Expected<void> checkGpuArch(const Options &options) {
  if (options.gpuArch.empty() || codegen::isGpuArch(options.gpuArch))
    return {};
  return Error(ErrorKind::Usage,
               fmt::format("error: '{}' is not a GPU that code can be made for; choose one such as "
                           "sm_80 or sm_90a with --gpu-arch",
                           options.gpuArch));
}

Expected<void> lowerToLlvm(Compilation &compilation, const Options &options,
                           const std::string &entryName) {
  return lowerToLlvm(compilation, pipelineOptions(options, entryName));
}

//===----------------------------------------------------------------------===//
// Reading the module
//===----------------------------------------------------------------------===//

static Binding bindingOf(mlir::Type type, mlir::DictionaryAttr attributes, size_t number) {
  Binding binding;
  auto tensor = mlir::cast<mlir::RankedTensorType>(type);
  binding.type.type = dtypeOf(tensor.getElementType());
  for (int64_t extent : tensor.getShape())
    binding.type.shape.push_back(mlir::ShapedType::isDynamic(extent) ? -1 : extent);
  auto text = [&](llvm::StringRef name) -> std::string {
    auto value = attributes ? attributes.getAs<mlir::StringAttr>(name) : nullptr;
    return value ? value.str() : "";
  };
  binding.name = text("tl.name");
  if (binding.name.empty())
    binding.name = std::to_string(number);
  binding.kind = text("tl.kind");
  binding.path = text("tl.path");
  binding.initializer = text("tl.initializer");
  if (attributes)
    if (auto values = attributes.getAs<mlir::DenseF64ArrayAttr>("tl.initializer_arguments"))
      binding.initializerArguments = values.asArrayRef().vec();
  return binding;
}

static mlir::func::FuncOp entryOf(mlir::ModuleOp module) {
  auto functions = module.getOps<mlir::func::FuncOp>();
  return functions.empty() ? nullptr : *functions.begin();
}

Signature signatureOf(mlir::ModuleOp module) {
  mlir::func::FuncOp entry = entryOf(module);
  Signature signature;
  for (auto [i, type] : llvm::enumerate(entry.getArgumentTypes()))
    signature.arguments.push_back(bindingOf(type, entry.getArgAttrDict(i), i));
  for (auto [i, type] : llvm::enumerate(entry.getResultTypes()))
    signature.results.push_back(bindingOf(type, entry.getResultAttrDict(i), i));
  return signature;
}

static Plan publicPlan(const ContractionPlan &made) {
  const planner::Plan &planned = made.plan;
  Plan plan;
  plan.equation = made.equation;
  plan.flops = planned.flops;
  plan.muls = planned.muls;
  plan.largest = planned.largest;
  plan.peakBytes = planned.peakBytes;
  plan.seconds = planned.seconds;
  plan.optimal = planned.optimal;
  plan.slices = planned.slices;
  for (const planner::StepCost &step : planned.steps)
    plan.steps.push_back(
        {step.lhs, step.rhs, "", step.flops, step.resultSize, step.liveBytes, step.seconds});
  return plan;
}

/// The order that the options give, for the one contraction that has more than two operands.
static Expected<planner::Path> givenPath(mlir::ModuleOp module, const Options &options) {
  if (options.plan.path.empty())
    return planner::Path();
  std::vector<int> operands;
  module.walk([&](ein::ContractOp op) {
    if (op.getInputs().size() > 2)
      operands.push_back(static_cast<int>(op.getInputs().size()));
  });
  if (operands.size() != 1)
    return Error(ErrorKind::Usage,
                 fmt::format("error: a path is for one contraction of more than two operands, and "
                             "there are {}",
                             operands.size()));
  std::string problem;
  planner::Path path = planner::parsePath(options.plan.path, operands[0], problem);
  if (!problem.empty())
    return Error(ErrorKind::Data, "error: path: " + problem);
  return path;
}

/// Refuses what would take more memory than there may be, before anything is allocated.
static Expected<double> checkMemory(mlir::ModuleOp module, double limit) {
  LiveBytes live(entryOf(module));
  if (limit > 0 && live.peak() > limit)
    return Error(ErrorKind::Resource,
                 fmt::format("error: {:.0f} bytes are needed at once in the best order found, the "
                             "limit is {:.0f}; operands and results alone take {:.0f}",
                             live.peak(), limit, live.interface()));
  return live.peak();
}

Expected<OrderedPlans> orderEin(Compilation &compilation, const Options &options) {
  Expected<planner::Path> given = givenPath(*compilation.module, options);
  if (!given)
    return given.error();
  std::vector<ContractionPlan> made;
  PipelineOptions pipeline = pipelineOptions(options);
  pipeline.plan.given = *given;
  pipeline.plans = &made;
  Expected<void> done = collectErrors(compilation.context.get(), [&] {
    return runPipeline(*compilation.module, pipeline, buildOrderEin);
  });
  if (!done)
    return done.error();
  Expected<double> peak = checkMemory(*compilation.module, pipeline.plan.memory);
  if (!peak)
    return peak.error();
  OrderedPlans result;
  result.peakBytes = *peak;
  for (const ContractionPlan &plan : made) {
    result.plans.push_back(publicPlan(plan));
    result.isLimited |= plan.plan.isLimited;
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Checking arguments
//===----------------------------------------------------------------------===//

static Error dataError(std::string message) {
  return {ErrorKind::Data, "error: " + std::move(message)};
}

Expected<void> checkView(const View &view, const Binding &expected) {
  const TensorType &type = expected.type;
  if (view.type != type.type)
    return dataError(fmt::format("'{}' has elements of type {}, expected {}", expected.name,
                                 name(view.type), name(type.type)));
  if (view.shape.size() != type.shape.size())
    return dataError(fmt::format("'{}' has rank {}, expected {}", expected.name, view.shape.size(),
                                 type.shape.size()));
  if (view.strides.size() != view.shape.size())
    return dataError(fmt::format("'{}' has {} strides for rank {}", expected.name,
                                 view.strides.size(), view.shape.size()));
  bool isEmpty = false;
  for (size_t i = 0; i < view.shape.size(); ++i) {
    isEmpty |= view.shape[i] == 0;
    if (view.shape[i] < 0 || (type.shape[i] >= 0 && view.shape[i] != type.shape[i]))
      return dataError(fmt::format(
          "'{}' has extent {} at position {}, expected {}", expected.name, view.shape[i], i,
          type.shape[i] < 0 ? "0 or more" : std::to_string(type.shape[i])));
  }
  if (!view.data && !isEmpty)
    return dataError(fmt::format("'{}' has no memory", expected.name));
  return {};
}

} // namespace tlc
