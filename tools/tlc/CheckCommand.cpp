//===- CheckCommand.cpp - tlc check ---------------------------------------===//

#include "Commands.h"

#include <fmt/format.h>

#include <unistd.h>

namespace tlc::cli {

static int runCheck(const std::string &path, const Options &options) {
  Expected<Source> source = readSource(path);
  if (!source)
    return report(source.error());
  Expected<std::string> warnings = check(*source, options);
  if (!warnings)
    return report(warnings.error());
  fmt::print(stderr, "{}", *warnings);
  return 0;
}

void addCheck(CLI::App &app, Action &action) {
  auto path = std::make_shared<std::string>();
  Options options;
  options.colour = isatty(STDERR_FILENO) && !std::getenv("NO_COLOR");
  CLI::App *command = app.add_subcommand("check", "report the errors of a program");
  command->add_option("FILE", *path, "the program (.tl), or - for standard input")->required();
  command->footer("Example: tlc check layer.tl");
  command->callback(
      [path, options, &action] { action = [path, options] { return runCheck(*path, options); }; });
}

} // namespace tlc::cli
