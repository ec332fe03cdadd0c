//===- Loops.cpp - recursion along one index [F1] [E6] [E12] --------------===//
//
// Tensors that depend on each other can be computed slice by slice, if each has an axis such
// that every equation writes its slice at t + a and reads the others' at t + b:
//
//   Emb[n,l+1,d] = relu(... Agg[n,l,d])      a = 1, b = 0: distance 1
//   Agg[n,l,d] = Neig(n,n') Z[n',l,d]        distance 0: Z's slice first
//
// The slice q of a tensor T is computed at the loop's position q + offset(T); a slice read at
// distance d must be there: offset(T) + d >= offset(R). The least offsets are longest paths.
// Tensors without distance between them are ordered within a step; if that order is cyclic, or a
// cycle of distances is negative, there is no such loop.
//
// A virtual tensor [E12] has its star as axis and keeps one slice, so distances to it are 0 or 1:
// who reads the last slice goes before it in the step. Where two tensors read each other's last
// slices, one reads a copy.
//
// An equation fires while its index is in range and everything of the recursion that it reads or
// writes is inside [E6].
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Loops.h"

#include <algorithm>

using namespace tlc;
using namespace tlc::frontend;
using namespace tlc::program;

namespace {

constexpr int unassigned = -2;
constexpr int virtualAxis = -1;
constexpr int maxAttempts = 4096;

class LoopBuilder {
public:
  LoopBuilder(Analysis &analysis, const std::vector<int> &members)
      : analysis(analysis), members(members) {
    for (int tensor : members) {
      bool isVirtual = analysis.tensors[tensor].virtualPosition >= 0;
      axis[tensor] = isVirtual ? virtualAxis : unassigned;
      offset[tensor] = 0;
      hasVirtual |= isVirtual;
    }
  }

  std::optional<Loop> run() {
    std::optional<Loop> loop = search() ? build() : std::nullopt;
    if (!loop)
      for (int tensor : members)
        for (int number : analysis.tensors[tensor].equations)
          forget(analysis.program.equations[number]);
    return loop;
  }

private:
  /// An equation that is in no loop after all.
  static void forget(Equation &equation) {
    equation.loopVariable = -1;
    equation.loopShift = equation.fireLower = 0;
    equation.fireUpper.clear();
  }

  bool isMember(int tensor) const { return axis.count(tensor) != 0; }

  /// Calls `visit` with each equation of the members and its number.
  template <typename Visit> bool allEquations(Visit visit) {
    for (int tensor : members)
      for (int number : analysis.tensors[tensor].equations)
        if (!visit(number, analysis.program.equations[number], analysis.equations[number]))
          return false;
    return true;
  }

  /// Where an equation writes along the loop: `variable + constant`, or a constant.
  std::optional<IndexExpr> written(const Equation &equation, const EquationInfo &info) const {
    int position = axis.at(equation.tensor);
    return position == virtualAxis ? info.lhsVirtual : std::optional(equation.lhs[position]);
  }
  /// Where it reads a member.
  std::optional<IndexExpr> read(const RefUse &use) const {
    int position = axis.at(use.ref().tensor);
    return position == virtualAxis ? use.virtualIndex : std::optional(use.ref().indices[position]);
  }

  /// v + c, with coefficient 1.
  static bool isShift(const IndexExpr &index) {
    return index.terms.size() == 1 && index.terms[0].second == 1 && index.divisor == 1;
  }
  static int variableOf(const IndexExpr &index) { return index.terms[0].first; }

  //===- axes -------------------------------------------------------------===//

  /// Finds an axis for each tensor that is not virtual, by backtracking.
  bool search() {
    if (++attempts > maxAttempts)
      return false;
    int tensor = -1;
    std::vector<int> candidates;
    if (!propagate(tensor, candidates))
      return false;
    if (tensor < 0)
      return solveOffsets() && orderBody();
    for (int candidate : candidates) {
      axis[tensor] = candidate;
      if (search())
        return true;
      axis[tensor] = unassigned;
    }
    return false;
  }

  /// Checks what is assigned, and finds the next tensor to assign with its possible axes.
  bool propagate(int &next, std::vector<int> &candidates) {
    bool isLinked = false;
    bool isPossible = allEquations([&](int, const Equation &equation, const EquationInfo &info) {
      if (axis[equation.tensor] == unassigned)
        return true;
      std::optional<IndexExpr> left = written(equation, info);
      if (!left || !(left->isConstant() || isShift(*left)))
        return false;
      for (const RefUse &use : info.refs) {
        int tensor = use.ref().tensor;
        if (!isMember(tensor))
          continue;
        if (axis[tensor] != unassigned) {
          std::optional<IndexExpr> right = read(use);
          if (!right || !fits(*left, *right))
            return false;
        } else if (!isLinked) {
          isLinked = true;
          next = tensor;
          candidates = axesThatFit(*left, use.ref());
        }
      }
      return true;
    });
    if (!isPossible || isLinked)
      return isPossible;
    for (int tensor : members)
      if (axis[tensor] == unassigned && next < 0) {
        next = tensor;
        for (int i = 0; i < analysis.tensors[tensor].storedRank(); ++i)
          candidates.push_back(i);
      }
    return true;
  }

