//===- Compiling.cpp - the time before anything is computed ---------------===//
//
// Processor time of compiling an einsum, in new processes and in one that has compiled before, and
// of starting the program. The user's cache of compiled code is set aside: caches of the run's own
// begin empty.
//
//===----------------------------------------------------------------------===//

#include "bench/Groups.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sys/resource.h>
#include <sys/wait.h>

namespace tlc::bench {
namespace {

namespace fs = std::filesystem;

double childSeconds() {
  rusage usage;
  getrusage(RUSAGE_CHILDREN, &usage);
  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
         1e-6 * double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/// Processor time of a command.
double secondsOf(Session &session, const std::string &command) {
  double start = childSeconds();
  if (std::system((command + " > /dev/null").c_str()) != 0)
    session.fail("'" + command + "' failed");
  return childSeconds() - start;
}

/// The number after `"compile_seconds":` in what a command prints.
double compileSecondsOf(Session &session, const std::string &command) {
  std::string text;
  if (FILE *output = popen(command.c_str(), "r")) {
    char buffer[4096];
    while (size_t length = std::fread(buffer, 1, sizeof buffer, output))
      text.append(buffer, length);
    pclose(output);
  }
  std::string key = "\"compile_seconds\":";
  size_t at = text.find(key);
  if (at == std::string::npos) {
    session.fail("'" + command + "' printed no time");
    return 0;
  }
  return std::atof(text.c_str() + at + key.size());
}

template <typename Measure> double medianOf(int rounds, Measure measure) {
  std::vector<double> times;
  for (int round = 0; round < rounds; ++round)
    times.push_back(measure(round));
  return median(times);
}

double compileHere(Session &session, int64_t n) {
  TensorType type{DType::F32, {n, n}};
  Expected<Function> function = compileEinsum("ij,jk->ik", {type, type});
  return works(session, "ij,jk->ik", function) ? function->compileSeconds() : 0;
}

} // namespace

void benchCompile(Session &session, Peers &) {
  int rounds = session.settings.quick ? 5 : 15;
  fs::path folder = fs::temp_directory_path() / fmt::format("tlc-bench-{}", getpid());
  fs::create_directories(folder);
  setenv("XDG_CACHE_HOME", (folder / "here").c_str(), 1);
  auto ms = [&](const std::string &what, double seconds) {
    session.figure(what, 1e3 * seconds, "ms");
  };
  ms("compile ij,jk->ik, about 200 x 200, in a process that has compiled before",
     medianOf(rounds, [&](int round) { return compileHere(session, 200 + round); }));
  ms("compile ij,jk->ik, 3 x 3 to 8 x 8, in a process that has compiled before",
     medianOf(6, [&](int round) { return compileHere(session, 3 + round); }));

  std::string tlc = "'" + session.settings.tlc + "'";
  auto withCache = [&](const std::string &cache, const std::string &command) {
    return fmt::format("XDG_CACHE_HOME='{}' {} {}", (folder / cache).string(), tlc, command);
  };
  ms("tlc --version",
     medianOf(rounds, [&](int) { return secondsOf(session, tlc + " --version"); }));
  for (int64_t n : {8, 256}) {
    fs::path operand = folder / fmt::format("{}.npy", n);
    Expected<Tensor> zeros = Tensor::zeros(DType::F32, {n, n});
    if (!works(session, operand, zeros) || !works(session, operand, zeros->write(operand)))
      return;
    std::string einsum = fmt::format("einsum 'ij,jk->ik' '{0}' '{0}'", operand.string());
    ms(fmt::format("compile ij,jk->ik, {0} x {0}, in a new process", n),
       medianOf(5, [&](int round) {
         return compileSecondsOf(
             session, withCache(fmt::format("cold{}-{}", n, round), einsum + " --bench --json"));
       }));
    ms(fmt::format("tlc einsum ij,jk->ik on files of {0} x {0}, nothing in the cache", n),
       medianOf(rounds, [&](int round) {
         return secondsOf(session, withCache(fmt::format("first{}-{}", n, round), einsum));
       }));
    ms(fmt::format("tlc einsum ij,jk->ik on files of {0} x {0}, again", n),
       medianOf(rounds, [&](int) {
         return secondsOf(session, withCache(fmt::format("first{}-0", n), einsum));
       }));
  }
  fs::remove_all(folder);
}

} // namespace tlc::bench
