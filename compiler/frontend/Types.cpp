//===- Types.cpp - element types [T1] and semirings [S1] ------------------===//
//
// The type of a computed tensor is the join of what its equations read, as NumPy would
// promote; relations, comparisons, whole numbers and indices adapt to the rest:
//
//   Y[i] = A[i] B[i]             f16 and f32: f32;  i64 and f32: f64
//   Children[x] = Parent(x,y)    nothing numeric: the default type
//
// In a recursion types grow along the lattice until nothing changes.
//
// Equations join tensors of one semiring. Relations go with any, and so do tensors that are only
// data: they have no sums of their own. Inside a comparison numbers are numbers.
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Analysis.h"

#include <cmath>

using namespace tlc;
using namespace tlc::frontend;
using namespace tlc::program;

namespace {

/// A type, if anything has said one; and whether a real number without a type takes part.
struct ValueType {
  std::optional<DType> type;
  bool isReal = false;
  bool operator==(const ValueType &) const = default;
};

/// f32 or f64 that keeps the values of an integer type, as NumPy has it.
DType floatFor(DType integer, DType floating) {
  if (integer == DType::I8 || integer == DType::Bool)
    return floating;
  return DType::F64;
}

DType joinTypes(DType a, DType b) {
  if (a == b)
    return a;
  if (a == DType::Bool)
    return b;
  if (b == DType::Bool)
    return a;
  if (isComplex(a) || isComplex(b)) {
    auto isWide = [](DType type) {
      return type == DType::C128 || type == DType::F64 || type == DType::I64 || type == DType::I32;
    };
    return isWide(a) || isWide(b) ? DType::C128 : DType::C64;
  }
  if (isInteger(a) && isInteger(b))
    return byteSize(a) > byteSize(b) ? a : b;
  if (isInteger(a))
    return floatFor(a, b);
  if (isInteger(b))
    return floatFor(b, a);
  if (byteSize(a) == byteSize(b))
    return DType::F32; // f16 and bf16
  return byteSize(a) > byteSize(b) ? a : b;
}

class TypeInference {
public:
  explicit TypeInference(Analysis &analysis) : analysis(analysis), types(analysis.tensors.size()) {}

  void run() {
    setSemirings();
    for (size_t t = 0; t < types.size(); ++t)
      types[t].type = stated(static_cast<int>(t));
    propagate();
    for (size_t t = 0; t < types.size(); ++t)
      analysis.tensor(static_cast<int>(t)).type =
          types[t].type.value_or(analysis.options.defaultType);
    for (size_t e = 0; e < analysis.program.equations.size(); ++e)
      check(static_cast<int>(e));
  }

private:
  //===- semirings --------------------------------------------------------===//

  void setSemirings() {
    for (size_t t = 0; t < analysis.tensors.size(); ++t) {
      Tensor &tensor = analysis.tensor(static_cast<int>(t));
      const TensorInfo &info = analysis.tensors[t];
      bool isBoolean =
          tensor.isRelation || (info.declaredType == DType::Bool && !info.equations.empty());
      tensor.semiring =
          info.declaredSemiring.value_or(isBoolean ? Semiring::OrAnd : Semiring::SumProduct);
      if (tensor.isRelation && tensor.semiring != Semiring::OrAnd)
        analysis.diagnostics.error(info.range, diag::RelationSemiring, tensor.name,
                                   name(tensor.semiring));
    }
  }

  void checkSemirings(const Equation &equation, const EquationInfo &info) {
    const Tensor &left = analysis.tensor(equation.tensor);
    if (left.semiring == Semiring::OrAnd)
      return;
    for (const RefUse &use : info.refs) {
      const Tensor &right = analysis.tensor(use.ref().tensor);
      const TensorInfo &rightInfo = analysis.tensors[use.ref().tensor];
      bool isData = rightInfo.equations.empty() && !rightInfo.declaredSemiring;
      if (right.semiring == left.semiring || right.semiring == Semiring::OrAnd || isData ||
          use.inComparison)
        continue;
      analysis.diagnostics
          .error(use.node->range, diag::MixedSemirings, right.name, name(right.semiring), left.name,
                 name(left.semiring))
          .note(info.lhsRange, "'{}' is computed here", left.name);
    }
  }

  //===- types ------------------------------------------------------------===//

  bool isBase(int tensor) const {
    return analysis.program.tensors[tensor].origin != Origin::Computed;
  }

  std::optional<DType> stated(int number) {
    const Tensor &tensor = analysis.tensor(number);
    const TensorInfo &info = analysis.tensors[number];
    if (tensor.isRelation)
      return DType::Bool;
    if (info.declaredType)
      return info.declaredType;
    if (info.fileType)
      return info.fileType;
    if (tensor.semiring == Semiring::Count)
      return DType::I64;
    return isBase(number) ? std::optional(analysis.options.defaultType) : std::nullopt;
  }

  void propagate() {
    for (bool hasChanged = true; hasChanged;) {
      hasChanged = false;
      for (const Equation &equation : analysis.program.equations) {
        if (!equation.rhs || stated(equation.tensor))
          continue;
        ValueType type = join(types[equation.tensor], typeOf(*equation.rhs));
        if (equation.projection == Projection::Avg)
          type = real(type);
        hasChanged |= type != types[equation.tensor];
        types[equation.tensor] = type;
      }
    }
  }

