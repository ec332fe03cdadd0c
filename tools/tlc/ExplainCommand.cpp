//===- ExplainCommand.cpp - tlc explain -----------------------------------===//

#include "Commands.h"

#include <fmt/format.h>

#include <unistd.h>

namespace tlc::cli {
namespace {

struct ExplainArguments {
  std::string path, equation, network;
  std::optional<std::string> shapes;
  bool json = false, dot = false, svg = false;
  Options options;
};

ExplainFormat formatOf(const ExplainArguments &arguments) {
  if (arguments.json)
    return ExplainFormat::Json;
  if (arguments.dot)
    return ExplainFormat::Dot;
  return arguments.svg ? ExplainFormat::Svg : ExplainFormat::Text;
}

Expected<std::string> explainAny(ExplainArguments arguments) {
  ExplainFormat format = formatOf(arguments);
  if (Expected<void> read = readPath(arguments.options); !read)
    return read.error();
  if (!arguments.network.empty()) {
    Expected<Source> file = readSource(arguments.network);
    if (!file)
      return file.error();
    return explainNetwork(file->text, format, arguments.options);
  }
  Expected<Source> source =
      arguments.path.empty()
          ? einsumSource(arguments.equation, arguments.shapes, arguments.options.type)
          : readSource(arguments.path);
  if (!source)
    return source.error();
  return explain(*source, format, arguments.options);
}

int run(const ExplainArguments &arguments) {
  int sources = !arguments.path.empty() + !arguments.equation.empty() + !arguments.network.empty();
  if (sources != 1) {
    fmt::print(stderr,
               "tlc: explain takes one of FILE, --einsum EQUATION and --network FILE.json\n");
    return static_cast<int>(ErrorKind::Usage);
  }
  Expected<std::string> text = explainAny(arguments);
  if (!text)
    return report(text.error());
  return writeOutput("-", *text);
}

} // namespace

void addExplain(CLI::App &app, Action &action) {
  auto arguments = std::make_shared<ExplainArguments>();
  arguments->options.colour = isatty(STDERR_FILENO) && !std::getenv("NO_COLOR");
  CLI::App *command = app.add_subcommand(
      "explain", "show where sums were put, the contraction order and its costs");
  command->add_option("FILE", arguments->path, "the program (.tl), or - for standard input");
  command->add_option("--einsum", arguments->equation, "explain an equation instead");
  command->add_option("--shapes", arguments->shapes, "its operands' shapes, such as 8x16,16x4");
  command->add_option(
      "--network", arguments->network,
      "explain a tensor network: {\"inputs\": [[0,1],..], \"output\": [], \"sizes\": {\"0\": 4}}");
  addDType(*command, arguments->options);
  addLowRank(*command, arguments->options);
  addTarget(*command, arguments->options);
  addPlanning(*command, arguments->options);
  auto *json = command->add_flag("--json", arguments->json, "print as JSON");
  auto *dot = command->add_flag("--dot", arguments->dot, "print the tree for Graphviz");
  auto *svg = command->add_flag("--svg", arguments->svg, "print a picture of the tree");
  json->excludes(dot)->excludes(svg);
  dot->excludes(svg);
  command->footer("Example: tlc explain --einsum \"ij,jk,kl->il\" --shapes 8x16,16x4,4x32");
  command->callback([arguments, &action] { action = [arguments] { return run(*arguments); }; });
}

} // namespace tlc::cli
