//===- Program.cpp - tensor logic programs of the public API --------------===//
//
// A program's function takes inputs, params and files as arguments. Inputs are what `set`
// bound; params that were not set get their initialiser; files are read at the first run.
//
//===----------------------------------------------------------------------===//

#include "compiler/api/Answers.h"
#include "compiler/api/FunctionCache.h"
#include "compiler/api/Initializers.h"
#include "compiler/support/DType.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace tlc {

struct Program::Impl {
  std::string directory;
  program::Program program;
  std::string warnings;
  Options options;
  Function function;
  Signature signature;
  std::map<std::string, View> bound;       ///< by `set`
  std::map<std::string, Tensor> converted; ///< owners of some of them; params and files
  std::map<std::string, Tensor> results;
  bool hasRun = false;

  /// Whether the tensor is read from a file when the program is compiled, not when it runs.
  bool isFactorized(const std::string &name) const {
    return std::any_of(program.tensors.begin(), program.tensors.end(), [&](const auto &tensor) {
      return tensor.name == name && tensor.origin == program::Origin::File;
    });
  }
  const Binding *findArgument(const std::string &name) const {
    for (const Binding &argument : signature.arguments)
      if (argument.name == name)
        return &argument;
    return nullptr;
  }
  Expected<View> value(const Binding &argument);
  Expected<Tensor> makeValue(const Binding &argument) const;
};

/// Factors depend on what is in the files.
static void addFactorizable(CacheKey &key, const program::Program &program,
                            const std::string &directory, const Options &options) {
  for (const program::Tensor &tensor : program.tensors) {
    bool isWanted = options.lowRank > 0 || tensor.lowRank;
    if (!isWanted || tensor.origin != program::Origin::File)
      continue;
    Expected<Tensor> value = Tensor::read(resolvePath(directory, tensor.path));
    if (value)
      key.add(
          std::string_view(value->data<char>(), size_t(value->size() * byteSize(value->type()))));
  }
}

Expected<Program> Program::compile(std::string_view text, const Options &given,
                                   const std::string &name, const std::string &directory,
                                   const std::map<std::string, TensorType> &bound) {
  double start = threadSeconds();
  Options options = forThisMachine(given);
  Source source;
  source.text = text;
  source.name = name;
  source.directory = directory;
  CacheKey key(options);
  Expected<std::unique_ptr<Compilation>> compilation = checkProgram(source, options, bound, &key);
  if (!compilation)
    return compilation.error();
  addFactorizable(key, *(*compilation)->program, directory, options);
  Program result;
  result.impl = std::make_shared<Impl>();
  result.impl->directory = directory;
  result.impl->options = options;
  result.impl->warnings = (*compilation)->diagnostics.render(options.colour);
  std::optional<Function> found = findFunction(key, options, start);
  if (!found)
    if (Expected<void> done = lowerProgram(**compilation, options); !done)
      return done.error();
  result.impl->program = std::move(*(*compilation)->program);
  Expected<Function> function =
      found ? *found : makeFunction(std::move(*compilation), options, key, start);
  if (!function)
    return function.error();
  result.impl->function = *function;
  result.impl->signature = FunctionAccess::signature(*function);
  return result;
}

Expected<Program> Program::compileFile(const std::string &path, const Options &options,
                                       const std::map<std::string, TensorType> &bound) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  if (!file)
    return Error(ErrorKind::Data, fmt::format("error: cannot read '{}'", path));
  size_t slash = path.rfind('/');
  std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  return compile(text, options, path, directory, bound);
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

static Error unknownName(const std::string &name, const std::vector<Binding> &known,
                         const char *what) {
  std::vector<std::string_view> names;
  for (const Binding &binding : known)
    names.push_back(binding.name);
  std::string_view nearest = nearestName(name, names);
  std::string hint = !nearest.empty() ? fmt::format("; did you mean '{}'?", nearest)
                     : names.empty()  ? std::string()
                                      : fmt::format("; there are {}", fmt::join(names, ", "));
  return {ErrorKind::Data, fmt::format("error: the program has no {} '{}'{}", what, name, hint)};
}

