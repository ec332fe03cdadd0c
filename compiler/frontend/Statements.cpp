//===- Statements.cpp - every statement to the program --------------------===//
//
// All equations of a tensor are collected, and what is set to it as data [E2]. A tensor with
// one literal or file and nothing else is that data; otherwise the data become a hidden tensor and
// one more equation:
//
//   Ancestor(Alice, Bob)                      Ancestor.facts = {(Alice, Bob)}
//   Ancestor(x, y) <- Parent(x, y)      =     Ancestor(x, y) = Ancestor.facts(x, y)
//                                             Ancestor(x, y) <- Parent(x, y)
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Resolver.h"
#include "compiler/frontend/Rules.h"
#include "compiler/support/Text.h"

#include <algorithm>

using namespace tlc;
using namespace tlc::frontend;
using program::IndexExpr;

int Analysis::addHiddenTensor(const std::string &name, int like, SourceRange range) {
  auto number = static_cast<int>(tensors.size());
  TensorInfo info;
  info.range = range;
  info.brackets = tensors[like].brackets;
  info.rank = tensors[like].storedRank();
  info.rankRange = range;
  info.isDefined = true;
  info.declaredType = tensors[like].declaredType;
  info.declaredSemiring = tensors[like].declaredSemiring;
  program::Tensor tensor;
  tensor.name = name;
  for (int copy = 2; !tensorByName.try_emplace(tensor.name, number).second; ++copy)
    tensor.name = fmt::format("{}{}", name, copy);
  tensor.isRelation = program.tensors[like].isRelation;
  tensor.range = range;
  tensors.push_back(std::move(info));
  program.tensors.push_back(std::move(tensor));
  return number;
}

int Analysis::addEquation(program::Equation equation, EquationInfo info) {
  auto number = static_cast<int>(program.equations.size());
  if (equation.rhs)
    tensors[equation.tensor].equations.push_back(number);
  program.equations.push_back(std::move(equation));
  equations.push_back(std::move(info));
  return number;
}

namespace {

class StatementResolver {
public:
  explicit StatementResolver(Analysis &analysis)
      : analysis(analysis), diagnostics(analysis.diagnostics) {}

  void run() {
    for (const ast::Statement &statement : analysis.module.statements)
      resolve(statement);
    for (size_t i = 0, count = analysis.tensors.size(); i < count; ++i)
      settleData(static_cast<int>(i));
    if (!analysis.hasOutputs)
      outputQueries();
  }

private:
  void resolve(const ast::Statement &statement) {
    if (auto *declaration = std::get_if<ast::Declaration>(&statement.value))
      resolveDeclaration(*declaration);
    else if (auto *equation = std::get_if<ast::Equation>(&statement.value))
      resolveEquation(*equation, statement.range);
    else if (auto *fact = std::get_if<ast::Fact>(&statement.value))
      resolveFact(fact->atom);
    else if (auto *rule = std::get_if<ast::Rule>(&statement.value))
      resolveRule(*rule, statement.range);
    else if (auto *query = std::get_if<ast::Query>(&statement.value))
      resolveQuery(*query, statement.range);
    else if (auto *write = std::get_if<ast::WriteFile>(&statement.value))
      resolveWrite(*write, statement.range);
  }

  /// The tensor that a query or a write names, or -1.
  int lookUp(const ast::Ref &ref) {
    int number = analysis.findTensor(ref.name);
    if (number >= 0 && analysis.tensors[number].isDefined)
      return number;
    if (ref.brackets == ast::Brackets::None)
      diagnostics.error(ref.nameRange, diag::UndefinedTensor, "tensor", ref.name,
                        suggestion(analysis, ref.name));
    return -1;
  }

  //===- declarations -----------------------------------------------------===//

  void resolveDeclaration(const ast::Declaration &declaration) {
    int number = analysis.findTensor(declaration.tensor.name);
    if (number < 0)
      return;
    linkDeclared(declaration.tensor, number);
    if (declaration.lowRank)
      setLowRank(number, *declaration.lowRank);
    if (declaration.kind == ast::DeclKind::Param && declaration.initializer)
      setInitializer(number, *declaration.initializer);
  }

