// RUN: tl-opt %s --test-reference --split-input-file -o /dev/null | FileCheck %s
// Tests contractions in the reference: maps of all forms, epilogues, `?` extents, rounding.

// CHECK: result 0: tensor<2x2xf32> {{\[\[}}19, 22], [43, 50]]
// CHECK-NEXT: result 1: tensor<f32> 5
// CHECK-NEXT: result 2: tensor<f32> 133
func.func @main() -> (tensor<2x2xf32>, tensor<f32>, tensor<f32>) {
  %a = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %b = arith.constant dense<[[5.0, 6.0], [7.0, 8.0]]> : tensor<2x2xf32>
  %0 = ein.contract "ij,jk->ik" sum_product (%a, %b)
      : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %1 = ein.contract "ii->" sum_product (%a) : (tensor<2x2xf32>) -> tensor<f32>
  %v = arith.constant dense<[1.0, 4.0]> : tensor<2xf32>
  %2 = ein.contract "ii,i,ii->" sum_product (%a, %v, %b)
      : (tensor<2x2xf32>, tensor<2xf32>, tensor<2x2xf32>) -> tensor<f32>
  return %0, %1, %2 : tensor<2x2xf32>, tensor<f32>, tensor<f32>
}

// -----

// A convolution with stride 2, a constant position, and an index of the result alone.
// CHECK: result 0: tensor<2xi32> [123, 345]
// CHECK-NEXT: result 1: tensor<2xi32> [5, 5]
func.func @main() -> (tensor<2xi32>, tensor<2xi32>) {
  %x = arith.constant dense<[1, 2, 3, 4, 5]> : tensor<5xi32>
  %w = arith.constant dense<[100, 10, 1]> : tensor<3xi32>
  %0 = ein.contract maps [affine_map<(d0, d1) -> (d0 * 2 + d1)>, affine_map<(d0, d1) -> (d1)>,
                          affine_map<(d0, d1) -> (d0)>] sum_product (%x, %w)
      : (tensor<5xi32>, tensor<3xi32>) -> tensor<2xi32>
  %1 = ein.contract maps [affine_map<(d0) -> (4)>, affine_map<(d0) -> (d0)>] sum_product (%x)
      : (tensor<5xi32>) -> tensor<2xi32>
  return %0, %1 : tensor<2xi32>, tensor<2xi32>
}

// -----

// CHECK: result 0: tensor<2xbool> [true, false]
// CHECK-NEXT: result 1: tensor<2x3xf32> {{\[\[}}-1, -1, -1], [3, 3, 3]]
func.func @main() -> (tensor<2xi1>, tensor<?x?xf32>) {
  %a = arith.constant dense<[[1.0, -2.0], [3.0, 0.0]]> : tensor<2x2xf32>
  %0 = ein.contract "ij->i" sum_product (%a) epilogue {
  ^bb0(%s: f32):
    %zero = arith.constant 0.0 : f32
    %t = arith.cmpf olt, %s, %zero : f32
    ein.yield %t : i1
  } : (tensor<2x2xf32>) -> tensor<2xi1>
  %n = arith.constant 3 : index
  %u = tensor.cast %a : tensor<2x2xf32> to tensor<?x?xf32>
  %1 = ein.contract "ij->ik" sum_product (%u) extents(%n) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  return %0, %1 : tensor<2xi1>, tensor<?x?xf32>
}

// -----

// Operands of the epilogue: a transposed matrix, a row, an element; and the position.
// CHECK: result 0: tensor<2x2xf32> {{\[\[}}2011, 3020], [2018, 3035]]
func.func @main() -> tensor<2x2xf32> {
  %a = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %row = arith.constant dense<[1000.0, 2000.0]> : tensor<2xf32>
  %one = arith.constant dense<[[7.0, 1003.0]]> : tensor<1x2xf32>
  %0 = ein.contract "ij,kj->ik" sum_product (%a, %a)
      epilogue maps [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (0, 1)>]
      (%a, %row, %one : tensor<2x2xf32>, tensor<2xf32>, tensor<1x2xf32>) {
  ^bb0(%s: f32, %x: f32, %y: f32, %z: f32):
    %t = arith.addf %s, %x : f32
    %u = arith.addf %t, %y : f32
    %v = arith.addf %u, %z : f32
    %i = ein.index 1
    %c = arith.index_cast %i : index to i64
    %f = arith.sitofp %c : i64 to f32
    %w = arith.addf %v, %f : f32
    %zero = arith.constant 2.0 : f32
    %r = arith.addf %w, %zero : f32
    ein.yield %r : f32
  } : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}

// -----

// f16 accumulates in more than f16: 2048 + 1 + 1 = 2050, stored at even distances. bf16 keeps 8
// bits, ties to even.
// CHECK: result 0: tensor<f16> 2050
// CHECK-NEXT: result 1: tensor<f32> 2050
// CHECK-NEXT: result 2: tensor<f16> inf
// CHECK-NEXT: result 3: tensor<bf16> 256
// CHECK-NEXT: result 4: tensor<bf16> 260
// CHECK-NEXT: result 5: tensor<f32> 16777216
func.func @main() -> (tensor<f16>, tensor<f32>, tensor<f16>, tensor<bf16>, tensor<bf16>, tensor<f32>) {
  %a = arith.constant dense<[2048.0, 1.0, 1.0]> : tensor<3xf16>
  %0 = ein.contract "i->" sum_product (%a) : (tensor<3xf16>) -> tensor<f16>
  %1 = ein.contract "i->" sum_product (%a) : (tensor<3xf16>) -> tensor<f32>
  %b = arith.constant dense<[65504.0, 65504.0]> : tensor<2xf16>
  %2 = ein.contract "i->" sum_product (%b) : (tensor<2xf16>) -> tensor<f16>
  %c = arith.constant dense<[256.0, 1.0]> : tensor<2xbf16>
  %3 = ein.contract "i->" sum_product (%c) : (tensor<2xbf16>) -> tensor<bf16>
  %d = arith.constant dense<[256.0, 3.0]> : tensor<2xbf16>
  %4 = ein.contract "i->" sum_product (%d) : (tensor<2xbf16>) -> tensor<bf16>
  %e = arith.constant dense<[16777216.0, 1.0]> : tensor<2xf32>
  %5 = ein.contract "i->" sum_product (%e) : (tensor<2xf32>) -> tensor<f32>
  return %0, %1, %2, %3, %4, %5
      : tensor<f16>, tensor<f32>, tensor<f16>, tensor<bf16>, tensor<bf16>, tensor<f32>
}
