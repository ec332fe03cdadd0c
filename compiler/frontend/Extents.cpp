//===- Extents.cpp - unification of extents [T1]-[T4] ---------------------===//
//
// A bare index gives its position and itself one extent; a class of such nodes has the
// extent that a literal, a file, a symbol domain or a declaration states for one of them. An affine
// index equates nothing. What follows from it is derived when the rest is known:
//
//   Pooled[x/S] = F[x]           Pooled has floor((X - 1) / S) + 1 positions
//   Y = X[2*i]                   i ranges while 2*i is inside X
//   X[i,t+1] = W[i,j] X[j,t]     X has as many positions as t; one more where a constant names it,
//                                as in X[i,N]
//   M = concat(A[h,d])           the product of the extents of h and d
//
// An extent is never guessed. What nothing fixes is an error, except in an `input`: there it is
// known at run time.
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Analysis.h"
#include "compiler/frontend/SymbolDomains.h"

#include <algorithm>

using namespace tlc;
using namespace tlc::frontend;
using program::Extent;
using program::IndexExpr;

namespace {

/// Wide enough for a product of two 64-bit numbers.
__extension__ typedef __int128 Wide;

constexpr int64_t maxExtent = int64_t(1) << 62;
/// Facts are kept as dense 0/1 arrays.
constexpr int64_t maxFactElements = int64_t(1) << 27;

Wide floorDivide(Wide a, Wide b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

class ExtentSolver {
public:
  explicit ExtentSolver(Analysis &analysis)
      : analysis(analysis), graph(analysis.extents), diagnostics(analysis.diagnostics) {}

  void run() {
    findShiftedPositions();
    linkEquations();
    linkDomains(analysis);
    classes.resize(graph.size());
    std::vector<int64_t> sizes = numberSymbols(analysis);
    for (int node = 0; node < graph.size(); ++node)
      if (sizes[node] >= 0)
        classes[node].domainSize = sizes[node];
    assignSources();
    for (int node : graph.unknown)
      if (!classOf(node).isKnown)
        setRuntime(node, nameOf(node));
    deriveAll();
    finishLeftSlices();
    deriveAll();
    assignFromIntegers();
    deriveAll();
    assignInputs();
    deriveAll();
    store();
  }

private:
  struct Class {
    bool isKnown = false;
    Extent extent;
    int source = -1; ///< into ExtentGraph::sources
    int64_t domainSize = -1;
    bool isBroken = false; ///< an error has been reported
  };

  //===- links ------------------------------------------------------------===//

  /// Positions that equations write only as `t+1`, `x/S` and the like.
  void findShiftedPositions() {
    std::vector<bool> isBare;
    for (const program::Equation &equation : analysis.program.equations) {
      for (size_t i = 0; i < equation.lhs.size(); ++i) {
        size_t node = graph.position(equation.tensor, static_cast<int>(i));
        isBare.resize(std::max(isBare.size(), node + 1));
        isShifted.resize(std::max(isShifted.size(), node + 1));
        const IndexExpr &index = equation.lhs[i];
        isBare[node] = isBare[node] || index.isVariable();
        isShifted[node] = isShifted[node] || (!index.isVariable() && !index.isConstant());
      }
    }
    for (size_t node = 0; node < isShifted.size(); ++node)
      isShifted[node] = isShifted[node] && !isBare[node];
  }

  bool isShiftedNode(int node) const {
    return static_cast<size_t>(node) < isShifted.size() && isShifted[node];
  }

  void linkEquations() {
    for (size_t e = 0; e < analysis.program.equations.size(); ++e) {
      const program::Equation &equation = analysis.program.equations[e];
      const EquationInfo &info = analysis.equations[e];
      for (size_t v = 0; v < equation.variables.size(); ++v)
        graph.variable(static_cast<int>(e), static_cast<int>(v));
      linkIndices(static_cast<int>(e), equation.tensor, equation.lhs, info.lhsRanges);
      linkVirtual(static_cast<int>(e), equation.tensor, info.lhsVirtual, info.lhsRange);
      for (const RefUse &use : info.refs) {
        int tensor = use.ref().tensor;
        linkIndices(static_cast<int>(e), tensor, use.ref().indices, use.indexRanges);
        linkVirtual(static_cast<int>(e), tensor, use.virtualIndex, use.node->range);
      }
    }
    for (size_t t = 0; t < analysis.tensors.size(); ++t)
      for (int i = 0; i < analysis.tensors[t].storedRank(); ++i)
        graph.position(static_cast<int>(t), i);
  }

  void linkIndices(int equation, int tensor, const std::vector<IndexExpr> &indices,
                   const std::vector<SourceRange> &ranges) {
    for (size_t i = 0; i < indices.size(); ++i) {
      if (!indices[i].isVariable())
        continue;
      int node = graph.position(tensor, static_cast<int>(i));
      int variable = graph.variable(equation, indices[i].terms[0].first);
      // Reading the axis of a recursion does not equate: the axis may be longer than the index.
      if (isShiftedNode(node))
        weakLinks.push_back({variable, node, ranges[i]});
      else
        graph.link(variable, node, ranges[i]);
    }
  }

  /// Indices of a virtual position count the same steps, with or without a shift [E12].
  void linkVirtual(int equation, int tensor, const std::optional<IndexExpr> &index,
                   SourceRange range) {
    if (index && index->terms.size() == 1)
      graph.link(graph.variable(equation, index->terms[0].first),
                 graph.position(tensor, analysis.tensors[tensor].storedRank()), range);
  }

  //===- values -----------------------------------------------------------===//

  Class &classOf(int node) { return classes[graph.find(node)]; }

  void assignSources() {
    for (size_t i = 0; i < graph.sources.size(); ++i)
      if (graph.sources[i].extent >= 0)
        assign(static_cast<int>(i));
    for (int node = 0; node < graph.size(); ++node) {
      Class &entry = classes[node];
      if (graph.find(node) != node || entry.domainSize < 0)
        continue;
      if (entry.isKnown && entry.extent.value != entry.domainSize && !entry.isBroken) {
        entry.isBroken = true;
        diagnostics.error(graph.sources[entry.source].range, diag::SymbolCount,
                          nameOf(graph.sources[entry.source].node), entry.extent.value,
                          entry.domainSize);
      }
      entry.isKnown = true;
      entry.extent = {entry.domainSize, -1};
    }
  }

  void assign(int number) {
    const ExtentGraph::Source &source = graph.sources[number];
    Class &entry = classOf(source.node);
    if (!entry.isKnown || !entry.extent.isStatic()) {
      entry.isKnown = true;
      entry.extent = {source.extent, -1};
      entry.source = number;
    } else if (entry.extent.value != source.extent && !entry.isBroken) {
      entry.isBroken = true;
      reportMismatch(entry.source, number);
    }
  }

  /// An extent that follows from others.
  void derive(int node, int64_t extent, SourceRange range) {
    if (extent > maxExtent) {
      diagnostics.error(range, diag::ExtentTooLarge, nameOf(node));
      classOf(node).isBroken = true;
      extent = 0;
    }
    graph.addSource(node, extent, range);
    assign(static_cast<int>(graph.sources.size()) - 1);
    hasChanged = true;
  }

  void setExtent(int node, Extent extent, SourceRange range) {
    if (extent.isStatic())
      return derive(node, extent.value, range);
    classOf(node).isKnown = true;
    classOf(node).extent = extent;
    hasChanged = true;
  }

  void setRuntime(int node, const std::string &name) {
    classOf(node).isKnown = true;
    classOf(node).extent = {-1, static_cast<int>(analysis.program.runtimeExtents.size())};
    analysis.program.runtimeExtents.push_back(name);
  }

  /// The static extent of a node, or -1.
  int64_t staticExtent(int node) {
    const Class &entry = classOf(node);
    return entry.isKnown && entry.extent.isStatic() ? entry.extent.value : -1;
  }

  //===- messages ---------------------------------------------------------===//

  std::string nameOf(int node) {
    const ExtentGraph::Node &entry = graph[node];
    if (entry.kind == ExtentGraph::Kind::Position)
      return analysis.tensor(entry.owner).name;
    if (entry.kind == ExtentGraph::Kind::Variable)
      return analysis.program.equations[entry.owner].variables[entry.index].name;
    for (const auto &[name, info] : analysis.domains)
      if (info.node == node)
        return name;
    return "domain";
  }

  std::string placeOf(int node) {
    return graph[node].kind == ExtentGraph::Kind::Domain ? "its declaration"
                                                         : "'" + nameOf(node) + "'";
  }

  /// Explains a class with two extents by a variable on the path between their sources.
  void reportMismatch(int first, int second) {
    const ExtentGraph::Source a = graph.sources[first], b = graph.sources[second];
    std::vector<ExtentGraph::Link> path = graph.path(a.node, b.node);
    int node = a.node, best = -1, bestNode = -1;
    for (size_t i = 0; i + 1 < path.size(); ++i) {
      node = path[i].a == node ? path[i].b : path[i].a;
      if (graph[node].kind == ExtentGraph::Kind::Variable &&
          (best < 0 || graph[node].owner >= graph[bestNode].owner)) {
        best = static_cast<int>(i);
        bestNode = node;
      }
    }
    if (best < 0) {
      diagnostics.error(b.range, diag::ExtentConflict, nameOf(b.node), b.extent, a.extent)
          .note(a.range, "extent {} is stated here", a.extent);
      return;
    }
    auto other = [&](const ExtentGraph::Link &link) {
      return link.a == bestNode ? link.b : link.a;
    };
    ExtentGraph::Link before = path[best], after = path[best + 1];
    int64_t beforeExtent = a.extent, afterExtent = b.extent;
    if (after.range.begin < before.range.begin ||
        graph[other(after)].kind == ExtentGraph::Kind::Domain) {
      std::swap(before, after);
      std::swap(beforeExtent, afterExtent);
    }
    Diagnostic &error =
        diagnostics.error(after.range, diag::ExtentMismatch, nameOf(bestNode), afterExtent,
                          placeOf(other(after)), beforeExtent, placeOf(other(before)));
    if (graph[other(before)].kind == ExtentGraph::Kind::Domain)
      error.note(graph.sources[beforeExtent == a.extent ? first : second].range,
                 "'{}' is declared here", nameOf(other(before)));
    else
      error.note(before.range, "index '{}' has extent {} here", nameOf(bestNode), beforeExtent);
  }

  //===- derived extents --------------------------------------------------===//

  void deriveAll() {
    do {
      hasChanged = false;
      for (Slice &slice : analysis.slices)
        deriveSlice(slice);
      for (const ConcatUse &concat : analysis.concats)
        deriveConcat(concat);
      if (hasChanged)
        continue;
      deriveShiftedPositions();
      for (const auto &[variable, position, range] : weakLinks)
        if (!classOf(variable).isKnown && classOf(position).isKnown)
          setExtent(variable, classOf(position).extent, range);
      if (!hasChanged)
        deriveVariables();
    } while (hasChanged);
  }

  // Rule [E7]: NumPy's meaning of bounds.
  void deriveSlice(Slice &slice) {
    const Class &entry = classOf(slice.node);
    if (slice.isDone || !entry.isKnown)
      return;
    if (!entry.extent.isStatic()) {
      diagnostics.error(slice.range, diag::SliceNeedsExtent, nameOf(slice.node));
      slice.isDone = true;
      slice.target->divisor = 1;
      return;
    }
    finishSlice(slice, entry.extent.value);
  }

  void finishSlice(Slice &slice, int64_t extent) {
    bool isForward = slice.step > 0;
    int64_t first = isForward ? 0 : -1, last = isForward ? extent : extent - 1;
    auto clamp = [&](std::optional<int64_t> bound, int64_t fallback) {
      if (!bound)
        return fallback;
      int64_t value = *bound < 0 ? std::max(*bound, -extent - 1) + extent : *bound;
      return std::clamp(value, first, last);
    };
    int64_t lower = clamp(slice.lower, isForward ? first : last);
    int64_t upper = clamp(slice.upper, isForward ? last : first);
    int64_t distance = isForward ? upper - lower : lower - upper;
    int64_t stride = isForward ? slice.step : -slice.step;
    int64_t count = distance <= 0 ? 0 : (distance - 1) / stride + 1;
    slice.target->terms[0].second = slice.step;
    slice.target->constant = lower;
    slice.target->divisor = 1;
    slice.isDone = true;
    derive(graph.variable(slice.equation, slice.variable), count, slice.range);
  }

  /// `Y[0:4] = ...` where nothing else says how long Y is.
  void finishLeftSlices() {
    for (Slice &slice : analysis.slices)
      if (!slice.isDone && slice.isLeft && !classOf(slice.node).isKnown && slice.step > 0 &&
          slice.lower.value_or(0) >= 0 && slice.upper.value_or(-1) >= 0)
        finishSlice(slice, *slice.upper);
  }

  void deriveConcat(const ConcatUse &concat) {
    Wide product = 1;
    int unknown = -1, unknowns = 0;
    for (int variable : concat.variables) {
      int node = graph.variable(concat.equation, variable);
      int64_t extent = staticExtent(node);
      if (extent < 0) {
        unknown = node;
        ++unknowns;
        continue;
      }
      product = std::min<Wide>(product * extent, Wide(maxExtent) + 1);
    }
    int result = graph.variable(concat.equation, concat.result);
    int64_t whole = staticExtent(result);
    if (unknowns == 0 && !classOf(result).isKnown)
      derive(result, static_cast<int64_t>(product), concat.range);
    else if (unknowns == 1 && whole >= 0 && product > 0 && whole % product == 0 &&
             !classOf(unknown).isKnown)
      derive(unknown, static_cast<int64_t>(whole / product), concat.range);
  }

  /// The largest position that `index` takes, -1 if none; nullopt if it is not known.
  std::optional<Wide> largest(int equation, const IndexExpr &index) {
    if (index.divisor == 0)
      return std::nullopt;
    Wide sum = index.constant;
    for (auto [variable, coefficient] : index.terms) {
      int64_t extent = staticExtent(graph.variable(equation, variable));
      if (extent < 0)
        return std::nullopt;
      if (extent == 0)
        return -1;
      if (coefficient > 0)
        sum += static_cast<Wide>(coefficient) * (extent - 1);
    }
    return floorDivide(sum, index.divisor);
  }

  void deriveShiftedPositions() {
    std::vector<Wide> written(graph.size(), -1), named(graph.size(), -1);
    std::vector<bool> isOpen(graph.size());
    for (size_t e = 0; e < analysis.program.equations.size(); ++e) {
      const program::Equation &equation = analysis.program.equations[e];
      for (size_t i = 0; i < equation.lhs.size(); ++i) {
        int node = graph.position(equation.tensor, static_cast<int>(i));
        std::optional<Wide> position = largest(static_cast<int>(e), equation.lhs[i]);
        isOpen[node] = isOpen[node] || !position;
        written[node] = std::max(written[node], position.value_or(-1));
      }
    }
    for (const ExtentGraph::Integer &integer : graph.integers)
      named[integer.node] = std::max<Wide>(named[integer.node], integer.value);
    for (int node = 0; node < static_cast<int>(isShifted.size()); ++node)
      if (isShifted[node] && !classOf(node).isKnown)
        deriveShifted(node, isOpen[node], written[node], named[node]);
  }

  void deriveShifted(int node, bool isOpen, Wide written, Wide named) {
    SourceRange range = analysis.tensors[graph[node].owner].range;
    bool hasReader = false;
    std::optional<Extent> reader;
    for (const auto &[variable, position, link] : weakLinks) {
      if (position != node)
        continue;
      hasReader = true;
      const Class &entry = classOf(variable);
      if (entry.isKnown && (!reader || !entry.extent.isStatic() ||
                            (reader->isStatic() && entry.extent.value > reader->value)))
        reader = entry.extent;
    }
    if (reader && !reader->isStatic())
      return setExtent(node, *reader, range);
    if (isOpen || (hasReader && !reader && written < 0))
      return;
    Wide extent = reader ? reader->value : written + 1;
    extent = std::max(extent, std::min(written, named) + 1);
    derive(node, static_cast<int64_t>(std::min<Wide>(extent, Wide(maxExtent) + 1)), range);
  }

  /// A variable that stands nowhere bare ranges while its positions are inside.
  void deriveVariables() {
    std::vector<int> members(graph.size());
    for (int node = 0; node < graph.size(); ++node)
      ++members[graph.find(node)];
    for (size_t e = 0; e < analysis.program.equations.size(); ++e) {
      const program::Equation &equation = analysis.program.equations[e];
      std::vector<Wide> fits(equation.variables.size(), -1);
      fit(equation.tensor, equation.lhs, fits);
      for (const RefUse &use : analysis.equations[e].refs)
        fit(use.ref().tensor, use.ref().indices, fits);
      for (size_t v = 0; v < fits.size(); ++v) {
        int node = graph.variable(static_cast<int>(e), static_cast<int>(v));
        if (fits[v] >= 0 && members[graph.find(node)] == 1 && !classOf(node).isKnown)
          derive(node, static_cast<int64_t>(std::min<Wide>(fits[v], maxExtent)),
                 analysis.equations[e].variableRanges[v]);
      }
    }
  }

  void fit(int tensor, const std::vector<IndexExpr> &indices, std::vector<Wide> &fits) {
    for (size_t i = 0; i < indices.size(); ++i) {
      const IndexExpr &index = indices[i];
      int64_t extent = staticExtent(graph.position(tensor, static_cast<int>(i)));
      if (index.terms.size() != 1 || index.divisor == 0 || extent < 0)
        continue;
      auto [variable, coefficient] = index.terms[0];
      Wide room = static_cast<Wide>(extent) * index.divisor - 1 - index.constant;
      Wide count = coefficient > 0 ? floorDivide(room, coefficient) + 1
                                   : floorDivide(index.constant, -Wide(coefficient)) + 1;
      count = std::max<Wide>(count, 0);
      fits[variable] = fits[variable] < 0 ? count : std::min(fits[variable], count);
    }
  }

  //===- what only the last resort fixes ----------------------------------===//

  /// Positions named by integers in facts, and on left sides: there they say nothing about the
  /// extents of an input.
  void assignFromIntegers() {
    std::vector<int64_t> largest(graph.size(), -1);
    std::vector<bool> hasShifted(graph.size()), isInput(graph.size());
    for (int tensor : analysis.program.inputs)
      for (int i = 0; i < analysis.tensors[tensor].storedRank(); ++i)
        isInput[graph.find(graph.position(tensor, i))] = true;
    for (int node = 0; node < graph.size(); ++node)
      if (isShiftedNode(node))
        hasShifted[graph.find(node)] = true;
    for (const ExtentGraph::Integer &integer : graph.integers) {
      int node = graph.find(integer.node);
      bool isFact = analysis.tensor(graph[integer.node].owner).origin == program::Origin::Literal;
      if (integer.isWrite && (isFact || !isInput[node]))
        largest[node] = std::max(largest[node], integer.value);
    }
    for (int node = 0; node < graph.size(); ++node)
      if (largest[node] >= 0 && !classes[node].isKnown && !hasShifted[node])
        derive(node, largest[node] < maxExtent ? largest[node] + 1 : INT64_MAX,
               analysis.tensors[0].range);
  }

  void assignInputs() {
    for (int tensor : analysis.program.inputs) {
      for (int i = 0; i < analysis.tensors[tensor].storedRank(); ++i) {
        int node = graph.position(tensor, i);
        if (classOf(node).isKnown)
          continue;
        auto name = analysis.positionNames.find(node);
        setRuntime(node, name != analysis.positionNames.end()
                             ? name->second
                             : fmt::format("{}.{}", analysis.tensor(tensor).name, i));
      }
    }
  }

  //===- results ----------------------------------------------------------===//

  void store() {
    bool canBlame = !diagnostics.hasErrors();
    checkRuntimeDomains();
    for (const ConcatUse &concat : analysis.concats)
      checkConcat(concat, canBlame);
    for (size_t t = 0; t < analysis.tensors.size(); ++t) {
      program::Tensor &tensor = analysis.tensor(static_cast<int>(t));
      for (int i = 0; i < analysis.tensors[t].storedRank(); ++i)
        tensor.shape.push_back(resolved(graph.position(static_cast<int>(t), i), canBlame));
      checkSize(tensor, analysis.tensors[t]);
    }
    for (size_t e = 0; e < analysis.program.equations.size(); ++e) {
      auto &variables = analysis.program.equations[e].variables;
      for (size_t v = 0; v < variables.size(); ++v)
        variables[v].extent =
            resolved(graph.variable(static_cast<int>(e), static_cast<int>(v)), canBlame);
    }
    for (const Slice &slice : analysis.slices)
      if (!slice.isDone)
        slice.target->divisor = 1; // an unresolved extent, reported above
    for (const ExtentGraph::Integer &integer : graph.integers)
      checkPosition(integer);
  }

  Extent resolved(int node, bool canBlame) {
    Class &entry = classOf(node);
    if (entry.isKnown)
      return entry.extent;
    if (!entry.isBroken && canBlame)
      reportUnresolved(node);
    entry.isBroken = true;
    return {0, -1};
  }

  void reportUnresolved(int node) {
    const ExtentGraph::Node &entry = graph[node];
    // An index by which the position is known gives the declaration to write.
    std::string index = "i";
    for (const ExtentGraph::Link &link : graph.links)
      for (int end : {link.a, link.b})
        if (graph[end].kind == ExtentGraph::Kind::Variable && graph.find(end) == graph.find(node) &&
            index == "i")
          index = nameOf(end);
    if (entry.kind == ExtentGraph::Kind::Variable) {
      diagnostics.error(analysis.equations[entry.owner].variableRanges[entry.index],
                        diag::UnresolvedIndex, nameOf(node), nameOf(node));
      return;
    }
    if (followsRuntime(node))
      diagnostics.error(analysis.tensors[entry.owner].range, diag::ExtentFollowsRuntime,
                        entry.index + 1, nameOf(node));
    else
      diagnostics.error(analysis.tensors[entry.owner].range, diag::UnresolvedExtent,
                        entry.index + 1, nameOf(node), index);
  }

  /// Something from outside must have the extent of each `domain b = ?`.
  void checkRuntimeDomains() {
    std::vector<bool> isGiven(graph.size());
    for (size_t t = 0; t < analysis.tensors.size(); ++t)
      if (program::Origin origin = analysis.tensor(static_cast<int>(t)).origin;
          origin != program::Origin::Computed && origin != program::Origin::Literal)
        for (int i = 0; i < analysis.tensors[t].storedRank(); ++i)
          isGiven[graph.find(graph.position(static_cast<int>(t), i))] = true;
    for (const auto &[name, info] : analysis.domains)
      if (const Class &entry = classOf(info.node);
          entry.isKnown && !entry.extent.isStatic() && !isGiven[graph.find(info.node)])
        diagnostics.error(info.range, diag::RuntimeWithoutInput, name, name);
  }

  /// Whether an affine left-hand index of the position has variables without a static extent.
  bool followsRuntime(int node) {
    for (int number : analysis.tensors[graph[node].owner].equations)
      for (auto [variable, coefficient] :
           analysis.program.equations[number].lhs[graph[node].index].terms) {
        const Class &entry = classOf(graph.variable(number, variable));
        if (entry.isKnown && !entry.extent.isStatic())
          return true;
      }
    return false;
  }

  void checkSize(const program::Tensor &tensor, const TensorInfo &info) {
    Wide elements = 1;
    bool isEmpty = false;
    for (const Extent &extent : tensor.shape) {
      isEmpty |= extent.value == 0;
      if (extent.value > 0)
        elements = std::min<Wide>(elements * extent.value, maxExtent);
    }
    if (!isEmpty && elements >= maxExtent / 16)
      diagnostics.error(info.range, diag::TensorTooLarge, tensor.name);
    else if (!isEmpty && tensor.origin == program::Origin::Literal && info.data.empty() &&
             elements > maxFactElements)
      diagnostics.error(info.range, diag::FactsTooLarge, tensor.name,
                        static_cast<int64_t>(elements), maxFactElements);
  }

  void checkConcat(const ConcatUse &concat, bool canBlame) {
    Wide product = 1;
    bool isKnown = true;
    for (int variable : concat.variables) {
      int64_t extent = staticExtent(graph.variable(concat.equation, variable));
      isKnown &= extent >= 0;
      product = std::min<Wide>(product * extent, Wide(maxExtent) + 1);
    }
    int result = graph.variable(concat.equation, concat.result);
    int64_t whole = staticExtent(result);
    if (!isKnown && canBlame && !classOf(result).isBroken) {
      classOf(result).isBroken = true;
      diagnostics.error(concat.range, diag::ConcatNeedsExtent);
    }
    if (isKnown && whole >= 0 && whole != product)
      diagnostics.error(concat.range, diag::ConcatMismatch, static_cast<int64_t>(product),
                        nameOf(result), whole);
  }

  void checkPosition(const ExtentGraph::Integer &integer) {
    int64_t extent = staticExtent(integer.node);
    if (extent < 0 || (integer.value >= 0 && integer.value < extent))
      return;
    if (classOf(integer.node).isBroken)
      return;
    if (integer.isWrite)
      diagnostics.error(integer.range, diag::PositionOutside, integer.value, nameOf(integer.node),
                        extent);
    else
      diagnostics.warning(integer.range, diag::ReadOutside, integer.value, nameOf(integer.node),
                          extent);
  }

  struct WeakLink {
    int variable, position;
    SourceRange range;
  };

  Analysis &analysis;
  ExtentGraph &graph;
  Diagnostics &diagnostics;
  std::vector<Class> classes;
  std::vector<bool> isShifted;
  std::vector<WeakLink> weakLinks;
  bool hasChanged = false;
};

} // namespace

void frontend::solveExtents(Analysis &analysis) { ExtentSolver(analysis).run(); }
