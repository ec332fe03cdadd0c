// RUN: tl-opt --gpu-embed-code --split-input-file --verify-diagnostics %s | FileCheck %s
// RUN: tl-opt --gpu-embed-code=arch=sm_90a --split-input-file --verify-diagnostics %s | FileCheck %s --check-prefix=HOPPER
// RUN: not tl-opt --gpu-embed-code=arch=sm_35 --split-input-file %s 2>&1 | FileCheck %s --check-prefix=OLD
// RUN: not tl-opt --gpu-embed-code=assembler=/absent/ptxas --split-input-file %s 2>&1 | FileCheck %s --check-prefix=ABSENT
// Tests that a program holds the PTX of its kernels and their names, and refusals.

// CHECK: llvm.mlir.global private constant @{{.*}}("f_first\00f_second\00\00")
// CHECK: .target sm_80
// CHECK-SAME: .visible .entry f_first(
// CHECK: llvm.mlir.global internal @f_gpu_program
// CHECK: llvm.mlir.constant(2 : i64)
// CHECK-NOT: gpu.module
// HOPPER: .target sm_90a
// ABSENT: error: '/absent/ptxas' cannot be run
// OLD: error: 'sm_35' is not a GPU that code can be made for
llvm.mlir.global external @f_gpu_program() : !llvm.struct<(ptr, ptr, ptr, ptr, ptr, i64)>
gpu.module @f_kernels {
  llvm.func @f_first(%out: !llvm.ptr) attributes {nvvm.kernel} {
    %x = llvm.mlir.constant(1.0 : f32) : f32
    llvm.store %x, %out : f32, !llvm.ptr
    llvm.return
  }
  llvm.func @f_second() attributes {nvvm.kernel} {
    llvm.return
  }
}

// -----

// expected-error @below {{is not named as the kernels of a function are}}
gpu.module @others {
}

// -----

// expected-error @below {{has no global for its program}}
gpu.module @g_kernels {
}

// -----

// expected-error @below {{a kernel calls 'sinf', which GPUs do not have}}
gpu.module @h_kernels {
  llvm.func @sinf(f32) -> f32
  llvm.func @h(%out: !llvm.ptr, %x: f32) attributes {nvvm.kernel} {
    %0 = llvm.call @sinf(%x) : (f32) -> f32
    llvm.store %0, %out : f32, !llvm.ptr
    llvm.return
  }
}
