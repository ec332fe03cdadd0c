//===- HopperPlan.cpp - products of matrices for wgmma and the copy engine ===//

#include "compiler/codegen/gpu/HopperPlan.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

namespace tlc::codegen {

/// The copy engine's limits.
static constexpr size_t kMostRank = 5;
static constexpr int64_t kAlignment = 16, kMostStride = int64_t(1) << 40;
/// Where a stage begins.
static constexpr int64_t kStageAlignment = 1024;
/// Bytes along k of one matrix instruction.
static constexpr int64_t kStepBytes = 32;
/// Columns of a tile whose result is not for the copy engine.
static constexpr int64_t kMostStoredByThreads = 128;

/// Positions of a panel, the widest of which is a row of 128 bytes.
static int64_t panelWidth(int64_t extent) { return extent <= 16 ? 16 : extent <= 32 ? 32 : 64; }

static int64_t tilesOf(ArrayRef<TileSide> sides) {
  int64_t product = 1;
  for (const TileSide &side : sides)
    product *= side.tiles();
  return product;
}

int64_t TileGroup::tiles() const { return tilesOf(sides); }
bool TileGroup::isRagged() const {
  return llvm::any_of(sides, [](const TileSide &side) { return side.isRagged(); });
}
int64_t HopperPlan::kTiles() const { return k.tiles() * tilesOf(outerK); }
int64_t HopperPlan::batches() const { return tilesOf(batch); }
/// Two boxes for each consumer: one is written while the other leaves.
int64_t HopperPlan::storeBytes() const {
  return store ? 2 * HopperConfig::consumerRows * (int64_t(16) << store->box.swizzle) : 0;
}

namespace {

class Planner {
public:
  Planner(const HopperProblem &problem, const HopperConfig &config)
      : problem(problem), config(config) {}

  std::optional<HopperPlan> plan();

private:
  bool classify();
  std::optional<unsigned> contiguous(ArrayRef<int64_t> strides) const;
  bool chooseK();
  bool canFetch(unsigned input) const;
  TileGroup group(ArrayRef<unsigned> dims, unsigned input, int64_t target) const;
  std::optional<OperandPlan> operand(unsigned input, const TileGroup &group,
                                     int64_t positions) const;
  BoxPlan boxOf(ArrayRef<std::pair<unsigned, int64_t>> sides, ArrayRef<int64_t> strides) const;
  std::optional<StorePlan> store() const;
  bool split(OperandPlan &operand) const;
  bool isKMajor(unsigned input) const;
  int64_t product(ArrayRef<unsigned> dims) const;

