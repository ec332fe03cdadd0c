//===- tlc.cpp - the command line -----------------------------------------===//

#include "Commands.h"

#include <cstdio>

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

  try {
    app.parse(argc, argv);
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
