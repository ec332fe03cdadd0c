//===- EinFuseAttention.cpp - softmax(Q K) V as one operation -------------===//
//
//   %s = ein.contract "hqd,hkd->hqk" (%q, %k)
//   %m = ein.map "hqk,qk" (%s, %mask) { scale, mask }           optional
//   %p = ein.normalize softmax [2] (%m)
//   %r = ein.contract "hqk,hkv->hqv" (%p, %v)
// becomes
//   %r = ein.attention "hqd,hkd,hkv,qk->hqv" (%q, %k, %v, %mask) score { scale, mask }
//
// so that the scores are never stored. Fires only if nothing else reads them, the softmax is
// over what the second contraction sums, and there are queries enough to share a block of keys.
//
//===----------------------------------------------------------------------===//

#include "compiler/transforms/Passes.h"

#include "mlir/IR/IRMapping.h"

namespace tlc {

#define GEN_PASS_DEF_EINFUSEATTENTION
#include "compiler/transforms/Passes.h.inc"

namespace {

using ein::AttentionOp;
using ein::AttentionRole;
using ein::ContractOp;
using ein::MapOp;
using ein::NormalizeOp;

/// Queries that are computed side by side. With fewer, most lanes of a vector would be idle.
constexpr int64_t leastQueries = 8;

/// The operations of one attention.
struct Chain {
  ContractOp scores, means;
  MapOp map; // may be absent
  NormalizeOp softmax;
  /// Which operand of `means` the weights are, and which of `map` the scores.
  unsigned weights = 0, scored = 0;
};

bool isPlain(ContractOp op) {
  Type type = op.getResult().getType().getElementType();
  return op.getSemiring().getKind() == ein::SemiringKind::SumProduct &&
         op.getInputs().size() == 2 && op.getEpilogue().empty() && op.getExtents().empty() &&
         (type.isF32() || type.isF64()) && llvm::all_of(op.getInputs(), [&](Value input) {
           return cast<RankedTensorType>(input.getType()).getElementType() == type;
         });
}

template <typename Op> Op onlyUse(Value value, Operation *reader) {
  Op op = value.getDefiningOp<Op>();
  return op && op->hasOneUse() && op->getBlock() == reader->getBlock() ? op : Op();
}

/// The chain that ends with `means`, whose operand `number` may be the weights.
std::optional<Chain> findChain(ContractOp means, unsigned number) {
  Chain chain;
  chain.means = means;
  chain.weights = number;
  chain.softmax = onlyUse<NormalizeOp>(means.getInputs()[number], means);
  if (!chain.softmax || chain.softmax.getKind() != ein::NormalizeKind::Softmax ||
      chain.softmax.getDims().size() != 1)
    return std::nullopt;
  Value scores = chain.softmax.getInput();
  chain.map = onlyUse<MapOp>(scores, chain.softmax);
  if (!chain.map) {
    chain.scores = onlyUse<ContractOp>(scores, chain.softmax);
    return chain.scores && isPlain(chain.scores) ? std::optional(chain) : std::nullopt;
  }
  for (auto [scored, input] : llvm::enumerate(chain.map.getInputs())) {
    chain.scored = scored;
    chain.scores = onlyUse<ContractOp>(input, chain.map);
    // Where the sums are broadcast, they would be computed again for every copy.
    if (chain.scores && isPlain(chain.scores) && chain.map.getInputMaps()[scored].isPermutation() &&
        chain.map.getResult().getType().getElementType() ==
            chain.scores.getResult().getType().getElementType())
      return chain;
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// One iteration space
//===----------------------------------------------------------------------===//

/// Operands of the attention with their maps, and the result's map last.
struct Operands {
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
};

/// Whether the positions are distinct dimensions and constants.
bool isPlaced(AffineMap map) {
  for (auto [number, position] : llvm::enumerate(map.getResults())) {
    bool isRepeated = llvm::is_contained(map.getResults().take_front(number), position);
    if (!isa<AffineConstantExpr>(position) && (!isa<AffineDimExpr>(position) || isRepeated))
      return false;
  }
  return true;
}

/// From dimensions of the attention to the axes of the weights. The dimensions are those of
/// `means`, then the one that `scores` sums.
AffineMap weightsMap(const Chain &chain) {
  ContractOp means = chain.means;
  AffineMap map = means.getInputMaps()[chain.weights];
  return AffineMap::get(map.getNumDims() + 1, 0, map.getResults(), map.getContext());
}

std::optional<Operands> operandsOf(const Chain &chain) {
  ContractOp means = chain.means, scores = chain.scores;
  NormalizeOp softmax = chain.softmax;
  MapOp map = chain.map;
  AffineMap weights = weightsMap(chain);
  unsigned numDims = weights.getNumDims();
  if (!weights.isProjectedPermutation())
    return std::nullopt;
  AffineMap scored = map ? map.getInputMaps()[chain.scored].compose(weights) : weights;
  SmallVector<AffineExpr> placed(scores.getNumDims());
  for (auto [dim, position] :
       llvm::zip_equal(scores.getResultMap().getResults(), scored.getResults()))
    placed[cast<AffineDimExpr>(dim).getPosition()] = position;
  if (llvm::count(placed, AffineExpr()) != 1)
    return std::nullopt;
  *llvm::find(placed, AffineExpr()) = mlir::getAffineDimExpr(numDims - 1, weights.getContext());

  Operands operands;
  auto add = [&](Value input, AffineMap map) {
    operands.inputs.push_back(input);
    operands.maps.push_back(map);
  };
  for (auto [input, map] : llvm::zip_equal(scores.getInputs(), scores.getInputMaps()))
    add(input, map.replaceDimsAndSymbols(placed, {}, numDims, 0));
  AffineExpr key = weights.getResult(softmax.getDims()[0]);
  if (llvm::is_contained(operands.maps[0].getResults(), key)) {
    std::swap(operands.inputs[0], operands.inputs[1]);
    std::swap(operands.maps[0], operands.maps[1]);
  }
  auto widened = [&](AffineMap map) {
    return AffineMap::get(numDims, 0, map.getResults(), map.getContext());
  };
  add(means.getInputs()[1 - chain.weights], widened(means.getInputMaps()[1 - chain.weights]));
  for (unsigned number = 0; map && number < map.getInputs().size(); ++number)
    if (number != chain.scored)
      add(map.getInputs()[number], map.getInputMaps()[number].compose(weights));
  if (!llvm::all_of(operands.maps, isPlaced))
    return std::nullopt;
  operands.maps.push_back(widened(means.getResultMap()));
  return operands;
}

/// The map's body, from the sum and the other operands to the score.
void buildScore(OpBuilder &builder, const Chain &chain, AttentionOp attention) {
  Block &body = MapOp(chain.map).getBody().front();
  Block *score = builder.createBlock(&attention.getScore());
  mlir::IRMapping mapping;
  auto addArgument = [&](unsigned number) {
    mlir::BlockArgument argument = body.getArgument(number);
    mapping.map(argument, score->addArgument(argument.getType(), argument.getLoc()));
  };
  addArgument(chain.scored);
  for (unsigned number = 0; number < body.getNumArguments(); ++number)
    if (number != chain.scored)
      addArgument(number);
  AffineMap weights = weightsMap(chain);
  for (Operation &op : body) {
    Operation *clone = builder.clone(op, mapping);
    if (ein::IndexOp index = dyn_cast<ein::IndexOp>(clone))
      index.setDim(weights.getDimPosition(index.getDim()));
  }
}

/// Whether every dimension has its role, and lanes of queries are filled.
bool isProfitable(AttentionOp op) {
  SmallVector<std::optional<AttentionRole>> roles = op.getRoles();
  SmallVector<AffineMap> maps = op.getInputMaps();
  for (AttentionRole role : {AttentionRole::Depth, AttentionRole::Key, AttentionRole::Value})
    if (llvm::count(roles, std::optional(role)) != 1)
      return false;
  int64_t queries = 1;
  for (auto [position, extent] :
       llvm::zip_equal(op.getResultMap().getResults(), op.getResult().getType().getShape())) {
    unsigned dim = cast<AffineDimExpr>(position).getPosition();
    if (!maps[1].isFunctionOfDim(dim) && !maps[2].isFunctionOfDim(dim))
      queries = std::max(queries, ShapedType::isDynamic(extent) ? leastQueries : extent);
  }
  return queries >= leastQueries && !llvm::is_contained(roles, std::nullopt);
}

/// Whether queries and values have at most `bytes` bytes.
bool hasShortRows(AttentionOp op, int64_t bytes) {
  SmallVector<AffineMap> maps = op.getInputMaps();
  SmallVector<std::optional<AttentionRole>> roles = op.getRoles();
  auto isShort = [&](unsigned number, AttentionRole role) {
    RankedTensorType type = cast<RankedTensorType>(op.getInputs()[number].getType());
    for (auto [position, extent] : llvm::zip_equal(maps[number].getResults(), type.getShape())) {
      AffineDimExpr dim = dyn_cast<AffineDimExpr>(position);
      bool isRow = dim && roles[dim.getPosition()] == role;
      if (isRow && (ShapedType::isDynamic(extent) || extent == 0 ||
                    extent * type.getElementTypeBitWidth() > 8 * bytes))
        return false;
    }
    return true;
  };
  return isShort(0, AttentionRole::Depth) && isShort(2, AttentionRole::Value);
}

class EinFuseAttention : public impl::EinFuseAttentionBase<EinFuseAttention> {
  using EinFuseAttentionBase::EinFuseAttentionBase;

  void runOnOperation() override {
    SmallVector<ContractOp> contractions;
    getOperation()->walk([&](ContractOp op) {
      if (isPlain(op))
        contractions.push_back(op);
    });
    for (ContractOp op : contractions)
      if (!fuse(op, 0))
        fuse(op, 1);
  }

  bool fuse(ContractOp means, unsigned number) {
    std::optional<Chain> chain = findChain(means, number);
    std::optional<Operands> operands = chain ? operandsOf(*chain) : std::nullopt;
    if (!operands)
      return false;
    OpBuilder builder(means);
    AttentionOp attention = AttentionOp::create(
        builder, means.getLoc(), means.getResult().getType(), operands->inputs, operands->maps);
    if (!isProfitable(attention) || (rowBytes > 0 && !hasShortRows(attention, rowBytes))) {
      attention.erase();
      return false;
    }
    if (chain->map)
      buildScore(builder, *chain, attention);
    attention->setDiscardableAttrs(means->getDiscardableAttrDictionary());
    means.getResult().replaceAllUsesWith(attention.getResult());
    means.erase();
    chain->softmax.erase();
    if (chain->map)
      chain->map.erase();
    chain->scores.erase();
    return true;
  }
};

} // namespace
} // namespace tlc
