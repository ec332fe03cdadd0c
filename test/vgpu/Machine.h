//===- Machine.h - blocks, warps and who runs next ------------------------===//
//
// Each lane of a warp has its own place in the code, as on processors since Volta. A step takes a
// warp by chance and lets the lanes that are at one place run for a while:
//
//   warp 3, lanes 0-15 at line 40     runs 7 instructions
//   warp 0, lanes 0-31 at line 12     arrives at bar.sync and waits
//
// The seed decides, so that a missing barrier shows under some seed. When nobody can run and
// somebody waits, that is a deadlock, reported with the places.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_TEST_VGPU_MACHINE_H
#define TLC_TEST_VGPU_MACHINE_H

#include "test/vgpu/Async.h"
#include "test/vgpu/Memory.h"
#include "test/vgpu/Program.h"

#include <bit>
#include <deque>
#include <memory>
#include <random>

namespace vgpu {

constexpr int kLanes = 32;

/// The values of an operand, one for each lane: `stride` is 0 where all lanes have the same.
struct Row {
  const uint64_t *values;
  int stride;
  uint64_t operator[](int lane) const { return values[lane * stride]; }
};

enum class LaneState : uint8_t {
  Running,
  AtWarpPoint,
  AtBarrier,
  AtMbarrier,
  AtCluster,
  AtRegisters,
  Exited
};

class Block;
class Grid;

/// A copy to shared memory that goes on while its thread does.
struct LaneCopy {
  uint8_t *to;
  const uint8_t *from;
  /// Those behind the first `size` bytes become zero.
  uint8_t bytes, size;
  void perform() const;
};

/// The copies of a thread that have not happened: in groups, the oldest first, and of no group yet.
struct LaneCopies {
  std::deque<std::vector<LaneCopy>> groups;
  std::vector<LaneCopy> open;
};

class Warp {
public:
  Warp(Block &block, int index, int lanes);

  /// Lets some lanes run; false if none can.
  bool step();

  // For the handlers.
  Row row(const Operand &operand) const;
  uint64_t *destination(const Operand &operand) { return &registers[operand.reg * kLanes]; }
  uint64_t *registerRow(int reg) { return &registers[reg * kLanes]; }
  /// Moves lanes to an instruction; for control handlers.
  void moveTo(uint32_t lanes, uint32_t instruction);
  uint32_t placeOf(int lane) const { return places[lane]; }
  void setState(uint32_t lanes, LaneState state);
  LaneState stateOf(int lane) const { return states[lane]; }
  /// Lanes that have not exited.
  uint32_t live() const;
  /// The lanes come to an instruction that waits for all lanes of each one's `members`. Returns
  /// those that are complete now, which go on; the others wait.
  uint32_t rendezvous(uint32_t lanes, const Instruction &instruction, Row members);
  /// The lanes wait, and run this instruction again when they are woken.
  void suspend(uint32_t lanes, const Instruction &instruction, LaneState state, uint64_t object);
  /// The value of a warp-wide operand, which must be the same in all lanes.
  uint64_t uniform(const Operand &operand, uint32_t lanes, const Instruction &instruction) const;
  /// The number of the thread in its block.
  uint32_t threadOf(int lane) const { return uint32_t(index * kLanes + lane); }
  /// The memory behind an address, with its bounds and alignment checked. `lane` is who asks.
  uint8_t *access(int lane, const Instruction &instruction, Space space, uint64_t address,
                  uint64_t bytes);
  /// The same without a demand on the alignment.
  uint8_t *accessBytes(int lane, const Instruction &instruction, Space space, uint64_t address,
                       uint64_t bytes);
  LaneCopies &copiesOf(int lane) { return copies[lane]; }
  /// Time goes by: by chance some copies of a lane happen.
  void progress(int lane);
  /// Bytes have been written to in the ordinary way.
  void noteWrite(int lane, Space space, uint64_t address, uint64_t bytes);
  /// Throws a fault that names the kernel, the thread and the instruction.
  [[noreturn]] void fail(FaultCode code, int lane, const Instruction &instruction,
                         const std::string &message) const;

  Block &block;
  const int index;
  /// The carry of add.cc, one bit for each lane.
  uint32_t carry = 0;
  /// The phase of the cluster's barrier that each lane arrived for, plus 1.
  std::array<uint64_t, kLanes> clusterPhases{};
  /// Its part of products of matrices that are under way.
  WarpProducts products;

private:
  uint32_t lanesAt(uint32_t place) const;
  uint32_t chooseGroup();
  void setSpecials();
  uint64_t special(const std::string &name, int lane) const;

