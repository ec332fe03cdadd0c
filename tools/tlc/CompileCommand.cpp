//===- CompileCommand.cpp - tlc compile -----------------------------------===//

#include "Commands.h"

#include <fmt/format.h>

#include <unistd.h>

namespace tlc::cli {
namespace {

struct CompileArguments {
  std::string path, equation, output, function;
  std::optional<std::string> shapes;
  EmitKind kind = EmitKind::Object;
  Options options;
};

const std::map<std::string, EmitKind> kinds = {
    {"ast", EmitKind::Ast},        {"tl", EmitKind::Tl},        {"ein", EmitKind::Ein},
    {"ptx", EmitKind::Ptx},        {"cubin", EmitKind::Cubin},  {"llvm", EmitKind::Llvm},
    {"asm", EmitKind::Assembly},   {"obj", EmitKind::Object},   {"lib", EmitKind::Library},
    {"exe", EmitKind::Executable}, {"header", EmitKind::Header}};

/// Text goes to the terminal unless told otherwise, bytes never do.
std::string outputPath(const CompileArguments &arguments) {
  if (!arguments.output.empty())
    return arguments.output;
  std::string stem = arguments.path.empty() ? "einsum" : arguments.path;
  stem = stem.substr(stem.rfind('/') + 1);
  stem = stem.substr(0, stem.rfind(".tl"));
  switch (arguments.kind) {
  case EmitKind::Object:
    return stem + ".o";
  case EmitKind::Cubin:
    return stem + ".cubin";
  case EmitKind::Library:
    return "lib" + stem + ".a";
  case EmitKind::Executable:
    return stem;
  default:
    return "-";
  }
}

int run(const CompileArguments &arguments) {
  bool isEinsum = !arguments.equation.empty();
  if (isEinsum == !arguments.path.empty()) {
    fmt::print(stderr, "tlc: compile takes either a FILE or --einsum EQUATION\n");
    return static_cast<int>(ErrorKind::Usage);
  }
  Expected<Source> source =
      isEinsum ? einsumSource(arguments.equation, arguments.shapes, arguments.options.type)
               : readSource(arguments.path);
  if (!source)
    return report(source.error());
  if (!arguments.function.empty())
    source->functionName = arguments.function;
  Expected<std::string> result = emit(*source, arguments.kind, arguments.options);
  if (!result)
    return report(result.error());
  return writeOutput(outputPath(arguments), *result, arguments.kind == EmitKind::Executable);
}

} // namespace

void addCompile(CLI::App &app, Action &action) {
  auto arguments = std::make_shared<CompileArguments>();
  arguments->options.colour = isatty(STDERR_FILENO) && !std::getenv("NO_COLOR");
  CLI::App *command = app.add_subcommand("compile", "compile ahead of time, or show a stage");
  command->add_option("FILE", arguments->path, "the program (.tl), or - for standard input");
  command->add_option("--einsum", arguments->equation, "compile an equation instead");
  command->add_option("--shapes", arguments->shapes,
                      "its operands' shapes, such as 8x16,16x4; ? is an extent known when called, "
                      "as all are without");
  command
      ->add_option("--emit", arguments->kind,
                   "ast, tl, ein, ptx, cubin, llvm, asm, obj, lib, exe or header")
      ->transform(CLI::CheckedTransformer(kinds).description(""));
  command->add_option("--name", arguments->function, "name of the compiled function (tlc_main)");
  command->add_option("-o,--output", arguments->output, "file to write, or - for standard output");
  addDType(*command, arguments->options);
  addSemiring(*command, arguments->options);
  addLowRank(*command, arguments->options);
  addCpu(*command, arguments->options);
  addTarget(*command, arguments->options);
  addPlanning(*command, arguments->options);
  command->footer(
      "Example: tlc compile --einsum \"ij,jk->ik\" --shapes 8x16,16x4 --emit=obj -o mm.o");
  command->callback([arguments, &action] {
    action = [arguments] {
      if (Expected<void> read = readPath(arguments->options); !read)
        return report(read.error());
      return run(*arguments);
    };
  });
}

} // namespace tlc::cli
