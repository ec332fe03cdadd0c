//===- Names.cpp - which name is what [L3] [L4] [A18] ---------------------===//
//
// A tensor is whatever stands on a left side, in a declaration, a fact or the head of a rule.
// Every mention must agree on the number of positions and on the kind of brackets:
//
//   Y[i] = W[i,j] X[j]      // W has two positions, in brackets: numeric
//   Aunt(x,z) <- ...        // Aunt has two positions, in parentheses: a relation
//
// With a virtual position [E12] a mention without the star has one position less. Names
// of functions are reserved, so `f(x)` is a call or a relation by its name alone.
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Analysis.h"
#include "compiler/support/Text.h"

#include <algorithm>

using namespace tlc;
using namespace tlc::frontend;

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

namespace {

constexpr FunctionInfo functions[] = {
    {"step", 1, 1},  {"relu", 1, 1}, {"sig", 1, 2},  {"tanh", 1, 1},     {"exp", 1, 1},
    {"log", 1, 1},   {"sqrt", 1, 1}, {"abs", 1, 1},  {"sin", 1, 1},      {"cos", 1, 1},
    {"erf", 1, 1},   {"gelu", 1, 1}, {"silu", 1, 1}, {"softplus", 1, 1}, {"sign", 1, 1},
    {"floor", 1, 1}, {"min", 2, 2},  {"max", 2, 2},  {"where", 3, 3},    {"pow", 2, 2},
};

constexpr std::pair<std::string_view, program::NormalizeKind> normalizers[] = {
    {"softmax", program::NormalizeKind::Softmax}, {"lnorm", program::NormalizeKind::LayerNorm},
    {"rmsnorm", program::NormalizeKind::RmsNorm}, {"l2norm", program::NormalizeKind::L2Norm},
    {"argmax", program::NormalizeKind::ArgMax},
};

} // namespace

const FunctionInfo *frontend::findFunction(std::string_view name) {
  for (const FunctionInfo &function : functions)
    if (function.name == name)
      return &function;
  return nullptr;
}

std::optional<program::NormalizeKind> frontend::findNormalizer(std::string_view name) {
  for (const auto &[known, kind] : normalizers)
    if (known == name)
      return kind;
  return std::nullopt;
}

bool frontend::isFunctionName(std::string_view name) {
  return name == "concat" || findFunction(name) || findNormalizer(name);
}

//===----------------------------------------------------------------------===//
// Suggestions
//===----------------------------------------------------------------------===//

std::string frontend::suggestion(std::string_view word,
                                 const std::vector<std::string_view> &names) {
  std::string_view nearest = nearestName(word, names);
  return nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest);
}

std::string frontend::suggestion(Analysis &analysis, std::string_view word) {
  std::vector<std::string_view> names;
  for (size_t i = 0; i < analysis.tensors.size(); ++i)
    if (analysis.tensors[i].isDefined)
      names.push_back(analysis.program.tensors[i].name);
  for (const auto &entry : analysis.constants)
    names.push_back(entry.first);
  for (const FunctionInfo &function : functions)
    names.push_back(function.name);
  for (const auto &normalizer : normalizers)
    names.push_back(normalizer.first);
  return suggestion(word, names);
}

//===----------------------------------------------------------------------===//
// The table of tensors
//===----------------------------------------------------------------------===//

namespace {

using ast::Brackets;

class NameCollector {
public:
  explicit NameCollector(Analysis &analysis)
      : analysis(analysis), diagnostics(analysis.diagnostics) {}

  void run() {
    for (const ast::Statement &statement : analysis.module.statements)
      forEachMention(statement, [&](const ast::Ref &ref) { noteVirtual(ref); });
    for (const ast::Statement &statement : analysis.module.statements)
      define(statement);
    for (const ast::Statement &statement : analysis.module.statements)
      forEachMention(statement, [&](const ast::Ref &ref) { noteUse(ref); });
    for (size_t i = 0; i < analysis.tensors.size(); ++i)
      finish(static_cast<int>(i));
  }

private:
  //===- mentions ---------------------------------------------------------===//

  /// Calls `visit` for every reference that must be a tensor, left sides included.
  template <typename Visit> void forEachMention(const ast::Statement &statement, Visit visit) {
    if (auto *declaration = std::get_if<ast::Declaration>(&statement.value))
      visit(declaration->tensor);
    else if (auto *equation = std::get_if<ast::Equation>(&statement.value))
      visit(equation->lhs), inExpr(*equation->rhs, visit);
    else if (auto *write = std::get_if<ast::WriteFile>(&statement.value))
      visit(write->tensor);
    else if (auto *fact = std::get_if<ast::Fact>(&statement.value))
      visit(fact->atom);
    else if (auto *query = std::get_if<ast::Query>(&statement.value))
      visit(query->tensor);
    else if (auto *rule = std::get_if<ast::Rule>(&statement.value)) {
      visit(rule->head);
      for (const ast::ExprPtr &literal : rule->body)
        inExpr(*literal, visit);
    }
  }

