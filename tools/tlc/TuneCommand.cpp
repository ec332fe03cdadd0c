//===- TuneCommand.cpp - tlc tune -----------------------------------------===//

#include "Commands.h"

namespace tlc::cli {

void addTune(CLI::App &app, Action &action) {
  CLI::App *command = app.add_subcommand(
      "tune", "measure this machine, so that plans by seconds know it; takes some seconds");
  command->footer("Example: tlc tune");
  command->callback([&action] {
    action = [] {
      Expected<std::string> report = tune();
      return report ? writeOutput("-", *report) : cli::report(report.error());
    };
  });
}

} // namespace tlc::cli
