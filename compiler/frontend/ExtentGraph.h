//===- ExtentGraph.h - which extents are one extent -----------------------===//
//
// A node is a position of a tensor, an index variable of an equation, or a name declared by
// `domain`. A link says that two nodes have the same extent, because a bare variable stands in
// a position: in
//
//   Y[i,k] = X[i,j] Z[j,k]        X.0 - i - Y.0     X.1 - j - Z.0     Z.1 - k - Y.1
//
// The classes of the graph are found with union-find. Links keep their places in the text, so
// that a class with two extents can be explained by the path between them.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_FRONTEND_EXTENTGRAPH_H
#define TLC_COMPILER_FRONTEND_EXTENTGRAPH_H

#include "compiler/support/Source.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tlc::frontend {

class ExtentGraph {
public:
  enum class Kind { Position, Variable, Domain };
  struct Node {
    Kind kind;
    int owner; ///< tensor or equation
    int index; ///< position or variable
  };
  struct Link {
    int a, b;
    SourceRange range;
  };
  /// An extent that the program or a file states for a node.
  struct Source {
    int node;
    int64_t extent;
    SourceRange range;
  };
  /// A symbol in a position [R6]; its number goes to `*target`.
  struct Symbol {
    int node;
    std::string name;
    SourceRange range;
    int64_t *target;
    bool introduces; ///< a fact, a left side or a declaration: the domain gets it if new
    bool isDigits;   ///< from a file of facts: a position unless the column has words
  };
  /// An integer in a position of a fact or on a left side: the extent is larger, if nothing else
  /// says.
  struct Integer {
    int node;
    int64_t value;
    SourceRange range;
    bool isWrite;
  };

  /// The node of a position of a tensor, or of a variable of an equation.
  int position(int tensor, int index) { return number(Kind::Position, positions, tensor, index); }
  int variable(int equation, int index) {
    return number(Kind::Variable, variables, equation, index);
  }
  /// A new node for a declared domain.
  int domain() { return add({Kind::Domain, -1, -1}); }

  void link(int a, int b, SourceRange range);
  void addSource(int node, int64_t extent, SourceRange range) {
    sources.push_back({node, extent, range});
  }

  /// The representative of the class of a node.
  int find(int node);
  /// The links on a shortest path between two nodes of one class.
  std::vector<Link> path(int from, int to) const;

  int size() const { return static_cast<int>(nodes.size()); }
  const Node &operator[](int node) const { return nodes[node]; }

  std::vector<Link> links;
  std::vector<Source> sources;
  std::vector<Symbol> symbols;
  std::vector<Integer> integers;
  std::vector<int> unknown; ///< nodes of `domain b = ?`

private:
  int add(Node node);
  int number(Kind kind, std::vector<std::vector<int>> &table, int owner, int index);

  std::vector<Node> nodes;
  std::vector<int> parents;
  std::vector<std::vector<int>> positions, variables;
};

} // namespace tlc::frontend

#endif // TLC_COMPILER_FRONTEND_EXTENTGRAPH_H
