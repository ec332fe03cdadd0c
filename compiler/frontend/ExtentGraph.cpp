//===- ExtentGraph.cpp - union-find and paths -----------------------------===//
//
// Union-find with path halving; a path is found by breadth-first search, only to explain
// an error.
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/ExtentGraph.h"

#include <algorithm>
#include <deque>

using namespace tlc;
using namespace tlc::frontend;

int ExtentGraph::add(Node node) {
  int number = size();
  nodes.push_back(node);
  parents.push_back(number);
  return number;
}

int ExtentGraph::number(Kind kind, std::vector<std::vector<int>> &table, int owner, int index) {
  if (static_cast<size_t>(owner) >= table.size())
    table.resize(owner + 1);
  std::vector<int> &row = table[owner];
  if (static_cast<size_t>(index) >= row.size())
    row.resize(index + 1, -1);
  if (row[index] < 0)
    row[index] = add({kind, owner, index});
  return row[index];
}

int ExtentGraph::find(int node) {
  while (parents[node] != node)
    node = parents[node] = parents[parents[node]];
  return node;
}

void ExtentGraph::link(int a, int b, SourceRange range) {
  links.push_back({a, b, range});
  int rootA = find(a), rootB = find(b);
  // The older node represents the class, so that results do not depend on the order of links.
  if (rootA != rootB)
    parents[std::max(rootA, rootB)] = std::min(rootA, rootB);
}

std::vector<ExtentGraph::Link> ExtentGraph::path(int from, int to) const {
  std::vector<std::vector<int>> incident(nodes.size());
  for (size_t i = 0; i < links.size(); ++i) {
    incident[links[i].a].push_back(static_cast<int>(i));
    incident[links[i].b].push_back(static_cast<int>(i));
  }
  std::vector<int> via(nodes.size(), -1);
  std::vector<bool> seen(nodes.size());
  std::deque<int> queue{from};
  seen[from] = true;
  while (!queue.empty() && !seen[to]) {
    int node = queue.front();
    queue.pop_front();
    for (int number : incident[node]) {
      int next = links[number].a == node ? links[number].b : links[number].a;
      if (seen[next])
        continue;
      seen[next] = true;
      via[next] = number;
      queue.push_back(next);
    }
  }
  std::vector<Link> result;
  for (int node = to; node != from && via[node] >= 0;) {
    const Link &link = links[via[node]];
    result.push_back(link);
    node = link.a == node ? link.b : link.a;
  }
  std::reverse(result.begin(), result.end());
  return result;
}
