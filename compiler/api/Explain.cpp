//===- Explain.cpp - what will be computed, and what it costs -------------===//
//
// As SQL's EXPLAIN: every equation with its sums in view [E4], then for each contraction a
// table of its steps. The same as data:
//
//   {"flops": .., "muls": .., "largest": .., "peak_bytes": .., "seconds": .., "path": [[0,1]],
//    "linear_path": [[0,1]], "equations": [..],
//    "contractions": [{"equation": .., "flops": .., .. "steps": [..]}],
//    "low_rank": [{"tensor": .., "form": "matrix", "error": .., ..}]}
//
// where the outer numbers are sums (largest and peak_bytes: maxima) over the contractions,
// and the paths are there if there is one contraction: `path` in SSA form, as cotengra's ssa_path,
// `linear_path` by positions, as opt_einsum's and NumPy's.
//
//===----------------------------------------------------------------------===//

#include "compiler/api/Compilation.h"
#include "compiler/api/LowRankReport.h"
#include "compiler/planner/Paths.h"
#include "compiler/planner/Planner.h"
#include "compiler/transforms/ContractionNetwork.h"
#include "compiler/transforms/LiveBytes.h"
#include "compiler/transforms/Unrolling.h"
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
  planner::Options options;
  planner::Plan plan;
  planner::Plan leftToRight, greedy; ///< to compare with
};

struct Explanation {
  std::vector<std::string> equations;
  llvm::json::Array lowRank; ///< what became of constants that may be off
  std::vector<Contraction> contractions;
};

//===----------------------------------------------------------------------===//
// Planning
//===----------------------------------------------------------------------===//

std::string describe(const Contraction &contraction) {
  return contraction.equation.empty() ? "the network" : '\'' + contraction.equation + '\'';
}

/// The order that the options give, or the best that is found.
Expected<planner::Plan> planFor(const Contraction &contraction, const Options &options) {
  planner::Options chosen = contraction.options;
  if (!options.plan.path.empty()) {
    std::string problem;
    chosen.given = planner::parsePath(options.plan.path,
                                      static_cast<int>(contraction.network.inputs.size()), problem);
    if (!problem.empty())
      return Error(ErrorKind::Data, "error: path: " + problem);
  }
  return planner::plan(contraction.network, chosen);
}

/// Plans all contractions.
Expected<void> planAll(Explanation &explanation, const Options &options) {
  if (!options.plan.path.empty() && explanation.contractions.size() != 1)
    return Error(ErrorKind::Usage,
                 fmt::format("error: a path is for one contraction, and there are {}",
                             explanation.contractions.size()));
  for (Contraction &contraction : explanation.contractions) {
    Expected<planner::Plan> plan = planFor(contraction, options);
    if (!plan)
      return plan.error();
    contraction.plan = std::move(*plan);
    planner::Options &chosen = contraction.options;
    if (chosen.memory > 0 && contraction.plan.peakBytes > chosen.memory)
      return Error(ErrorKind::Resource,
                   fmt::format("error: {} needs {:.0f} bytes at once in the best order found, the "
                               "limit is {:.0f}; its operands and result alone take {:.0f}",
                               describe(contraction), contraction.plan.peakBytes, chosen.memory,
                               planner::callerBytes(contraction.network)));
    chosen.memory = 0;
    chosen.method = planner::Method::Greedy;
    contraction.leftToRight = planner::leftToRight(contraction.network, chosen.machine);
    contraction.greedy = planner::plan(contraction.network, chosen);
  }
  return {};
}

//===----------------------------------------------------------------------===//
// Rendering
//===----------------------------------------------------------------------===//

std::string toText(const Explanation &explanation) {
  std::string text;
  for (const std::string &equation : explanation.equations)
    text += equation + '\n';
  text += renderLowRank(explanation.lowRank);
  for (const Contraction &contraction : explanation.contractions) {
    if (!text.empty())
      text += '\n';
    if (!contraction.equation.empty())
      text += contraction.equation + '\n';
    text += planner::renderPlan(contraction.network, contraction.plan, contraction.labels);
    if (contraction.network.inputs.size() > 2)
      for (const planner::Plan &other : {contraction.leftToRight, contraction.greedy})
        text += planner::renderComparison(contraction.plan, other);
  }
  return text;
}

using Drawing = std::string (*)(const planner::Network &, const planner::Plan &,
                                const planner::Labels &);

/// A picture of each tree, one after the other.
std::string draw(const Explanation &explanation, Drawing drawing) {
  std::string text;
  for (const Contraction &contraction : explanation.contractions)
    text += drawing(contraction.network, contraction.plan, contraction.labels);
  return text;
}

llvm::json::Array toJson(const planner::Path &path) {
  llvm::json::Array array;
  for (const auto &[lhs, rhs] : path)
    array.push_back(llvm::json::Array{lhs, rhs});
  return array;
}

