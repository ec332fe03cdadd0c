//===- Shared.cpp - options and files that several subcommands share ------===//

#include "Commands.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>
#include <unistd.h>

namespace tlc::cli {

static const std::map<std::string, Target> targets = {
    {"cpu", Target::Cpu}, {"gpu", Target::Gpu}, {"reference", Target::Reference}};

static const std::map<std::string, DType> types = {
    {"bool", DType::Bool}, {"i8", DType::I8},     {"i32", DType::I32}, {"i64", DType::I64},
    {"f16", DType::F16},   {"bf16", DType::BF16}, {"f32", DType::F32}, {"f64", DType::F64},
    {"c64", DType::C64},   {"c128", DType::C128}};

static const std::map<std::string, Semiring> semirings = {
    {"sum_product", Semiring::SumProduct}, {"or_and", Semiring::OrAnd},
    {"max_plus", Semiring::MaxPlus},       {"min_plus", Semiring::MinPlus},
    {"max_times", Semiring::MaxTimes},     {"max_min", Semiring::MaxMin},
    {"log_sum_exp", Semiring::LogSumExp},  {"count", Semiring::Count}};

static const std::map<std::string, PlanObjective> objectives = {
    {"flops", PlanObjective::Flops},
    {"size", PlanObjective::Size},
    {"write", PlanObjective::Write},
    {"seconds", PlanObjective::Seconds}};

/// An option whose value is one of the names of an enumeration.
template <typename T>
static void addNamed(CLI::App &command, const char *flag, T &value, const char *help,
                     const std::map<std::string, T> &names) {
  command.add_option(flag, value, help)->transform(CLI::CheckedTransformer(names).description(""));
}

void addTarget(CLI::App &command, Options &options) {
  addNamed(command, "--target", options.target, "cpu, gpu or reference (the naive interpreter)",
           targets);
  command.add_option(
      "--gpu-arch", options.gpuArch,
      "GPU to compile for, with --target gpu, such as sm_90a; the one that is there if "
      "code runs at once, else sm_80");
  command.add_option("--gpu-device", options.gpuDevice, "number of the GPU to run on (0)")
      ->check(CLI::Range(0, 15));
  command.add_flag("--allow-tf32", options.allowTf32,
                   "GPU: round factors of f32 products to 10 bits of mantissa (tf32)");
}

void addThreads(CLI::App &command, Options &options) {
  command.add_option("--threads", options.threads, "threads to use; 0 is one for each core")
      ->check(CLI::Range(0, 1024));
}

void addCache(CLI::App &command, Options &options) {
  command.add_flag_callback(
      "--no-cache", [&options] { options.diskCache = false; },
      "compile anew, and keep nothing in ~/.cache/tlc ($XDG_CACHE_HOME/tlc)");
}

void addDType(CLI::App &command, Options &options) {
  addNamed(command, "--dtype", options.type,
           "element type: bool, i8, i32, i64, f16, bf16, f32, f64, c64, c128", types);
}

void addSemiring(CLI::App &command, Options &options) {
  addNamed(command, "--semiring", options.semiring,
           "sum_product, or_and, max_plus, min_plus, max_times, max_min, log_sum_exp, count",
           semirings);
}

void addLowRank(CLI::App &command, Options &options) {
  command
      .add_option("--lowrank", options.lowRank,
                  "relative error that weights from files and literals may have, where their "
                  "factors make the program faster")
      ->check(CLI::Validator(
          [](std::string &text) {
            char *end;
            double eps = std::strtod(text.c_str(), &end);
            return *end || !(eps > 0 && eps < 1) ? "'" + text + "' does not lie between 0 and 1"
                                                 : std::string();
          },
          "EPS"));
}

void addCpu(CLI::App &command, Options &options) {
  command.add_option(
      "--cpu", options.cpu,
      "CPU to compile for, such as x86-64-v3, neoverse-n1 or baseline; this machine's if absent; "
      "baseline,x86-64-v3: code for both, chosen when first called");
}

/// A line that is written again and again, on terminals only.
static void showProgress(double part) {
  if (part < 1)
    fmt::print(stderr, "\rplanning: {:.0f} %", 100 * part);
  else
    fmt::print(stderr, "\r              \r");
}

void addPlanning(CLI::App &command, Options &options) {
  options.plan.seconds = 1;
  if (isatty(STDERR_FILENO))
    options.plan.progress = showProgress;
  command
      .add_option("--objective", options.plan.objective,
                  "what the order is good at: seconds, flops, size (of the largest intermediate), "
                  "write (sizes of all); seconds if absent")
      ->transform(CLI::CheckedTransformer(objectives).description(""));
  command
      .add_option("--plan-seconds", options.plan.seconds,
                  "processor time for orders of many operands; 1 if absent")
      ->check(CLI::Range(0.0, 1e6));
  command
      .add_option("--plan-threads", options.plan.threads,
                  "searches for an order at the same time; 1 if absent")
      ->check(CLI::Range(1, 256));
  command.add_option("--seed", options.plan.seed, "of the search for an order; 1 if absent");
  command
      .add_option(
          "--memory", options.memoryLimit,
          "bytes that may be alive at once, such as 8GiB; slices indices if need be; 80 % of "
          "what is free if absent")
      ->transform(CLI::AsSizeValue(false));
  command.add_option(
      "--path", options.plan.path,
      "take the order in a file, as opt_einsum, cotengra or explain --json write it");
}

Expected<void> readPath(Options &options) {
  if (options.plan.path.empty())
    return {};
  Expected<Source> order = readSource(options.plan.path);
  if (!order)
    return order.error();
  options.plan.path = order->text;
  return {};
}

int report(const Error &error) {
  std::string text = error.message();
  if (text.empty() || text.back() != '\n')
    text += '\n';
  std::fputs(text.c_str(), stderr);
  return error.exitCode();
}

std::optional<std::pair<std::string, std::string>> splitAssignment(const std::string &text,
                                                                   const char *option) {
  size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    fmt::print(stderr, "tlc: {} expects NAME=VALUE, got '{}'\n", option, text);
    return std::nullopt;
  }
  return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

static Error usage(std::string message) { return {ErrorKind::Usage, "tlc: " + std::move(message)}; }

static Expected<std::vector<int64_t>> parseShape(const std::string &text) {
  std::vector<int64_t> shape;
  std::stringstream stream(text);
  for (std::string extent; std::getline(stream, extent, 'x');) {
    if (extent == "?") {
      shape.push_back(-1);
      continue;
    }
    if (extent.empty() || extent.size() > 18 ||
        extent.find_first_not_of("0123456789") != std::string::npos)
      return usage(
          fmt::format("'{}' in --shapes is not an extent; write shapes such as 8x16,16x4", extent));
    shape.push_back(std::stoll(extent));
  }
  return shape;
}

Expected<std::vector<std::vector<int64_t>>> parseShapes(const std::string &text) {
  std::vector<std::vector<int64_t>> shapes;
  size_t begin = 0;
  while (true) {
    size_t comma = text.find(',', begin);
    Expected<std::vector<int64_t>> shape = parseShape(text.substr(begin, comma - begin));
    if (!shape)
      return shape.error();
    shapes.push_back(*shape);
    if (comma == std::string::npos)
      return shapes;
    begin = comma + 1;
  }
}

Expected<Source> readSource(const std::string &path) {
  Source source;
  if (path == "-") {
    source.name = "<stdin>";
    source.text.assign(std::istreambuf_iterator<char>(std::cin), {});
    return source;
  }
  std::ifstream file(path, std::ios::binary);
  if (!file || !(source.text.assign(std::istreambuf_iterator<char>(file), {}), file))
    return Error(ErrorKind::Data, fmt::format("tlc: cannot read '{}'", path));
  source.name = path;
  size_t slash = path.rfind('/');
  source.directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  return source;
}

Expected<Source> einsumSource(const std::string &equation, const std::optional<std::string> &shapes,
                              DType type) {
  Source source;
  source.isEinsum = true;
  source.text = equation;
  source.name = "<einsum>";
  source.operandType = type;
  if (!shapes)
    return source;
  Expected<std::vector<std::vector<int64_t>>> parsed = parseShapes(*shapes);
  if (!parsed)
    return parsed.error();
  for (std::vector<int64_t> &shape : *parsed)
    source.operands.push_back({type, std::move(shape)});
  return source;
}

int writeOutput(const std::string &path, const std::string &contents, bool executable) {
  if (path.empty() || path == "-") {
    std::fwrite(contents.data(), 1, contents.size(), stdout);
    return 0;
  }
  if (Expected<void> written = writeFile(path, contents, executable); !written)
    return report(written.error());
  return 0;
}

} // namespace tlc::cli
