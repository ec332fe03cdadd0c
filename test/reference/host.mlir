// RUN: tl-opt %s --test-reference -o /dev/null | FileCheck %s
// Tests extents, index arithmetic, and the tensor operations that the reference knows.

// CHECK: result 0: tensor<3xi64> [4, 3, 2]
// CHECK-NEXT: result 1: tensor<2x2xf32> {{\[\[}}0, 0], [0, 0]]
func.func @main() -> (tensor<3xindex>, tensor<?x2xf32>) {
  %x = arith.constant dense<1.0> : tensor<4x2xf32>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %n = tensor.dim %x, %c0 : tensor<4x2xf32>
  %m = arith.subi %n, %c1 : index
  %k = arith.ceildivsi %n, %c3 : index
  %less = arith.cmpi slt, %m, %k : index
  %s = arith.select %less, %m, %k : index
  %t = tensor.from_elements %n, %m, %s : tensor<3xindex>
  %e = tensor.empty(%s) : tensor<?x2xf32>
  return %t, %e : tensor<3xindex>, tensor<?x2xf32>
}
