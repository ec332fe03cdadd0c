//===- RunCommand.cpp - tlc run -------------------------------------------===//

#include "Commands.h"

#include <fmt/format.h>

#include <unistd.h>

namespace tlc::cli {
namespace {

struct RunArguments {
  std::string path;
  std::vector<std::string> set, get;
  bool json = false;
  Options options;
};

/// A value on the command line is a file if it looks like one, else a number or a list.
Expected<Tensor> readValue(const std::string &text) {
  for (const char *suffix : {".npy", ".npz", ".csv", ".tsv"})
    if (text.find(suffix) != std::string::npos)
      return Tensor::read(text);
  return Tensor::parse(text);
}

int run(const RunArguments &arguments) {
  std::map<std::string, Tensor> values;
  std::map<std::string, TensorType> bound;
  for (const std::string &assignment : arguments.set) {
    auto split = splitAssignment(assignment, "--set");
    if (!split)
      return static_cast<int>(ErrorKind::Usage);
    Expected<Tensor> value = readValue(split->second);
    if (!value)
      return report(value.error());
    bound[split->first] = {value->type(), value->shape()};
    values[split->first] = *value;
  }
  Expected<Source> source = readSource(arguments.path);
  if (!source)
    return report(source.error());
  Expected<Program> program =
      Program::compile(source->text, arguments.options, source->name, source->directory, bound);
  if (!program)
    return report(program.error());
  fmt::print(stderr, "{}", program->warnings());

  for (const auto &[name, value] : values)
    if (Expected<void> set = program->set(name, value.view()); !set)
      return report(set.error());
  if (Expected<void> done = program->run(); !done)
    return report(done.error());
  fmt::print("{}", program->answers(arguments.json));

  for (const std::string &assignment : arguments.get) {
    auto split = splitAssignment(assignment, "--get");
    if (!split)
      return static_cast<int>(ErrorKind::Usage);
    Expected<Tensor> value = program->get(split->first);
    if (!value)
      return report(value.error());
    if (Expected<void> written = value->write(split->second); !written)
      return report(written.error());
  }
  return 0;
}

} // namespace

void addRun(CLI::App &app, Action &action) {
  auto arguments = std::make_shared<RunArguments>();
  arguments->options.colour = isatty(STDERR_FILENO) && !std::getenv("NO_COLOR");
  CLI::App *command = app.add_subcommand("run", "compile a program, run it and answer its queries");
  command->add_option("FILE", arguments->path, "the program (.tl), or - for standard input")
      ->required();
  command->add_option("--set", arguments->set, "NAME=FILE|VALUE: the value of an input or param");
  command->add_option("--get", arguments->get, "NAME=FILE: write a result to a file");
  command->add_flag("--json", arguments->json, "print answers as JSON");
  addThreads(*command, arguments->options);
  addTarget(*command, arguments->options);
  addPlanning(*command, arguments->options);
  addCache(*command, arguments->options);
  addDType(*command, arguments->options);
  addLowRank(*command, arguments->options);
  command->footer("Example: tlc run layer.tl --set X=x.npy --set Rate=0.1 --get Y=y.npy");
  command->callback([arguments, &action] {
    action = [arguments] {
      if (Expected<void> read = readPath(arguments->options); !read)
        return report(read.error());
      return run(*arguments);
    };
  });
}

} // namespace tlc::cli
