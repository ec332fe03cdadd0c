//===- ResultTile.h - a tile of sums from registers to the result ---------===//
//
// The threads of a block hold a tile of sums in whatever order the multiplication left them. They
// put them into shared memory, with the dimension last that is contiguous in the result, and take
// them out in the order of the result:
//
//   put(row, column, sum, next)    barrier    finish():  result[row, column .. column + 3] = ...
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_GPU_RESULTTILE_H
#define TLC_COMPILER_CODEGEN_GPU_RESULTTILE_H

#include "compiler/codegen/gpu/ContractDims.h"

namespace tlc::codegen {

class ResultTile {
public:
  /// For sums of type `sumType`, which is at least as wide as the nest's values.
  ResultTile(const NestSpace &space, const ContractDims &dims, Type sumType, int64_t tileM,
             int64_t tileN);

  /// Bytes of shared memory.
  int64_t bytes() const;

  /// Puts the sums of one row and two columns that follow each other.
  void put(OpBuilder &builder, Location loc, Value shared, Value row, Value column, Value sum,
           Value next) const;
  /// Finishes and stores the elements inside of the result, each by one of `threads` threads.
  void store(OpBuilder &builder, Location loc, Value shared, Value thread, unsigned threads,
             Value firstRow, Value firstColumn, ArrayRef<Value> batch) const;

private:
  void chooseOrder();
  Value cell(IndexMath &math, Value slow, Value fast) const;
  void storeVector(OpBuilder &builder, Location loc, Value from, Value atRow, Value atColumn,
                   ArrayRef<Value> batch) const;

  const NestSpace &space;
  const ContractDims &dims;
  Type sumType;
  int64_t tileM, tileN;
  /// Rows are what is contiguous in the result.
  bool isFastAlongM = false;
  /// How many elements a thread stores at a time.
  int64_t width = 1;
};

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_GPU_RESULTTILE_H
