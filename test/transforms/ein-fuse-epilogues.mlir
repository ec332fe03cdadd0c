// RUN: tl-opt %s --ein-fuse-epilogues | FileCheck %s

// Tests that maps on a contraction become its epilogue, and when they do not.

// CHECK-LABEL: func.func @layer
//  CHECK-SAME:   (%[[A:.*]]: tensor<8x4xf32>, %[[W:.*]]: tensor<4x?xf32>, %[[B:.*]]: tensor<?xf32>, %[[R:.*]]: tensor<8x?xf32>)
//  CHECK-NEXT:   %[[C:.*]] = ein.contract "ij,jk->ik" sum_product (%[[A]], %[[W]]) epilogue "j,ij" (%[[B]], %[[R]] : tensor<?xf32>, tensor<8x?xf32>) {
//  CHECK-NEXT:   ^bb0(%[[S:.*]]: f32, %[[X:.*]]: f32, %[[Y:.*]]: f32):
//  CHECK-NEXT:     %[[T:.*]] = arith.addf %[[X]], %[[S]]
//  CHECK-NEXT:     %[[U:.*]] = arith.addf %[[T]], %[[Y]]
//  CHECK-NEXT:     ein.yield %[[U]]
//       CHECK:   return %[[C]]
func.func @layer(%a: tensor<8x4xf32>, %w: tensor<4x?xf32>, %b: tensor<?xf32>, %r: tensor<8x?xf32>) -> tensor<8x?xf32> {
  %c = ein.contract "ij,jk->ik" sum_product (%a, %w) : (tensor<8x4xf32>, tensor<4x?xf32>) -> tensor<8x?xf32>
  %m = ein.map "j,ij,ij" (%b, %c, %r) : (tensor<?xf32>, tensor<8x?xf32>, tensor<8x?xf32>) -> tensor<8x?xf32> {
  ^bb0(%x: f32, %s: f32, %y: f32):
    %t = arith.addf %x, %s : f32
    %u = arith.addf %t, %y : f32
    ein.yield %u : f32
  }
  return %m : tensor<8x?xf32>
}

// Another type, and the sum is stored transposed.
// CHECK-LABEL: func.func @transposed
//  CHECK-NEXT:   ein.contract "ij,jk->ki" max_plus (%{{.*}}, %{{.*}}) epilogue {
//       CHECK:   } : (tensor<8x4xf32>, tensor<4x5xf32>) -> tensor<5x8xi1>
func.func @transposed(%a: tensor<8x4xf32>, %w: tensor<4x5xf32>) -> tensor<5x8xi1> {
  %c = ein.contract "ij,jk->ik" max_plus (%a, %w) : (tensor<8x4xf32>, tensor<4x5xf32>) -> tensor<8x5xf32>
  %m = ein.map "ji" (%c) : (tensor<8x5xf32>) -> tensor<5x8xi1> {
  ^bb0(%s: f32):
    %zero = arith.constant 0.0 : f32
    %t = arith.cmpf ogt, %s, %zero : f32
    ein.yield %t : i1
  }
  return %m : tensor<5x8xi1>
}

// The sum is read again, is rounded before it is read, is broadcast.
// CHECK-LABEL: func.func @refused
// CHECK-NOT:     epilogue
func.func @refused(%a: tensor<8x4xf32>, %h: tensor<8x4xf16>, %x: tensor<4x8xf32>) -> (tensor<8xf32>, tensor<8xf32>, tensor<8xf16>, tensor<8x2xf32>, tensor<4x8xf32>) {
  %c = ein.contract "ij->i" sum_product (%a) : (tensor<8x4xf32>) -> tensor<8xf32>
  %m = ein.map "i" (%c) : (tensor<8xf32>) -> tensor<8xf32> {
  ^bb0(%s: f32):
    %t = arith.negf %s : f32
    ein.yield %t : f32
  }
  %d = ein.contract "ij->i" sum_product (%h) : (tensor<8x4xf16>) -> tensor<8xf16>
  %n = ein.map "i" (%d) : (tensor<8xf16>) -> tensor<8xf16> {
  ^bb0(%s: f16):
    %t = arith.negf %s : f16
    ein.yield %t : f16
  }
  %e = ein.contract "ij->i" min_plus (%a) : (tensor<8x4xf32>) -> tensor<8xf32>
  %two = arith.constant 2 : index
  %o = ein.map "i->ij" (%e) : (tensor<8xf32>) -> tensor<8x2xf32> {
  ^bb0(%s: f32):
    %t = arith.negf %s : f32
    ein.yield %t : f32
  }
  // The other operand lies across the rows.
  %f = ein.contract "ij,kj->ik" sum_product (%x, %x) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x4xf32>
  %g = ein.contract "ij,jk->ik" sum_product (%f, %x) : (tensor<4x4xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %p = ein.map "ij,ji" (%g, %a) : (tensor<4x8xf32>, tensor<8x4xf32>) -> tensor<4x8xf32> {
  ^bb0(%s: f32, %y: f32):
    %t = arith.addf %s, %y : f32
    ein.yield %t : f32
  }
  return %c, %m, %n, %o, %p : tensor<8xf32>, tensor<8xf32>, tensor<8xf16>, tensor<8x2xf32>, tensor<4x8xf32>
}
