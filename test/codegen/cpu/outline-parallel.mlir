// RUN: tl-opt --cpu-outline-parallel --split-input-file %s | FileCheck %s
// RUN: tl-opt --cpu-outline-parallel --cpu-to-llvm --split-input-file %s | FileCheck %s --check-prefix=LLVM
// The body of a parallel loop becomes a function; what it uses travels in a structure.

// CHECK-LABEL: func.func @fill(
// CHECK-SAME: %[[CONTEXT:.*]]: !llvm.ptr, %[[DATA:.*]]: !llvm.ptr, %[[N:.*]]: index
// CHECK: %[[FRAME:.*]] = llvm.alloca %{{.*}} x !llvm.struct<(ptr, i64, ptr)>
// CHECK: llvm.store %[[CONTEXT]], %{{.*}} : !llvm.ptr, !llvm.ptr
// CHECK: llvm.store %{{.*}} : i64, !llvm.ptr
// CHECK: llvm.store %[[DATA]],
// CHECK: %[[BODY:.*]] = llvm.mlir.addressof @fill_parallel_0
// CHECK: %[[COUNT:.*]] = arith.index_cast %[[N]] : index to i64
// CHECK: llvm.call @tlrt_parallel_for(%[[CONTEXT]], %[[BODY]], %[[FRAME]], %[[COUNT]])
// CHECK-NOT: scf.parallel
// LLVM: llvm.func internal @fill_parallel_0(%{{.*}}: !llvm.ptr, %{{.*}}: i64)
func.func @fill(%context: !llvm.ptr, %data: !llvm.ptr, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %seven = arith.constant 7.0 : f32
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %k = arith.addi %i, %n : index
    %p = arith.index_cast %k : index to i64
    %at = llvm.getelementptr %data[%p] : (!llvm.ptr, i64) -> !llvm.ptr, f32
    llvm.store %seven, %at : f32, !llvm.ptr
  }
  return
}
// CHECK: llvm.func internal @fill_parallel_0(%[[ARGUMENT:.*]]: !llvm.ptr, %[[TASK:.*]]: i64)
// CHECK: arith.constant 7.0
// CHECK: llvm.load
// CHECK: %[[I:.*]] = arith.index_cast %[[TASK]] : i64 to index
// CHECK: arith.addi %[[I]],
// CHECK: llvm.return

// -----

// A loop inside of a loop finds the context in what is captured.
// CHECK-LABEL: func.func @nested(
// CHECK: llvm.mlir.addressof @nested_parallel_0
// CHECK: llvm.func internal @nested_parallel_0(
// CHECK: %[[CONTEXT:.*]] = llvm.load
// CHECK: llvm.mlir.addressof @nested_parallel_1
// CHECK: llvm.call @tlrt_parallel_for(%[[CONTEXT]],
// CHECK: llvm.func internal @nested_parallel_1(
// CHECK-NOT: scf.parallel
func.func @nested(%context: !llvm.ptr, %data: !llvm.ptr) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  scf.parallel (%i) = (%c0) to (%c8) step (%c1) {
    %base = arith.muli %i, %c8 : index
    scf.parallel (%j) = (%c0) to (%c8) step (%c1) {
      %k = arith.addi %base, %j : index
      %p = arith.index_cast %k : index to i64
      %at = llvm.getelementptr %data[%p] : (!llvm.ptr, i64) -> !llvm.ptr, i64
      llvm.store %p, %at : i64, !llvm.ptr
    }
  }
  return
}