  std::vector<uint64_t> registers;
  std::array<uint32_t, kLanes> places{};
  std::array<LaneState, kLanes> states{};
  std::array<uint32_t, kLanes> members{};
  /// What lanes wait for.
  std::array<uint64_t, kLanes> objects{};
  std::vector<uint8_t> local;
  std::array<LaneCopies, kLanes> copies;
  friend class Block;
};

/// One of the 16 barriers of a block.
struct Barrier {
  uint32_t arrived = 0;
  /// How many threads it is for; 0: all that have not exited.
  uint32_t expected = 0;
};

class Cluster;

class Block {
public:
  Block(Grid &grid, Cluster &cluster, uint32_t rank, std::array<uint32_t, 3> position);

  /// Lets a warp run; false if none can.
  bool step();
  bool isDone() const { return liveThreads == 0; }
  uint32_t threads() const { return liveThreads; }
  /// The block of the cluster that a shared address of 32 bits is in, which becomes an address
  /// in it.
  Block &owner(uint32_t &address);
  /// Lets lanes run again that wait for an object.
  void wake(LaneState state, uint64_t object);
  /// Lanes of a warp end.
  void exit(Warp &warp, uint32_t lanes);
  /// `lanes` of a warp arrive at a barrier for `expected` threads; `waits`: they stop there.
  void arrive(Warp &warp, uint32_t lanes, const Instruction &instruction, uint32_t barrier,
              uint32_t expected, bool waits);
  /// "block (0,0,0): 32 threads wait at line 7 (bar.sync)" for every place.
  std::string describe() const;

  Grid &grid;
  Cluster &cluster;
  const uint32_t rankInCluster;
  const std::array<uint32_t, 3> position;
  std::vector<uint8_t> shared;
  ProxyState proxy;
  std::map<uint32_t, Mbarrier> mbarriers;
  /// Copies from shared memory in groups, by thread.
  std::map<uint32_t, BulkGroups> bulkGroups;
  RegisterPool pool;
  /// Copies into its shared memory that are under way.
  uint32_t pendingLoads = 0;
  /// The products that the warps of each group of four have begun, which must be the same.
  std::vector<ProductLog> productLogs;
  std::array<Barrier, 16> barriers;
  std::vector<Warp> warps;

private:
  void release(uint32_t barrier);
  void rank();

  uint32_t liveThreads;
  /// The warps, the favourite first.
  std::vector<uint32_t> ranks;
};

/// Blocks that run together and reach each other's shared memory.
class Cluster {
public:
  bool step();
  bool isDone() const;
  /// Threads arrive at the barrier of the cluster.
  void arrive(uint32_t count);
  void release();

  std::vector<std::unique_ptr<Block>> blocks;
  uint64_t phase = 0;
  uint32_t arrived = 0;
};

/// How the scheduler behaves in a launch.
struct Temper {
  /// How often lanes at one place are torn apart, in sixteenths.
  uint32_t unrest;
  /// How many instructions a group of lanes runs at most before another has its turn.
  uint32_t burst;
  /// Warps run in an order of preference, which changes now and then.
  bool hasFavourites;
  /// One of how many steps lets an asynchronous copy happen; it happens in any case when nobody
  /// else can go on.
  uint32_t sloth;
  /// Copies from shared memory happen after all others.
  bool hasLazyStores;
};

struct Launch {
  const Kernel *kernel;
  std::array<uint32_t, 3> grid, block;
  /// Blocks of a cluster, which are neighbours along x.
  uint32_t cluster = 1;
  uint64_t dynamicShared = 0;
  std::vector<uint8_t> parameters;
};

class Grid {
public:
  Grid(DeviceMemory &memory, const Launch &launch, uint64_t seed);
  /// Runs all blocks. Throws Fault.
  void run();

  /// A number below `bound`.
  uint32_t random(uint32_t bound) { return uint32_t(generator() % bound); }

  DeviceMemory &memory;
  const Launch &launch;
  const Kernel &kernel;
  const uint8_t fill;
  const Temper &temper;
  /// Instructions that may still run, one for each group of lanes.
  uint64_t budget;
  /// What has been asked for and has not happened.
  std::vector<AsyncCopy> pending;

private:
  void performOne();
  std::array<uint32_t, 3> positionOf(uint64_t number) const;
  [[noreturn]] void reportDeadlock(const std::vector<std::unique_ptr<Cluster>> &resident) const;

  std::minstd_rand generator;
};

/// Calls action(lane) for each lane of a set.
template <typename Action> inline void forEach(uint32_t lanes, Action action) {
  for (; lanes; lanes &= lanes - 1)
    action(std::countr_zero(lanes));
}

} // namespace vgpu

#endif // TLC_TEST_VGPU_MACHINE_H
