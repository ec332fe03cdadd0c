//===- Function.cpp - compiled einsums, and their cache -------------------===//
//
// A call checks its views against the signature, lends a runtime context to the machine
// code and turns the status into an error. What was compiled is kept (see FunctionCache.h), so that
// `tlc::einsum` compiles once.
//
//===----------------------------------------------------------------------===//

#include "compiler/api/Constants.h"
#include "compiler/api/FunctionCache.h"
#include "compiler/reference/Reference.h"
#include "compiler/support/DType.h"
#include "runtime/include/tlrt/gpu.h"

#include "llvm/Support/Error.h"

#include <fmt/format.h>

#include <ctime>

namespace tlc {

double threadSeconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

std::shared_ptr<tlrt_context> ContextPool::take(uint64_t argumentBytes) const {
  RuntimeContext context;
  {
    std::lock_guard<std::mutex> lock(mutex);
    if (!free.empty()) {
      context = std::move(free.back());
      free.pop_back();
    }
  }
  if (!context) {
    context.reset(tlrt_context_create(threads));
    if (context)
      tlrt_gpu_select(context.get(), gpuDevice);
  }
  if (memoryLimit)
    tlrt_context_set_memory_limit(context.get(),
                                  memoryLimit > argumentBytes ? memoryLimit - argumentBytes : 1);
  tlrt_context_clear(context.get());
  return {context.release(), [this](tlrt_context *used) {
            std::lock_guard<std::mutex> lock(mutex);
            peak = std::max(peak.load(), tlrt_context_peak_memory(used));
            free.emplace_back(used);
          }};
}

//===----------------------------------------------------------------------===//
// Making
//===----------------------------------------------------------------------===//

static std::vector<Parameter> parametersOf(const std::vector<Binding> &bindings) {
  std::vector<Parameter> parameters;
  for (const Binding &binding : bindings)
    parameters.push_back({binding.name, binding.type});
  return parameters;
}

/// A function that lacks only what runs.
static std::shared_ptr<Function::Impl> makeImpl(Signature signature, const Options &options) {
  auto impl = std::make_shared<Function::Impl>();
  impl->target = options.target;
  impl->gpuDevice = options.gpuDevice;
  impl->signature = std::move(signature);
  impl->inputs = parametersOf(impl->signature.arguments);
  impl->outputs = parametersOf(impl->signature.results);
  impl->contexts = std::make_shared<ContextPool>(options);
  return impl;
}

Expected<Function> loadFunction(const CompiledFunction &compiled, const Options &options,
                                double startSeconds) {
  std::shared_ptr<Function::Impl> impl = makeImpl(compiled.signature, options);
  impl->plans = compiled.plans;
  llvm::Expected<std::unique_ptr<codegen::JitFunction>> code =
      codegen::load(compiled.code, codegen::CodegenOptions().functionName);
  if (!code)
    return internalError(llvm::toString(code.takeError()));
  impl->code = std::move(*code);
  impl->compileSeconds = threadSeconds() - startSeconds;
  return FunctionAccess::make(std::move(impl));
}

static Expected<CompiledFunction> compileFunction(Compilation &compilation,
                                                  const Options &options) {
  CompiledFunction compiled;
  if (Expected<void> done = simplifyEin(compilation, options); !done)
    return done.error();
  if (Expected<void> done = releaseConstants(compilation); !done)
    return done.error();
  compiled.signature = signatureOf(*compilation.module);
  Options limited = options;
  limited.memoryLimit = memoryLimitOf(options);
  Expected<OrderedPlans> ordered = orderEin(compilation, limited);
  if (!ordered)
    return ordered.error();
  compiled.plans = std::move(ordered->plans);
  compiled.peakBytes = ordered->peakBytes;
  compiled.isLimited = ordered->isLimited;
  PipelineOptions pipeline = pipelineOptions(options);
  pipeline.codegen.kernelLibrary = true;
  if (Expected<void> done = lowerToLlvm(compilation, pipeline); !done)
    return done.error();
  llvm::Expected<codegen::MachineCode> code =
      codegen::compile(*compilation.module, pipeline.codegen);
  if (!code)
    return internalError(llvm::toString(code.takeError()));
  compiled.code = std::move(*code);
  return compiled;
}

Expected<Function> makeFunction(std::unique_ptr<Compilation> compilation, const Options &options,
                                const CacheKey &key, double startSeconds) {
  if (Expected<void> known = checkGpuArch(options); !known)
    return known.error();
  if (options.target == Target::Reference) {
    std::shared_ptr<Function::Impl> impl = makeImpl(signatureOf(*compilation->module), options);
    impl->interpreted = std::move(compilation);
    impl->compileSeconds = threadSeconds() - startSeconds;
    Function function = FunctionAccess::make(std::move(impl));
    keepFunction(key, options, function);
    return function;
  }
  Expected<CompiledFunction> compiled = compileFunction(*compilation, options);
  if (!compiled)
    return compiled.error();
  Expected<Function> function = loadFunction(*compiled, options, startSeconds);
  if (!function)
    return function;
  keepCompiled(key, options, *compiled);
  keepFunction(key, options, *function);
  return function;
}

//===----------------------------------------------------------------------===//
// Calling
//===----------------------------------------------------------------------===//

const std::vector<Parameter> &Function::inputs() const { return impl->inputs; }
const std::vector<Parameter> &Function::outputs() const { return impl->outputs; }
const std::vector<Plan> &Function::plans() const { return impl->plans; }
double Function::compileSeconds() const { return impl->compileSeconds; }
uint64_t Function::peakBytes() const { return impl->contexts->peakBytes(); }

static uint64_t bytesOf(const std::vector<View> &views) {
  uint64_t bytes = 0;
  for (const View &view : views) {
    auto elements = static_cast<uint64_t>(byteSize(view.type));
    for (int64_t extent : view.shape)
      elements *= static_cast<uint64_t>(extent);
    bytes += elements;
  }
  return bytes;
}

static Expected<void> checkViews(const std::vector<View> &views,
                                 const std::vector<Binding> &expected, const char *what) {
  if (views.size() != expected.size())
    return Error(ErrorKind::Data, fmt::format("error: {} {} given, expected {}", views.size(), what,
                                              expected.size()));
  for (size_t i = 0; i < views.size(); ++i)
    if (Expected<void> fits = checkView(views[i], expected[i]); !fits)
      return fits;
  return {};
}

/// The interpreter takes and gives row-major tensors.
static Expected<std::vector<Tensor>> interpretViews(const Function::Impl &impl,
                                                    const std::vector<View> &inputs);

static Expected<void> callCode(const Function::Impl &impl, const std::vector<View> &inputs,
                               std::vector<tlrt_view> &outputs, tlrt_context *context) {
  std::vector<tlrt_view> arguments;
  arguments.reserve(inputs.size());
  for (const View &view : inputs)
    arguments.push_back(toRuntime(view));
  if (int32_t status = impl.code->entry()(context, arguments.data(), outputs.data()))
    return runtimeError(context, status);
  return {};
}

Expected<void> Function::call(const std::vector<View> &inputs,
                              const std::vector<View> &outputs) const {
  if (Expected<void> fits = checkViews(inputs, impl->signature.arguments, "inputs"); !fits)
    return fits;
  if (Expected<void> fits = checkViews(outputs, impl->signature.results, "outputs"); !fits)
    return fits;
  if (impl->target == Target::Reference) {
    Expected<std::vector<Tensor>> results = interpretViews(*impl, inputs);
    if (!results)
      return results.error();
    for (size_t i = 0; i < outputs.size(); ++i) {
      if ((*results)[i].shape() != outputs[i].shape)
        return Error(ErrorKind::Data,
                     fmt::format("error: output '{}' has shape [{}], expected [{}]",
                                 impl->signature.results[i].name, fmt::join(outputs[i].shape, ", "),
                                 fmt::join((*results)[i].shape(), ", ")));
      copyElements((*results)[i].view(), outputs[i]);
    }
    return {};
  }
  std::vector<tlrt_view> results;
  static char empty[16]; // an empty output may have no memory, but null asks for an allocation
  for (const View &view : outputs) {
    results.push_back(toRuntime(view));
    if (!results.back().data)
      results.back().data = empty;
  }
  return callCode(*impl, inputs, results,
                  impl->contexts->take(bytesOf(inputs) + bytesOf(outputs)).get());
}

Expected<std::vector<Tensor>> Function::operator()(const std::vector<View> &inputs) const {
  if (Expected<void> fits = checkViews(inputs, impl->signature.arguments, "inputs"); !fits)
    return fits.error();
  if (impl->target == Target::Reference)
    return interpretViews(*impl, inputs);
  // Results belong to the context that allocated them, and keep it.
  std::shared_ptr<tlrt_context> context = impl->contexts->take(bytesOf(inputs));
  std::shared_ptr<const Impl> keepAlive = impl;
  std::vector<std::vector<int64_t>> shapes, strides;
  std::vector<tlrt_view> results;
  for (const Binding &result : impl->signature.results) {
    shapes.emplace_back(result.type.shape.size() + 1);
    strides.emplace_back(result.type.shape.size() + 1);
    results.push_back({nullptr, shapes.back().data(), strides.back().data(),
                       static_cast<int32_t>(result.type.shape.size()),
                       static_cast<int32_t>(result.type.type)});
  }
  if (Expected<void> done = callCode(*impl, inputs, results, context.get()); !done)
    return done.error();
  std::vector<Tensor> tensors;
  for (const tlrt_view &result : results) {
    bool isOnGpu = impl->target == Target::Gpu && tlrt_gpu_has(context.get(), result.data);
    std::shared_ptr<void> memory(result.data, [keepAlive, context, isOnGpu](void *data) {
      (isOnGpu ? tlrt_gpu_release : tlrt_release)(context.get(), data);
    });
    DType type = static_cast<DType>(result.dtype);
    std::vector<int64_t> shape(result.shape, result.shape + result.rank);
    tensors.push_back(isOnGpu ? TensorAccess::makeOnGpu(std::move(memory), type, std::move(shape),
                                                        impl->gpuDevice)
                              : TensorAccess::make(std::move(memory), type, std::move(shape)));
  }
  return tensors;
}

static Expected<std::vector<Tensor>> interpretViews(const Function::Impl &impl,
                                                    const std::vector<View> &inputs) {
  std::vector<reference::HostTensor> arguments;
  for (const View &view : inputs) {
    int64_t elements = 1;
    for (int64_t extent : view.shape)
      elements *= extent;
    reference::HostTensor argument = {view.type, view.shape, {}};
    argument.bytes.resize(static_cast<size_t>(elements * byteSize(view.type)));
    copyElements(view, View::contiguous(argument.bytes.data(), view.type, view.shape));
    arguments.push_back(std::move(argument));
  }
  std::lock_guard<std::mutex> lock(impl.interpreterMutex);
  Expected<std::vector<reference::HostTensor>> results =
      reference::interpret(*impl.interpreted->module, "main", arguments);
  if (!results)
    return results.error();
  std::vector<Tensor> tensors;
  for (const reference::HostTensor &result : *results) {
    Expected<Tensor> tensor = Tensor::zeros(result.type, result.shape);
    if (!tensor)
      return tensor.error();
    if (!result.bytes.empty())
      std::memcpy(tensor->raw(), result.bytes.data(), result.bytes.size());
    tensors.push_back(*tensor);
  }
  return tensors;
}

//===----------------------------------------------------------------------===//
// Einsums
//===----------------------------------------------------------------------===//

static CacheKey einsumKey(std::string_view equation, const std::vector<TensorType> &operands,
                          const Options &options) {
  CacheKey key(options);
  key.add("einsum");
  key.add(equation);
  key.add(static_cast<int64_t>(operands.size()));
  for (const TensorType &operand : operands) {
    key.add(static_cast<int64_t>(operand.type));
    key.add(operand.shape);
  }
  return key;
}

Expected<Function> compileEinsum(std::string_view equation, const std::vector<TensorType> &operands,
                                 const Options &given) {
  double start = threadSeconds();
  Options options = forThisMachine(given);
  for (const TensorType &operand : operands)
    if (operand.type != operands.front().type)
      return Error(ErrorKind::Data,
                   fmt::format("error: operands of types {} and {}; convert them to one type",
                               name(operands.front().type), name(operand.type)));
  CacheKey key = einsumKey(equation, operands, options);
  if (std::optional<Function> found = findFunction(key, options, start))
    return *found;
  Source source;
  source.text = equation;
  source.operands = operands;
  source.isEinsum = true;
  Expected<std::unique_ptr<Compilation>> compilation = compileToEin(source, options);
  if (!compilation)
    return compilation.error();
  return makeFunction(std::move(*compilation), options, key, start);
}

/// The type that NumPy computes with for operands of these two.
static DType promote(DType a, DType b) {
  if (a == b)
    return a;
  if (isComplex(a) || isComplex(b)) {
    auto isWide = [](DType type) {
      return type == DType::C128 || type == DType::F64 || type == DType::I32 || type == DType::I64;
    };
    return isWide(a) || isWide(b) ? DType::C128 : DType::C64;
  }
  if (isFloat(a) && isFloat(b)) {
    bool areHalves = byteSize(a) == 2 && byteSize(b) == 2;
    return areHalves ? DType::F32 : byteSize(a) > byteSize(b) ? a : b;
  }
  if (isFloat(a) || isFloat(b)) {
    DType real = isFloat(a) ? a : b, other = isFloat(a) ? b : a;
    if (other == DType::Bool || (other == DType::I8 && real != DType::BF16))
      return real;
    return other == DType::I8 ? DType::F32 : DType::F64;
  }
  return byteSize(a) > byteSize(b) || b == DType::Bool ? a : b;
}

Expected<Tensor> einsum(std::string_view equation, const std::vector<View> &operands,
                        const Options &options) {
  DType type = operands.empty() ? options.type : operands.front().type;
  for (const View &operand : operands)
    type = promote(type, operand.type);
  std::vector<TensorType> types;
  std::vector<View> views;
  std::vector<Tensor> converted;
  for (const View &operand : operands) {
    types.push_back({type, operand.shape});
    views.push_back(operand);
    if (operand.type == type)
      continue;
    Expected<Tensor> tensor = copyToTensor(operand);
    if (tensor)
      tensor = tensor->cast(type);
    if (!tensor)
      return tensor.error();
    converted.push_back(*tensor);
    views.back() = converted.back().view();
  }
  Expected<Function> function = compileEinsum(equation, types, options);
  if (!function)
    return function.error();
  Expected<std::vector<Tensor>> results = (*function)(views);
  if (!results)
    return results.error();
  return results->front();
}

} // namespace tlc