  static bool fits(const IndexExpr &left, const IndexExpr &right) {
    if (right.isConstant())
      return true;
    return !left.isConstant() && isShift(right) && variableOf(left) == variableOf(right);
  }

  static std::vector<int> axesThatFit(const IndexExpr &left, const Ref &ref) {
    std::vector<int> result;
    for (size_t i = 0; i < ref.indices.size(); ++i)
      if (fits(left, ref.indices[i]))
        result.push_back(static_cast<int>(i));
    return result;
  }

  //===- offsets ----------------------------------------------------------===//

  /// Calls `visit(written tensor, read tensor, distance)` for reads at a fixed distance.
  template <typename Visit> void allDistances(Visit visit) {
    allEquations([&](int, const Equation &equation, const EquationInfo &info) {
      IndexExpr left = *written(equation, info);
      for (const RefUse &use : info.refs) {
        if (!isMember(use.ref().tensor))
          continue;
        IndexExpr right = *read(use);
        if (!right.isConstant() || left.isConstant())
          visit(equation.tensor, use.ref().tensor, left.constant - right.constant);
      }
      return true;
    });
  }

  bool solveOffsets() {
    for (auto &entry : offset)
      entry.second = 0;
    for (size_t round = 0; round <= members.size(); ++round) {
      bool hasChanged = false;
      allDistances([&](int to, int from, int64_t distance) {
        int64_t least;
        if (__builtin_sub_overflow(offset[from], distance, &least) || offset[to] >= least)
          return;
        offset[to] = least;
        hasChanged = true;
      });
      if (!hasChanged)
        return keepsOneSlice();
    }
    return false;
  }

  // Rule [E12]: of a virtual tensor there is the slice of this step or of the one before.
  bool keepsOneSlice() {
    bool isValid = true;
    allEquations([&](int, const Equation &equation, const EquationInfo &info) {
      IndexExpr left = *written(equation, info);
      bool isStart = left.isConstant() && axis[equation.tensor] == virtualAxis;
      isValid &= !isStart || left.constant == 0;
      for (const RefUse &use : info.refs) {
        int from = use.ref().tensor;
        if (!isMember(from) || axis[from] != virtualAxis)
          continue;
        IndexExpr right = *read(use);
        int64_t distance = left.constant - right.constant + offset[equation.tensor] - offset[from];
        isValid &= left.isConstant() == right.isConstant() && distance >= 0 && distance <= 1;
      }
      return true;
    });
    return isValid;
  }

  //===- order within a step ----------------------------------------------===//

  struct Before {
    int first, second;
    bool isLastSlice; ///< `first` reads the last slice of `second`
  };

  std::vector<Before> constraints() {
    std::vector<Before> result;
    allDistances([&](int to, int from, int64_t distance) {
      int64_t effective = distance + offset[to] - offset[from];
      if (effective == 0)
        result.push_back({from, to, false});
      else if (axis[from] == virtualAxis && from != to)
        result.push_back({to, from, true});
    });
    return result;
  }

  bool sortBody(const std::vector<Before> &edges) {
    order.clear();
    std::vector<int> rest = members;
    while (!rest.empty()) {
      auto next = std::find_if(rest.begin(), rest.end(), [&](int tensor) {
        return std::none_of(edges.begin(), edges.end(), [&](const Before &edge) {
          return edge.second == tensor &&
                 std::find(rest.begin(), rest.end(), edge.first) != rest.end();
        });
      });
      if (next == rest.end())
        return false;
      order.push_back(*next);
      rest.erase(next);
    }
    return true;
  }

  bool orderBody() {
    std::vector<Before> edges = constraints();
    if (sortBody(edges))
      return true;
    std::erase_if(edges, [](const Before &edge) { return edge.isLastSlice; });
    needsCopies = sortBody(edges);
    return needsCopies;
  }

  //===- the loop ---------------------------------------------------------===//

  /// The extent of a tensor's axis as a bound of its positions.
  std::optional<Extent> axisExtent(int tensor) const {
    int position = axis.at(tensor);
    if (position == virtualAxis)
      return std::nullopt;
    return analysis.program.tensors[tensor].shape[position];
  }