  /// Names, numbers and domains in the positions of a declaration.
  void linkDeclared(const ast::Ref &ref, int tensor) {
    if (ref.indices.size() != static_cast<size_t>(analysis.tensors[tensor].storedRank()))
      return; // reported with the names
    for (size_t i = 0; i < ref.indices.size(); ++i) {
      const ast::Index &index = ref.indices[i];
      int node = analysis.extents.position(tensor, static_cast<int>(i));
      if (!index.expr || index.isSlice || index.isDotted || index.isVirtual) {
        diagnostics.error(index.range, diag::BadDeclaredIndex);
        continue;
      }
      auto *name = std::get_if<ast::Ref>(&index.expr->value);
      bool isBare = name && name->brackets == ast::Brackets::None;
      auto domain = isBare ? analysis.domains.find(name->name) : analysis.domains.end();
      if (domain != analysis.domains.end())
        analysis.extents.link(node, domain->second.node, index.range);
      else if (isBare && !startsUpperCase(name->name))
        analysis.positionNames[node] = name->name;
      else if (std::optional<int64_t> extent = evaluateExtent(analysis, *index.expr))
        analysis.extents.addSource(node, *extent, index.range);
    }
  }

  void setLowRank(int tensor, const ast::Expr &expr) {
    std::optional<Constant> value = evaluateConstant(analysis, expr);
    if (value && (value->value <= 0 || value->value >= 1))
      diagnostics.error(expr.range, diag::BadLowRank, value->value);
    else if (value)
      analysis.tensor(tensor).lowRank = value->value;
  }

  void setInitializer(int tensor, const ast::Expr &expr) {
    static const std::pair<std::string_view, size_t> known[] = {
        {"zeros", 0}, {"ones", 0}, {"normal", 2}, {"uniform", 2}, {"glorot", 0}, {"eye", 0}};
    auto *ref = std::get_if<ast::Ref>(&expr.value);
    auto match = std::find_if(std::begin(known), std::end(known),
                              [&](const auto &entry) { return ref && entry.first == ref->name; });
    if (match == std::end(known) || ref->indices.size() > match->second) {
      diagnostics.error(expr.range, diag::UnknownInitializer);
      return;
    }
    analysis.tensor(tensor).initializer = ref->name;
    for (const ast::Index &index : ref->indices) {
      std::optional<Constant> value =
          index.expr ? evaluateConstant(analysis, *index.expr) : std::nullopt;
      analysis.tensor(tensor).initializerArguments.push_back(value ? value->value : 0);
    }
  }

  //===- equations --------------------------------------------------------===//

  void resolveEquation(const ast::Equation &statement, SourceRange range) {
    int tensor = analysis.findTensor(statement.lhs.name);
    if (statement.lowRank)
      setLowRank(tensor, *statement.lowRank);
    bool isData = std::holds_alternative<ast::List>(statement.rhs->value) ||
                  std::holds_alternative<ast::String>(statement.rhs->value);
    if (isData) {
      if (statement.lhs.brackets != ast::Brackets::None)
        linkDeclared(statement.lhs, tensor);
      return;
    }
    ResolveScope scope(analysis);
    Resolver resolver(analysis);
    resolver.scan(statement.lhs, {statement.rhs.get()});
    bool isValid = resolver.left(statement.lhs);
    resolver.equation.projection = static_cast<program::Projection>(statement.projection);
    resolver.equation.range = range;
    if (isValid)
      resolver.equation.rhs = resolver.right(*statement.rhs);
    isValid &= resolver.equation.rhs != nullptr && resolver.checkDots();
    isValid &= setLimits(statement, resolver.info);
    if (isValid && analysis.tensor(tensor).isRelation)
      makeBoolean(analysis, resolver.equation.rhs);
    int number = scope.finish(resolver, isValid);
    if (isValid)
      placeSums(analysis, number);
  }

  /// `until <tolerance>, <max steps>` [F1].
  bool setLimits(const ast::Equation &statement, EquationInfo &info) {
    if (!statement.tolerance)
      return true;
    info.untilRange = statement.tolerance->range;
    std::optional<Constant> tolerance = evaluateConstant(analysis, *statement.tolerance);
    if (!tolerance)
      return false;
    info.tolerance = tolerance->value;
    std::optional<Constant> steps = Constant{1000, 1000, {}};
    if (statement.maxSteps)
      steps = evaluateConstant(analysis, *statement.maxSteps);
    if (!steps)
      return false;
    info.maxSteps = steps->integer;
    if (tolerance->value >= 0 && steps->integer && *steps->integer >= 1)
      return true;
    diagnostics.error(info.untilRange, diag::BadLimits);
    return false;
  }

  void resolveRule(const ast::Rule &rule, SourceRange range) {
    ResolveScope scope(analysis);
    Resolver resolver(analysis);
    bool isValid = buildRule(analysis, resolver, rule);
    resolver.equation.range = range;
    scope.finish(resolver, isValid);
  }

  //===- facts ------------------------------------------------------------===//

