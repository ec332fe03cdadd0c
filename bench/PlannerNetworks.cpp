//===- PlannerNetworks.cpp - networks to plan -----------------------------===//

#include "bench/PlannerNetworks.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace tlc::bench {
namespace {

using planner::Network;
using Random = std::mt19937;

int addIndex(Network &network, int64_t extent) {
  network.sizes.push_back(extent);
  return static_cast<int>(network.sizes.size()) - 1;
}

int pick(Random &random, int low, int high) {
  return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1));
}

/// An index that two tensors share.
void join(Network &network, int a, int b, int64_t extent) {
  int index = addIndex(network, extent);
  network.inputs[a].push_back(index);
  network.inputs[b].push_back(index);
}

/// n tensors with `degree` bonds each, joined at random; extents from `low` to `high`.
Network regular(int n, int degree, int low, int high, unsigned seed) {
  Random random(seed);
  Network network;
  network.inputs.resize(n);
  std::vector<int> ends(size_t(n) * degree);
  for (bool isSimple = false; !isSimple;) {
    for (size_t i = 0; i < ends.size(); ++i)
      ends[i] = static_cast<int>(i) / degree;
    for (size_t i = ends.size() - 1; i > 0; --i)
      std::swap(ends[i], ends[random() % (i + 1)]);
    isSimple = true;
    for (size_t i = 0; i + 1 < ends.size(); i += 2)
      isSimple &= ends[i] != ends[i + 1];
  }
  for (size_t i = 0; i + 1 < ends.size(); i += 2)
    join(network, ends[i], ends[i + 1], pick(random, low, high));
  return network;
}

Network lattice(int width, int height, int depth, int64_t extent, bool isPeriodic = false) {
  Network network;
  int count = width * height * depth;
  network.inputs.resize(count);
  auto at = [&](int x, int y, int z) { return (z * height + y) * width + x; };
  auto along = [&](int here, int position, int length, int next) {
    if (length > 1 && (position + 1 < length || (isPeriodic && length > 2)))
      join(network, here, next, extent);
  };
  for (int z = 0; z < depth; ++z)
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x) {
        along(at(x, y, z), x, width, at((x + 1) % width, y, z));
        along(at(x, y, z), y, height, at(x, (y + 1) % height, z));
        along(at(x, y, z), z, depth, at(x, y, (z + 1) % depth));
      }
  return network;
}

/// Two copies of a network, the tensors with the same number joined.
Network overlap(const Network &network, int64_t physical) {
  Network both = network;
  int numTensors = static_cast<int>(network.inputs.size());
  int numIndices = static_cast<int>(network.sizes.size());
  both.sizes.insert(both.sizes.end(), network.sizes.begin(), network.sizes.end());
  for (std::vector<int> indices : network.inputs) {
    for (int &index : indices)
      index += numIndices;
    both.inputs.push_back(std::move(indices));
  }
  for (int tensor = 0; tensor < numTensors; ++tensor)
    join(both, tensor, numTensors + tensor, physical);
  return both;
}

/// <psi| O |psi> of a binary MERA over `sites` sites, with an operator on two of them.
Network mera(int sites, int64_t extent) {
  Network network;
  std::vector<int> bra, ket;
  for (int site = 0; site < sites; ++site) {
    ket.push_back(addIndex(network, extent));
    bra.push_back(site == 2 || site == 3 ? addIndex(network, extent) : ket.back());
  }
  network.inputs.push_back({ket[2], ket[3], bra[2], bra[3]});
  for (std::vector<int> *wires : {&ket, &bra}) {
    while (wires->size() > 2) {
      int count = static_cast<int>(wires->size());
      for (int i = 1; i < count; i += 2) {
        int &a = (*wires)[i], &b = (*wires)[(i + 1) % count];
        int newA = addIndex(network, extent), newB = addIndex(network, extent);
        network.inputs.push_back({a, b, newA, newB});
        a = newA;
        b = newB;
      }
      std::vector<int> coarse;
      for (int i = 0; i < count; i += 2) {
        coarse.push_back(addIndex(network, extent));
        network.inputs.push_back({(*wires)[i], (*wires)[i + 1], coarse.back()});
      }
      *wires = coarse;
    }
    network.inputs.push_back(*wires);
  }
  return network;
}

/// An amplitude of a circuit on a grid of qubits. Each layer has a gate on every qubit and gates on
/// a quarter of the neighbours; diagonal ones keep the indices and so make hyperedges.
Network circuit(int width, int height, int depth, bool isDiagonal) {
  Network network;
  std::vector<int> wires;
  for (int qubit = 0; qubit < width * height; ++qubit) {
    wires.push_back(addIndex(network, 2));
    network.inputs.push_back({wires.back()});
  }
  auto couple = [&](int a, int b) {
    if (isDiagonal) {
      network.inputs.push_back({wires[a], wires[b]});
      return;
    }
    int newA = addIndex(network, 2), newB = addIndex(network, 2);
    network.inputs.push_back({wires[a], wires[b], newA, newB});
    wires[a] = newA;
    wires[b] = newB;
  };
  for (int layer = 0; layer < depth; ++layer) {
    for (int &wire : wires) {
      int next = addIndex(network, 2);
      network.inputs.push_back({wire, next});
      wire = next;
    }
    bool isVertical = layer % 2;
    int parity = layer / 2 % 2;
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x) {
        if (!isVertical && x % 2 == parity && x + 1 < width)
          couple(y * width + x, y * width + x + 1);
        if (isVertical && y % 2 == parity && y + 1 < height)
          couple(y * width + x, (y + 1) * width + x);
      }
  }
  for (int wire : wires)
    network.inputs.push_back({wire});
  return network;
}

