// RUN: tl-opt %s --ein-simplify --split-input-file | FileCheck %s

// Tests that contractions are merged, summed early and freed of neutral operands.

// CHECK-LABEL: func.func @chain
//  CHECK-SAME:   (%[[A:.*]]: tensor<8x4xf32>, %[[B:.*]]: tensor<4x6xf32>, %[[C:.*]]: tensor<6x5xf32>)
//  CHECK-NEXT:   %[[R:.*]] = ein.contract "ij,jk,kl->il" sum_product (%[[A]], %[[B]], %[[C]])
//  CHECK-NEXT:   return %[[R]]
func.func @chain(%a: tensor<8x4xf32>, %b: tensor<4x6xf32>, %c: tensor<6x5xf32>) -> tensor<8x5xf32> {
  %t = ein.contract "ij,jk->ik" sum_product (%a, %b) : (tensor<8x4xf32>, tensor<4x6xf32>) -> tensor<8x6xf32>
  %r = ein.contract "ij,jk->ik" sum_product (%t, %c) : (tensor<8x6xf32>, tensor<6x5xf32>) -> tensor<8x5xf32>
  return %r : tensor<8x5xf32>
}

// -----

// A diagonal of the intermediate merges two of its dimensions.
// CHECK-LABEL: func.func @trace_of_product
//       CHECK:   ein.contract "ij,ji->" sum_product
//   CHECK-NOT:   ein.contract
func.func @trace_of_product(%a: tensor<8x4xf32>, %b: tensor<4x8xf32>) -> tensor<f32> {
  %t = ein.contract "ij,jk->ik" sum_product (%a, %b) : (tensor<8x4xf32>, tensor<4x8xf32>) -> tensor<8x8xf32>
  %r = ein.contract "ii->" sum_product (%t) : (tensor<8x8xf32>) -> tensor<f32>
  return %r : tensor<f32>
}

// -----

// A transposition is read in its place, however often.
// CHECK-LABEL: func.func @views
//  CHECK-SAME:   (%[[A:.*]]: tensor<8x4xf16>)
//  CHECK-NEXT:   ein.contract "ij,kj->ik" sum_product (%[[A]], %[[A]])
//  CHECK-NEXT:   return
func.func @views(%a: tensor<8x4xf16>) -> tensor<8x8xf16> {
  %t = ein.contract "ij->ji" sum_product (%a) : (tensor<8x4xf16>) -> tensor<4x8xf16>
  %r = ein.contract "ij,ik->jk" sum_product (%t, %t) : (tensor<4x8xf16>, tensor<4x8xf16>) -> tensor<8x8xf16>
  return %r : tensor<8x8xf16>
}

// -----

// The outer epilogue stays, the intermediate keeps its run-time extents out of the way.
// CHECK-LABEL: func.func @dynamic_with_epilogue
//       CHECK:   ein.contract "ij,jk,kl->il" sum_product
//  CHECK-SAME:     epilogue
//       CHECK:   math.tanh
func.func @dynamic_with_epilogue(%a: tensor<?x4xf32>, %b: tensor<4x?xf32>, %c: tensor<?x5xf32>) -> tensor<?x5xf32> {
  %t = ein.contract "ij,jk->ik" sum_product (%a, %b) : (tensor<?x4xf32>, tensor<4x?xf32>) -> tensor<?x?xf32>
  %r = ein.contract "ij,jk->ik" sum_product (%t, %c) epilogue {
  ^bb0(%x: f32):
    %y = math.tanh %x : f32
    ein.yield %y : f32
  } : (tensor<?x?xf32>, tensor<?x5xf32>) -> tensor<?x5xf32>
  return %r : tensor<?x5xf32>
}

// -----

// The extent of a convolution's result is known from the intermediate only: it is passed on.
// CHECK-LABEL: func.func @convolution_of_unknown_extent
//  CHECK-SAME:   %[[N:[a-z0-9]+]]: index
//       CHECK:   ein.contract
//  CHECK-SAME:     extents(%[[N]])
//   CHECK-NOT:   ein.contract
func.func @convolution_of_unknown_extent(%a: tensor<?xf32>, %k: tensor<3xf32>, %n: index, %s: tensor<5xf32>) -> tensor<?x5xf32> {
  %t = ein.contract maps [affine_map<(d0, d1) -> (d0 + d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0)>] sum_product (%a, %k) extents(%n)
      : (tensor<?xf32>, tensor<3xf32>) -> tensor<?xf32>
  %r = ein.contract "i,j->ij" sum_product (%t, %s) : (tensor<?xf32>, tensor<5xf32>) -> tensor<?x5xf32>
  return %r : tensor<?x5xf32>
}

