//===- Explain.cpp - what will be computed, and what it costs -------------===//
//
// As SQL's EXPLAIN: every equation with its sums in view [E4], then for each contraction a
// table of its steps. The same as data:
//
//   {"flops": .., "muls": .., "largest": .., "peak_bytes": .., "seconds": .., "path": [[0,1]],
//    "equations": [..], "contractions": [{"equation": .., "flops": .., .. "steps": [..]}]}
//
// where the outer numbers are sums (largest and peak_bytes: maxima) over the contractions,
// and `path` is there if there is one contraction.
//
//===----------------------------------------------------------------------===//

#include "compiler/api/Compilation.h"
#include "compiler/planner/Planner.h"
#include "compiler/transforms/ContractionNetwork.h"
#include "dialects/ein/EinDialect.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace tlc {
namespace {

/// A network with the names to show it by.
struct Contraction {
  std::string equation;
  planner::Network network;
  planner::Labels labels;
};

struct Explanation {
  std::vector<std::string> equations;
  std::vector<Contraction> contractions;
};

//===----------------------------------------------------------------------===//
// Rendering
//===----------------------------------------------------------------------===//

std::string toText(const Explanation &explanation) {
  std::string text;
  for (const std::string &equation : explanation.equations)
    text += equation + '\n';
  for (const Contraction &contraction : explanation.contractions) {
    if (!text.empty())
      text += '\n';
    if (!contraction.equation.empty())
      text += contraction.equation + '\n';
    text += planner::renderPlan(contraction.network, planner::plan(contraction.network),
                                contraction.labels);
  }
  return text;
}

std::string toDot(const Explanation &explanation) {
  std::string text;
  for (const Contraction &contraction : explanation.contractions)
    text += planner::planDot(contraction.network, planner::plan(contraction.network),
                             contraction.labels);
  return text;
}

llvm::json::Array pathOf(const planner::Plan &plan) {
  llvm::json::Array path;
  for (const auto &[lhs, rhs] : plan.path)
    path.push_back(llvm::json::Array{lhs, rhs});
  return path;
}

llvm::json::Object costsOf(const planner::Plan &plan) {
  return llvm::json::Object{{"flops", plan.flops},     {"muls", plan.muls},
                            {"largest", plan.largest}, {"peak_bytes", plan.peakBytes},
                            {"seconds", plan.seconds}, {"path", pathOf(plan)},
                            {"optimal", plan.optimal}, {"method", plan.method}};
}

std::string toJson(const Explanation &explanation) {
  planner::Plan total;
  llvm::json::Array contractions, equations;
  llvm::json::Array path;
  for (const Contraction &contraction : explanation.contractions) {
    planner::Plan plan = planner::plan(contraction.network);
    total.flops += plan.flops;
    total.muls += plan.muls;
    total.seconds += plan.seconds;
    total.largest = std::max(total.largest, plan.largest);
    total.peakBytes = std::max(total.peakBytes, plan.peakBytes);
    path = pathOf(plan);
    llvm::json::Object object = costsOf(plan);
    object["equation"] = contraction.equation;
    llvm::json::Array steps;
    for (const planner::StepCost &step : plan.steps)
      steps.push_back(llvm::json::Object{{"lhs", step.lhs},
                                         {"rhs", step.rhs},
                                         {"flops", step.flops},
                                         {"result_size", step.resultSize},
                                         {"live_bytes", step.liveBytes},
                                         {"seconds", step.seconds}});
    object["steps"] = std::move(steps);
    contractions.push_back(std::move(object));
  }
  for (const std::string &equation : explanation.equations)
    equations.push_back(equation);
  llvm::json::Object result{{"flops", total.flops},     {"muls", total.muls},
                            {"largest", total.largest}, {"peak_bytes", total.peakBytes},
                            {"seconds", total.seconds}, {"equations", std::move(equations)}};
  if (contractions.size() == 1)
    result["path"] = std::move(path);
  result["contractions"] = std::move(contractions);
  return llvm::formatv("{0:2}\n", llvm::json::Value(std::move(result)));
}

std::string render(const Explanation &explanation, ExplainFormat format) {
  return format == ExplainFormat::Text  ? toText(explanation)
         : format == ExplainFormat::Dot ? toDot(explanation)
                                        : toJson(explanation);
}

//===----------------------------------------------------------------------===//
// Networks from JSON
//===----------------------------------------------------------------------===//

Error networkError(const std::string &message) {
  return {ErrorKind::Data, "error: network: " + message};
}

/// Numbers the indices of a network in the order of the sizes.
class NetworkReader {
public:
  Expected<planner::Network> read(const llvm::json::Object &object) {
    const llvm::json::Object *sizes = object.getObject("sizes");
    if (!sizes)
      sizes = object.getObject("size_dict");
    if (!sizes)
      return networkError("\"sizes\" is missing, expected an object such as {\"0\": 4}");
    for (const auto &[index, size] : *sizes) {
      std::optional<int64_t> extent = size.getAsInteger();
      if (!extent || *extent < 0)
        return networkError(
            fmt::format("the size of index {} is not an integer >= 0", index.str()));
      numbers[index.str()] = static_cast<int>(network.sizes.size());
      network.sizes.push_back(*extent);
    }
    const llvm::json::Array *inputs = object.getArray("inputs"),
                            *output = object.getArray("output");
    if (!inputs || !output)
      return networkError("\"inputs\" and \"output\" must be arrays");
    for (const llvm::json::Value &input : *inputs) {
      std::vector<int> indices;
      if (!input.getAsArray() || !readIndices(*input.getAsArray(), indices))
        return networkError(problem);
      network.inputs.push_back(std::move(indices));
    }
    if (!readIndices(*output, network.output))
      return networkError(problem);
    if (std::string wrong = planner::findProblem(network); !wrong.empty())
      return networkError(wrong);
    return network;
  }

private:
  bool readIndices(const llvm::json::Array &array, std::vector<int> &indices) {
    for (const llvm::json::Value &value : array) {
      std::optional<int64_t> number = value.getAsInteger();
      std::optional<llvm::StringRef> text = value.getAsString();
      std::string name = number ? std::to_string(*number) : text ? text->str() : "";
      auto found = numbers.find(name);
      if (found == numbers.end()) {
        problem = fmt::format("index '{}' has no size", name);
        return false;
      }
      indices.push_back(found->second);
    }
    return true;
  }