  ValueType join(ValueType a, ValueType b) const {
    ValueType result{a.type ? a.type : b.type, a.isReal || b.isReal};
    if (a.type && b.type)
      result.type = joinTypes(*a.type, *b.type);
    if (result.isReal && result.type && isInteger(*result.type))
      result.type = joinTypes(*result.type, analysis.options.defaultType);
    return result;
  }

  /// The type of a result that is no integer.
  ValueType real(ValueType type) const { return join(type, {std::nullopt, true}); }

  ValueType typeOf(Expr &expr) {
    if (auto *ref = std::get_if<Ref>(&expr.value)) {
      ValueType type = types[ref->tensor];
      return type.type == DType::Bool ? ValueType() : type; // a guard
    }
    if (auto *number = std::get_if<Number>(&expr.value))
      return {std::nullopt, std::floor(number->value) != number->value};
    if (std::holds_alternative<IndexValue>(expr.value))
      return {};
    if (auto *unary = std::get_if<Unary>(&expr.value))
      return unary->op == UnaryOp::Not ? ValueType() : typeOf(*unary->operand);
    if (auto *binary = std::get_if<Binary>(&expr.value))
      return typeOfBinary(*binary);
    if (auto *call = std::get_if<Call>(&expr.value))
      return typeOfCall(*call);
    if (auto *reduce = std::get_if<Reduce>(&expr.value)) {
      ValueType type = typeOf(*reduce->operand);
      return reduce->kind == ReduceKind::Avg ? real(type) : type;
    }
    if (auto *normalize = std::get_if<Normalize>(&expr.value)) {
      ValueType type = typeOf(*normalize->operand);
      return normalize->kind == NormalizeKind::ArgMax ? type : real(type);
    }
    return typeOf(*std::get<Concat>(expr.value).operand);
  }

  ValueType typeOfBinary(Binary &binary) {
    if (binary.op >= BinaryOp::Equal)
      return {};
    ValueType lhs = typeOf(*binary.lhs), rhs = typeOf(*binary.rhs);
    if (binary.op == BinaryOp::Divide)
      return real(join(lhs, rhs));
    if (binary.op != BinaryOp::Power)
      return join(lhs, rhs);
    auto *exponent = std::get_if<Number>(&binary.rhs->value);
    bool isWhole =
        exponent && exponent->value >= 0 && std::floor(exponent->value) == exponent->value;
    return isWhole ? lhs : real(join(lhs, rhs));
  }

  ValueType typeOfCall(Call &call) {
    ValueType type;
    for (size_t i = call.function == "where" ? 1 : 0; i < call.arguments.size(); ++i)
      type = join(type, typeOf(*call.arguments[i]));
    static constexpr std::string_view keeping[] = {"step", "relu", "sign", "floor",
                                                   "min",  "max",  "where"};
    for (std::string_view function : keeping)
      if (call.function == function)
        return type;
    if (call.function != "abs")
      return real(type);
    if (type.type && isComplex(*type.type))
      type.type = *type.type == DType::C64 ? DType::F32 : DType::F64;
    return type;
  }

  //===- checks -----------------------------------------------------------===//

  void check(int number) {
    const Equation &equation = analysis.program.equations[number];
    const EquationInfo &info = analysis.equations[number];
    if (!equation.rhs)
      return;
    checkSemirings(equation, info);
    const Tensor &tensor = analysis.tensor(equation.tensor);
    std::optional<DType> type = typeOf(*equation.rhs).type;
    if (type && isComplex(*type) && !isComplex(tensor.type) && !tensor.isRelation)
      analysis.diagnostics.error(info.lhsRange, diag::ComplexToReal, tensor.name, name(tensor.type),
                                 name(*type));
    if (isComplex(tensor.type) || (type && isComplex(*type)))
      checkOrder(*equation.rhs);
  }

  /// Complex numbers are not ordered.
  void checkOrder(Expr &expr) {
    auto isComplexValue = [&](ExprPtr &operand) {
      std::optional<DType> type = typeOf(*operand).type;
      return type && isComplex(*type);
    };
    bool isBad = false;
    if (auto *binary = std::get_if<Binary>(&expr.value))
      isBad = binary->op >= BinaryOp::Less &&
              (isComplexValue(binary->lhs) || isComplexValue(binary->rhs));
    if (auto *reduce = std::get_if<Reduce>(&expr.value))
      isBad = (reduce->kind == ReduceKind::Max || reduce->kind == ReduceKind::Min) &&
              isComplexValue(reduce->operand);
    if (auto *call = std::get_if<Call>(&expr.value)) {
      static constexpr std::string_view ordered[] = {"step", "relu", "sign", "floor",
                                                     "erf",  "gelu", "min",  "max"};
      for (std::string_view function : ordered)
        isBad |= call->function == function && isComplexValue(call->arguments[0]);
    }
    if (auto *normalize = std::get_if<Normalize>(&expr.value))
      isBad = isComplexValue(normalize->operand);
    if (isBad)
      analysis.diagnostics.error(expr.range, diag::ComplexNotOrdered);
    forEachChild(expr, [&](ExprPtr &child) { checkOrder(*child); });
  }

  Analysis &analysis;
  std::vector<ValueType> types;
};

} // namespace

void frontend::inferTypes(Analysis &analysis) { TypeInference(analysis).run(); }