  static int64_t subtract(int64_t a, int64_t b) {
    int64_t result;
    return __builtin_sub_overflow(a, b, &result) ? (b < 0 ? INT64_MAX : INT64_MIN) : result;
  }

  void addUpper(Equation &equation, Extent extent, int64_t added) {
    if (extent.isStatic()) {
      extent.value = subtract(extent.value, subtract(0, added));
      added = 0;
    }
    for (Bound &bound : equation.fireUpper) {
      if (bound.extent.symbol != extent.symbol || bound.extent.isStatic() != extent.isStatic())
        continue;
      bound.extent.value = std::min(bound.extent.value, extent.value);
      bound.offset = std::min(bound.offset, added);
      return;
    }
    equation.fireUpper.push_back({extent, added});
  }

  /// Sets when an equation fires [E6]. False if it reads a slice that is not there yet.
  bool setFiring(Equation &equation, const EquationInfo &info) {
    IndexExpr left = *written(equation, info);
    int64_t late = offset[equation.tensor];
    equation.loopShift = subtract(left.constant, -late);
    equation.fireUpper.clear();
    if (left.isConstant()) {
      equation.loopVariable = -1;
      equation.fireLower = equation.loopShift;
      addUpper(equation, {equation.loopShift, -1}, 1);
      return true;
    }
    equation.loopVariable = variableOf(left);
    // The loop's position p is t + shift; t starts at 0, and slices at 0.
    int64_t lower = std::max(equation.loopShift, late);
    addUpper(equation, equation.variables[equation.loopVariable].extent, equation.loopShift);
    if (std::optional<Extent> extent = axisExtent(equation.tensor))
      addUpper(equation, *extent, late);
    for (const RefUse &use : info.refs) {
      if (!isMember(use.ref().tensor))
        continue;
      IndexExpr right = *read(use);
      if (right.isConstant())
        continue;
      // Reads slice t + b = p - shift + b.
      int64_t shift = subtract(equation.loopShift, right.constant);
      lower = std::max(lower, shift);
      if (std::optional<Extent> extent = axisExtent(use.ref().tensor))
        addUpper(equation, *extent, shift);
    }
    equation.fireLower = lower;
    return readsAreDone(equation, info);
  }

  /// Slices read at a constant position must be computed before the equation first fires.
  bool readsAreDone(const Equation &equation, const EquationInfo &info) {
    for (const RefUse &use : info.refs) {
      if (!isMember(use.ref().tensor))
        continue;
      IndexExpr right = *read(use);
      if (right.isConstant() &&
          subtract(right.constant, -offset[use.ref().tensor]) >= equation.fireLower)
        return false;
    }
    return true;
  }

  bool readsMember(const EquationInfo &info) const {
    return std::any_of(info.refs.begin(), info.refs.end(),
                       [&](const RefUse &use) { return isMember(use.ref().tensor); });
  }

  /// Whether some other equation of the tensor may fire at the loop's position.
  bool firesElse(int tensor, int except, int64_t position) {
    for (int number : analysis.tensors[tensor].equations) {
      const Equation &equation = analysis.program.equations[number];
      if (number == except || equation.loopVariable < 0)
        continue;
      bool isBelow = std::all_of(equation.fireUpper.begin(), equation.fireUpper.end(),
                                 [&](const Bound &bound) {
                                   return !bound.extent.isStatic() || position < bound.extent.value;
                                 });
      if (position >= equation.fireLower && isBelow)
        return true;
    }
    return false;
  }

  std::optional<Loop> build() {
    bool isValid = allEquations([&](int number, const Equation &, const EquationInfo &info) {
      return setFiring(analysis.program.equations[number], info);
    });
    if (!isValid)
      return std::nullopt;
    Loop loop;
    std::vector<int> inLoop;
    for (int tensor : order) {
      Loop::Slice &slice = loop.body.emplace_back();
      slice.tensor = tensor;
      slice.axis = axis[tensor];
      slice.offset = offset[tensor];
      for (int number : analysis.tensors[tensor].equations) {
        const Equation &equation = analysis.program.equations[number];
        bool isStart =
            equation.loopVariable < 0 && !readsMember(analysis.equations[number]) &&
            (slice.axis == virtualAxis || !firesElse(tensor, number, equation.loopShift));
        (isStart ? slice.initial : slice.equations).push_back(number);
        if (!isStart)
          inLoop.push_back(number);
      }
    }
    if (!setBounds(loop, inLoop))
      return std::nullopt;
    if (needsCopies)
      addCopies(loop);
    return loop;
  }

