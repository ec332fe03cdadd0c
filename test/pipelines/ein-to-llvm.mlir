// RUN: tl-opt --tlc-optimize-ein --tlc-ein-to-llvm %s | FileCheck %s
// Tests that nothing but the llvm dialect is left of a function on tensors.

// CHECK-NOT: ein.
// CHECK: llvm.func @main(%{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr) -> i32
// CHECK-NOT: {{ (ein|scf|cf|arith|vector|math|func)\.}}
func.func @f(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>, %c: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = ein.contract "ij,jk,kl->il" sum_product (%a, %b, %c)
      : (tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  %1 = ein.map "ij" (%0) : (tensor<8x8xf32>) -> tensor<8x8xf32> {
  ^bb0(%x: f32):
    %t = math.tanh %x : f32
    ein.yield %t : f32
  }
  return %1 : tensor<8x8xf32>
}
