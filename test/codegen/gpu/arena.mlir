// RUN: tl-opt --convert-ein-to-gpu %s | FileCheck %s
// Tests that tensors which are not alive together share memory: of four tensors of 4096 bytes, the
// input, a, b and the result, b and the input take the same place, a and the result another.

// CHECK: %[[BYTES:.*]] = arith.constant 8192 : i64
// CHECK: llvm.call @tlrt_gpu_arena(%{{.*}}, %[[BYTES]])
// CHECK-NOT: tlrt_gpu_alloc
func.func @chain(%x: tensor<1024xf32>) -> tensor<1024xf32> {
  %a = ein.map "i" (%x) : (tensor<1024xf32>) -> tensor<1024xf32> {
  ^bb0(%e: f32):
    %p = arith.mulf %e, %e : f32
    ein.yield %p : f32
  }
  %b = ein.map "i" (%a) : (tensor<1024xf32>) -> tensor<1024xf32> {
  ^bb0(%e: f32):
    %p = arith.mulf %e, %e : f32
    ein.yield %p : f32
  }
  %c = ein.map "i" (%b) : (tensor<1024xf32>) -> tensor<1024xf32> {
  ^bb0(%e: f32):
    %p = arith.mulf %e, %e : f32
    ein.yield %p : f32
  }
  return %c : tensor<1024xf32>
}