  template <typename Visit> void inExpr(const ast::Expr &expr, Visit visit) {
    if (auto *ref = std::get_if<ast::Ref>(&expr.value)) {
      if (ref->brackets != Brackets::Round || !isFunctionName(ref->name))
        return visit(*ref);
      for (const ast::Index &argument : ref->indices)
        if (argument.expr)
          inExpr(*argument.expr, visit);
    } else if (auto *reduction = std::get_if<ast::Reduction>(&expr.value)) {
      inExpr(*reduction->argument, visit);
    } else if (auto *unary = std::get_if<ast::Unary>(&expr.value)) {
      inExpr(*unary->operand, visit);
    } else if (auto *binary = std::get_if<ast::Binary>(&expr.value)) {
      inExpr(*binary->lhs, visit);
      inExpr(*binary->rhs, visit);
    }
  }

  int getOrAdd(const ast::Ref &ref) {
    auto [entry, isNew] =
        analysis.tensorByName.try_emplace(ref.name, static_cast<int>(analysis.tensors.size()));
    if (isNew) {
      analysis.tensors.emplace_back().range = ref.nameRange;
      program::Tensor &tensor = analysis.program.tensors.emplace_back();
      tensor.name = ref.name;
      tensor.range = ref.nameRange;
    }
    return entry->second;
  }

  static bool hasStar(const ast::Ref &ref) {
    return std::any_of(ref.indices.begin(), ref.indices.end(),
                       [](const ast::Index &index) { return index.isVirtual; });
  }

  /// `X[i, *t+1]` fixes the rank and the virtual position of X [E12].
  void noteVirtual(const ast::Ref &ref) {
    if (!hasStar(ref))
      return;
    TensorInfo &info = analysis.tensors[getOrAdd(ref)];
    for (size_t i = 0; i < ref.indices.size(); ++i) {
      if (!ref.indices[i].isVirtual)
        continue;
      int position = static_cast<int>(i);
      if (info.virtualPosition >= 0 && info.virtualPosition != position) {
        diagnostics.error(ref.indices[i].range, diag::SecondVirtualIndex, ref.name);
        return;
      }
      info.virtualPosition = position;
    }
    if (info.rank < 0) {
      info.rank = static_cast<int>(ref.indices.size());
      info.rankRange = ref.nameRange;
    }
  }

  //===- definitions ------------------------------------------------------===//

  void define(const ast::Statement &statement) {
    if (auto *declaration = std::get_if<ast::Declaration>(&statement.value))
      defineDeclaration(*declaration);
    else if (auto *semiring = std::get_if<ast::SemiringDecl>(&statement.value))
      defineSemiring(*semiring);
    else if (auto *equation = std::get_if<ast::Equation>(&statement.value))
      defineEquation(*equation);
    else if (auto *fact = std::get_if<ast::Fact>(&statement.value))
      markDefined(fact->atom);
    else if (auto *rule = std::get_if<ast::Rule>(&statement.value))
      markDefined(rule->head);
    else if (auto *minimize = std::get_if<ast::Minimize>(&statement.value))
      diagnostics.error(statement.range, diag::MinimizeUnsupported, minimize->loss.name);
  }

  int markDefined(const ast::Ref &ref) {
    if (isFunctionName(ref.name))
      diagnostics.error(ref.nameRange, diag::FunctionRedefined, ref.name);
    auto constant = analysis.constants.find(ref.name);
    if (constant != analysis.constants.end())
      diagnostics.error(ref.nameRange, diag::Redefinition, ref.name)
          .note(constant->second.range, "the constant is declared here");
    int number = getOrAdd(ref);
    TensorInfo &info = analysis.tensors[number];
    if (!info.isDefined)
      info.range = analysis.tensor(number).range = ref.nameRange;
    info.isDefined = true;
    if (info.declaration && ref.nameRange.begin != info.declaration->tensor.nameRange.begin)
      diagnostics.error(ref.nameRange, diag::InputRedefined, ref.name)
          .note(info.declaration->tensor.nameRange, "'{}' is declared here", ref.name);
    return number;
  }