  planner::Network network;
  std::map<std::string, int> numbers;
  std::string problem = "each input must be an array of indices";
};

} // namespace

Expected<std::string> explain(const Source &source, ExplainFormat format, const Options &options) {
  Expected<std::unique_ptr<Compilation>> compilation = compileToEin(source, options);
  if (!compilation)
    return compilation.error();
  if (Expected<void> done = simplifyEin(**compilation, options); !done)
    return done.error();
  Explanation explanation;
  if ((*compilation)->program)
    for (const program::Equation &equation : (*compilation)->program->equations)
      explanation.equations.push_back(program::print(*(*compilation)->program, equation));
  (*compilation)->module->walk([&](ein::ContractOp contract) {
    explanation.contractions.push_back(
        {contract.getEquation(), networkOf(contract), labelsOf(contract)});
  });
  return render(explanation, format);
}

Expected<std::string> explainNetwork(std::string_view json, ExplainFormat format,
                                     const Options &options) {
  llvm::Expected<llvm::json::Value> value = llvm::json::parse({json.data(), json.size()});
  if (!value)
    return networkError(llvm::toString(value.takeError()));
  const llvm::json::Object *object = value->getAsObject();
  if (!object)
    return networkError("expected an object");
  NetworkReader reader;
  Expected<planner::Network> network = reader.read(*object);
  if (!network)
    return network.error();
  network->type = options.type;
  Explanation explanation;
  explanation.contractions.push_back({"", *network, {}});
  return render(explanation, format);
}

} // namespace tlc
