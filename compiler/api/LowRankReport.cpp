//===- LowRankReport.cpp - what became of constants that may be off [K1] --===//
//
//   low rank: 'W' is a matrix of rank 8: W[i,j] = [i,k] [k,j]; relative error 1.1e-07 of 0.001
//     allowed; 8192 elements of 262144; 32x fewer flops, predicted to be 18x faster
//   low rank: 'V' stays dense: a comparison follows, which the smallest error may turn
//
//===----------------------------------------------------------------------===//

#include "compiler/api/LowRankReport.h"

#include "dialects/ein/EinEquation.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/Support/raw_ostream.h"

#include <fmt/format.h>

namespace tlc {
namespace json = llvm::json;

/// "ik" for the modes 0 and 2.
static std::string labelsOf(llvm::ArrayRef<int32_t> modes) {
  std::string labels;
  for (int32_t mode : modes)
    labels += ein::dimensionLabel(static_cast<unsigned>(mode), /*numDims=*/1);
  return labels;
}

static json::Value toJson(mlir::Attribute attribute) {
  if (auto number = llvm::dyn_cast<mlir::FloatAttr>(attribute))
    return number.getValueAsDouble();
  if (auto text = llvm::dyn_cast<mlir::StringAttr>(attribute))
    return text.str();
  if (auto numbers = llvm::dyn_cast<mlir::DenseI64ArrayAttr>(attribute))
    return json::Array(numbers.asArrayRef());
  if (auto modes = llvm::dyn_cast<mlir::DenseI32ArrayAttr>(attribute))
    return labelsOf(modes.asArrayRef());
  json::Array array;
  if (auto list = llvm::dyn_cast<mlir::ArrayAttr>(attribute))
    for (mlir::Attribute element : list)
      array.push_back(toJson(element));
  return array;
}

json::Array lowRankReport(mlir::ModuleOp module) {
  json::Array report;
  for (auto function : module.getOps<mlir::func::FuncOp>())
    if (auto list = function->getAttrOfType<mlir::ArrayAttr>("tlc.lowrank"))
      for (auto entry : list.getAsRange<mlir::DictionaryAttr>()) {
        json::Object object;
        for (mlir::NamedAttribute field : entry)
          object[field.getName().getValue()] = toJson(field.getValue());
        report.push_back(std::move(object));
      }
  return report;
}

static std::string describeFactors(const json::Object &entry) {
  std::string text = entry.getString("form")->str();
  const json::Array &ranks = *entry.getArray("ranks");
  for (size_t i = 0; i < ranks.size(); ++i)
    text += fmt::format("{}{}",
                        i                  ? ", "
                        : ranks.size() > 1 ? " of ranks "
                                           : " of rank ",
                        *ranks[i].getAsInteger());
  if (ranks.empty())
    return text;
  text += ":";
  for (const json::Value &factor : *entry.getArray("factors"))
    text += fmt::format(" [{}]", factor.getAsString()->str());
  return text;
}

std::string renderLowRank(const json::Array &report) {
  std::string text;
  for (const json::Value &value : report) {
    const json::Object &entry = *value.getAsObject();
    auto number = [&](const char *field) { return entry.getNumber(field).value_or(0); };
    std::string tensor = entry.getString("tensor")->str();
    if (auto reason = entry.getString("reason")) {
      text += fmt::format("low rank: '{}' stays dense: {}\n", tensor, reason->str());
      continue;
    }
    text += fmt::format(
        "low rank: '{}' is {}; relative error {:.3g} of {:.3g} allowed, {:.3g} at most in an "
        "element; {:.0f} elements of {:.0f}; {:.3g}x fewer flops, predicted to be {:.3g}x faster\n",
        tensor, describeFactors(entry), number("error"), number("eps"), number("largest_error"),
        number("elements"), number("dense_elements"), number("dense_flops") / number("flops"),
        number("dense_seconds") / number("seconds"));
  }
  return text;
}

void addLowRankSection(mlir::ModuleOp module, const std::string &function,
                       const json::Array &report) {
  if (report.empty())
    return;
  std::string text;
  llvm::raw_string_ostream(text) << json::Value(json::Array(report)) << '\n';
  text.push_back('\0');
  mlir::OpBuilder builder = mlir::OpBuilder::atBlockEnd(module.getBody());
  auto type = mlir::LLVM::LLVMArrayType::get(builder.getI8Type(), text.size());
  auto global = mlir::LLVM::GlobalOp::create(builder, module.getLoc(), type, /*isConstant=*/true,
                                             mlir::LLVM::Linkage::External, function + "_lowrank",
                                             builder.getStringAttr(text));
  global.setSection(".tlc.lowrank");
}

} // namespace tlc