// -----

// Rule R: a dimension of one operand only is summed there.
// CHECK-LABEL: func.func @early_sum
//  CHECK-SAME:   (%[[A:.*]]: tensor<8x4xf32>, %[[B:.*]]: tensor<4x6xf32>)
//  CHECK-NEXT:   %[[S:.*]] = ein.contract "ij->j" sum_product (%[[A]])
//  CHECK-NEXT:   ein.contract "i,ij->j" sum_product (%[[S]], %[[B]])
func.func @early_sum(%a: tensor<8x4xf32>, %b: tensor<4x6xf32>) -> tensor<6xf32> {
  %r = ein.contract "ij,jk->k" sum_product (%a, %b) : (tensor<8x4xf32>, tensor<4x6xf32>) -> tensor<6xf32>
  return %r : tensor<6xf32>
}

// -----

// A sum of f16 stays in f32 until the end.
// CHECK-LABEL: func.func @early_sum_widens
//       CHECK:   ein.contract {{.*}} : (tensor<8x4xf16>) -> tensor<4xf32>
//       CHECK:   arith.extf
//       CHECK:   ein.contract {{.*}} : (tensor<4xf32>, tensor<4x6xf32>) -> tensor<6xf16>
func.func @early_sum_widens(%a: tensor<8x4xf16>, %b: tensor<4x6xf16>) -> tensor<6xf16> {
  %r = ein.contract "ij,jk->k" sum_product (%a, %b) : (tensor<8x4xf16>, tensor<4x6xf16>) -> tensor<6xf16>
  return %r : tensor<6xf16>
}

// -----

// The channels of an image are summed before it is convolved; its positions stay.
// CHECK-LABEL: func.func @early_sum_beside_a_window
//       CHECK:   %[[S:.*]] = ein.contract {{.*}} : (tensor<9x5xf32>) -> tensor<9xf32>
//       CHECK:   ein.contract maps {{.*}} (%[[S]], %{{.*}}) : (tensor<9xf32>, tensor<3xf32>) -> tensor<7xf32>
func.func @early_sum_beside_a_window(%a: tensor<9x5xf32>, %k: tensor<3xf32>) -> tensor<7xf32> {
  %r = ein.contract maps [affine_map<(d0, d1, d2) -> (d0 + d1, d2)>, affine_map<(d0, d1, d2) -> (d1)>, affine_map<(d0, d1, d2) -> (d0)>] sum_product (%a, %k)
      : (tensor<9x5xf32>, tensor<3xf32>) -> tensor<7xf32>
  return %r : tensor<7xf32>
}

// -----

// CHECK-LABEL: func.func @copy
//  CHECK-SAME:   (%[[A:.*]]: tensor<8x4xf32>)
//  CHECK-NEXT:   return %[[A]]
func.func @copy(%a: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %r = ein.contract "ij->ij" sum_product (%a) : (tensor<8x4xf32>) -> tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}

// -----

// Zero is the one of min_plus.
// CHECK-LABEL: func.func @ones
//  CHECK-SAME:   (%[[A:.*]]: tensor<8x4xf32>)
//  CHECK-NEXT:   ein.contract "ij->i" min_plus (%[[A]])
//  CHECK-NEXT:   return
func.func @ones(%a: tensor<8x4xf32>) -> tensor<8xf32> {
  %one = arith.constant dense<0.0> : tensor<4xf32>
  %r = ein.contract "ij,j->i" min_plus (%a, %one) : (tensor<8x4xf32>, tensor<4xf32>) -> tensor<8xf32>
  return %r : tensor<8xf32>
}

// -----

// x and x is x.
// CHECK-LABEL: func.func @idempotent_product
//  CHECK-SAME:   (%[[A:.*]]: tensor<8x4xi1>, %[[B:.*]]: tensor<4x8xi1>)
//  CHECK-NEXT:   ein.contract "ij,jk->ik" or_and (%[[A]], %[[B]])
func.func @idempotent_product(%a: tensor<8x4xi1>, %b: tensor<4x8xi1>) -> tensor<8x8xi1> {
  %r = ein.contract "ij,jk,ij->ik" or_and (%a, %b, %a) : (tensor<8x4xi1>, tensor<4x8xi1>, tensor<8x4xi1>) -> tensor<8x8xi1>
  return %r : tensor<8x8xi1>
}
