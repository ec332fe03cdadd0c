// RUN: tl-opt %s --ein-fuse-attention | FileCheck %s
// RUN: tl-opt %s --ein-fuse-attention=row-bytes=20 | FileCheck %s --check-prefix=FITS
// RUN: tl-opt %s --ein-fuse-attention=row-bytes=16 | FileCheck %s --check-prefix=LONG

// Tests that a softmax between two contractions becomes an attention, with what is between the
// first contraction and the softmax as its score.

// FITS-LABEL: func.func @plain
//       FITS:   ein.attention
// LONG-LABEL: func.func @plain
//   LONG-NOT:   ein.attention
//       LONG:   return
// CHECK-LABEL: func.func @plain
//  CHECK-SAME:   (%[[Q:.*]]: tensor<8x4xf32>, %[[K:.*]]: tensor<9x4xf32>, %[[V:.*]]: tensor<9x5xf32>)
//  CHECK-NEXT:   %[[R:.*]] = ein.attention "il,jl,jk->ik" (%[[Q]], %[[K]], %[[V]]) : (
//  CHECK-NEXT:   return %[[R]]
func.func @plain(%q: tensor<8x4xf32>, %k: tensor<9x4xf32>, %v: tensor<9x5xf32>) -> tensor<8x5xf32> {
  %s = ein.contract "ij,kj->ik" sum_product (%q, %k) : (tensor<8x4xf32>, tensor<9x4xf32>) -> tensor<8x9xf32>
  %p = ein.normalize softmax [1] (%s) : tensor<8x9xf32>
  %r = ein.contract "ij,jk->ik" sum_product (%p, %v) : (tensor<8x9xf32>, tensor<9x5xf32>) -> tensor<8x5xf32>
  return %r : tensor<8x5xf32>
}

// Heads, operands in the other order, scores stored key by key, a scale, a mask and a position.
// CHECK-LABEL: func.func @masked
//  CHECK-SAME:   (%[[Q:.*]]: tensor<2x4x?xf64>, %[[K:.*]]: tensor<2x4x9xf64>, %[[V:.*]]: tensor<2x5x9xf64>, %[[M:.*]]: tensor<?x9xi1>)
//  CHECK-NEXT:   %[[R:.*]] = ein.attention "imk,imj,ilj,kj->kil" (%[[Q]], %[[K]], %[[V]], %[[M]]) score {
//  CHECK-NEXT:   ^bb0(%[[S:.*]]: f64, %[[X:.*]]: i1):
//       CHECK:     arith.select %[[X]]
//       CHECK:     ein.index 1
//       CHECK:     ein.index 2
//  CHECK-NEXT:     ein.yield
//  CHECK-NEXT:   }
//  CHECK-NEXT:   return %[[R]]
func.func @masked(%q: tensor<2x4x?xf64>, %k: tensor<2x4x9xf64>, %v: tensor<2x5x9xf64>, %m: tensor<?x9xi1>) -> tensor<?x2x5xf64> {
  %s = ein.contract "hdk,hdq->hkq" sum_product (%k, %q) : (tensor<2x4x9xf64>, tensor<2x4x?xf64>) -> tensor<2x9x?xf64>
  %t = ein.map "kj,ijk" (%m, %s) : (tensor<?x9xi1>, tensor<2x9x?xf64>) -> tensor<2x9x?xf64> {
  ^bb0(%x: i1, %y: f64):
    %low = arith.constant -1.0e9 : f64
    %z = arith.select %x, %y, %low : f64
    %i = ein.index 1
    %j = ein.index 2
    ein.yield %z : f64
  }
  %p = ein.normalize softmax [1] (%t) : tensor<2x9x?xf64>
  %r = ein.contract "ilj,ijk->kil" sum_product (%v, %p) : (tensor<2x5x9xf64>, tensor<2x9x?xf64>) -> tensor<?x2x5xf64>
  return %r : tensor<?x2x5xf64>
}

// The weights are a result.
// CHECK-LABEL: func.func @weights_are_read
// CHECK-NOT:     ein.attention
func.func @weights_are_read(%q: tensor<8x4xf32>, %v: tensor<8x5xf32>) -> (tensor<8x8xf32>, tensor<8x5xf32>) {
  %s = ein.contract "ij,kj->ik" sum_product (%q, %q) : (tensor<8x4xf32>, tensor<8x4xf32>) -> tensor<8x8xf32>
  %p = ein.normalize softmax [1] (%s) : tensor<8x8xf32>
  %r = ein.contract "ij,jk->ik" sum_product (%p, %v) : (tensor<8x8xf32>, tensor<8x5xf32>) -> tensor<8x5xf32>
  return %p, %r : tensor<8x8xf32>, tensor<8x5xf32>
}

// Normalised over the queries: not what is summed.
// CHECK-LABEL: func.func @over_queries
// CHECK-NOT:     ein.attention
func.func @over_queries(%q: tensor<8x4xf32>, %v: tensor<8x5xf32>) -> tensor<8x5xf32> {
  %s = ein.contract "ij,kj->ik" sum_product (%q, %q) : (tensor<8x4xf32>, tensor<8x4xf32>) -> tensor<8x8xf32>
  %p = ein.normalize softmax [0] (%s) : tensor<8x8xf32>
  %r = ein.contract "ij,jk->ik" sum_product (%p, %v) : (tensor<8x8xf32>, tensor<8x5xf32>) -> tensor<8x5xf32>
  return %r : tensor<8x5xf32>
}

// One query.
// CHECK-LABEL: func.func @few_queries
// CHECK-NOT:     ein.attention
func.func @few_queries(%q: tensor<1x4xf32>, %k: tensor<9x4xf32>, %v: tensor<9x5xf32>) -> tensor<1x5xf32> {
  %s = ein.contract "ij,kj->ik" sum_product (%q, %k) : (tensor<1x4xf32>, tensor<9x4xf32>) -> tensor<1x9xf32>
  %p = ein.normalize softmax [1] (%s) : tensor<1x9xf32>
  %r = ein.contract "ij,jk->ik" sum_product (%p, %v) : (tensor<1x9xf32>, tensor<9x5xf32>) -> tensor<1x5xf32>
  return %r : tensor<1x5xf32>
}

// Scores over another semiring, and scores that are summed over two dimensions.
// CHECK-LABEL: func.func @other_scores
// CHECK-NOT:     ein.attention
func.func @other_scores(%q: tensor<8x4xf32>, %k: tensor<9x4xf32>, %v: tensor<9x5xf32>, %a: tensor<8x2x2xf32>, %b: tensor<9x2x2xf32>) -> (tensor<8x5xf32>, tensor<8x5xf32>) {
  %s = ein.contract "ij,kj->ik" max_plus (%q, %k) : (tensor<8x4xf32>, tensor<9x4xf32>) -> tensor<8x9xf32>
  %p = ein.normalize softmax [1] (%s) : tensor<8x9xf32>
  %r = ein.contract "ij,jk->ik" sum_product (%p, %v) : (tensor<8x9xf32>, tensor<9x5xf32>) -> tensor<8x5xf32>
  %t = ein.contract "ijl,kjl->ik" sum_product (%a, %b) : (tensor<8x2x2xf32>, tensor<9x2x2xf32>) -> tensor<8x9xf32>
  %u = ein.normalize softmax [1] (%t) : tensor<8x9xf32>
  %w = ein.contract "ij,jk->ik" sum_product (%u, %v) : (tensor<8x9xf32>, tensor<9x5xf32>) -> tensor<8x5xf32>
  return %r, %w : tensor<8x5xf32>, tensor<8x5xf32>
}