llvm::json::Object costsOf(const planner::Plan &plan) {
  return llvm::json::Object{{"flops", plan.flops},
                            {"muls", plan.muls},
                            {"largest", plan.largest},
                            {"peak_bytes", plan.peakBytes},
                            {"seconds", plan.seconds}};
}

llvm::json::Object toJson(const Contraction &contraction) {
  const planner::Plan &plan = contraction.plan;
  llvm::json::Object object = costsOf(plan);
  object["equation"] = contraction.equation;
  object["path"] = toJson(plan.path);
  object["linear_path"] =
      toJson(planner::linearPath(plan.path, int(contraction.network.inputs.size())));
  object["optimal"] = plan.optimal;
  object["method"] = plan.method;
  object["left_to_right"] = costsOf(contraction.leftToRight);
  object["greedy"] = costsOf(contraction.greedy);
  object["slices"] = plan.slices;
  object["slice_overhead"] = plan.sliceOverhead;
  llvm::json::Array sliced, steps;
  for (int index : plan.sliced)
    sliced.push_back(index);
  object["sliced"] = std::move(sliced);
  for (const planner::StepCost &step : plan.steps)
    steps.push_back(llvm::json::Object{{"lhs", step.lhs},
                                       {"rhs", step.rhs},
                                       {"flops", step.flops},
                                       {"result_size", step.resultSize},
                                       {"live_bytes", step.liveBytes},
                                       {"seconds", step.seconds}});
  object["steps"] = std::move(steps);
  return object;
}

std::string toJson(const Explanation &explanation) {
  planner::Plan total;
  llvm::json::Array contractions, equations;
  for (const Contraction &contraction : explanation.contractions) {
    const planner::Plan &plan = contraction.plan;
    total.flops += plan.flops;
    total.muls += plan.muls;
    total.seconds += plan.seconds;
    total.largest = std::max(total.largest, plan.largest);
    total.peakBytes = std::max(total.peakBytes, plan.peakBytes);
    contractions.push_back(toJson(contraction));
  }
  for (const std::string &equation : explanation.equations)
    equations.push_back(equation);
  llvm::json::Object result = costsOf(total);
  result["equations"] = std::move(equations);
  if (contractions.size() == 1)
    for (const char *key : {"path", "linear_path"})
      result[key] = *contractions[0].getAsObject()->get(key);
  result["contractions"] = std::move(contractions);
  result["low_rank"] = llvm::json::Array(explanation.lowRank);
  return llvm::formatv("{0:2}\n", llvm::json::Value(std::move(result)));
}

Expected<std::string> render(Explanation &explanation, ExplainFormat format,
                             const Options &options) {
  if (Expected<void> planned = planAll(explanation, options); !planned)
    return planned.error();
  switch (format) {
  case ExplainFormat::Text:
    return toText(explanation);
  case ExplainFormat::Json:
    return toJson(explanation);
  case ExplainFormat::Dot:
    return draw(explanation, planner::planDot);
  case ExplainFormat::Svg:
    return draw(explanation, planner::planSvg);
  }
  return internalError("no such format");
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

namespace {

/// Why a tensor that may be off is no constant; "" if it is one.
std::string whyNoConstant(const program::Tensor &tensor) {
  switch (tensor.origin) {
  case program::Origin::Computed:
    return "it is computed, not a constant";
  case program::Origin::Input:
    return "its values are known only when the program runs";
  case program::Origin::Param:
    return "its values are learned or set; compiled ahead of time, the initial ones are factorized";
  default:
    return "";
  }
}

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
  explanation.lowRank = lowRankReport(*(*compilation)->module);
  if ((*compilation)->program)
    for (const program::Tensor &tensor : (*compilation)->program->tensors)
      if (std::string reason = whyNoConstant(tensor); tensor.lowRank && !reason.empty())
        explanation.lowRank.push_back(llvm::json::Object{{"tensor", tensor.name},
                                                         {"form", "dense"},
                                                         {"eps", *tensor.lowRank},
                                                         {"reason", reason}});
  planner::Options plan = plannerOptions(options);
  (*compilation)->module->walk([&](mlir::func::FuncOp function) {
    LiveBytes live(function);
    function.walk([&](ein::ContractOp contract) {
      if (contract->hasAttr(unrollAttrName)) // one step, of which lowRank tells
        return;
      Contraction made;
      made.equation = contract.getEquation();
      made.network = networkOf(contract);
      made.labels = labelsOf(contract);
      made.options = plan;
      made.options.memory = limitFor(contract, made.network, plan.memory, live.beside(contract));
      made.options.unsliceable = unsliceableDims(contract);
      explanation.contractions.push_back(std::move(made));
    });
  });
  return render(explanation, format, options);
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
  network->semiring = options.semiring;
  Explanation explanation;
  Contraction made;
  made.network = *network;
  made.options = plannerOptions(options);
  explanation.contractions.push_back(std::move(made));
  return render(explanation, format, options);
}

} // namespace tlc
