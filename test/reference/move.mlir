// RUN: tl-opt %s --test-reference -o /dev/null | FileCheck %s
// Tests gathers [E6] [E7] and scatters [E5] in the reference, inside and out of range.

// CHECK: result 0: tensor<6xi32> [-1, 1, 2, 3, 4, -1]
// CHECK-NEXT: result 1: tensor<4xi32> [1, 1, 2, 2]
// CHECK-NEXT: result 2: tensor<3xi32> [3, 4, -1]
// CHECK-NEXT: result 3: tensor<4xi32> [2, 1, 4, 3]
// CHECK-NEXT: result 4: tensor<2xi32> [13, 27]
// CHECK-NEXT: result 5: tensor<2xi32> [2, 4]
// CHECK-NEXT: result 6: tensor<2x2xi32> {{\[\[}}1, 0], [0, 2]]
// CHECK-NEXT: result 7: tensor<2xi32> [40, 20]
// CHECK-NEXT: result 8: tensor<2xi32> [3, 20]
func.func @main() -> (tensor<6xi32>, tensor<4xi32>, tensor<?xi32>, tensor<4xi32>, tensor<2xi32>,
                      tensor<2xi32>, tensor<2x2xi32>, tensor<2xi32>, tensor<2xi32>) {
  %x = arith.constant dense<[1, 2, 3, 4]> : tensor<4xi32>
  // padding, repetition, a shift by a symbol, and swapping neighbours
  %0 = ein.gather %x at affine_map<(d0) -> (d0 - 1)> fill -1 : i32 : tensor<4xi32> -> tensor<6xi32>
  %1 = ein.gather %x at affine_map<(d0) -> (d0 floordiv 2)> fill -1 : i32
      : tensor<4xi32> -> tensor<4xi32>
  %two = arith.constant 2 : index
  %three = arith.constant 3 : index
  %2 = ein.gather %x at affine_map<(d0)[s0] -> (d0 + s0)> symbols(%two) extents(%three)
      fill -1 : i32 : tensor<4xi32> -> tensor<?xi32>
  %3 = ein.gather %x at affine_map<(d0) -> (d0 - (d0 mod 2) * 2 + 1)> fill -1 : i32
      : tensor<4xi32> -> tensor<4xi32>
  // pooling by two
  %i = arith.constant dense<[10, 20]> : tensor<2xi32>
  %4 = ein.scatter add %x into %i at affine_map<(d0) -> (d0 floordiv 2)>
      : tensor<4xi32> into tensor<2xi32>
  %5 = ein.scatter overwrite %x into %i at affine_map<(d0) -> (d0 floordiv 2)>
      : tensor<4xi32> into tensor<2xi32>
  // a diagonal, of which half is outside
  %zero = arith.constant dense<0> : tensor<2x2xi32>
  %6 = ein.scatter overwrite %x into %zero at affine_map<(d0) -> (d0, d0)>
      : tensor<4xi32> into tensor<2x2xi32>
  %7 = ein.scatter multiply %x into %i at affine_map<(d0)[s0] -> (d0 - s0)> symbols(%three)
      : tensor<4xi32> into tensor<2xi32>
  %8 = ein.scatter min %x into %i at affine_map<(d0)[s0] -> ((d0 - s0) * 2)> symbols(%two)
      : tensor<4xi32> into tensor<2xi32>
  return %0, %1, %2, %3, %4, %5, %6, %7, %8
      : tensor<6xi32>, tensor<4xi32>, tensor<?xi32>, tensor<4xi32>, tensor<2xi32>, tensor<2xi32>,
        tensor<2x2xi32>, tensor<2xi32>, tensor<2xi32>
}
