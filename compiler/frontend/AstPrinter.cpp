//===- AstPrinter.cpp - the syntax tree as s-expressions ------------------===//
//
//   Y[i] = relu(2 X[i,j] V[j])   ->   (equation = Y[i] relu((juxt (juxt 2 X[i,j]) V[j])))
//
// References print as they are written, operators as lists; a statement takes one line.
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Frontend.h"

namespace tlc {

using namespace ast;

namespace {

std::string_view sign(BinaryOp op) {
  switch (op) {
  case BinaryOp::Add:
    return "+";
  case BinaryOp::Subtract:
    return "-";
  case BinaryOp::Multiply:
    return "*";
  case BinaryOp::Juxtapose:
    return "juxt";
  case BinaryOp::Divide:
    return "/";
  case BinaryOp::Power:
    return "^";
  case BinaryOp::Equal:
    return "==";
  case BinaryOp::NotEqual:
    return "!=";
  case BinaryOp::Less:
    return "<";
  case BinaryOp::LessEqual:
    return "<=";
  case BinaryOp::Greater:
    return ">";
  case BinaryOp::GreaterEqual:
    return ">=";
  }
  return "";
}

std::string_view sign(Projection projection) {
  switch (projection) {
  case Projection::Sum:
    return "=";
  case Projection::Max:
    return "max=";
  case Projection::Min:
    return "min=";
  case Projection::Avg:
    return "avg=";
  case Projection::Product:
    return "*=";
  }
  return "";
}

std::string_view word(DeclKind kind) {
  return kind == DeclKind::Input ? "input" : kind == DeclKind::Param ? "param" : "output";
}

class Printer {
public:
  std::string take() { return std::move(out); }

  void operator()(const Domain &domain) {
    open("domain");
    out += " (";
    separated(domain.names, " ", [&](const Name &name) { out += name.text; });
    out += ")";
    if (domain.isUnknown)
      out += " ?";
    else if (domain.extent)
      item(domain.extent);
    else {
      out += " {";
      separated(domain.symbols, " ", [&](const Name &symbol) { quoted(symbol.text); });
      out += "}";
    }
    out += ")";
  }
  void operator()(const Const &constant) {
    open("const");
    out += ' ' + constant.name.text;
    item(constant.value);
    out += ")";
  }
  void operator()(const Declaration &declaration) {
    open(word(declaration.kind));
    out += ' ';
    ref(declaration.tensor);
    type(declaration.type);
    item(declaration.initializer);
    lowRank(declaration.lowRank);
    out += ")";
  }
  void operator()(const Import &import) {
    open("import ");
    quoted(import.path);
    out += ")";
  }
  void operator()(const SemiringDecl &semiring) {
    out += fmt::format("(semiring {} {})", semiring.tensor.text, semiring.semiring.text);
  }
  void operator()(const Equation &equation) {
    out += fmt::format("(equation {} ", sign(equation.projection));
    ref(equation.lhs);
    type(equation.type);
    item(equation.rhs);
    if (equation.tolerance) {
      out += " (until";
      item(equation.tolerance);
      item(equation.maxSteps);
      out += ")";
    }
    lowRank(equation.lowRank);
    out += ")";
  }
  void operator()(const WriteFile &write) {
    open("write ");
    quoted(write.path);
    out += ' ';
    ref(write.tensor);
    out += ")";
  }
  void operator()(const Fact &fact) {
    open("fact ");
    ref(fact.atom);
    out += ")";
  }
  void operator()(const Rule &rule) {
    open("rule ");
    ref(rule.head);
    for (const ExprPtr &literal : rule.body)
      item(literal);
    out += ")";
  }
  void operator()(const Query &query) {
    open("query ");
    ref(query.tensor);
    out += ")";
  }
  void operator()(const Minimize &minimize) {
    open("minimize ");
    ref(minimize.loss);
    if (!minimize.optimizer.text.empty()) {
      out += " (" + minimize.optimizer.text;
      settings(minimize.arguments);
      out += ")";
    }
    settings(minimize.settings);
    out += ")";
  }

  void operator()(const Number &number) {
    out += number.isInteger ? fmt::format("{}", number.integer) : fmt::format("{}", number.value);
  }
  void operator()(const String &string) { quoted(string.text, /*always=*/true); }
  void operator()(const Ref &reference) { ref(reference); }
  void operator()(const Reduction &reduction) {
    out += '(' + reduction.function + " [";
    separated(reduction.indices, ",", [&](const Name &name) { out += name.text; });
    out += "]";
    item(reduction.argument);
    out += ")";
  }
  void operator()(const Unary &unary) {
    open(unary.op == UnaryOp::Negate ? "neg" : "not");
    item(unary.operand);
    out += ")";
  }
  void operator()(const Binary &binary) {
    open(sign(binary.op));
    item(binary.lhs);
    item(binary.rhs);
    out += ")";
  }
  void operator()(const List &list) {
    out += '[';
    separated(list.items, " ", [&](const ExprPtr &expr) { std::visit(*this, expr->value); });
    out += ']';
  }

  void statement(const Statement &statement) {
    std::visit(*this, statement.value);
    out += '\n';
  }

private:
  void open(std::string_view word) {
    out += '(';
    out += word;
  }

  template <typename Range, typename Print>
  void separated(const Range &range, std::string_view separator, Print print) {
    bool isFirst = true;
    for (const auto &element : range) {
      if (!isFirst)
        out += separator;
      isFirst = false;
      print(element);
    }
  }

  /// A space and the expression, if there is one.
  void item(const ExprPtr &expr) {
    if (!expr)
      return;
    out += ' ';
    std::visit(*this, expr->value);
  }

  void type(std::optional<DType> type) {
    if (type)
      out += fmt::format(" :{}", name(*type));
  }
  void lowRank(const ExprPtr &tolerance) {
    if (!tolerance)
      return;
    out += " (lowrank";
    item(tolerance);
    out += ")";
  }
  void settings(const std::vector<Setting> &list) {
    for (const Setting &setting : list) {
      out += " (" + setting.name.text;
      item(setting.value);
      out += ")";
    }
  }

  void quoted(const std::string &text, bool always = false) {
    bool isPlain =
        !always && !text.empty() && text.find_first_of(" \t\n\"\\(){}[],.") == std::string::npos;
    if (isPlain) {
      out += text;
      return;
    }
    out += '"';
    for (char c : text) {
      if (c == '"' || c == '\\')
        out += '\\';
      out += c == '\n' ? std::string("\\n") : c == '\t' ? std::string("\\t") : std::string(1, c);
    }
    out += '"';
  }

  void ref(const Ref &ref) {
    out += ref.name;
    if (ref.brackets == Brackets::None)
      return;
    bool isSquare = ref.brackets == Brackets::Square;
    out += isSquare ? '[' : '(';
    separated(ref.indices, ",", [&](const Index &element) { index(element); });
    out += isSquare ? ']' : ')';
  }

  void index(const Index &index) {
    if (index.isSlice) {
      out += "(slice";
      for (const ExprPtr *bound : {&index.lower, &index.upper, &index.step}) {
        if (*bound)
          item(*bound);
        else
          out += " _";
      }
      out += ")";
      return;
    }
    if (index.isVirtual)
      out += '*';
    std::visit(*this, index.expr->value);
    if (index.isDotted)
      out += '.';
  }

  std::string out;
};

} // namespace

std::string print(const Module &module) {
  Printer printer;
  for (const Statement &statement : module.statements)
    printer.statement(statement);
  return printer.take();
}

} // namespace tlc
