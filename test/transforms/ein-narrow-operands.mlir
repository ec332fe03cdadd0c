// RUN: tl-opt --ein-narrow-operands %s | FileCheck %s
// Tests that contractions read operands as they are stored, where products are exact in the wide type.

// CHECK-LABEL: func.func @integers(
// CHECK-SAME: %[[A:.*]]: tensor<8x16xi8>, %[[B:.*]]: tensor<16x4xi8>
// CHECK: ein.contract "ij,jk->ik" sum_product (%[[A]], %[[B]]) : (tensor<8x16xi8>, tensor<16x4xi8>) -> tensor<8x4xi32>
func.func @integers(%a: tensor<8x16xi8>, %b: tensor<16x4xi8>) -> tensor<8x4xi32> {
  %w = ein.map "ij" (%a) : (tensor<8x16xi8>) -> tensor<8x16xi32> {
  ^bb0(%x: i8):
    %y = arith.extsi %x : i8 to i32
    ein.yield %y : i32
  }
  %v = ein.map "ij" (%b) : (tensor<16x4xi8>) -> tensor<16x4xi32> {
  ^bb0(%x: i8):
    %y = arith.extsi %x : i8 to i32
    ein.yield %y : i32
  }
  %c = ein.contract "ij,jk->ik" sum_product (%w, %v)
      : (tensor<8x16xi32>, tensor<16x4xi32>) -> tensor<8x4xi32>
  return %c : tensor<8x4xi32>
}

// CHECK-LABEL: func.func @halves(
// CHECK: ein.contract "ij,ij->i" sum_product (%arg0, %arg0) : (tensor<8x16xbf16>, tensor<8x16xbf16>) -> tensor<8xf32>
func.func @halves(%a: tensor<8x16xbf16>) -> tensor<8xf32> {
  %w = ein.map "ij" (%a) : (tensor<8x16xbf16>) -> tensor<8x16xf32> {
  ^bb0(%x: bf16):
    %y = arith.extf %x : bf16 to f32
    ein.yield %y : f32
  }
  %c = ein.contract "ij,ij->i" sum_product (%w, %w)
      : (tensor<8x16xf32>, tensor<8x16xf32>) -> tensor<8xf32>
  return %c : tensor<8xf32>
}

// Operands of two types, another semiring, and a wider sum than products of narrow numbers have.
// CHECK-LABEL: func.func @mixed(
// CHECK: ein.contract {{.*}} : (tensor<8x16xf32>, tensor<16xf32>)
func.func @mixed(%a: tensor<8x16xbf16>, %b: tensor<16xf32>) -> tensor<8xf32> {
  %w = ein.map "ij" (%a) : (tensor<8x16xbf16>) -> tensor<8x16xf32> {
  ^bb0(%x: bf16):
    %y = arith.extf %x : bf16 to f32
    ein.yield %y : f32
  }
  %c = ein.contract "ij,j->i" sum_product (%w, %b)
      : (tensor<8x16xf32>, tensor<16xf32>) -> tensor<8xf32>
  return %c : tensor<8xf32>
}
// CHECK-LABEL: func.func @shortest(
// CHECK: ein.contract "ij,ij->i" min_plus {{.*}} : (tensor<8x16xi32>, tensor<8x16xi32>)
func.func @shortest(%a: tensor<8x16xi8>) -> tensor<8xi32> {
  %w = ein.map "ij" (%a) : (tensor<8x16xi8>) -> tensor<8x16xi32> {
  ^bb0(%x: i8):
    %y = arith.extsi %x : i8 to i32
    ein.yield %y : i32
  }
  %c = ein.contract "ij,ij->i" min_plus (%w, %w)
      : (tensor<8x16xi32>, tensor<8x16xi32>) -> tensor<8xi32>
  return %c : tensor<8xi32>
}
// CHECK-LABEL: func.func @long(
// CHECK: ein.contract "ij,ij->i" sum_product {{.*}} : (tensor<8x16xi64>, tensor<8x16xi64>)
func.func @long(%a: tensor<8x16xi8>) -> tensor<8xi64> {
  %w = ein.map "ij" (%a) : (tensor<8x16xi8>) -> tensor<8x16xi64> {
  ^bb0(%x: i8):
    %y = arith.extsi %x : i8 to i64
    ein.yield %y : i64
  }
  %c = ein.contract "ij,ij->i" sum_product (%w, %w)
      : (tensor<8x16xi64>, tensor<8x16xi64>) -> tensor<8xi64>
  return %c : tensor<8xi64>
}
