// RUN: tl-opt %s --ein-simplify --split-input-file | FileCheck %s

// Tests that contractions are left alone where merging them would cost or change something.

// CHECK-LABEL: func.func @second_use
// CHECK-COUNT-2: ein.contract "ij,jk->ik"
func.func @second_use(%a: tensor<8x4xf32>, %b: tensor<4x6xf32>, %c: tensor<6x5xf32>) -> (tensor<8x6xf32>, tensor<8x5xf32>) {
  %t = ein.contract "ij,jk->ik" sum_product (%a, %b) : (tensor<8x4xf32>, tensor<4x6xf32>) -> tensor<8x6xf32>
  %r = ein.contract "ij,jk->ik" sum_product (%t, %c) : (tensor<8x6xf32>, tensor<6x5xf32>) -> tensor<8x5xf32>
  return %t, %r : tensor<8x6xf32>, tensor<8x5xf32>
}

// -----

// CHECK-LABEL: func.func @two_semirings
// CHECK: ein.contract "ij,jk->ik" max_plus
// CHECK: ein.contract "ij,jk->ik" sum_product
func.func @two_semirings(%a: tensor<8x4xf32>, %b: tensor<4x6xf32>, %c: tensor<6x5xf32>) -> tensor<8x5xf32> {
  %t = ein.contract "ij,jk->ik" max_plus (%a, %b) : (tensor<8x4xf32>, tensor<4x6xf32>) -> tensor<8x6xf32>
  %r = ein.contract "ij,jk->ik" sum_product (%t, %c) : (tensor<8x6xf32>, tensor<6x5xf32>) -> tensor<8x5xf32>
  return %r : tensor<8x5xf32>
}

// -----

// Between the two, the program rounds to f16.
// CHECK-LABEL: func.func @rounded
// CHECK-COUNT-2: ein.contract "ij,jk->ik"
func.func @rounded(%a: tensor<8x4xf16>, %b: tensor<4x6xf16>, %c: tensor<6x5xf16>) -> tensor<8x5xf16> {
  %t = ein.contract "ij,jk->ik" sum_product (%a, %b) : (tensor<8x4xf16>, tensor<4x6xf16>) -> tensor<8x6xf16>
  %r = ein.contract "ij,jk->ik" sum_product (%t, %c) : (tensor<8x6xf16>, tensor<6x5xf16>) -> tensor<8x5xf16>
  return %r : tensor<8x5xf16>
}

// -----

// CHECK-LABEL: func.func @epilogue_between
// CHECK-COUNT-2: ein.contract "ij,jk->ik"
func.func @epilogue_between(%a: tensor<8x4xf32>, %b: tensor<4x6xf32>, %c: tensor<6x5xf32>) -> tensor<8x5xf32> {
  %t = ein.contract "ij,jk->ik" sum_product (%a, %b) epilogue {
  ^bb0(%x: f32):
    %y = math.tanh %x : f32
    ein.yield %y : f32
  } : (tensor<8x4xf32>, tensor<4x6xf32>) -> tensor<8x6xf32>
  %r = ein.contract "ij,jk->ik" sum_product (%t, %c) : (tensor<8x6xf32>, tensor<6x5xf32>) -> tensor<8x5xf32>
  return %r : tensor<8x5xf32>
}

// -----

// One convolution after the other: each element of the first is read three times.
// CHECK-LABEL: func.func @window_over_intermediate
// CHECK-COUNT-2: ein.contract maps
func.func @window_over_intermediate(%a: tensor<9xf32>, %k: tensor<3xf32>) -> tensor<5xf32> {
  %t = ein.contract maps [affine_map<(d0, d1) -> (d0 + d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0)>] sum_product (%a, %k)
      : (tensor<9xf32>, tensor<3xf32>) -> tensor<7xf32>
  %r = ein.contract maps [affine_map<(d0, d1) -> (d0 + d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0)>] sum_product (%t, %k)
      : (tensor<7xf32>, tensor<3xf32>) -> tensor<5xf32>
  return %r : tensor<5xf32>
}