  bool setBounds(Loop &loop, const std::vector<int> &equations) {
    loop.lower = equations.empty() ? 0 : INT64_MAX;
    loop.upper = {0, -1};
    std::optional<Bound> runtime;
    for (int number : equations) {
      const Equation &equation = analysis.program.equations[number];
      loop.lower = std::min(loop.lower, equation.fireLower);
      // Any of the bounds will do for the loop: the equation's own decide.
      auto known = std::find_if(equation.fireUpper.begin(), equation.fireUpper.end(),
                                [](const Bound &bound) { return bound.extent.isStatic(); });
      if (known != equation.fireUpper.end()) {
        loop.upper.value = std::max(loop.upper.value, known->extent.value);
        continue;
      }
      const Bound &bound = equation.fireUpper[0];
      if (runtime && runtime->extent != bound.extent)
        return mixedBounds(equation);
      if (!runtime || runtime->offset < bound.offset)
        runtime = bound;
    }
    if (!runtime)
      return true;
    if (loop.upper.value > 0)
      return mixedBounds(analysis.program.equations[equations[0]]);
    loop.upper = runtime->extent;
    loop.upperOffset = runtime->offset;
    return true;
  }

  bool mixedBounds(const Equation &equation) {
    analysis.diagnostics.error(equation.range, diag::LoopNeedsExtent,
                               analysis.tensor(equation.tensor).name);
    return false;
  }

  //===- copies of last slices --------------------------------------------===//

  /// Every step starts by copying the slices that others will read after they are replaced.
  void addCopies(Loop &loop) {
    std::unordered_map<int, int> copies;
    for (int reader : members)
      for (int number : analysis.tensors[reader].equations)
        redirectReads(number, copies);
    std::vector<Loop::Slice> body;
    for (auto [tensor, copy] : copies) {
      Loop::Slice &slice = body.emplace_back();
      slice.tensor = copy;
      slice.axis = virtualAxis;
      slice.equations.push_back(addCopyEquation(tensor, copy, loop));
    }
    std::sort(body.begin(), body.end(),
              [](const Loop::Slice &a, const Loop::Slice &b) { return a.tensor < b.tensor; });
    body.insert(body.end(), std::make_move_iterator(loop.body.begin()),
                std::make_move_iterator(loop.body.end()));
    loop.body = std::move(body);
  }

  void redirectReads(int number, std::unordered_map<int, int> &copies) {
    const Equation &equation = analysis.program.equations[number];
    EquationInfo &info = analysis.equations[number];
    for (RefUse &use : info.refs) {
      int from = use.ref().tensor;
      if (!isMember(from) || axis[from] != virtualAxis || from == equation.tensor)
        continue;
      int64_t distance = written(equation, info)->constant - read(use)->constant +
                         offset[equation.tensor] - offset[from];
      if (distance != 1)
        continue;
      auto [entry, isNew] = copies.try_emplace(from, -1);
      if (isNew)
        entry->second = addCopyTensor(from);
      use.ref().tensor = entry->second;
    }
  }

  int addCopyTensor(int tensor) {
    int copy = analysis.addHiddenTensor(analysis.tensor(tensor).name + ".last", tensor,
                                        analysis.tensors[tensor].range);
    Tensor &target = analysis.tensor(copy);
    const Tensor &source = analysis.tensor(tensor);
    target.type = source.type;
    target.semiring = source.semiring;
    target.shape = source.shape;
    target.domains = source.domains;
    return copy;
  }

  int addCopyEquation(int tensor, int copy, const Loop &loop) {
    Equation equation;
    EquationInfo info;
    equation.tensor = copy;
    equation.range = analysis.tensors[tensor].range;
    const std::vector<Extent> shape = analysis.tensor(tensor).shape;
    for (size_t i = 0; i < shape.size(); ++i) {
      equation.variables.push_back({fmt::format("x{}", i + 1), shape[i]});
      IndexExpr index;
      index.terms.push_back({static_cast<int>(i), 1});
      equation.lhs.push_back(index);
    }
    equation.rhs = makeExpr(Ref{tensor, equation.lhs}, equation.range);
    // The step's number is the position along the loop.
    equation.loopVariable = static_cast<int>(shape.size());
    equation.variables.push_back({"step", loop.upper});
    equation.fireLower = loop.lower;
    equation.fireUpper.push_back({loop.upper, loop.upperOffset});
    return analysis.addEquation(std::move(equation), std::move(info));
  }

  Analysis &analysis;
  std::vector<int> members;
  std::map<int, int> axis; ///< of each member: a position, virtualAxis or unassigned
  std::map<int, int64_t> offset;
  std::vector<int> order; ///< of the members within a step
  bool hasVirtual = false, needsCopies = false;
  int attempts = 0;
};

} // namespace

std::optional<Loop> frontend::makeLoop(Analysis &analysis, const std::vector<int> &members) {
  return LoopBuilder(analysis, members).run();
}