  void setType(int number, DType type, SourceRange range) {
    TensorInfo &info = analysis.tensors[number];
    if (info.declaredType && *info.declaredType != type)
      diagnostics
          .error(range, diag::TypeConflict, analysis.tensor(number).name, name(type),
                 name(*info.declaredType))
          .note(info.typeRange, "the other type is declared here");
    info.declaredType = type;
    info.typeRange = range;
  }

  void defineDeclaration(const ast::Declaration &declaration) {
    const ast::Ref &ref = declaration.tensor;
    if (declaration.kind == ast::DeclKind::Output) {
      defineOutput(declaration);
      return;
    }
    int number = markDefined(ref);
    TensorInfo &info = analysis.tensors[number];
    if (info.declaration) {
      diagnostics.error(ref.nameRange, diag::Redefinition, ref.name)
          .note(info.declaration->tensor.nameRange, "the first definition is here");
      return;
    }
    if (!info.equations.empty() || !info.data.empty())
      diagnostics.error(ref.nameRange, diag::InputRedefined, ref.name);
    info.declaration = &declaration;
    bool isInput = declaration.kind == ast::DeclKind::Input;
    analysis.tensor(number).origin = isInput ? program::Origin::Input : program::Origin::Param;
    if (isInput)
      analysis.program.inputs.push_back(number);
    if (declaration.type)
      setType(number, *declaration.type, ref.nameRange);
    FileInfo bound;
    if (isInput && analysis.options.inspectInput &&
        analysis.options.inspectInput(ref.name, bound)) {
      Data &data = info.data.emplace_back();
      data.info = std::move(bound);
      data.range = ref.nameRange;
    }
  }

  void defineOutput(const ast::Declaration &declaration) {
    int number = getOrAdd(declaration.tensor);
    analysis.hasOutputs = true;
    if (declaration.type)
      setType(number, *declaration.type, declaration.tensor.nameRange);
    if (analysis.tensor(number).isOutput) {
      diagnostics.error(declaration.tensor.nameRange, diag::DuplicateOutput,
                        declaration.tensor.name);
      return;
    }
    analysis.tensor(number).isOutput = true;
    analysis.program.outputs.push_back(number);
  }

  void defineSemiring(const ast::SemiringDecl &declaration) {
    std::optional<Semiring> semiring = parseSemiring(declaration.semiring.text);
    if (!semiring) {
      std::vector<std::string_view> names;
      for (int i = 0; i <= static_cast<int>(Semiring::Count); ++i)
        names.push_back(name(static_cast<Semiring>(i)));
      diagnostics.error(declaration.semiring.range, diag::UnknownSemiring,
                        declaration.semiring.text, suggestion(declaration.semiring.text, names));
      return;
    }
    ast::Ref ref;
    ref.name = declaration.tensor.text;
    ref.nameRange = declaration.tensor.range;
    TensorInfo &info = analysis.tensors[getOrAdd(ref)];
    if (info.declaredSemiring && *info.declaredSemiring != *semiring)
      diagnostics.error(declaration.tensor.range, diag::Redefinition, ref.name);
    info.declaredSemiring = semiring;
  }

  void defineEquation(const ast::Equation &equation) {
    int number = markDefined(equation.lhs);
    TensorInfo &info = analysis.tensors[number];
    if (equation.type)
      setType(number, *equation.type, equation.lhs.nameRange);
    if (!info.projection) {
      info.projection = equation.projection;
      info.projectionRange = equation.operatorRange;
    } else if (*info.projection != equation.projection) {
      // Rule [E3]: one projection operator for each tensor.
      diagnostics.error(equation.operatorRange, diag::MixedProjections, equation.lhs.name)
          .note(info.projectionRange, "the other operator is here");
    }
    if (std::holds_alternative<ast::List>(equation.rhs->value)) {
      Data &data = info.data.emplace_back();
      data.list = equation.rhs.get();
      data.range = equation.rhs->range;
    } else if (auto *path = std::get_if<ast::String>(&equation.rhs->value)) {
      Data &data = info.data.emplace_back();
      data.path = path->text;
      data.range = equation.rhs->range;
    } else if (equation.lhs.brackets == Brackets::None) {
      noteRank(equation.lhs, info);
    }
  }

  //===- agreement --------------------------------------------------------===//

  void noteUse(const ast::Ref &ref) {
    int number = analysis.findTensor(ref.name);
    if (ref.brackets == Brackets::None) {
      // Bare names may be constants, indices or symbols; Resolve decides.
      return;
    }
    if (number < 0 || !analysis.tensors[number].isDefined) {
      undefined(ref);
      return;
    }
    TensorInfo &info = analysis.tensors[number];
    noteBrackets(ref, info);
    noteRank(ref, info);
  }

