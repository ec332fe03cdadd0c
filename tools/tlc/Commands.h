//===- Commands.h - the subcommands of tlc --------------------------------===//
//
// Each `add...` declares one subcommand; after parsing, the chosen one's function gives
// the exit code: 0 ok, 1 the program is wrong, 2 usage, 3 data or I/O, 4 resource limit,
// 70 internal error.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_TOOLS_TLC_COMMANDS_H
#define TLC_TOOLS_TLC_COMMANDS_H

#include "tlc/tlc.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tlc::cli {

/// What the command line chose to do.
using Action = std::function<int()>;

void addRun(CLI::App &app, Action &action);
void addEinsum(CLI::App &app, Action &action);
void addCompile(CLI::App &app, Action &action);
void addExplain(CLI::App &app, Action &action);
void addCheck(CLI::App &app, Action &action);
void addTune(CLI::App &app, Action &action);

/// Options that several subcommands share: --threads, --target, --no-cache, --dtype, --cpu,
/// --lowrank.
void addTarget(CLI::App &command, Options &options);
void addThreads(CLI::App &command, Options &options);
void addCache(CLI::App &command, Options &options);
void addDType(CLI::App &command, Options &options);
void addCpu(CLI::App &command, Options &options);
void addSemiring(CLI::App &command, Options &options);
void addLowRank(CLI::App &command, Options &options);
/// --objective, --plan-seconds, --seed, --memory, --path.
void addPlanning(CLI::App &command, Options &options);
/// Puts what is in the file that --path names in its place.
Expected<void> readPath(Options &options);

/// Prints the error to stderr; returns its exit code.
int report(const Error &error);
/// Splits "NAME=VALUE"; nullopt, with a message, if there is no '='.
std::optional<std::pair<std::string, std::string>> splitAssignment(const std::string &text,
                                                                   const char *option);
/// "8x16,16x4" to shapes; "" is one scalar; "?" is an extent known when called.
Expected<std::vector<std::vector<int64_t>>> parseShapes(const std::string &text);
/// The program in a file ("-": standard input), or an einsum.
Expected<Source> readSource(const std::string &path);
Expected<Source> einsumSource(const std::string &equation, const std::optional<std::string> &shapes,
                              DType type);
/// Writes to a file, or to standard output if `path` is "" or "-".
int writeOutput(const std::string &path, const std::string &contents, bool executable = false);

} // namespace tlc::cli

#endif // TLC_TOOLS_TLC_COMMANDS_H