// -----

// What does not change in a loop is not computed in it.
// CHECK-LABEL: func.func @out_of_loop
//       CHECK:   ein.contract
//       CHECK:   ein.loop
//       CHECK:     ein.contract "i,ij->j"
func.func @out_of_loop(%a: tensor<4x6xf32>, %b: tensor<6x4xf32>, %x: tensor<4xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c9 = arith.constant 9 : index
  %t = ein.contract "ij,jk->ik" sum_product (%a, %b) : (tensor<4x6xf32>, tensor<6x4xf32>) -> tensor<4x4xf32>
  %r = ein.loop %i = %c0 to %c9 (%y = %x) : tensor<4xf32> {
    %n = ein.contract "i,ij->j" sum_product (%y, %t) : (tensor<4xf32>, tensor<4x4xf32>) -> tensor<4xf32>
    ein.yield %n : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// -----

// Broadcast and summed again: ten times the sum, so the dimension may not get lost.
// CHECK-LABEL: func.func @broadcast_summed
// CHECK: ein.contract "i,i->ij"
func.func @broadcast_summed(%a: tensor<8xf32>) -> tensor<8xf32> {
  %t = ein.contract "i,i->ij" sum_product (%a, %a) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8x10xf32>
  %r = ein.contract "ij->i" sum_product (%t) : (tensor<8x10xf32>) -> tensor<8xf32>
  return %r : tensor<8xf32>
}

// -----

// The sum over j is a sum of four equal terms.
// CHECK-LABEL: func.func @ones_with_own_dimension
// CHECK: ein.contract "i->" sum_product
func.func @ones_with_own_dimension(%a: tensor<8xf32>) -> tensor<8xf32> {
  %one = arith.constant dense<1.0> : tensor<4xf32>
  %r = ein.contract "i,j->i" sum_product (%a, %one) : (tensor<8xf32>, tensor<4xf32>) -> tensor<8xf32>
  return %r : tensor<8xf32>
}

// -----

// At dx = 0 the window x + dx is x, which is shorter than the image.
// CHECK-LABEL: func.func @window_at_zero
// CHECK-COUNT-2: ein.contract maps
func.func @window_at_zero(%a: tensor<9xf32>, %k: tensor<3xf32>) -> tensor<7xf32> {
  %t = ein.contract maps [affine_map<(d0, d1) -> (d0 + d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>] sum_product (%a, %k)
      : (tensor<9xf32>, tensor<3xf32>) -> tensor<7x3xf32>
  %r = ein.contract maps [affine_map<(d0) -> (d0, 0)>, affine_map<(d0) -> (d0)>] sum_product (%t)
      : (tensor<7x3xf32>) -> tensor<7xf32>
  return %r : tensor<7xf32>
}

// -----

// A sum of i8 that is stored as i32 is taken as a whole: a part of it would wrap around.
// CHECK-LABEL: func.func @widening_sum
// CHECK: ein.contract "ij,i->i" sum_product (%arg0, %arg1)
func.func @widening_sum(%a: tensor<8x4xi8>, %b: tensor<8xi8>) -> tensor<8xi32> {
  %r = ein.contract "ij,i->i" sum_product (%a, %b) : (tensor<8x4xi8>, tensor<8xi8>) -> tensor<8xi32>
  return %r : tensor<8xi32>
}

// -----

// So is an operand that wraps around already.
// CHECK-LABEL: func.func @widening_outer
// CHECK-COUNT-2: ein.contract
func.func @widening_outer(%a: tensor<8x4xi8>, %b: tensor<4x8xi8>, %c: tensor<8x2xi8>) -> tensor<8x2xi32> {
  %t = ein.contract "ij,jk->ik" sum_product (%a, %b) : (tensor<8x4xi8>, tensor<4x8xi8>) -> tensor<8x8xi8>
  %r = ein.contract "ij,jk->ik" sum_product (%t, %c) : (tensor<8x8xi8>, tensor<8x2xi8>) -> tensor<8x2xi32>
  return %r : tensor<8x2xi32>
}