  void undefined(const ast::Ref &ref) {
    if (undefinedNames.insert(ref.name).second)
      diagnostics.error(ref.nameRange, diag::UndefinedTensor,
                        ref.brackets == Brackets::Round ? "relation or function" : "tensor",
                        ref.name, suggestion(analysis, ref.name));
  }

  void noteBrackets(const ast::Ref &ref, TensorInfo &info) {
    if (info.brackets == Brackets::None) {
      info.brackets = ref.brackets;
      info.bracketsRange = ref.nameRange;
    } else if (info.brackets != ref.brackets) {
      bool isRound = ref.brackets == Brackets::Round;
      diagnostics
          .error(ref.nameRange, diag::BracketsMismatch, ref.name,
                 isRound ? "parentheses" : "brackets", isRound ? "brackets" : "parentheses")
          .note(info.bracketsRange, "the other kind is used here");
    }
  }

  void noteRank(const ast::Ref &ref, TensorInfo &info) {
    int count = static_cast<int>(ref.indices.size());
    if (info.rank < 0) {
      info.rank = count;
      info.rankRange = ref.nameRange;
      return;
    }
    bool isLast = info.virtualPosition >= 0 && !hasStar(ref);
    int expected = isLast ? info.rank - 1 : info.rank;
    if (count != expected)
      diagnostics.error(ref.nameRange, diag::ArityMismatch, ref.name, expected, count)
          .note(info.rankRange, "'{}' has rank {} here", ref.name, info.rank);
  }

  //===- data -------------------------------------------------------------===//

  void finish(int number) {
    TensorInfo &info = analysis.tensors[number];
    program::Tensor &tensor = analysis.tensor(number);
    if (!info.isDefined && undefinedNames.insert(tensor.name).second)
      diagnostics.error(info.range, diag::UndefinedTensor, "tensor", tensor.name,
                        suggestion(analysis, tensor.name));
    tensor.isRelation = info.brackets == Brackets::Round;
    for (Data &data : info.data)
      finishData(info, tensor, data);
    if (info.rank < 0)
      info.rank = 0;
  }

  void finishData(TensorInfo &info, program::Tensor &tensor, Data &data) {
    if (data.list) {
      if (!listShape(*data.list, data.shape))
        return;
    } else {
      if (!data.path.empty() && !inspect(tensor, data))
        return;
      data.shape = data.info.shape;
      if (!data.info.rows.empty())
        data.shape.assign(data.info.rows[0].size(), -1);
    }
    int rank = static_cast<int>(data.shape.size());
    if (info.rank < 0) {
      info.rank = rank;
      info.rankRange = data.range;
    }
    // Data of a virtual tensor are where it starts [E12].
    if (rank != info.storedRank())
      diagnostics.error(data.range, diag::DataRank, tensor.name, info.storedRank(), rank)
          .note(info.rankRange, "'{}' has rank {} here", tensor.name, info.rank);
  }

  bool inspect(const program::Tensor &tensor, Data &data) {
    std::string error = "files cannot be read here";
    if (analysis.options.inspectFile &&
        analysis.options.inspectFile(data.path, tensor.isRelation, data.info, error))
      return true;
    diagnostics.error(data.range, diag::FileUnreadable, data.path, error);
    return false;
  }

  /// The extents of nested lists, by their first items; then every other list must agree.
  bool listShape(const ast::Expr &expr, std::vector<int64_t> &shape) {
    const ast::Expr *first = &expr;
    while (auto *list = std::get_if<ast::List>(&first->value)) {
      shape.push_back(static_cast<int64_t>(list->items.size()));
      if (list->items.empty())
        break;
      first = list->items[0].get();
    }
    return hasShape(expr, shape, 0);
  }

  bool hasShape(const ast::Expr &expr, const std::vector<int64_t> &shape, size_t depth) {
    auto *list = std::get_if<ast::List>(&expr.value);
    if ((depth < shape.size()) != (list != nullptr)) {
      diagnostics.error(expr.range, diag::RaggedScalar);
      return false;
    }
    if (!list)
      return true;
    auto size = static_cast<int64_t>(list->items.size());
    if (size != shape[depth]) {
      diagnostics.error(expr.range, diag::RaggedList, size, shape[depth]);
      return false;
    }
    for (const ast::ExprPtr &item : list->items)
      if (!hasShape(*item, shape, depth + 1))
        return false;
    return true;
  }

  Analysis &analysis;
  Diagnostics &diagnostics;
  std::set<std::string> undefinedNames;
};

} // namespace

void frontend::collectNames(Analysis &analysis) { NameCollector(analysis).run(); }
