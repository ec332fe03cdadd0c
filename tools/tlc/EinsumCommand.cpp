//===- EinsumCommand.cpp - tlc einsum -------------------------------------===//

#include "Commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <unistd.h>

namespace tlc::cli {
namespace {

struct EinsumArguments {
  std::string equation, output;
  std::vector<std::string> operands;
  bool json = false, bench = false;
  Options options;
  bool hasType = false;
};

/// Median wall seconds of calls that take at least half a second together.
Expected<double> medianSeconds(const Function &function, const std::vector<View> &inputs,
                               const std::vector<View> &outputs) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> seconds;
  double total = 0;
  while (seconds.size() < 3 || (total < 0.5 && seconds.size() < 1000)) {
    Clock::time_point begin = Clock::now();
    if (Expected<void> done = function.call(inputs, outputs); !done)
      return done.error();
    seconds.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
    total += seconds.back();
  }
  std::nth_element(seconds.begin(), seconds.begin() + seconds.size() / 2, seconds.end());
  return seconds[seconds.size() / 2];
}

int bench(const EinsumArguments &arguments, const std::vector<Tensor> &operands) {
  std::vector<TensorType> types;
  std::vector<View> inputs;
  for (const Tensor &operand : operands) {
    types.push_back({operand.type(), operand.shape()});
    inputs.push_back(operand.view());
  }
  Expected<Function> function = compileEinsum(arguments.equation, types, arguments.options);
  if (!function)
    return report(function.error());
  Expected<std::vector<Tensor>> results = (*function)(inputs);
  if (!results)
    return report(results.error());
  Expected<double> seconds = medianSeconds(*function, inputs, {results->front().view()});
  if (!seconds)
    return report(seconds.error());
  double flops = 0;
  for (const Plan &plan : function->plans())
    flops += plan.flops;
  double gflops = flops / *seconds / 1e9;
  double fraction = gflops / measuredFmaPeak(results->front().type());
  const char *format =
      arguments.json ? "{{\"seconds\": {:.9g}, \"gflops\": {:.6g}, \"peak_fraction\": {:.4g}, "
                       "\"compile_seconds\": {:.6g}}}\n"
                     : "{:.9g} s  {:.6g} GFLOP/s  {:.4g} of the FMA peak of one core  "
                       "(compiled in {:.6g} s)\n";
  fmt::print(fmt::runtime(format), *seconds, gflops, fraction, function->compileSeconds());
  return 0;
}

int run(const EinsumArguments &arguments) {
  std::vector<Tensor> operands;
  std::vector<View> views;
  for (const std::string &path : arguments.operands) {
    Expected<Tensor> operand = Tensor::read(path);
    if (operand && arguments.hasType)
      operand = operand->cast(arguments.options.type);
    if (!operand)
      return report(operand.error());
    operands.push_back(*operand);
    views.push_back(operand->view());
  }
  if (arguments.bench)
    return bench(arguments, operands);
  Expected<Tensor> result = einsum(arguments.equation, views, arguments.options);
  if (!result)
    return report(result.error());
  if (!arguments.output.empty()) {
    if (Expected<void> written = result->write(arguments.output); !written)
      return report(written.error());
    return 0;
  }
  fmt::print("{}\n", arguments.json ? result->json() : result->str());
  return 0;
}

} // namespace

void addEinsum(CLI::App &app, Action &action) {
  auto arguments = std::make_shared<EinsumArguments>();
  arguments->options.colour = isatty(STDERR_FILENO) && !std::getenv("NO_COLOR");
  CLI::App *command = app.add_subcommand("einsum", "contract the tensors in some files");
  command
      ->add_option("EQUATION", arguments->equation,
                   "as NumPy writes it, or \"row k, k col -> row col\"")
      ->required();
  command->add_option("OPERAND", arguments->operands, ".npy, .npz, .csv or .tsv files");
  command->add_option("-o,--output", arguments->output, "file for the result; printed if absent");
  addSemiring(*command, arguments->options);
  addDType(*command, arguments->options);
  addThreads(*command, arguments->options);
  addTarget(*command, arguments->options);
  addPlanning(*command, arguments->options);
  addCache(*command, arguments->options);
  command->add_flag("--bench", arguments->bench,
                    "time it: seconds, GFLOP/s, fraction of the measured FMA peak");
  command->add_flag("--json", arguments->json, "print as JSON");
  command->footer("Example: tlc einsum \"ij,jk->ik\" a.npy b.npy -o c.npy");
  command->callback([arguments, &action, command] {
    arguments->hasType = command->count("--dtype") != 0;
    action = [arguments] {
      if (Expected<void> read = readPath(arguments->options); !read)
        return report(read.error());
      return run(*arguments);
    };
  });
}

} // namespace tlc::cli
