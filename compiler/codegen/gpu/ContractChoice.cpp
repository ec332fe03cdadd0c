//===- ContractChoice.cpp - which kernel computes a product ---------------===//

#include "compiler/codegen/gpu/ContractChoice.h"

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/gpu/ContractKernel.h"
#include "compiler/codegen/gpu/MmaKernel.h"
#include "compiler/planner/GpuModel.h"

namespace tlc::codegen {

namespace {

/// A kernel with its tiles. `part` is what it reaches of the units' rate when it has `resident`
/// tiles on a processor.
struct Candidate {
  StringRef name;
  bool isMma;
  int64_t tileM, tileN;
  /// The part of a thread, or of a warp on tensor cores.
  int64_t rows, columns;
  double part, resident;
};

constexpr Candidate candidates[] = {{"simt64", false, 64, 64, 4, 4, 0.6, 1.5},
                                    {"simt128", false, 128, 128, 8, 8, 0.85, 1},
                                    {"mma64", true, 64, 64, 32, 32, 0.45, 2},
                                    {"mma128x64", true, 128, 64, 32, 32, 0.6, 1.5},
                                    {"mma128", true, 128, 128, 64, 32, 0.75, 1.2}};

/// Smaller products are left to the kernels without tiles.
constexpr int64_t leastM = 16, leastN = 16, leastK = 8;

class Choice {
public:
  Choice(const Nest &nest, const NestSpace &space, const ContractDims &dims,
         const ContractOptions &options)
      : nest(nest), space(space), dims(dims), options(options),
        kind(mmaKindOf(nest, options.allowTf32)) {}

  /// The row of the table; null if the product is too small for tiles.
  const Candidate *best() const;
  const std::optional<MmaKind> &mmaKind() const { return kind; }

private:
  bool canUse(const Candidate &candidate) const;
  double seconds(const Candidate &candidate) const;
  double rateOf(const Candidate &candidate) const;
  /// Extents that are known at run time only are taken to be large.
  int64_t sizeOf(ArrayRef<unsigned> group) const { return knownSize(space, group).value_or(4096); }

  const Nest &nest;
  const NestSpace &space;
  const ContractDims &dims;
  const ContractOptions &options;
  std::optional<MmaKind> kind;
};

} // namespace

bool Choice::canUse(const Candidate &candidate) const {
  auto isSmall = [](Type type) { return byteSize(type) <= 4; };
  bool hasSmallElements =
      isSmall(nest.valueType) &&
      llvm::all_of(nest.inputs, [&](const Access &input) { return isSmall(input.compute); });
  if (!candidate.isMma)
    return candidate.tileM == 64 || hasSmallElements;
  // The sums of f64 need twice the registers.
  bool fits = !kind || !kind->element.isF64() || candidate.tileN == 64;
  return kind && fits && sizeOf(space.reduced) >= 16;
}

double Choice::rateOf(const Candidate &candidate) const {
  planner::GpuModel model;
  Type type = nest.valueType;
  if (!candidate.isMma)
    return type.isF32() ? model.f32 : type.isF64() ? model.f64 : model.other;
  Type element = kind->element;
  return element.isF64()       ? model.tensorF64
         : element.isInteger() ? model.tensorI8
         : kind->isTf32        ? model.tensorTf32
                               : model.tensorHalf;
}

double Choice::seconds(const Candidate &candidate) const {
  planner::GpuProduct product;
  product.m = sizeOf(dims.m), product.n = sizeOf(dims.n);
  product.k = sizeOf(space.reduced), product.batch = sizeOf(dims.batch);
  product.bytes = product.batch * (product.m * product.k * byteSize(nest.inputs[0].element) +
                                   product.n * product.k * byteSize(nest.inputs[1].element) +
                                   product.m * product.n * byteSize(nest.result.element));
  planner::GpuTile tile;
  tile.m = candidate.tileM, tile.n = candidate.tileN;
  tile.k = candidate.isMma ? 128 / byteSize(nest.inputs[0].element) : 16;
  tile.rate = candidate.part * rateOf(candidate);
  tile.resident = candidate.resident;
  return planner::GpuModel().seconds(product, tile);
}

const Candidate *Choice::best() const {
  if (sizeOf(dims.m) < leastM || sizeOf(dims.n) < leastN || sizeOf(space.reduced) < leastK ||
      options.forced == "nest")
    return nullptr;
  const Candidate *result = nullptr;
  double least = 0;
  for (const Candidate &candidate : candidates) {
    if (!canUse(candidate))
      continue;
    if (candidate.name == options.forced)
      return &candidate;
    double needed = seconds(candidate);
    if (result && needed >= least)
      continue;
    result = &candidate;
    least = needed;
  }
  return result;
}

bool emitContraction(KernelModule &module, Emitter &emitter, Location loc, const Nest &nest,
                     const ContractOptions &options) {
  NestSpace space(emitter.builder, loc, nest);
  std::optional<ContractDims> dims = contractDims(space);
  if (!dims)
    return false;
  Choice choice(space.nest, space, *dims, options);
  const Candidate *best = choice.best();
  if (!best)
    return false;
  if (best->isMma) {
    MmaKernelConfig config{best->tileM, best->tileN, best->rows, best->columns};
    emitMmaKernel(module, emitter, loc, space, *dims, *choice.mmaKind(), config);
  } else {
    ContractKernelConfig config{best->tileM, best->tileN, /*tileK=*/16, best->rows, best->columns};
    emitContractKernel(module, emitter, loc, space, *dims, config);
  }
  return true;
}

} // namespace tlc::codegen
