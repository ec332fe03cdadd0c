// RUN: tl-opt --gpu-expand-math --split-input-file --verify-diagnostics %s | FileCheck %s
// Tests which functions become arithmetic in kernels, which are instructions, and which are neither.

// CHECK-LABEL: llvm.func @kernel
// CHECK-NOT: math.{{exp|log|sin|tanh|powf}}
// CHECK: math.sqrt
// CHECK-LABEL: func.func @host
// CHECK: math.exp
gpu.module @kernels {
  llvm.func @kernel(%out: !llvm.ptr, %x: f64, %y: f32) {
    %0 = math.exp %x : f64
    %1 = math.log %0 : f64
    %2 = math.powf %1, %x : f64
    %3 = math.sin %y : f32
    %4 = math.tanh %3 : f32
    %5 = math.sqrt %4 : f32
    %6 = arith.extf %5 : f32 to f64
    %7 = arith.addf %2, %6 : f64
    llvm.store %7, %out : f64, !llvm.ptr
    llvm.return
  }
}
func.func @host(%x: f64) -> f64 {
  %0 = math.exp %x : f64
  return %0 : f64
}

// -----

gpu.module @kernels {
  llvm.func @kernel(%out: !llvm.ptr, %x: f64) {
    // expected-error @below {{has no code for GPUs}}
    %0 = math.acosh %x : f64
    llvm.store %0, %out : f64, !llvm.ptr
    llvm.return
  }
}
