//===- EinFactorizeConstants.cpp - constants as contractions of smaller ones ===//
//
//   %w = arith.constant {tl.lowrank = 1.0e-3} dense<..> : tensor<512x512xf32>   of rank 16
//   %y = ein.contract "bi,ij->bj" (%x, %w)
// becomes
//   %p = arith.constant dense<..> : tensor<512x16xf32>
//   %q = arith.constant dense<..> : tensor<16x512xf32>
//   %y = ein.contract "bi,ir,rj->bj" (%x, %p, %q)
//
// if that is predicted to be faster: compiler/planner/lowrank proposes formats, and each is judged
// by planning every contraction that reads the constant anew, with the factors among its operands.
// What was found, or why nothing was, is kept in the attribute `tlc.lowrank` of the function:
//
//   {tensor = "W", form = "matrix", eps = 1.0e-3, error = 2.1e-7, ..}
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/lowrank/LowRank.h"
#include "compiler/transforms/ConstantValues.h"
#include "compiler/transforms/ContractionNetwork.h"
#include "compiler/transforms/Discontinuity.h"
#include "compiler/transforms/FactoredContraction.h"
#include "compiler/transforms/IterationSpace.h"
#include "compiler/transforms/Passes.h"
#include "compiler/transforms/Unrolling.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Matchers.h"

#include <cmath>

namespace tlc {

#define GEN_PASS_DEF_EINFACTORIZECONSTANTS
#include "compiler/transforms/Passes.h.inc"

namespace {

namespace arith = mlir::arith;
using lowrank::Form;
using lowrank::Format;

/// A constant and the contractions that may read its factors.
class Factorizing {
public:
  Factorizing(arith::ConstantOp constant, double eps, int64_t nominalExtent, bool unroll)
      : constant(constant), type(cast<RankedTensorType>(constant.getType())), eps(eps),
        nominalExtent(nominalExtent), unroll(unroll), builder(constant) {}

  /// Replaces the constant if that pays; returns the report.
  mlir::DictionaryAttr run();

private:
  std::string collectReaders();
  std::string discontinuity();
  std::optional<double> errorWithinMargin(ein::ContractOp op);
  template <typename T> void choose(const lowrank::Tensor<T> &values);
  std::pair<double, double> costOf(const Format &format);
  std::pair<double, double> costOf(ein::ContractOp op, const Format &format);
  template <typename T> void replace(const lowrank::Factorization<T> &found);

  void report(StringRef name, Attribute value) { entries.set(name, value); }
  void report(StringRef name, double value) { report(name, builder.getF64FloatAttr(value)); }
  void report(StringRef name, StringRef text) { report(name, builder.getStringAttr(text)); }

