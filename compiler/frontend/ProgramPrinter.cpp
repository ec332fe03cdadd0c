//===- ProgramPrinter.cpp - an equation with every sum in view [E4] -------===//
//
//   Y[i,k] = X[i,j] Z[j,k]          prints as   Y[i,k] = sum[j](X[i,j] Z[j,k])
//   Aunt(x,z) <- Sister(x,y), ...               Aunt(x,z) <- or[y](Sister(x,y) Parent(y,z))
//
// The text is the language's own, with the semiring's name for its addition.
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Program.h"

#include <fmt/format.h>

using namespace tlc;
using namespace tlc::program;

namespace {

enum Precedence { Comparison, Additive, Multiplicative, Prefix, Exponent, Atom };

class Printer {
public:
  Printer(const Program &program, const Equation &equation)
      : program(program), equation(equation) {}

  std::string print() {
    static constexpr const char *operators[] = {"=", "max=", "min=", "avg=", "*="};
    std::string result = element(equation.tensor, equation.lhs);
    const char *op = equation.isRule ? "<-" : operators[static_cast<int>(equation.projection)];
    return fmt::format("{} {} {}", result, op, expr(*equation.rhs, Comparison));
  }

private:
  std::string variables(const std::vector<int> &list) {
    std::string result;
    for (int variable : list)
      result += (result.empty() ? "" : ",") + equation.variables[variable].name;
    return result;
  }

  std::string index(const IndexExpr &index) {
    std::string result;
    for (auto [variable, coefficient] : index.terms) {
      const std::string &name = equation.variables[variable].name;
      const char *sign = coefficient < 0 ? "-" : result.empty() ? "" : "+";
      uint64_t size = coefficient < 0 ? -static_cast<uint64_t>(coefficient) : coefficient;
      result +=
          size == 1 ? fmt::format("{}{}", sign, name) : fmt::format("{}{}*{}", sign, size, name);
    }
    if (index.constant != 0 || result.empty())
      result +=
          result.empty() ? fmt::format("{}", index.constant) : fmt::format("{:+}", index.constant);
    if (index.divisor == 1)
      return result;
    bool isAtom = index.isConstant() ||
                  (index.terms.size() == 1 && index.constant == 0 && index.terms[0].second == 1);
    return isAtom ? fmt::format("{}/{}", result, index.divisor)
                  : fmt::format("({})/{}", result, index.divisor);
  }

  /// A symbol where the position has a domain [R6].
  std::string position(const Tensor &tensor, size_t number, const IndexExpr &value) {
    int domain = number < tensor.domains.size() ? tensor.domains[number] : -1;
    if (domain < 0 || !value.isConstant() || value.constant < 0)
      return index(value);
    const std::vector<std::string> &symbols = program.domains[domain].symbols;
    auto symbol = static_cast<size_t>(value.constant);
    return symbol < symbols.size() ? symbols[symbol] : index(value);
  }

  std::string element(int number, const std::vector<IndexExpr> &indices) {
    const Tensor &tensor = program.tensors[number];
    std::string result;
    for (size_t i = 0; i < indices.size(); ++i)
      result += (i ? "," : "") + position(tensor, i, indices[i]);
    if (indices.empty())
      return tensor.name;
    return tensor.name + (tensor.isRelation ? "(" + result + ")" : "[" + result + "]");
  }

  const char *sumName() const {
    switch (program.tensors[equation.tensor].semiring) {
    case Semiring::OrAnd:
      return "or";
    case Semiring::MaxPlus:
    case Semiring::MaxTimes:
    case Semiring::MaxMin:
      return "max";
    case Semiring::MinPlus:
      return "min";
    case Semiring::LogSumExp:
      return "logsumexp";
    default:
      return "sum";
    }
  }

  std::string reduce(const Reduce &reduce) {
    static constexpr const char *names[] = {"sum", "max", "min", "avg", "prod"};
    const char *name =
        reduce.kind == ReduceKind::Sum ? sumName() : names[static_cast<int>(reduce.kind)];
    return fmt::format("{}[{}]({})", name, variables(reduce.variables),
                       expr(*reduce.operand, Comparison));
  }

  std::string binary(const Binary &binary, int &precedence) {
    static constexpr std::pair<const char *, Precedence> operators[] = {
        {" + ", Additive},    {" - ", Additive},    {" ", Multiplicative}, {" / ", Multiplicative},
        {"^", Exponent},      {" == ", Comparison}, {" != ", Comparison},  {" < ", Comparison},
        {" <= ", Comparison}, {" > ", Comparison},  {" >= ", Comparison},
    };
    auto [op, own] = operators[static_cast<int>(binary.op)];
    precedence = own;
    // Left-associative, except for powers; comparisons do not chain.
    int left = own == Exponent || own == Comparison ? own + 1 : own;
    int right = own == Exponent ? own : own + 1;
    std::string lhs = expr(*binary.lhs, left), rhs = expr(*binary.rhs, right);
    bool isProduct = binary.op == BinaryOp::Multiply;
    bool isNumber = std::holds_alternative<Number>(binary.rhs->value) || rhs.front() == '-' ||
                    std::holds_alternative<IndexValue>(binary.lhs->value);
    return lhs + (isProduct && isNumber ? " * " : op) + rhs;
  }

  std::string call(const std::string &name, const std::vector<ExprPtr> &arguments) {
    std::string result;
    for (const ExprPtr &argument : arguments)
      result += (result.empty() ? "" : ", ") + expr(*argument, Comparison);
    return name + "(" + result + ")";
  }

  std::string bare(const Expr &e, int &precedence) {
    precedence = Atom;
    if (auto *ref = std::get_if<Ref>(&e.value))
      return element(ref->tensor, ref->indices);
    if (auto *number = std::get_if<Number>(&e.value))
      return fmt::format("{}", number->value);
    if (auto *value = std::get_if<IndexValue>(&e.value)) {
      precedence = value->expr.isVariable() || value->expr.isConstant() ? Atom : Additive;
      return index(value->expr);
    }
    if (auto *unary = std::get_if<Unary>(&e.value)) {
      precedence = Prefix;
      return (unary->op == UnaryOp::Not ? "not " : "-") + expr(*unary->operand, Prefix);
    }
    if (auto *joined = std::get_if<Binary>(&e.value))
      return binary(*joined, precedence);
    if (auto *called = std::get_if<Call>(&e.value))
      return call(called->function, called->arguments);
    if (auto *reduced = std::get_if<Reduce>(&e.value))
      return reduce(*reduced);
    if (auto *normalize = std::get_if<Normalize>(&e.value)) {
      static constexpr const char *names[] = {"softmax", "lnorm", "rmsnorm", "l2norm", "argmax"};
      return fmt::format("{}[{}]({})", names[static_cast<int>(normalize->kind)],
                         variables(normalize->variables), expr(*normalize->operand, Comparison));
    }
    const auto &concat = std::get<Concat>(e.value);
    return fmt::format("concat[{}]({})", variables(concat.variables),
                       expr(*concat.operand, Comparison));
  }

  std::string expr(const Expr &e, int least) {
    int precedence;
    std::string result = bare(e, precedence);
    return precedence < least ? "(" + result + ")" : result;
  }

  const Program &program;
  const Equation &equation;
};

} // namespace

std::string program::print(const Program &program, const Equation &equation) {
  return Printer(program, equation).print();
}