Expected<void> Program::set(const std::string &name, const View &value) {
  const Binding *argument = impl->findArgument(name);
  if (!argument && impl->isFactorized(name))
    return Error(ErrorKind::Data, fmt::format("error: '{}' is compiled in as its factors; compile "
                                              "without lowrank to give it another value",
                                              name));
  if (!argument)
    return unknownName(name, impl->signature.arguments, "input");
  View view = value;
  if (view.type != argument->type.type) {
    Expected<Tensor> tensor = copyToTensor(view);
    if (tensor)
      tensor = tensor->cast(argument->type.type);
    if (!tensor)
      return Error(tensor.error().kind(),
                   fmt::format("{} (input '{}')", tensor.error().message(), name));
    impl->converted[name] = *tensor;
    view = tensor->view();
  }
  if (Expected<void> fits = checkView(view, *argument); !fits)
    return fits;
  impl->bound[name] = view;
  return {};
}

Expected<Tensor> Program::Impl::makeValue(const Binding &argument) const {
  if (argument.kind == "file") {
    Expected<Tensor> tensor = Tensor::read(resolvePath(directory, argument.path));
    return tensor ? tensor->cast(argument.type.type) : tensor;
  }
  const std::vector<int64_t> &shape = argument.type.shape;
  bool isStatic = std::find(shape.begin(), shape.end(), -1) == shape.end();
  if (argument.kind == "param" && isStatic)
    return initialize(argument.name, argument.type.type, shape, argument.initializer,
                      argument.initializerArguments);
  return Error(ErrorKind::Data,
               fmt::format("error: {} '{}' has no value; give one with --set {}=FILE or set()",
                           argument.kind, argument.name, argument.name));
}

Expected<View> Program::Impl::value(const Binding &argument) {
  auto found = bound.find(argument.name);
  if (found != bound.end())
    return found->second;
  Expected<Tensor> tensor = makeValue(argument);
  if (!tensor)
    return tensor.error();
  converted[argument.name] = *tensor;
  return bound[argument.name] = tensor->view();
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

Expected<void> Program::run() {
  std::vector<View> arguments;
  for (const Binding &argument : impl->signature.arguments) {
    Expected<View> view = impl->value(argument);
    if (!view)
      return view.error();
    arguments.push_back(*view);
  }
  Expected<std::vector<Tensor>> results = impl->function(arguments);
  if (!results)
    return results.error();
  for (size_t i = 0; i < results->size(); ++i)
    impl->results[impl->signature.results[i].name] = (*results)[i];
  impl->hasRun = true;
  for (const program::Write &write : impl->program.writes) {
    const Tensor &value = impl->results[impl->program.tensors[write.tensor].name];
    if (Expected<void> written = value.write(resolvePath(impl->directory, write.path)); !written)
      return written;
  }
  return {};
}

Expected<Tensor> Program::get(const std::string &name) const {
  auto found = impl->results.find(name);
  if (found != impl->results.end())
    return found->second;
  if (!impl->hasRun)
    return Error(ErrorKind::Usage, "error: the program has not run yet");
  return unknownName(name, impl->signature.results, "output");
}

std::string Program::answers(bool json) const {
  return printAnswers(
      impl->program, [this](const std::string &name) { return impl->results[name]; }, json);
}

std::vector<Parameter> Program::inputs() const {
  std::vector<Parameter> parameters;
  for (const Binding &argument : impl->signature.arguments)
    if (argument.kind == "input")
      parameters.push_back({argument.name, argument.type});
  return parameters;
}
std::vector<Parameter> Program::outputs() const { return impl->function.outputs(); }
const std::vector<Plan> &Program::plans() const { return impl->function.plans(); }
const std::string &Program::warnings() const { return impl->warnings; }
double Program::compileSeconds() const { return impl->function.compileSeconds(); }

} // namespace tlc