  arith::ConstantOp constant;
  RankedTensorType type;
  double eps;
  int64_t nominalExtent;
  bool unroll;
  OpBuilder builder;
  SmallVector<ein::ContractOp> readers;
  double largestError = HUGE_VAL;
  mlir::NamedAttrList entries;
};

//===----------------------------------------------------------------------===//
// Who reads the constant
//===----------------------------------------------------------------------===//

/// "" or why nothing can be done.
std::string Factorizing::collectReaders() {
  if (!isa<mlir::FloatType, ComplexType>(type.getElementType()))
    return "its elements have no inverses";
  if (type.getRank() < 2)
    return "it has one axis";
  llvm::SetVector<Operation *> found;
  for (mlir::OpOperand &use : constant->getUses()) {
    ein::ContractOp op = dyn_cast<ein::ContractOp>(use.getOwner());
    if (op && use.getOperandNumber() < op.getInputs().size() && op.getSemiring().isField() &&
        op.getInputs().size() > 1)
      found.insert(op);
  }
  for (Operation *op : found)
    readers.push_back(cast<ein::ContractOp>(op));
  return readers.empty() ? "no product with other tensors reads it" : "";
}

/// Whether the elements of a value are 0 and 1: it was made from Booleans.
bool isIndicator(Value value) {
  ein::MapOp map = value.getDefiningOp<ein::MapOp>();
  if (!map)
    return false;
  ein::YieldOp yield = cast<ein::YieldOp>(map.getBody().front().getTerminator());
  arith::SelectOp select = yield.getValues()[0].getDefiningOp<arith::SelectOp>();
  return select && mlir::matchPattern(select.getTrueValue(), mlir::m_OneFloat()) &&
         mlir::matchPattern(select.getFalseValue(), mlir::m_AnyZeroFloat());
}

/// The largest error of an element of the constant that no comparison notices: as many elements as
/// are summed add up their errors, and the sums are whole numbers.
std::optional<double> Factorizing::errorWithinMargin(ein::ContractOp op) {
  mlir::DenseElementsAttr values = cast<mlir::DenseElementsAttr>(constant.getValue());
  if (!isa<mlir::FloatType>(type.getElementType()) ||
      !llvm::all_of(values.getValues<llvm::APFloat>(),
                    [](const llvm::APFloat &value) { return value.isInteger(); }))
    return std::nullopt;
  unsigned uses = 0;
  for (Value input : op.getInputs()) {
    uses += input == constant.getResult();
    if (input != constant.getResult() && !isIndicator(input))
      return std::nullopt;
  }
  std::optional<double> margin = marginOfWholeNumbers(op.getResult());
  double terms = 1;
  SmallVector<unsigned> kept = resultDims(op);
  for (auto [dim, extent] : llvm::enumerate(op.getStaticExtents())) {
    if (llvm::is_contained(kept, dim))
      continue;
    if (ShapedType::isDynamic(extent))
      return std::nullopt;
    terms *= double(extent);
  }
  if (!margin || uses != 1 || !op.getEpilogue().empty())
    return std::nullopt;
  // Half of it is left for the rounding of the sums.
  return 0.5 * *margin / terms;
}

/// "" or what a small error might upset.
std::string Factorizing::discontinuity() {
  for (ein::ContractOp op : readers) {
    std::string found = findDiscontinuity(op.getResult());
    if (found.empty())
      continue;
    std::optional<double> error = errorWithinMargin(op);
    if (!error || *error <= 0)
      return found + " follows, which the smallest error may turn";
    largestError = std::min(largestError, *error);
  }
  return "";
}

//===----------------------------------------------------------------------===//
// What a format costs
//===----------------------------------------------------------------------===//

/// Seconds and flops of a contraction; it takes forever where the format cannot be used.
std::pair<double, double> Factorizing::costOf(ein::ContractOp op, const Format &format) {
  if (format.form != Form::Sparse) {
    FactoredContraction factored(op, constant.getResult(), format, nominalExtent);
    return {factored.seconds(), factored.flops()};
  }
  std::optional<UnrolledWork> work =
      unroll ? unrolledWork(op, constant.getResult(), format.nonzeros, nominalExtent)
             : std::nullopt;
  if (!work)
    return {HUGE_VAL, HUGE_VAL};
  return {work->seconds(dtypeOf(type.getElementType())), work->flops()};
}

std::pair<double, double> Factorizing::costOf(const Format &format) {
  double seconds = 0, flops = 0;
  for (ein::ContractOp op : readers) {
    auto [moreSeconds, moreFlops] = costOf(op, format);
    seconds += moreSeconds;
    flops += moreFlops;
  }
  return {seconds, flops};
}

//===----------------------------------------------------------------------===//
// Replacing
//===----------------------------------------------------------------------===//

template <typename T> void Factorizing::replace(const lowrank::Factorization<T> &found) {
  SmallVector<Value> factors;
  for (const lowrank::Tensor<T> &factor : found.factors)
    factors.push_back(arith::ConstantOp::create(builder, constant.getLoc(),
                                                toAttribute(factor, type.getElementType())));
  for (ein::ContractOp op : readers) {
    FactoredContraction factored(op, constant.getResult(), found.format, nominalExtent);
    ein::ContractOp replaced = factored.build(factors);
    if (found.format.form == Form::Sparse)
      replaced->setAttr(unrollAttrName,
                        builder.getI64IntegerAttr(llvm::find(replaced.getInputs(), factors[0]) -
                                                  replaced.getInputs().begin()));
  }
}

template <typename T> void Factorizing::choose(const lowrank::Tensor<T> &values) {
  lowrank::Request request;
  request.type = dtypeOf(type.getElementType());
  request.eps = eps;
  request.largestError = largestError;
  request.seconds = [&](const Format &format) { return costOf(format).first; };
  lowrank::Choice<T> choice = lowrank::choose(values, request);
  report("dense_seconds", choice.denseSeconds);
  report("seconds", choice.seconds);
  report("dense_elements", double(values.values.size()));
  report("dense_flops", costOf(Format()).second);
  if (!choice.factorization)
    return report("reason", choice.reason);
  const Format &format = choice.factorization->format;
  report("form", lowrank::name(format.form));
  report("flops", costOf(format).second);
  report("elements", format.parameters(values.extents));
  report("error", choice.factorization->error);
  report("largest_error", choice.factorization->largestError);
  report("ranks", builder.getDenseI64ArrayAttr(format.ranks));
  SmallVector<Attribute> factors;
  for (const std::vector<int> &modes : format.factors)
    factors.push_back(builder.getDenseI32ArrayAttr(modes));
  report("factors", builder.getArrayAttr(factors));
  replace(*choice.factorization);
}

mlir::DictionaryAttr Factorizing::run() {
  auto name = constant->getAttrOfType<mlir::StringAttr>("tl.name");
  report("tensor", name ? name.getValue() : "a constant");
  report("eps", eps);
  report("form", "dense");
  std::string reason = collectReaders();
  if (reason.empty())
    reason = discontinuity();
  if (!reason.empty()) {
    report("reason", reason);
  } else if (isa<ComplexType>(type.getElementType())) {
    choose(complexValues(cast<mlir::DenseElementsAttr>(constant.getValue())));
  } else {
    choose(realValues(cast<mlir::DenseElementsAttr>(constant.getValue())));
  }
  return entries.getDictionary(builder.getContext());
}

/// "'W' is a tucker of ranks 8, 8; relative error 2.1e-07" or why it is not.
void emitRemark(Location loc, mlir::DictionaryAttr report) {
  mlir::InFlightDiagnostic remark = mlir::emitRemark(loc);
  remark << "low rank: '" << report.getAs<mlir::StringAttr>("tensor").getValue() << "' ";
  if (auto reason = report.getAs<mlir::StringAttr>("reason"))
    remark << "stays dense: " << reason.getValue();
  else
    remark << "becomes " << report.getAs<mlir::StringAttr>("form").getValue();
}

class EinFactorizeConstants : public impl::EinFactorizeConstantsBase<EinFactorizeConstants> {
public:
  using EinFactorizeConstantsBase::EinFactorizeConstantsBase;

