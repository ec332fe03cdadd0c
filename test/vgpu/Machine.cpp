//===- Machine.cpp - blocks, warps and who runs next ----------------------===//

#include "test/vgpu/Machine.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <numeric>

namespace vgpu {

/// Blocks that run at the same time.
static constexpr size_t kResident = 3;

/// Each catches what the others miss; the first is fast.
static constexpr Temper kTempers[] = {{0, 256, false, 4, false},
                                      {8, 64, true, 64, true},
                                      {12, 32, true, 2, false},
                                      {8, 128, false, 100000, true},
                                      {4, 4, false, 500, false}};

static std::string print(const std::array<uint32_t, 3> &v) {
  return "(" + std::to_string(v[0]) + "," + std::to_string(v[1]) + "," + std::to_string(v[2]) + ")";
}

static std::array<uint32_t, 3> delinearize(uint64_t number,
                                           const std::array<uint32_t, 3> &extents) {
  return {uint32_t(number % extents[0]), uint32_t(number / extents[0] % extents[1]),
          uint32_t(number / extents[0] / extents[1])};
}

void LaneCopy::perform() const {
  if (size)
    memcpy(to, from, size);
  memset(to + size, 0, bytes - size);
}

//===----------------------------------------------------------------------===//
// Warps
//===----------------------------------------------------------------------===//

Warp::Warp(Block &block, int index, int lanes) : block(block), index(index) {
  const Kernel &kernel = block.grid.kernel;
  uint64_t word;
  memset(&word, block.grid.fill, sizeof word);
  registers.assign(size_t(kernel.registers) * kLanes, word);
  local.assign(kernel.localBytes * kLanes, block.grid.fill);
  for (int lane = lanes; lane < kLanes; ++lane)
    states[lane] = LaneState::Exited;
  setSpecials();
}

uint64_t Warp::special(const std::string &name, int lane) const {
  const Launch &launch = block.grid.launch;
  auto thread = delinearize(uint64_t(index) * kLanes + lane, launch.block);
  size_t axis = name.ends_with(".y") ? 1 : name.ends_with(".z") ? 2 : 0;
  std::string stem = name.substr(0, name.find('.'));
  if (stem == "%tid")
    return thread[axis];
  if (stem == "%ntid")
    return launch.block[axis];
  if (stem == "%ctaid")
    return block.position[axis];
  if (stem == "%nctaid")
    return launch.grid[axis];
  if (stem == "%laneid")
    return lane;
  if (stem == "%warpid")
    return index;
  if (stem == "%nwarpid")
    return block.warps.capacity();
  if (stem == "%cluster_ctarank" || stem == "%cluster_ctaid")
    return axis == 0 ? block.rankInCluster : 0;
  if (stem == "%cluster_nctarank" || stem == "%cluster_nctaid")
    return axis == 0 ? launch.cluster : 1;
  if (stem == "%clusterid")
    return axis == 0 ? block.position[0] / launch.cluster : block.position[axis];
  if (stem == "%nclusterid")
    return axis == 0 ? launch.grid[0] / launch.cluster : launch.grid[axis];
  if (stem == "%smid")
    return 0;
  if (stem == "%nsmid")
    return 1;
  if (stem == "%lanemask_eq")
    return uint32_t(1) << lane;
  if (stem == "%lanemask_lt")
    return (uint32_t(1) << lane) - 1;
  if (stem == "%lanemask_le")
    return uint32_t((uint64_t(2) << lane) - 1);
  if (stem == "%lanemask_gt")
    return ~uint32_t((uint64_t(2) << lane) - 1);
  if (stem == "%lanemask_ge")
    return ~((uint32_t(1) << lane) - 1);
  throw Fault(FaultCode::Failed, "kernel '" + block.grid.kernel.name +
                                     "' reads the special register '" + name +
                                     "', which is not supported");
}

void Warp::setSpecials() {
  for (const SpecialRegister &reg : block.grid.kernel.specials)
    for (int lane = 0; lane < kLanes; ++lane)
      registers[reg.reg * kLanes + lane] = special(reg.name, lane);
}

Row Warp::row(const Operand &operand) const {
  if (operand.kind == Operand::Kind::Immediate)
    return {&operand.value, 0};
  return {&registers[operand.reg * kLanes], 1};
}

void Warp::moveTo(uint32_t lanes, uint32_t instruction) {
  forEach(lanes, [&](int lane) { places[lane] = instruction; });
}

void Warp::setState(uint32_t lanes, LaneState state) {
  forEach(lanes, [&](int lane) { states[lane] = state; });
}

uint32_t Warp::live() const {
  uint32_t result = 0;
  for (int lane = 0; lane < kLanes; ++lane)
    result |= uint32_t(states[lane] != LaneState::Exited) << lane;
  return result;
}

uint32_t Warp::lanesAt(uint32_t place) const {
  uint32_t result = 0;
  for (int lane = 0; lane < kLanes; ++lane)
    result |= uint32_t(places[lane] == place && states[lane] == LaneState::Running) << lane;
  return result;
}

/// Mostly the lanes that are furthest behind, so that lanes meet again; sometimes any, and
/// sometimes only some of those at one place: that lanes go in step is not promised.
uint32_t Warp::chooseGroup() {
  uint32_t place = UINT32_MAX;
  int running[kLanes], count = 0;
  for (int lane = 0; lane < kLanes; ++lane) {
    if (states[lane] != LaneState::Running)
      continue;
    running[count++] = lane;
    place = std::min(place, places[lane]);
  }
  if (count == 0)
    return 0;
  Grid &grid = block.grid;
  if (grid.random(4) == 0)
    place = places[running[grid.random(count)]];
  uint32_t group = lanesAt(place);
  uint32_t some = grid.random(16) < grid.temper.unrest ? group & grid.random(UINT32_MAX) : 0;
  return some ? some : group;
}

bool Warp::step() {
  uint32_t group = chooseGroup();
  if (!group)
    return false;
  const std::vector<Instruction> &code = block.grid.kernel.code;
  uint32_t place = places[std::countr_zero(group)];
  for (uint32_t left = 1 + block.grid.random(block.grid.temper.burst); left > 0; --left) {
    if (place >= code.size()) {
      block.exit(*this, group);
      return true;
    }
    const Instruction &instruction = code[place];
    if (block.grid.budget-- == 0)
      fail(FaultCode::Deadlock, std::countr_zero(group), instruction,
           "the limit of instructions is reached (VGPU_STEPS)");
    if (products.isPending())
      products.checkRegisters(*this, instruction, group);
    uint32_t active = group;
    if (instruction.guard >= 0) {
      const uint64_t *guard = registerRow(instruction.guard);
      forEach(group, [&](int lane) {
        if ((guard[lane] & 1) == instruction.guardNegated)
          active &= ~(uint32_t(1) << lane);
      });
    }
    ++place;
    if (!instruction.isControl) {
      if (active)
        instruction.handler(*this, instruction, active);
      continue;
    }
    moveTo(group, place);
    if (!active)
      continue;
    instruction.handler(*this, instruction, active);
    place = places[std::countr_zero(group)];
    uint32_t together = lanesAt(place) & group;
    if (together == group)
      continue;
    // The lanes part. An unruly warp goes on with some, and leaves the others behind.
    if (!together || block.grid.random(16) >= block.grid.temper.unrest)
      return true;
    group = together;
  }
  moveTo(group, place);
  return true;
}

uint32_t Warp::rendezvous(uint32_t lanes, const Instruction &instruction, Row wanted) {
  uint32_t here = uint32_t(&instruction - block.grid.kernel.code.data());
  forEach(lanes, [&](int lane) {
    members[lane] = uint32_t(wanted[lane]);
    if (!(members[lane] >> lane & 1))
      fail(FaultCode::Failed, lane, instruction, "the lane is not in its own mask of members");
    states[lane] = LaneState::AtWarpPoint;
    places[lane] = here;
  });
  uint32_t complete = 0;
  forEach(lanes, [&](int lane) {
    uint32_t mask = members[lane], present = 0;
    if (complete >> lane & 1)
      return;
    forEach(mask, [&](int other) {
      if (states[other] == LaneState::Exited)
        fail(FaultCode::Deadlock, lane, instruction,
             "waits for lane " + std::to_string(other) + ", which has exited");
      bool isHere = states[other] == LaneState::AtWarpPoint && places[other] == here &&
                    members[other] == mask;
      present |= uint32_t(isHere) << other;
    });
    if (present == mask)
      complete |= mask;
  });
  setState(complete, LaneState::Running);
  moveTo(complete, here + 1);
  return complete;
}

void Warp::progress(int lane) {
  for (std::vector<LaneCopy> &group : copies[lane].groups) {
    if (group.empty() || block.grid.random(4) != 0)
      continue;
    group.back().perform();
    group.pop_back();
  }
}

void Warp::suspend(uint32_t lanes, const Instruction &instruction, LaneState state,
                   uint64_t object) {
  forEach(lanes, [&](int lane) { objects[lane] = object; });
  moveTo(lanes, uint32_t(&instruction - block.grid.kernel.code.data()));
  setState(lanes, state);
}

uint64_t Warp::uniform(const Operand &operand, uint32_t lanes,
                       const Instruction &instruction) const {
  Row values = row(operand);
  uint64_t value = values[std::countr_zero(lanes)];
  forEach(lanes, [&](int lane) {
    if (values[lane] != value)
      fail(FaultCode::Failed, lane, instruction,
           "has " + hex(values[lane]) + " where another lane has " + hex(value));
  });
  return value;
}

static const char *nameOf(Space space) {
  switch (space) {
  case Space::Shared:
    return "shared memory";
  case Space::Local:
    return "local memory";
  case Space::Param:
    return "the parameters";
  default:
    return "global memory";
  }
}

static Space spaceOf(uint64_t address) {
  uint64_t window = address / kWindowBytes * kWindowBytes;
  return window == kSharedWindow  ? Space::Shared
         : window == kLocalWindow ? Space::Local
         : window == kParamWindow ? Space::Param
                                  : Space::Global;
}

uint8_t *Warp::access(int lane, const Instruction &instruction, Space space, uint64_t address,
                      uint64_t bytes) {
  if (address % bytes != 0)
    fail(FaultCode::Misaligned, lane, instruction,
         hex(address) + " in " + nameOf(space == Space::Generic ? spaceOf(address) : space) +
             " is not a multiple of " + std::to_string(bytes));
  return accessBytes(lane, instruction, space, address, bytes);
}

uint8_t *Warp::accessBytes(int lane, const Instruction &instruction, Space space, uint64_t address,
                           uint64_t bytes) {
  if (space == Space::Generic) {
    space = spaceOf(address);
    if (space != Space::Global)
      address %= kWindowBytes;
  }
  auto inside = [&](uint8_t *data, uint64_t base, uint64_t size) -> uint8_t * {
    if (address < base || address - base > size || bytes > size - (address - base))
      fail(FaultCode::IllegalAddress, lane, instruction,
           std::to_string(bytes) + " bytes at " + hex(address) + " are outside of " +
               nameOf(space) + ", which are " + std::to_string(size) + " bytes from " + hex(base));
    return data + (address - base);
  };
  switch (space) {
  case Space::Shared: {
    auto local = uint32_t(address);
    Block &owner = block.owner(local);
    address = local;
    return inside(owner.shared.data(), kSharedBase, owner.shared.size());
  }
  case Space::Local: {
    uint64_t size = block.grid.kernel.localBytes;
    return inside(local.data() + lane * size, kLocalBase, size);
  }
  case Space::Param: {
    auto &parameters = block.grid.launch.parameters;
    return inside(const_cast<uint8_t *>(parameters.data()), 0, parameters.size());
  }
  default:
    if (uint8_t *data = block.grid.memory.find(address, bytes))
      return data;
    fail(FaultCode::IllegalAddress, lane, instruction,
         std::to_string(bytes) + " bytes at " + hex(address) + ", " +
             block.grid.memory.explain(address));
  }
}

void Warp::noteWrite(int lane, Space space, uint64_t address, uint64_t bytes) {
  if (!block.grid.kernel.usesAsyncProxy)
    return;
  bool isShared =
      space == Space::Shared ||
      (space == Space::Generic && address / kWindowBytes * kWindowBytes == kSharedWindow);
  auto local = uint32_t(address);
  if (isShared)
    block.owner(local).proxy.write(threadOf(lane), local - kSharedBase, bytes);
}

void Warp::fail(FaultCode code, int lane, const Instruction &instruction,
                const std::string &message) const {
  auto thread = delinearize(uint64_t(index) * kLanes + lane, block.grid.launch.block);
  throw Fault(code, "kernel '" + block.grid.kernel.name + "', block " + print(block.position) +
                        ", thread " + print(thread) + ", line " + std::to_string(instruction.line) +
                        ": " + instruction.text() + ": " + message);
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

Block::Block(Grid &grid, Cluster &cluster, uint32_t rank, std::array<uint32_t, 3> position)
    : grid(grid), cluster(cluster), rankInCluster(rank), position(position),
      liveThreads(grid.launch.block[0] * grid.launch.block[1] * grid.launch.block[2]) {
  uint32_t threads = liveThreads;
  shared.assign(grid.kernel.sharedBytes + grid.launch.dynamicShared, grid.fill);
  proxy = ProxyState(shared.size());
  uint32_t count = (threads + kLanes - 1) / kLanes;
  pool = RegisterPool(count);
  productLogs.resize((count + 3) / 4);
  warps.reserve(count);
  for (uint32_t i = 0; i < count; ++i)
    warps.emplace_back(*this, i, std::min<uint32_t>(kLanes, threads - i * kLanes));
}

/// Makes some warps run far ahead of others, which only run when those wait.
void Block::rank() {
  ranks.resize(warps.size());
  std::iota(ranks.begin(), ranks.end(), 0);
  for (size_t i = ranks.size(); i > 1; --i)
    std::swap(ranks[i - 1], ranks[grid.random(uint32_t(i))]);
}

bool Block::step() {
  if (grid.temper.hasFavourites) {
    if (ranks.size() != warps.size() || grid.random(128) == 0)
      rank();
    return std::any_of(ranks.begin(), ranks.end(), [&](uint32_t i) { return warps[i].step(); });
  }
  uint32_t first = grid.random(uint32_t(warps.size()));
  for (uint32_t i = 0; i < warps.size(); ++i)
    if (warps[(first + i) % warps.size()].step())
      return true;
  return false;
}

Block &Block::owner(uint32_t &address) {
  uint32_t rank = address >> kRankShift;
  address &= (uint32_t(1) << kRankShift) - 1;
  return rank == 0 || rank > cluster.blocks.size() ? *this : *cluster.blocks[rank - 1];
}

void Block::wake(LaneState state, uint64_t object) {
  for (Warp &warp : warps)
    for (int lane = 0; lane < kLanes; ++lane)
      if (warp.states[lane] == state && warp.objects[lane] == object)
        warp.states[lane] = LaneState::Running;
}

void Block::exit(Warp &warp, uint32_t lanes) {
  checkExit(warp);
  // Who ends has arrived, but counts once.
  forEach(lanes, [&](int lane) { cluster.arrived -= warp.clusterPhases[lane] > cluster.phase; });
  warp.setState(lanes, LaneState::Exited);
  liveThreads -= std::popcount(lanes);
  // Others may wait for all threads that are left.
  for (uint32_t i = 0; i < barriers.size(); ++i)
    release(i);
  cluster.release();
  if (isDone())
    checkEnd(*this);
}

void Block::arrive(Warp &warp, uint32_t lanes, const Instruction &instruction, uint32_t barrier,
                   uint32_t expected, bool waits) {
  int lane = std::countr_zero(lanes);
  if (barrier >= barriers.size())
    warp.fail(FaultCode::Failed, lane, instruction,
              "there is no barrier " + std::to_string(barrier));
  Barrier &state = barriers[barrier];
  if (state.arrived > 0 && state.expected != expected)
    warp.fail(FaultCode::Failed, lane, instruction,
              "barrier " + std::to_string(barrier) + " is for " + std::to_string(expected) +
                  " threads here and for " + std::to_string(state.expected) + " elsewhere");
  state.expected = expected;
  state.arrived += std::popcount(lanes);
  if (waits) {
    forEach(lanes, [&](int at) { warp.members[at] = barrier; });
    warp.setState(lanes, LaneState::AtBarrier);
  }
  release(barrier);
}

/// Lets everybody go on if all have arrived.
void Block::release(uint32_t barrier) {
  Barrier &state = barriers[barrier];
  uint32_t wanted = state.expected ? state.expected : liveThreads;
  if (state.arrived == 0 || state.arrived < wanted)
    return;
  state.arrived = 0;
  for (Warp &warp : warps)
    for (int lane = 0; lane < kLanes; ++lane)
      if (warp.states[lane] == LaneState::AtBarrier && warp.members[lane] == barrier)
        warp.states[lane] = LaneState::Running;
}

std::string Block::describe() const {
  std::map<uint32_t, uint32_t> waiting;
  for (const Warp &warp : warps)
    for (int lane = 0; lane < kLanes; ++lane)
      if (warp.states[lane] == LaneState::AtBarrier)
        ++waiting[warp.places[lane] - 1];
      else if (warp.states[lane] != LaneState::Running && warp.states[lane] != LaneState::Exited)
        ++waiting[warp.places[lane]];
  std::string text;
  for (auto [place, count] : waiting) {
    const Instruction &instruction = grid.kernel.code[place];
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " threads wait at line " +
            std::to_string(instruction.line) + " (" + instruction.text() + ")";
  }
  for (const auto &[address, barrier] : mbarriers)
    if (barrier.isWaitedFor)
      text += "; mbarrier " + hex(address) + " " + barrier.describe();
  return "block " + print(position) + ": " + text;
}

//===----------------------------------------------------------------------===//
// Clusters
//===----------------------------------------------------------------------===//

bool Cluster::step() {
  size_t first = blocks[0]->grid.random(uint32_t(blocks.size()));
  for (size_t i = 0; i < blocks.size(); ++i)
    if (blocks[(first + i) % blocks.size()]->step())
      return true;
  return false;
}

bool Cluster::isDone() const {
  return std::all_of(blocks.begin(), blocks.end(),
                     [](const auto &block) { return block->isDone(); });
}

void Cluster::arrive(uint32_t count) {
  arrived += count;
  release();
}

/// All threads of all blocks have arrived, or ended.
void Cluster::release() {
  uint32_t wanted = 0;
  for (const auto &block : blocks)
    wanted += block->threads();
  if (arrived == 0 || arrived < wanted)
    return;
  arrived = 0;
  ++phase;
  for (const auto &block : blocks)
    block->wake(LaneState::AtCluster, 0);
}

//===----------------------------------------------------------------------===//
// Grids
//===----------------------------------------------------------------------===//

static uint64_t stepLimit() {
  const char *text = getenv("VGPU_STEPS");
  return text ? strtoull(text, nullptr, 10) : uint64_t(4) << 30;
}

Grid::Grid(DeviceMemory &memory, const Launch &launch, uint64_t seed)
    : memory(memory), launch(launch), kernel(*launch.kernel), fill(garbage(seed)),
      temper(kTempers[seed % std::size(kTempers)]), budget(stepLimit()),
      generator(uint32_t(seed * 2654435761u + 12345)) {}

std::array<uint32_t, 3> Grid::positionOf(uint64_t number) const {
  return delinearize(number, launch.grid);
}

void Grid::reportDeadlock(const std::vector<std::unique_ptr<Cluster>> &resident) const {
  std::string text = "kernel '" + kernel.name + "': deadlock";
  for (const std::unique_ptr<Cluster> &cluster : resident)
    for (const std::unique_ptr<Block> &block : cluster->blocks)
      if (!block->isDone())
        text += "; " + block->describe();
  throw Fault(FaultCode::Deadlock, text);
}

/// Lets one of the asynchronous copies happen, whichever.
void Grid::performOne() {
  size_t chosen = random(uint32_t(pending.size()));
  for (size_t i = 0; i < pending.size() && temper.hasLazyStores && pending[chosen].isStore; ++i)
    chosen = (chosen + 1) % pending.size();
  AsyncCopy copy = std::move(pending[chosen]);
  pending.erase(pending.begin() + ptrdiff_t(chosen));
  copy.perform();
}

void Grid::run() {
  uint64_t count = uint64_t(launch.grid[0]) * launch.grid[1] * launch.grid[2] / launch.cluster;
  uint64_t started = 0;
  // Clusters start in an order that depends on the seed: from some place on, with some stride.
  uint64_t stride = 1 + random(uint32_t(std::min<uint64_t>(count, 1000)));
  while (std::gcd(stride, count) != 1)
    ++stride;
  uint64_t at = random(uint32_t(std::min<uint64_t>(count, 1000)));
  std::vector<std::unique_ptr<Cluster>> resident;
  while (started < count || !resident.empty()) {
    while (resident.size() < kResident && started < count) {
      auto cluster = std::make_unique<Cluster>();
      for (uint32_t rank = 0; rank < launch.cluster; ++rank)
        cluster->blocks.push_back(std::make_unique<Block>(
            *this, *cluster, rank, positionOf(at % count * launch.cluster + rank)));
      resident.push_back(std::move(cluster));
      at += stride;
      ++started;
    }
    if (!pending.empty() && random(temper.sloth) == 0)
      performOne();
    size_t first = random(uint32_t(resident.size()));
    bool moved = false;
    for (size_t i = 0; i < resident.size() && !moved; ++i)
      moved = resident[(first + i) % resident.size()]->step();
    if (!moved && !pending.empty())
      performOne();
    else if (!moved)
      reportDeadlock(resident);
    std::erase_if(resident, [](const auto &cluster) { return cluster->isDone(); });
  }
  while (!pending.empty())
    performOne();
}

} // namespace vgpu
