// RUN: tl-opt %s --ein-order-contractions --split-input-file | FileCheck %s

// Tests that contractions of more than two operands become trees of binary ones.

// CHECK-LABEL: func.func @chain
//  CHECK-SAME:   (%[[A:.*]]: tensor<100x2xf32>, %[[B:.*]]: tensor<2x100xf32>, %[[C:.*]]: tensor<100x100xf32>)
//  CHECK-NEXT:   %[[T:.*]] = ein.contract "ij,jk->ik" sum_product (%[[B]], %[[C]]) : {{.*}} -> tensor<2x100xf32>
//  CHECK-NEXT:   %[[R:.*]] = ein.contract "ij,jk->ik" sum_product (%[[A]], %[[T]]) epilogue
//       CHECK:     math.tanh
//       CHECK:   return %[[R]]
func.func @chain(%a: tensor<100x2xf32>, %b: tensor<2x100xf32>, %c: tensor<100x100xf32>) -> tensor<100x100xf32> {
  %r = ein.contract "ij,jk,kl->il" sum_product (%a, %b, %c) epilogue {
  ^bb0(%x: f32):
    %y = math.tanh %x : f32
    ein.yield %y : f32
  } : (tensor<100x2xf32>, tensor<2x100xf32>, tensor<100x100xf32>) -> tensor<100x100xf32>
  return %r : tensor<100x100xf32>
}

// -----

// A hyperedge is kept until the last tensor that has it, a batch index to the end.
// CHECK-LABEL: func.func @hyperedge
//       CHECK:   ein.contract {{.*}} -> tensor<5x7{{.*}}xf32>
//       CHECK:   ein.contract {{.*}} -> tensor<5xf32>
//   CHECK-NOT:   ein.contract
func.func @hyperedge(%a: tensor<5x7xf32>, %b: tensor<5x7xf32>, %c: tensor<5x7xf32>) -> tensor<5xf32> {
  %r = ein.contract "ij,ij,ij->i" sum_product (%a, %b, %c)
      : (tensor<5x7xf32>, tensor<5x7xf32>, tensor<5x7xf32>) -> tensor<5xf32>
  return %r : tensor<5xf32>
}

// -----

// Intermediates of f16 are f32; only the end is rounded.
// CHECK-LABEL: func.func @narrow
//       CHECK:   ein.contract {{.*}} : (tensor<{{.*}}xf16>, tensor<{{.*}}xf16>) -> tensor<{{.*}}xf32>
//       CHECK:   arith.extf
//       CHECK:   ein.contract {{.*}} : (tensor<{{.*}}xf32>, tensor<{{.*}}xf32>) -> tensor<8x8xf16>
func.func @narrow(%a: tensor<8x8xf16>, %b: tensor<8x8xf16>, %c: tensor<8x8xf16>) -> tensor<8x8xf16> {
  %r = ein.contract "ij,jk,kl->il" sum_product (%a, %b, %c)
      : (tensor<8x8xf16>, tensor<8x8xf16>, tensor<8x8xf16>) -> tensor<8x8xf16>
  return %r : tensor<8x8xf16>
}

// -----

// Where the image meets the weights of its channels first, the window stays open, and its
// extent, which no operand of that step has alone, is passed.
// CHECK-LABEL: func.func @window
//       CHECK:   ein.contract maps
//       CHECK:   ein.contract
func.func @window(%a: tensor<?x4xf32>, %k: tensor<3xf32>, %w: tensor<4x2xf32>, %n: index) -> tensor<?x2xf32> {
  %r = ein.contract maps [affine_map<(d0, d1, d2, d3) -> (d0 + d1, d2)>, affine_map<(d0, d1, d2, d3) -> (d1)>, affine_map<(d0, d1, d2, d3) -> (d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d3)>] sum_product (%a, %k, %w) extents(%n)
      : (tensor<?x4xf32>, tensor<3xf32>, tensor<4x2xf32>) -> tensor<?x2xf32>
  return %r : tensor<?x2xf32>
}

// -----

// The extent of the open window comes from the tensor that has the dimension alone.
// CHECK-LABEL: func.func @window_of_unknown_extent
//  CHECK-SAME:   %{{.*}}: tensor<?x400xf32>, %{{.*}}: tensor<3xf32>, %[[V:.*]]: tensor<?x900xf32>
//       CHECK:   %[[D:.*]] = tensor.dim %[[V]], %{{.*}} : tensor<?x900xf32>
//       CHECK:   ein.contract maps {{.*}} extents(%[[D]]) : (tensor<?x400xf32>, tensor<400xf32>) -> tensor<
//   CHECK-NOT:   tensor.dim
func.func @window_of_unknown_extent(%a: tensor<?x400xf32>, %k: tensor<3xf32>, %v: tensor<?x900xf32>, %w: tensor<400xf32>) -> tensor<900xf32> {
  %r = ein.contract maps [affine_map<(d0, d1, d2, d3) -> (d0 + d1, d2)>, affine_map<(d0, d1, d2, d3) -> (d1)>, affine_map<(d0, d1, d2, d3) -> (d0, d3)>, affine_map<(d0, d1, d2, d3) -> (d2)>, affine_map<(d0, d1, d2, d3) -> (d3)>] sum_product (%a, %k, %v, %w)
      : (tensor<?x400xf32>, tensor<3xf32>, tensor<?x900xf32>, tensor<400xf32>) -> tensor<900xf32>
  return %r : tensor<900xf32>
}

// -----

// A dimension that only the result has is added at the root.
// CHECK-LABEL: func.func @broadcast
//       CHECK:   ein.contract {{.*}} -> tensor<{{.*}}xf32>
//       CHECK:   ein.contract {{.*}} -> tensor<4x9xf32>
func.func @broadcast(%a: tensor<4xf32>, %b: tensor<4x5xf32>, %c: tensor<5xf32>) -> tensor<4x9xf32> {
  %r = ein.contract "i,ij,j->ik" sum_product (%a, %b, %c)
      : (tensor<4xf32>, tensor<4x5xf32>, tensor<5xf32>) -> tensor<4x9xf32>
  return %r : tensor<4x9xf32>
}

// -----

// Two operands have one order.
// CHECK-LABEL: func.func @binary
//       CHECK:   ein.contract "ij,jk->ik" min_plus (%arg0, %arg1)
//  CHECK-NEXT:   return
func.func @binary(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>) -> tensor<4x6xf32> {
  %r = ein.contract "ij,jk->ik" min_plus (%a, %b) : (tensor<4x5xf32>, tensor<5x6xf32>) -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}
