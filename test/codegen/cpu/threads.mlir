// RUN: tl-opt --test-cpu="threads=1" %s -o /dev/null > %t.one
// RUN: tl-opt --test-cpu="threads=3" %s -o /dev/null > %t.three
// RUN: diff %t.one %t.three
// RUN: FileCheck %s < %t.one
// Tests that the number of threads changes no bit of a result.

// CHECK: result 0: tensor<f32>
func.func @main() -> tensor<f32> {
  %c = arith.constant dense<0.1> : tensor<300x700xf32>
  %m = ein.map "ij" (%c) : (tensor<300x700xf32>) -> tensor<300x700xf32> {
  ^bb0(%x: f32):
    %i = ein.index 0
    %j = ein.index 1
    %k = arith.addi %i, %j : index
    %n = arith.index_cast %k : index to i64
    %f = arith.sitofp %n : i64 to f32
    %s = math.sin %f : f32
    %t = arith.addf %s, %x : f32
    ein.yield %t : f32
  }
  %v = ein.contract "ij,kj->ik" max_plus (%m, %m)
      : (tensor<300x700xf32>, tensor<300x700xf32>) -> tensor<300x300xf32>
  %s = ein.normalize softmax [1] (%v) : tensor<300x300xf32>
  %p = ein.contract "ij,ij->" sum_product (%s, %v)
      : (tensor<300x300xf32>, tensor<300x300xf32>) -> tensor<f32>
  return %p : tensor<f32>
}
