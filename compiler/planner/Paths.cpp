//===- Paths.cpp - orders as other tools write them -----------------------===//

#include "compiler/planner/Paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace tlc::planner {
namespace {

using Groups = std::vector<std::vector<int>>;

/// The numbers within each innermost pair of brackets of the list that starts the text.
bool parseGroups(std::string_view text, Groups &groups) {
  int depth = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    if (c == '[' || c == '(') {
      if (++depth == 2)
        groups.emplace_back();
      if (depth > 2)
        return false;
    } else if (c == ']' || c == ')') {
      if (--depth == 0)
        return true;
    } else if (c >= '0' && c <= '9') {
      size_t end = std::min(text.find_first_not_of("0123456789", at), text.size());
      if (depth != 2 || end - at > 9)
        return false;
      groups.back().push_back(std::stoi(std::string(text.substr(at, end - at))));
      at = end - 1;
    } else if (std::string_view(", \t\r\n").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return false;
}

/// In SSA form every tensor but the last is used once; positions repeat from three tensors on.
bool isSsa(const Groups &groups) {
  std::vector<int> numbers;
  for (const std::vector<int> &group : groups)
    numbers.insert(numbers.end(), group.begin(), group.end());
  std::sort(numbers.begin(), numbers.end());
  return std::adjacent_find(numbers.begin(), numbers.end()) == numbers.end();
}

} // namespace

Path parsePath(std::string_view text, int numInputs, std::string &problem) {
  if (size_t key = text.find("\"path\""); key != std::string_view::npos)
    text = text.substr(key);
  text = text.substr(std::min(text.find_first_of("[("), text.size()));
  Groups groups;
  if (!parseGroups(text, groups)) {
    problem = "expected a list of pairs, such as [[0, 1], [2, 3]]";
    return {};
  }
  bool ssa = isSsa(groups);
  // The tensors by SSA number (-1: used) or by position.
  std::vector<int> live(numInputs);
  std::iota(live.begin(), live.end(), 0);
  Path path;
  for (const std::vector<int> &group : groups) {
    std::vector<int> nodes;
    for (int number : group) {
      if (number >= int(live.size()) || live[number] < 0 ||
          std::count(nodes.begin(), nodes.end(), live[number])) {
        problem = fmt::format("step {} names tensor {}, which is not there", path.size(), number);
        return {};
      }
      nodes.push_back(live[number]);
    }
    for (int node : nodes)
      ssa ? void(live[std::find(live.begin(), live.end(), node) - live.begin()] = -1)
          : void(std::erase(live, node));
    if (nodes.empty())
      continue;
    int result = nodes[0];
    for (size_t i = 1; i < nodes.size(); ++i) {
      path.push_back(std::minmax(result, nodes[i]));
      result = numInputs + static_cast<int>(path.size()) - 1;
    }
    live.push_back(result);
  }
  if (int(path.size()) != numInputs - 1) {
    problem = fmt::format("the path has {} steps, expected {} for {} operands", path.size(),
                          numInputs - 1, numInputs);
    return {};
  }
  return path;
}

Path linearPath(const Path &path, int numInputs) {
  std::vector<int> live(numInputs);
  std::iota(live.begin(), live.end(), 0);
  Path linear;
  for (auto [lhs, rhs] : path) {
    auto first = std::find(live.begin(), live.end(), lhs);
    auto second = std::find(live.begin(), live.end(), rhs);
    linear.push_back(std::minmax(int(first - live.begin()), int(second - live.begin())));
    live.erase(std::max(first, second));
    live.erase(std::min(first, second));
    live.push_back(numInputs + static_cast<int>(linear.size()) - 1);
  }
  return linear;
}

} // namespace tlc::planner
