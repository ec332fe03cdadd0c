//===- PlannerBench.cpp - orders of many networks, as a table -------------===//
//
// Prints, as Markdown, log10 of the multiplications of one greedy order, of the best of 128 with
// noise, and of plans within 0.1 s and 1 s of processor time (median and worst of five seeds).
// With `large`: networks of thousands of tensors, with and without nested dissection.
//
//===----------------------------------------------------------------------===//

#include "bench/PlannerNetworks.h"

#include <fmt/format.h>

#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <string_view>

using namespace tlc;
using planner::Method;
using planner::Plan;

namespace {

double cpuSeconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

struct Outcome {
  double median, worst, seconds;
};

/// Of several seeds; the seconds are the median too.
Outcome planned(const planner::Network &network, Method method, double seconds, int seeds) {
  std::vector<double> muls, times;
  for (int seed = 1; seed <= seeds; ++seed) {
    double start = cpuSeconds();
    Plan plan = planner::plan(network, {.objective = planner::Objective::Flops,
                                        .seconds = seconds,
                                        .seed = uint64_t(seed),
                                        .method = method});
    times.push_back(cpuSeconds() - start);
    muls.push_back(std::log10(plan.muls));
  }
  std::sort(muls.begin(), muls.end());
  std::sort(times.begin(), times.end());
  return {muls[muls.size() / 2], muls.back(), times[times.size() / 2]};
}

void printFamilies() {
  fmt::print("| network | tensors | indices | greedy | 128 random greedy | 0.1 s: median (worst) | "
             "1 s: median (worst) | processor s | elsewhere |\n"
             "|---|---|---|---|---|---|---|---|---|\n");
  for (const auto &[name, network, known] : bench::plannerFamilies()) {
    Outcome greedy = planned(network, Method::Greedy, 1, 1);
    Outcome randomGreedy = planned(network, Method::RandomGreedy, 1, 1);
    Outcome quick = planned(network, Method::Automatic, 0.1, 5);
    Outcome slow = planned(network, Method::Automatic, 1, 5);
    fmt::print("| {} | {} | {} | {:.2f} | {:.2f} | {:.2f} ({:.2f}) | {:.2f} ({:.2f}) | {:.2f}, "
               "{:.2f} | {} |\n",
               name, network.inputs.size(), network.sizes.size(), greedy.median,
               randomGreedy.median, quick.median, quick.worst, slow.median, slow.worst,
               quick.seconds, slow.seconds, known > 0 ? fmt::format("{:.2f}", known) : "");
    std::fflush(stdout);
  }
}

/// Networks of thousands of tensors, in ten seconds.
void printLarge() {
  fmt::print(
      "| network | tensors | indices | greedy | annealing alone, 10 s | all searches, 10 s | "
      "processor s | peak MiB |\n|---|---|---|---|---|---|---|---|\n");
  auto row = [](const char *name, const planner::Network &network) {
    Outcome greedy = planned(network, Method::Greedy, 10, 1);
    Outcome annealing = planned(network, Method::Annealing, 10, 1);
    Outcome all = planned(network, Method::Automatic, 10, 1);
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double bits = std::log2(10);
    fmt::print("| {} | {} | {} | 2^{:.1f} | 2^{:.1f} | 2^{:.1f} | {:.1f} | {} |\n", name,
               network.inputs.size(), network.sizes.size(), greedy.median * bits,
               annealing.median * bits, all.median * bits, all.seconds, usage.ru_maxrss / 1024);
    std::fflush(stdout);
  };
  row("queens, n = 12", bench::queensNetwork(12));
  row("queens, n = 20", bench::queensNetwork(20));
  row("queens, n = 28", bench::queensNetwork(28));
  row("clauses, 40 x 40 variables", bench::clauseNetwork(40, 4000, 40));
}

} // namespace

int main(int argc, char **argv) {
  bool isLarge = argc > 1 && std::string_view(argv[1]) == "large";
  isLarge ? printLarge() : printFamilies();
}