  void resolveFact(const ast::Ref &atom) {
    int tensor = analysis.findTensor(atom.name);
    TensorInfo &info = analysis.tensors[tensor];
    if (static_cast<int>(atom.indices.size()) != info.storedRank())
      return; // reported with the names
    Fact fact;
    fact.range = atom.nameRange;
    fact.positions.resize(atom.indices.size());
    size_t symbols = analysis.extents.symbols.size();
    bool isValid = true;
    for (size_t i = 0; i < atom.indices.size(); ++i)
      isValid &=
          factArgument(atom.indices[i], analysis.extents.position(tensor, static_cast<int>(i)),
                       fact.positions[i]);
    if (isValid)
      info.facts.push_back(std::move(fact));
    else
      analysis.extents.symbols.resize(symbols); // they point into the fact
  }

  bool factArgument(const ast::Index &index, int node, int64_t &target) {
    auto *name = index.expr ? std::get_if<ast::Ref>(&index.expr->value) : nullptr;
    bool isBare = name && name->brackets == ast::Brackets::None;
    bool isConstant = isBare && analysis.constants.count(name->name);
    if (!index.expr || (isBare && !isConstant && !startsUpperCase(name->name))) {
      diagnostics.error(index.range, diag::FactNotGround, name ? name->name : "...");
      return false;
    }
    auto *text = std::get_if<ast::String>(&index.expr->value);
    if (text || (isBare && !isConstant)) {
      analysis.extents.symbols.push_back(
          {node, text ? text->text : name->name, index.range, &target, true, false});
      return true;
    }
    std::optional<Constant> value = evaluateConstant(analysis, *index.expr);
    if (!value)
      return false;
    if (!value->integer || *value->integer < 0) {
      diagnostics.error(index.range, diag::PositionNotInteger, "the position", value->value);
      return false;
    }
    target = *value->integer;
    analysis.extents.integers.push_back({node, target, index.range, true});
    return true;
  }

  //===- queries and files ------------------------------------------------===//

  void resolveQuery(const ast::Query &statement, SourceRange range) {
    const ast::Ref &ref = statement.tensor;
    program::Query query;
    query.tensor = lookUp(ref);
    query.range = ref.nameRange;
    if (query.tensor < 0)
      return;
    std::string_view text = diagnostics.sourceManager().text(range);
    size_t end = text.find_last_not_of("? \t\r\n;");
    query.text = std::string(text.substr(0, end == std::string_view::npos ? 0 : end + 1));
    query.positions.resize(analysis.tensors[query.tensor].storedRank());
    if (ref.brackets != ast::Brackets::None) {
      if (ref.indices.size() != query.positions.size())
        return; // reported with the names
      size_t symbols = analysis.extents.symbols.size();
      for (size_t i = 0; i < ref.indices.size(); ++i)
        if (!queryPosition(ref.indices[i],
                           analysis.extents.position(query.tensor, static_cast<int>(i)),
                           query.positions[i])) {
          analysis.extents.symbols.resize(symbols); // they point into the query
          return;
        }
    }
    analysis.program.queries.push_back(std::move(query));
  }

  bool queryPosition(const ast::Index &index, int node, program::Query::Position &position) {
    auto *name = index.expr ? std::get_if<ast::Ref>(&index.expr->value) : nullptr;
    bool isBare = name && name->brackets == ast::Brackets::None;
    bool isConstant = isBare && analysis.constants.count(name->name);
    if (!index.expr || index.isDotted || index.isVirtual) {
      diagnostics.error(index.range, diag::BadQueryIndex);
      return false;
    }
    if (isBare && !isConstant && !startsUpperCase(name->name)) {
      position.variable = name->name;
      return true;
    }
    auto *text = std::get_if<ast::String>(&index.expr->value);
    if (text || (isBare && !isConstant)) {
      analysis.extents.symbols.push_back(
          {node, text ? text->text : name->name, index.range, &position.fixed, false, false});
      return true;
    }
    std::optional<Constant> value = evaluateConstant(analysis, *index.expr);
    if (!value)
      return false;
    if (!value->integer || *value->integer < 0) {
      diagnostics.error(index.range, diag::PositionNotInteger, "the position", value->value);
      return false;
    }
    position.fixed = *value->integer;
    analysis.extents.integers.push_back({node, position.fixed, index.range, false});
    return true;
  }

  void resolveWrite(const ast::WriteFile &statement, SourceRange range) {
    int tensor = lookUp(statement.tensor);
    if (tensor >= 0)
      analysis.program.writes.push_back({tensor, statement.path, range});
  }

  void outputQueries() {
    for (const program::Query &query : analysis.program.queries) {
      program::Tensor &tensor = analysis.tensor(query.tensor);
      if (!tensor.isOutput)
        analysis.program.outputs.push_back(query.tensor);
      tensor.isOutput = true;
    }
  }

  //===- data -------------------------------------------------------------===//

