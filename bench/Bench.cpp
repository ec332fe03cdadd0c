//===- Bench.cpp - tlc beside the libraries -------------------------------===//
//
//   tlc-bench gemm batched --quick --filter f32
//
// First measures what the machine can do, then lets tlc and its peers take turns on each case, and
// prints a line for each; all of it goes into a file, of which bench/report.py makes tables.
//
//===----------------------------------------------------------------------===//

#include "bench/Groups.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <map>

namespace tlc::bench {
namespace {

const std::pair<const char *, void (*)(Session &, Peers &)> groups[] = {
    {"gemm", benchGemm},     {"tccg", benchTccg},      {"batched", benchBatched},
    {"skinny", benchSkinny}, {"memory", benchMemory},  {"attention", benchAttention},
    {"types", benchTypes},   {"compile", benchCompile}};

void describeMachine(Session &session) {
  int threads = session.wantsThreads(2) ? 2 : 1;
  session.peaks = measurePeaks(threads);
  session.bandwidths = measureBandwidths(session.settings.quick);
  const Bandwidths &speed = session.bandwidths;
  fmt::print("{}, load {:.2f}\n", cpuName(), loadAverage());
  fmt::print("one core: {:.1f} GFLOP/s f32, {:.1f} f64; GB/s: read {:.1f}, write {:.1f}, "
             "copy {:.1f}, streaming write {:.1f}, streaming copy {:.1f}\n",
             session.peaks.gflops[0][0], session.peaks.gflops[1][0], speed.read, speed.write,
             speed.copy, speed.streamingWrite, speed.streamingCopy);
  for (const auto &[name, description] : session.peers)
    fmt::print("{}: {}\n", name, description);
  std::fflush(stdout);
}

int run(const Settings &settings, const std::string &xsmm) {
  Session session(settings);
  Peers peers{openBlas(), Xsmm(xsmm), Torch(settings.python)};
  for (const Blas &blas : peers.blas)
    session.peers.emplace_back(blas.name, blas.description);
  if (peers.xsmm)
    session.peers.emplace_back("libxsmm", peers.xsmm.description());
  if (peers.torch)
    session.peers.emplace_back("PyTorch", peers.torch.description());
  describeMachine(session);
  for (auto [name, measure] : groups)
    if (settings.groups.empty() ||
        std::count(settings.groups.begin(), settings.groups.end(), name) > 0) {
      measure(session, peers);
      if (!settings.json.empty()) // what there is, should the next group be interrupted
        session.writeJson();
    }
  return session.failed;
}

} // namespace
} // namespace tlc::bench

int main(int argc, char **argv) {
  tlc::bench::Settings settings;
  std::string xsmm;
  CLI::App app("tlc beside OpenBLAS, BLIS, oneDNN, libxsmm and PyTorch");
  std::vector<std::string> names;
  for (auto [name, measure] : tlc::bench::groups)
    names.emplace_back(name);
  app.add_option("GROUP", settings.groups,
                 "gemm, tccg, batched, skinny, memory, attention, types, compile")
      ->check(CLI::IsMember(names));
  app.add_flag("--quick", settings.quick, "fewer and smaller cases, fewer rounds");
  app.add_option("--filter", settings.filters,
                 "only cases whose line contains the text; may be repeated")
      ->allow_extra_args(false);
  app.add_option("--type", settings.types, "f32, f64, or one of the group types; all if not given")
      ->allow_extra_args(false);
  app.add_option("--threads", settings.threads, "1 or 2; both, or with --quick 1, if not given")
      ->allow_extra_args(false);
  app.add_option("--json", settings.json, "file for the results");
  app.add_option("--tlc", settings.tlc, "the program tlc");
  app.add_option("--xsmm", xsmm, "libxsmm as a shared library");
  app.add_option("--python", settings.python, "an interpreter with PyTorch");
  CLI11_PARSE(app, argc, argv);
  if (settings.threads.empty())
    settings.threads = settings.quick ? std::vector{1} : std::vector{1, 2};
  return tlc::bench::run(settings, xsmm);
}
