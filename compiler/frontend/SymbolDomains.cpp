//===- SymbolDomains.cpp - positions of symbols [R6] ----------------------===//
//
// The classes of the extent graph are the symbol domains: two positions that one variable may stand
// in hold the same symbols. A domain lists them in the order of first appearance,
//
//   Parent(Alice, Bob)            0 Alice, 1 Bob, 2 Charlie
//   Parent(Bob, Charlie)
//
// and a symbol's position is its number. Digits in a file of facts are positions, unless a
// word occurs in the same domain.
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/SymbolDomains.h"

#include <algorithm>

using namespace tlc;
using namespace tlc::frontend;

/// Indices that are compared for equality and hold symbols are of one domain.
static void linkCompared(Analysis &analysis) {
  ExtentGraph &graph = analysis.extents;
  std::set<int> symbolic;
  for (const ExtentGraph::Symbol &symbol : graph.symbols)
    symbolic.insert(graph.find(symbol.node));
  for (const ComparedVariables &pair : analysis.compared)
    if (symbolic.count(graph.find(pair.a)) && symbolic.count(graph.find(pair.b)))
      graph.link(pair.a, pair.b, pair.range);
}

void frontend::linkDomains(Analysis &analysis) {
  linkCompared(analysis);
  ExtentGraph &graph = analysis.extents;
  // A symbol of two declared domains tells nothing.
  std::unordered_map<std::string, int> owner;
  for (const ExtentGraph::Symbol &symbol : graph.symbols) {
    if (graph[symbol.node].kind != ExtentGraph::Kind::Domain)
      continue;
    auto [entry, isNew] = owner.try_emplace(symbol.name, symbol.node);
    if (!isNew)
      entry->second = -1;
  }
  if (owner.empty())
    return;
  for (const ExtentGraph::Symbol &symbol : graph.symbols) {
    auto found = owner.find(symbol.name);
    if (found != owner.end() && found->second >= 0 &&
        graph[symbol.node].kind != ExtentGraph::Kind::Domain)
      graph.link(symbol.node, found->second, symbol.range);
  }
}

namespace {

class SymbolNumberer {
public:
  explicit SymbolNumberer(Analysis &analysis) : analysis(analysis), graph(analysis.extents) {}

  std::vector<int64_t> run() {
    for (int node = 0; node < graph.size(); ++node)
      graph.find(node);
    hasWord.resize(graph.size());
    domainOf.assign(graph.size(), -1);
    isClosed.resize(graph.size());
    for (const ExtentGraph::Symbol &symbol : graph.symbols)
      if (!symbol.isDigits)
        hasWord[graph.find(symbol.node)] = true;
    for (const auto &[name, info] : analysis.domains)
      if (info.hasSymbols)
        declare(name, graph.find(info.node));
    for (const ExtentGraph::Symbol &symbol : graph.symbols)
      if (symbol.introduces)
        introduce(symbol);
    for (const ExtentGraph::Symbol &symbol : graph.symbols)
      if (!symbol.introduces)
        lookUp(symbol);
    return store();
  }

private:
  int domain(int root) {
    if (domainOf[root] < 0) {
      domainOf[root] = static_cast<int>(analysis.program.domains.size());
      analysis.program.domains.emplace_back();
      numbers.emplace_back();
    }
    return domainOf[root];
  }

  void declare(const std::string &name, int root) {
    program::Domain &entry = analysis.program.domains[domain(root)];
    if (entry.name.empty())
      entry.name = name;
    isClosed[root] = true;
  }

  int64_t add(int domain, const std::string &name) {
    std::vector<std::string> &symbols = analysis.program.domains[domain].symbols;
    auto [entry, isNew] = numbers[domain].try_emplace(name, static_cast<int64_t>(symbols.size()));
    if (isNew)
      symbols.push_back(name);
    return entry->second;
  }

  void introduce(const ExtentGraph::Symbol &symbol) {
    int root = graph.find(symbol.node);
    if (symbol.isDigits && !hasWord[root]) {
      *symbol.target = std::stoll(symbol.name);
      graph.integers.push_back({symbol.node, *symbol.target, symbol.range, true});
      return;
    }
    int number = domain(root);
    bool isDeclaration = graph[symbol.node].kind == ExtentGraph::Kind::Domain;
    if (isClosed[root] && !isDeclaration && !numbers[number].count(symbol.name))
      return unknown(symbol, number);
    int64_t position = add(number, symbol.name);
    if (symbol.target)
      *symbol.target = position;
  }

  void lookUp(const ExtentGraph::Symbol &symbol) {
    int root = graph.find(symbol.node);
    int number = domain(root);
    auto found = numbers[number].find(symbol.name);
    if (found != numbers[number].end()) {
      *symbol.target = found->second;
      return;
    }
    if (isClosed[root])
      return unknown(symbol, number);
    std::string hint = near(symbol.name, number);
    if (!hint.empty())
      analysis.diagnostics.warning(symbol.range, diag::UnusualSymbol, symbol.name, hint);
    *symbol.target = add(number, symbol.name);
  }

  std::string near(const std::string &name, int domain) {
    std::vector<std::string_view> names;
    for (const std::string &symbol : analysis.program.domains[domain].symbols)
      names.push_back(symbol);
    return suggestion(name, names);
  }

  void unknown(const ExtentGraph::Symbol &symbol, int domain) {
    analysis.diagnostics.error(symbol.range, diag::UnknownSymbol, symbol.name,
                               analysis.program.domains[domain].name, near(symbol.name, domain));
  }

  std::vector<int64_t> store() {
    std::vector<int64_t> sizes(graph.size(), -1);
    for (int node = 0; node < graph.size(); ++node)
      if (domainOf[node] >= 0)
        sizes[node] = static_cast<int64_t>(analysis.program.domains[domainOf[node]].symbols.size());
    for (size_t t = 0; t < analysis.tensors.size(); ++t)
      for (int i = 0; i < analysis.tensors[t].storedRank(); ++i)
        analysis.tensor(static_cast<int>(t))
            .domains.push_back(domainOf[graph.find(graph.position(static_cast<int>(t), i))]);
    return sizes;
  }

  Analysis &analysis;
  ExtentGraph &graph;
  std::vector<bool> hasWord, isClosed;
  std::vector<int> domainOf; ///< of class representatives
  std::vector<std::unordered_map<std::string, int64_t>> numbers;
};

} // namespace

std::vector<int64_t> frontend::numberSymbols(Analysis &analysis) {
  return SymbolNumberer(analysis).run();
}