  void runOnOperation() override {
    getOperation()->walk([&](mlir::func::FuncOp function) { runOn(function); });
  }

private:
  /// What the constant may be off by, if it was said.
  std::optional<double> toleranceOf(arith::ConstantOp op) {
    if (auto attribute = op->getAttrOfType<mlir::FloatAttr>("tl.lowrank"))
      return attribute.getValueAsDouble();
    if (eps > 0 && op->hasAttr("tl.name"))
      return eps;
    return std::nullopt;
  }

  void runOn(mlir::func::FuncOp function) {
    SmallVector<arith::ConstantOp> constants;
    function.walk([&](arith::ConstantOp op) {
      if (isa<mlir::DenseElementsAttr>(op.getValue()) && toleranceOf(op))
        constants.push_back(op);
    });
    if (constants.empty())
      return;
    SmallVector<Attribute> reports;
    for (arith::ConstantOp op : constants) {
      mlir::DictionaryAttr report = Factorizing(op, *toleranceOf(op), nominalExtent, unroll).run();
      emitRemark(op.getLoc(), report);
      reports.push_back(report);
      if (op->use_empty())
        op.erase();
    }
    function->setAttr("tlc.lowrank", mlir::ArrayAttr::get(&getContext(), reports));
  }
};

} // namespace
} // namespace tlc
