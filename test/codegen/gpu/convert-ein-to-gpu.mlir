// RUN: tl-opt --convert-ein-to-gpu %s | FileCheck %s
// RUN: tl-opt --convert-ein-to-gpu=function-name=other %s | FileCheck %s --check-prefix=NAME
// Tests that a function becomes launches of kernels, with its tensors on the device.

// CHECK-LABEL: llvm.mlir.global external @scale_gpu_program
// CHECK: func.func @scale(%{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr) -> i32
// CHECK: llvm.call @tlrt_gpu_start
// CHECK: llvm.call @tlrt_gpu_arena
// CHECK: llvm.call @tlrt_gpu_bind_inputs
// CHECK: llvm.call @tlrt_gpu_input
// CHECK: llvm.call @tlrt_gpu_bind_output
// CHECK: llvm.call @tlrt_gpu_output
// CHECK: llvm.call @tlrt_gpu_launch
// CHECK: llvm.call @tlrt_gpu_download
// CHECK: llvm.call @tlrt_finish_output
// CHECK: llvm.call @tlrt_gpu_release
// CHECK: gpu.module @scale_kernels
// CHECK: llvm.func @scale_map_0(%{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr) attributes {nvvm.kernel, nvvm.maxntid = array<i32: 256, 1, 1>}
// CHECK: nvvm.read.ptx.sreg.ctaid.x
// CHECK: scf.if
// CHECK: arith.mulf
// NAME: func.func @other
// NAME: llvm.func @other_map_0
func.func @scale(%x: tensor<100xf32> {tl.name = "X"}) -> tensor<100xf32> {
  %y = ein.map "i" (%x) : (tensor<100xf32>) -> tensor<100xf32> {
  ^bb0(%e: f32):
    %two = arith.constant 2.0 : f32
    %p = arith.mulf %e, %two : f32
    ein.yield %p : f32
  }
  return %y : tensor<100xf32>
}