  /// Facts that a file holds are facts.
  void addRows(int tensor, const Data &data) {
    TensorInfo &info = analysis.tensors[tensor];
    for (const std::vector<std::string> &row : data.info.rows) {
      if (static_cast<int>(row.size()) != info.storedRank()) {
        diagnostics.error(data.range, diag::DataRank, analysis.tensor(tensor).name,
                          info.storedRank(), row.size());
        return;
      }
      Fact fact;
      fact.range = data.range;
      fact.positions.resize(row.size());
      for (size_t i = 0; i < row.size(); ++i) {
        const std::string &word = row[i];
        bool isDigits = !word.empty() && word.size() < 18 &&
                        word.find_first_not_of("0123456789") == std::string::npos;
        analysis.extents.symbols.push_back({analysis.extents.position(tensor, static_cast<int>(i)),
                                            word, data.range, &fact.positions[i], true, isDigits});
      }
      info.facts.push_back(std::move(fact));
    }
  }

  void settleData(int tensor) {
    bool isRelation = analysis.tensor(tensor).isRelation;
    std::vector<Data> data = std::move(analysis.tensors[tensor].data);
    analysis.tensors[tensor].data.clear();
    for (const Data &item : data)
      if (!item.info.rows.empty())
        addRows(tensor, item);
    std::erase_if(data, [](const Data &item) { return !item.info.rows.empty(); });
    TensorInfo &info = analysis.tensors[tensor];
    for (const Data &item : data)
      if (static_cast<int>(item.shape.size()) != info.storedRank())
        return; // reported with the names, except for a virtual tensor
    bool hasFacts = !info.facts.empty() || (isRelation && data.empty() && info.equations.empty());
    bool isAlone = data.size() + hasFacts == 1 && info.equations.empty();
    if (info.declaration || isAlone) {
      for (Data &item : data)
        place(tensor, std::move(item));
      if (hasFacts && !info.declaration)
        analysis.tensor(tensor).origin = program::Origin::Literal;
      return;
    }
    splitData(tensor, std::move(data));
  }

  void splitData(int tensor, std::vector<Data> data) {
    std::string base = analysis.tensor(tensor).name;
    for (Data &item : data) {
      int hidden = analysis.addHiddenTensor(base + ".data", tensor, item.range);
      SourceRange range = item.range;
      place(hidden, std::move(item));
      addCopy(tensor, hidden, range);
    }
    if (analysis.tensors[tensor].facts.empty())
      return;
    SourceRange range = analysis.tensors[tensor].facts[0].range;
    int hidden = analysis.addHiddenTensor(base + ".facts", tensor, range);
    analysis.tensors[hidden].facts = std::move(analysis.tensors[tensor].facts);
    analysis.tensors[tensor].facts.clear();
    analysis.tensor(hidden).origin = program::Origin::Literal;
    addCopy(tensor, hidden, range);
  }

  void place(int tensor, Data data) {
    program::Tensor &target = analysis.tensor(tensor);
    if (data.list)
      target.origin = program::Origin::Literal;
    else if (!data.path.empty())
      target.origin = program::Origin::File;
    target.path = data.path;
    for (size_t i = 0; i < data.shape.size(); ++i)
      analysis.extents.addSource(analysis.extents.position(tensor, static_cast<int>(i)),
                                 data.shape[i], data.range);
    if (!data.list)
      analysis.tensors[tensor].fileType = data.info.type;
    analysis.tensors[tensor].data.push_back(std::move(data));
  }

  /// to[i,...] = from[i,...]
  void addCopy(int to, int from, SourceRange range) {
    program::Equation equation;
    EquationInfo info;
    equation.tensor = to;
    equation.range = info.lhsRange = range;
    equation.isRule = analysis.tensor(to).isRelation;
    if (analysis.tensors[to].projection)
      equation.projection = static_cast<program::Projection>(*analysis.tensors[to].projection);
    for (int i = 0; i < analysis.tensors[to].storedRank(); ++i) {
      equation.variables.push_back({fmt::format("x{}", i + 1), {}});
      info.variableRanges.push_back(range);
      info.lhsRanges.push_back(range);
      IndexExpr index;
      index.terms.push_back({i, 1});
      equation.lhs.push_back(index);
    }
    equation.rhs = makeExpr(program::Ref{from, equation.lhs}, range);
    info.refs.push_back({equation.rhs.get(), std::nullopt, info.lhsRanges, false, false});
    if (analysis.tensors[to].virtualPosition >= 0) // data start a virtual tensor [E12]
      info.lhsVirtual = IndexExpr();
    analysis.addEquation(std::move(equation), std::move(info));
  }

  Analysis &analysis;
  Diagnostics &diagnostics;
};

} // namespace

void frontend::resolveStatements(Analysis &analysis) { StatementResolver(analysis).run(); }