Network matrixChain(int n, unsigned seed) {
  Random random(seed);
  Network network;
  for (int i = 0; i <= n; ++i)
    addIndex(network, pick(random, 2, 200));
  for (int i = 0; i < n; ++i)
    network.inputs.push_back({i, i + 1});
  network.output = {0, n};
  return network;
}

/// Stars: `arms` chains of matrices that meet in one index, which the result has.
Network star(int arms, int length, int64_t extent) {
  Network network;
  int centre = addIndex(network, extent);
  network.output = {centre};
  for (int arm = 0; arm < arms; ++arm)
    for (int i = 0, last = centre; i < length; ++i) {
      int next = addIndex(network, extent + arm % 3);
      network.inputs.push_back({last, next});
      last = next;
    }
  // Hyperedges between the arms.
  for (int level = 0; level < length; ++level) {
    std::vector<int> indices;
    for (int arm = 0; arm < arms; arm += 3)
      indices.push_back(1 + arm * length + level);
    network.inputs.push_back(indices);
  }
  return network;
}

} // namespace

Network queensNetwork(int n) {
  Network network;
  for (int square = 0; square < n * n; ++square)
    network.inputs.push_back({addIndex(network, 2)});
  auto line = [&](int x, int y, int stepX, int stepY) {
    int count = addIndex(network, 2);
    network.inputs.push_back({count});
    for (; x >= 0 && x < n && y >= 0 && y < n; x += stepX, y += stepY) {
      int next = addIndex(network, 2);
      network.inputs.push_back({y * n + x, count, next});
      count = next;
    }
    network.inputs.push_back({count});
  };
  for (int i = 0; i < n; ++i) {
    line(0, i, 1, 0);
    line(i, 0, 0, 1);
  }
  for (int i = 0; i < 2 * n - 1; ++i) {
    line(std::max(0, i - n + 1), std::max(0, n - 1 - i), 1, 1);
    line(std::min(i, n - 1), std::max(0, i - n + 1), -1, 1);
  }
  return network;
}

Network clauseNetwork(int side, int count, unsigned seed) {
  Random random(seed);
  Network network;
  network.sizes.assign(size_t(side) * side, 2);
  for (int clause = 0; clause < count; ++clause) {
    int x = pick(random, 1, side - 2), y = pick(random, 1, side - 2);
    std::vector<int> variables;
    while (variables.size() < 3) {
      int variable = (y + pick(random, -1, 1)) * side + x + pick(random, -1, 1);
      if (!std::count(variables.begin(), variables.end(), variable))
        variables.push_back(variable);
    }
    network.inputs.push_back(variables);
  }
  return network;
}

std::vector<NamedNetwork> plannerFamilies() {
  std::vector<NamedNetwork> families;
  auto add = [&](std::string name, Network network, double known = 0) {
    families.push_back({std::move(name), std::move(network), known});
  };
  for (int n : {20, 40, 60, 100, 200})
    add(fmt::format("random, degree 3, {} tensors", n), regular(n, 3, 2, 4, unsigned(n)));
  for (int n : {40, 100, 160})
    add(fmt::format("3-regular, extent 2, {} tensors", n), regular(n, 3, 2, 2, unsigned(n + 1)));
  add("random, degree 5, 50 tensors", regular(50, 5, 2, 4, 5));
  add("square lattice 6 x 6, extent 4", lattice(6, 6, 1, 4), 6.07);
  add("square lattice 8 x 8", lattice(8, 8, 1, 2), 4.46);
  add("square lattice 10 x 10", lattice(10, 10, 1, 2), 5.25);
  add("square lattice 16 x 16", lattice(16, 16, 1, 2), 7.59);
  add("torus 8 x 8", lattice(8, 8, 1, 2, true), 7.33);
  add("cubic lattice 4 x 4 x 4", lattice(4, 4, 4, 2), 7.58);
  add("cubic lattice 6 x 6 x 6", lattice(6, 6, 6, 2));
  add("MPS overlap, 40 sites, extent 32", overlap(lattice(40, 1, 1, 32), 2), 6.63);
  add("PEPS overlap 5 x 5, extent 3", overlap(lattice(5, 5, 1, 3), 2));
  add("MERA, 16 sites, extent 4", mera(16, 4));
  add("MERA, 32 sites, extent 2", mera(32, 2));
  add("circuit 5 x 5, depth 8", circuit(5, 5, 8, false));
  add("circuit 6 x 6, depth 12", circuit(6, 6, 12, false));
  add("diagonal circuit 5 x 5, depth 12", circuit(5, 5, 12, true));
  add("diagonal circuit 7 x 7, depth 16", circuit(7, 7, 16, true));
  add("matrix chain, 30", matrixChain(30, 30));
  add("matrix chain, 100", matrixChain(100, 100));
  add("star of 12 arms with hyperedges", star(12, 4, 5));
  add("queens, n = 8", queensNetwork(8));
  add("clauses, 12 x 12 variables", clauseNetwork(12, 400, 12));
  return families;
}

} // namespace tlc::bench