  const HopperProblem &problem;
  const HopperConfig &config;
  HopperPlan result;
  SmallVector<unsigned> m, n, k, batch;
  unsigned left = 0, right = 1;
};

} // namespace

int64_t Planner::product(ArrayRef<unsigned> dims) const {
  int64_t product = 1;
  for (unsigned dim : dims)
    product *= problem.extents[dim];
  return product;
}

/// The dimension along which neighbours are neighbours in memory.
std::optional<unsigned> Planner::contiguous(ArrayRef<int64_t> strides) const {
  for (auto [dim, stride] : llvm::enumerate(strides))
    if (stride == 1 && problem.extents[dim] > 1)
      return dim;
  return std::nullopt;
}

/// Sorts the dimensions, so that the result is contiguous along n if it can be.
bool Planner::classify() {
  for (unsigned dim = 0; dim < problem.extents.size(); ++dim) {
    bool inLeft = problem.strides[0][dim], inRight = problem.strides[1][dim];
    if (problem.extents[dim] < 1 || (problem.reduced[dim] && !(inLeft && inRight)))
      return false;
    (problem.reduced[dim] ? k : inLeft == inRight ? batch : inLeft ? m : n).push_back(dim);
  }
  std::optional<unsigned> fast = contiguous(problem.resultStrides);
  if (fast && llvm::is_contained(m, *fast)) {
    std::swap(m, n);
    std::swap(left, right);
  }
  return product(m) >= config.leastM && product(n) >= config.leastN && product(k) >= config.leastK;
}

bool Planner::isKMajor(unsigned input) const {
  std::optional<unsigned> fast = contiguous(problem.strides[input]);
  return fast && problem.reduced[*fast];
}

/// The copy engine takes strides of whole chunks, and one contiguous dimension.
bool Planner::canFetch(unsigned input) const {
  size_t rank = 0;
  for (auto [stride, extent] : llvm::zip(problem.strides[input], problem.extents)) {
    if (stride == 0 || extent == 1)
      continue;
    ++rank;
    int64_t bytes = stride * problem.bytes;
    if (stride < 0 || bytes >= kMostStride || extent > UINT32_MAX ||
        (stride != 1 && bytes % kAlignment != 0))
      return false;
  }
  std::optional<unsigned> fast = contiguous(problem.strides[input]);
  // TF32 has no transposed form; a batch's dimension has one position in a tile.
  return fast && rank <= kMostRank && !llvm::is_contained(batch, *fast) &&
         llvm::count(problem.strides[input], 1) == 1 &&
         (problem.bytes == 2 || problem.reduced[*fast]);
}

/// Both operands have their k in the same order in a tile.
bool Planner::chooseK() {
  std::optional<unsigned> chosen;
  for (unsigned input : {left, right}) {
    if (!isKMajor(input))
      continue;
    unsigned fast = *contiguous(problem.strides[input]);
    if (chosen && *chosen != fast)
      return false;
    chosen = fast;
  }
  if (!chosen)
    chosen = *llvm::max_element(
        k, [&](unsigned a, unsigned b) { return problem.extents[a] < problem.extents[b]; });
  int64_t least = kStepBytes / problem.bytes, extent = problem.extents[*chosen], box = least;
  while (box < extent && box * problem.bytes < config.rowBytes)
    box *= 2;
  result.k = {*chosen, extent, box};
  for (unsigned dim : k)
    if (dim != *chosen)
      result.outerK.push_back({dim, problem.extents[dim], 1});
  for (unsigned dim : batch)
    result.batch.push_back({dim, problem.extents[dim], 1});
  return true;
}

/// Boxes along the dimensions of a group, `target` positions in all at most.
TileGroup Planner::group(ArrayRef<unsigned> dims, unsigned input, int64_t target) const {
  TileGroup group;
  SmallVector<unsigned> order(dims);
  // First the operand's contiguous dimension, else the result's.
  const SmallVector<int64_t> &strides =
      isKMajor(input) ? problem.resultStrides : problem.strides[input];
  llvm::stable_sort(order, [&](unsigned a, unsigned b) { return strides[a] < strides[b]; });
  for (unsigned dim : order) {
    int64_t extent = problem.extents[dim], left = target / group.positions;
    // What is beyond the end of the only side is zeros, and is not stored.
    int64_t rounded = dims.size() == 1 ? llvm::alignTo(extent, panelWidth(extent)) : extent;
    TileSide side{dim, extent, std::min(rounded, left)};
    bool isPanel = group.sides.empty() && !isKMajor(input);
    int64_t width = side.box;
    if (isPanel) {
      width = panelWidth(extent);
      side.box = std::min<int64_t>(llvm::alignTo(extent, width), left / width * width);
    }
    group.sides.push_back(side);
    group.digits.push_back({dim, width, 1});
    group.positions *= side.box;
  }
  // Panels along the contiguous dimension are the slowest.
  if (!isKMajor(input) && group.sides[0].box > group.digits[0].size) {
    int64_t width = group.digits[0].size;
    group.digits.push_back({group.sides[0].dim, group.sides[0].box / width, width});
  }
  llvm::erase_if(group.digits, [](const TileDigit &digit) { return digit.size == 1; });
  return group;
}

BoxPlan Planner::boxOf(ArrayRef<std::pair<unsigned, int64_t>> sides,
                       ArrayRef<int64_t> strides) const {
  BoxPlan plan;
  for (auto [dim, box] : sides) {
    bool isAbsent = strides[dim] == 0 || (problem.extents[dim] == 1 && !plan.dims.empty());
    if (isAbsent)
      continue;
    plan.dims.push_back(dim);
    plan.extents.push_back(problem.extents[dim]);
    plan.strides.push_back(strides[dim]);
    plan.box.push_back(box);
  }
  return plan;
}

/// The tile of an operand with room for `positions`.
std::optional<OperandPlan> Planner::operand(unsigned input, const TileGroup &group,
                                            int64_t positions) const {
  OperandPlan plan;
  plan.input = input;
  plan.isAlongK = isKMajor(input);
  int64_t width = plan.isAlongK ? result.k.box : group.digits[0].size;
  int64_t rowBytes = width * problem.bytes;
  SmallVector<std::pair<unsigned, int64_t>> sides;
  std::pair<unsigned, int64_t> alongK{result.k.dim, result.k.box};
  if (plan.isAlongK)
    sides.push_back(alongK);
  for (const TileSide &side : group.sides)
    sides.push_back({side.dim, side.box});
  if (!plan.isAlongK) {
    plan.boxes = group.sides[0].box / width;
    sides[0].second = width;
    sides.insert(sides.begin() + 1, alongK);
  }
  for (ArrayRef<TileSide> rest :
       {ArrayRef<TileSide>(result.outerK), ArrayRef<TileSide>(result.batch)})
    for (const TileSide &side : rest)
      sides.push_back({side.dim, 1});
  plan.box = boxOf(sides, problem.strides[input]);
  plan.box.swizzle = llvm::Log2_64(rowBytes / 16);
  plan.boxBytes = problem.bytes;
  for (int64_t side : plan.box.box) {
    if (side > 256)
      return std::nullopt;
    plan.boxBytes *= side;
  }
  int64_t rows = plan.isAlongK ? positions : llvm::divideCeil(positions, width) * result.k.box;
  plan.stageBytes = llvm::alignTo(rows * rowBytes, kStageAlignment);
  plan.strideBytes = 8 * rowBytes;
  plan.leadingBytes = plan.isAlongK ? 16 : result.k.box * rowBytes;
  plan.stepBytes = plan.isAlongK ? kStepBytes : kStepBytes / problem.bytes * rowBytes;
  return plan;
}

/// Makes two parts of a tile, one for each block of a cluster; false if it has no halves.
bool Planner::split(OperandPlan &operand) const {
  if (operand.boxes % 2 == 0) {
    operand.boxes /= 2;
    operand.parts = 2;
    return true;
  }
  // The slowest side that is one of the tile's positions: halves follow each other in memory.
  size_t first = operand.isAlongK ? 1 : 2;
  for (size_t i = operand.box.box.size(); i-- > first;) {
    int64_t &side = operand.box.box[i];
    if (side == 1)
      continue;
    if (side % 2 != 0 || operand.boxBytes % (2 * kStageAlignment) != 0)
      return false;
    side /= 2;
    operand.boxBytes /= 2;
    operand.parts = 2;
    operand.splitDim = i;
    return true;
  }
  return false;
}

/// The result's boxes: half of the rows, and the columns of a row of 128 bytes.
std::optional<StorePlan> Planner::store() const {
  if (problem.resultBytes == 0)
    return std::nullopt;
  StorePlan plan;
  SmallVector<std::pair<unsigned, int64_t>> sides;
  const TileGroup &rows = result.m, &columns = result.n;
  if (columns.digits.empty() || columns.digits[0].dim != columns.sides[0].dim)
    return std::nullopt;
  // A box's columns are along one dimension: a row of 128 bytes, or of 64 or 32.
  int64_t rowBytes = config.rowBytes, width = columns.digits[0].size * problem.resultBytes;
  while (rowBytes > kStepBytes && width % rowBytes != 0)
    rowBytes /= 2;
  if (problem.resultStrides[columns.sides[0].dim] != 1 || width % rowBytes != 0)
    return std::nullopt;
  plan.columns = rowBytes / problem.resultBytes;
  sides.push_back({columns.sides[0].dim, plan.columns});
  for (const TileSide &side : llvm::drop_begin(columns.sides))
    sides.push_back({side.dim, 1});
  // The rows of a consumer are a box if the digits below 64 are whole.
  int64_t left = HopperConfig::consumerRows;
  for (const TileDigit &digit : rows.digits) {
    bool isSplit = llvm::any_of(sides, [&](auto side) { return side.first == digit.dim; });
    if (left > 1 && (isSplit || (left % digit.size != 0 && digit.size % left != 0)))
      return std::nullopt;
    if (!isSplit)
      sides.push_back({digit.dim, std::min(left, digit.size)});
    left = std::max<int64_t>(1, left / digit.size);
  }
  if (left > 1)
    return std::nullopt;
  for (const TileSide &side : result.m.sides)
    if (llvm::none_of(sides, [&](auto each) { return each.first == side.dim; }))
      sides.push_back({side.dim, 1});
  for (const TileSide &side : result.batch)
    sides.push_back({side.dim, 1});
  plan.box = boxOf(sides, problem.resultStrides);
  plan.box.swizzle = llvm::Log2_64(rowBytes / 16);
  for (auto [stride, extent] : llvm::zip(plan.box.strides, plan.box.extents))
    if (stride < 0 || (stride != 1 && stride * problem.resultBytes % kAlignment != 0))
      return std::nullopt;
  if (plan.box.dims.size() > kMostRank || llvm::count(plan.box.strides, 1) != 1)
    return std::nullopt;
  return plan;
}

std::optional<HopperPlan> Planner::plan() {
  result.config = config;
  if (!classify() || !canFetch(left) || !canFetch(right) || !chooseK())
    return std::nullopt;
  result.m = group(m, left, config.tileM);
  // Wide tiles read less; narrow ones keep more multiprocessors busy.
  int64_t widest = config.mostN;
  for (int64_t target = config.mostN; target >= 64; target /= 2) {
    result.n = group(n, right, target);
    widest = target;
    bool isBusy = result.m.tiles() * result.n.tiles() * result.batches() >= config.wantedTiles;
    if (result.n.positions > target / 2 && isBusy)
      break;
  }
  int64_t unit = isKMajor(right) ? 8 : result.n.digits[0].size;
  result.columns = llvm::alignTo(result.n.positions, unit);
  if (result.columns > widest)
    return std::nullopt;
  std::optional<OperandPlan> leftPlan = operand(left, result.m, config.tileM);
  std::optional<OperandPlan> rightPlan = operand(right, result.n, result.columns);
  if (!leftPlan || !rightPlan)
    return std::nullopt;
  result.left = *leftPlan;
  result.right = *rightPlan;
  if (config.cluster == 2 && result.m.tiles() % 2 == 0 && split(result.right))
    result.cluster = 2;
  result.store = store();
  int64_t room = config.sharedBytes - HopperConfig::consumers * result.storeBytes() - 256;
  result.stages = std::min(config.mostStages, room / result.stageBytes());
  return result;
}

HopperConfig hopperConfig(StringRef changes) {
  HopperConfig config;
  std::pair<const char *, int64_t *> fields[] = {{"n", &config.mostN},
                                                 {"stages", &config.mostStages},
                                                 {"cluster", &config.cluster},
                                                 {"tiles", &config.wantedTiles}};
  for (StringRef change : llvm::split(changes, ' ')) {
    auto [name, number] = change.split('=');
    for (auto [field, value] : fields)
      if (name == field)
        number.getAsInteger(10, *value);
  }
  return config;
}

std::optional<HopperPlan> planHopper(const HopperProblem &problem, HopperConfig config) {
  std::optional<HopperPlan> plan = Planner(problem, config).plan();
  // Threads that store need registers for addresses.
  if (plan && !plan->store && plan->columns > kMostStoredByThreads) {
    config.mostN = kMostStoredByThreads;
    plan = Planner(problem, config).plan();
  }
  return plan;
}

} // namespace tlc::codegen
