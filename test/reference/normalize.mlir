// RUN: tl-opt %s --test-reference -o /dev/null | FileCheck %s
// Tests the normalising functions [E9] [E10] in the reference.

// Stable where exp would overflow.
// CHECK: result 0: tensor<2x2xf32> {{\[\[}}0.5, 0.5], [0, 1]]
// CHECK-NEXT: result 1: tensor<4xf64> [-1, 1, -1, 1]
// CHECK-NEXT: result 2: tensor<2xf64> [0.6, 0.8]
// CHECK-NEXT: result 3: tensor<2xf64> [0.6, 0.8]
// CHECK-NEXT: result 4: tensor<2xf64> [0, 0]
// CHECK-NEXT: result 5: tensor<2x2xi32> {{\[\[}}0, 1], [0, 0]]
// CHECK-NEXT: result 6: tensor<2x2xi32> {{\[\[}}0, 1], [1, 0]]
func.func @main() -> (tensor<2x2xf32>, tensor<4xf64>, tensor<2xf64>, tensor<2xf64>, tensor<2xf64>,
                      tensor<2x2xi32>, tensor<2x2xi32>) {
  %a = arith.constant dense<[[1000.0, 1000.0], [-1000.0, 1000.0]]> : tensor<2x2xf32>
  %0 = ein.normalize softmax [1] (%a) : tensor<2x2xf32>
  %b = arith.constant dense<[2.0, 4.0, 2.0, 4.0]> : tensor<4xf64>
  %1 = ein.normalize lnorm [0] (%b) {epsilon = 0.0} : tensor<4xf64>
  // 3, 4 over sqrt(mean of 9, 16, plus 12.5) = 5
  %c = arith.constant dense<[3.0, 4.0]> : tensor<2xf64>
  %2 = ein.normalize rmsnorm [0] (%c) {epsilon = 12.5} : tensor<2xf64>
  %3 = ein.normalize l2norm [0] (%c) : tensor<2xf64>
  %d = arith.constant dense<0.0> : tensor<2xf64>
  %4 = ein.normalize l2norm [0] (%d) : tensor<2xf64>
  // The first of equal maxima.
  %e = arith.constant dense<[[1, 7], [7, 2]]> : tensor<2x2xi32>
  %5 = ein.normalize argmax [0, 1] (%e) : tensor<2x2xi32>
  %6 = ein.normalize argmax [1] (%e) : tensor<2x2xi32>
  return %0, %1, %2, %3, %4, %5, %6
      : tensor<2x2xf32>, tensor<4xf64>, tensor<2xf64>, tensor<2xf64>, tensor<2xf64>,
        tensor<2x2xi32>, tensor<2x2xi32>
}
