// RUN: tl-opt --gpu-kernels-to-llvm %s | FileCheck %s
// Tests that loops and arithmetic of kernels become llvm, and that the function around stays.

// CHECK-LABEL: func.func @host
// CHECK: arith.addf
// CHECK: gpu.module
// CHECK-NOT: {{scf|arith}}.
// CHECK: nvvm.read.ptx.sreg.tid.x
// CHECK: llvm.cond_br
// CHECK: llvm.fadd
func.func @host(%x: f32) -> f32 {
  %0 = arith.addf %x, %x : f32
  return %0 : f32
}
gpu.module @kernels {
  llvm.func @kernel(%out: !llvm.ptr, %x: f32, %n: i64) attributes {nvvm.kernel} {
    %zero = arith.constant 0 : i64
    %one = arith.constant 1 : i64
    %start = arith.constant 0.0 : f32
    %t = nvvm.read.ptx.sreg.tid.x : i32
    %sum = scf.for %i = %zero to %n step %one iter_args(%s = %start) -> f32 : i64 {
      %next = arith.addf %s, %x : f32
      scf.yield %next : f32
    }
    llvm.store %sum, %out : f32, !llvm.ptr
    llvm.return
  }
}
