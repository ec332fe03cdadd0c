//===- tlc.cpp - the command line -----------------------------------------===//

#include "Commands.h"

#include <cstdio>
#include <string>
#include <vector>

/// The arguments after the program's name, the last first, as CLI11 takes them. An equation such as
/// "->" or "->ij" must not look like an option: a blank, which the notation ignores, goes in front.
static std::vector<std::string> reversedArguments(int argc, char **argv) {
  std::vector<std::string> arguments;
  for (int i = argc - 1; i > 0; --i) {
    std::string argument = argv[i];
    arguments.push_back(argument.compare(0, 2, "->") == 0 ? ' ' + argument : argument);
  }
  return arguments;
}

int main(int argc, char **argv) {
  CLI::App app{"tlc - a compiler for einsum and tensor logic"};
  app.set_version_flag("--version", "tlc " + tlc::version());
  app.require_subcommand(1);
  app.footer("Example: tlc einsum \"ij,jk->ik\" a.npy b.npy -o c.npy");

  tlc::cli::Action action;
  tlc::cli::addRun(app, action);
  tlc::cli::addEinsum(app, action);
  tlc::cli::addCompile(app, action);
  tlc::cli::addExplain(app, action);
  tlc::cli::addCheck(app, action);
  tlc::cli::addTune(app, action);

  try {
    app.name(argv[0]);
    app.parse(reversedArguments(argc, argv));
  } catch (const CLI::ParseError &error) {
    // CLI11 has an exit code for each mistake; here all are usage errors.
    return app.exit(error) == 0 ? 0 : static_cast<int>(tlc::ErrorKind::Usage);
  }
  tlc::handleSignals();
  int status = action();
  if (std::fflush(stdout) != 0 && status == 0) {
    std::perror("tlc: cannot write to standard output");
    return static_cast<int>(tlc::ErrorKind::Data);
  }
  return status;
}
