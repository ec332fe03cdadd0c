// RUN: tl-opt %s --test-reference --split-input-file -o /dev/null | FileCheck %s
// Tests reductions [E3] in the reference, over elements and over nothing.

// CHECK: result 0: tensor<2xf32> [6, 15]
// CHECK-NEXT: result 1: tensor<3xf32> [4, 10, 18]
// CHECK-NEXT: result 2: tensor<f32> 6
// CHECK-NEXT: result 3: tensor<2xf32> [1, 4]
// CHECK-NEXT: result 4: tensor<2x3xf32>
func.func @main() -> (tensor<2xf32>, tensor<3xf32>, tensor<f32>, tensor<2xf32>, tensor<2x3xf32>) {
  %x = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %0 = ein.reduce add [1] (%x) : (tensor<2x3xf32>) -> tensor<2xf32>
  %1 = ein.reduce multiply [0] (%x) : (tensor<2x3xf32>) -> tensor<3xf32>
  %2 = ein.reduce max [0, 1] (%x) : (tensor<2x3xf32>) -> tensor<f32>
  %3 = ein.reduce min [1] (%x) : (tensor<2x3xf32>) -> tensor<2xf32>
  %4 = ein.reduce add [] (%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0, %1, %2, %3, %4
      : tensor<2xf32>, tensor<3xf32>, tensor<f32>, tensor<2xf32>, tensor<2x3xf32>
}

// -----

// CHECK: result 0: tensor<2xbool> [true, false]
// CHECK-NEXT: result 1: tensor<2xbool> [false, false]
// CHECK-NEXT: result 2: tensor<f64> 1000.693147180559
// CHECK-NEXT: result 3: tensor<i64> 5
func.func @main() -> (tensor<2xi1>, tensor<2xi1>, tensor<f64>, tensor<i64>) {
  %x = arith.constant dense<[[true, false], [false, false]]> : tensor<2x2xi1>
  %0 = ein.reduce or [1] (%x) : (tensor<2x2xi1>) -> tensor<2xi1>
  %1 = ein.reduce and [1] (%x) : (tensor<2x2xi1>) -> tensor<2xi1>
  %y = arith.constant dense<1000.0> : tensor<2xf64>
  %2 = ein.reduce log_add [0] (%y) : (tensor<2xf64>) -> tensor<f64>
  %z = arith.constant dense<[2, 3]> : tensor<2xi64>
  %3 = ein.reduce count_add [0] (%z) : (tensor<2xi64>) -> tensor<i64>
  return %0, %1, %2, %3 : tensor<2xi1>, tensor<2xi1>, tensor<f64>, tensor<i64>
}

// -----

// CHECK: result 0: tensor<f32> 0
// CHECK-NEXT: result 1: tensor<f32> 1
// CHECK-NEXT: result 2: tensor<f32> -inf
// CHECK-NEXT: result 3: tensor<i8> 127
// CHECK-NEXT: result 4: tensor<bool> false
// CHECK-NEXT: result 5: tensor<bool> true
func.func @main() -> (tensor<f32>, tensor<f32>, tensor<f32>, tensor<i8>, tensor<i1>, tensor<i1>) {
  %x = arith.constant dense<1.0> : tensor<0xf32>
  %y = arith.constant dense<1> : tensor<0xi8>
  %z = arith.constant dense<true> : tensor<0xi1>
  %0 = ein.reduce add [0] (%x) : (tensor<0xf32>) -> tensor<f32>
  %1 = ein.reduce multiply [0] (%x) : (tensor<0xf32>) -> tensor<f32>
  %2 = ein.reduce max [0] (%x) : (tensor<0xf32>) -> tensor<f32>
  %3 = ein.reduce min [0] (%y) : (tensor<0xi8>) -> tensor<i8>
  %4 = ein.reduce or [0] (%z) : (tensor<0xi1>) -> tensor<i1>
  %5 = ein.reduce and [0] (%z) : (tensor<0xi1>) -> tensor<i1>
  return %0, %1, %2, %3, %4, %5
      : tensor<f32>, tensor<f32>, tensor<f32>, tensor<i8>, tensor<i1>, tensor<i1>
}
