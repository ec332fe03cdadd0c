// RUN: tl-opt %s --ein-factorize-constants=unroll=false 2>&1 >/dev/null | FileCheck %s

// Tests that constants stay as they are where factors would not do, and that a remark says why [K1].

// CHECK: remark: low rank: 'Regular' stays dense: no factorization with that error is predicted to be 1.2 times faster
func.func @identity(%x: tensor<256x4xf32>) -> tensor<256x4xf32> {
  %w = arith.constant {tl.lowrank = 1.0e-3 : f64, tl.name = "Regular"} dense<[
    [1.0, 0.5, 0.75, 0.25], [0.5, 2.0, 0.25, 0.75], [0.75, 0.25, 3.0, 0.5], [0.5, 0.25, 0.75, 4.0]
  ]> : tensor<4x4xf32>
  %r = ein.contract "ij,jk->ik" sum_product (%x, %w)
      : (tensor<256x4xf32>, tensor<4x4xf32>) -> tensor<256x4xf32>
  return %r : tensor<256x4xf32>
}

// CHECK: remark: low rank: 'Step' stays dense: a comparison follows, which the smallest error may turn
func.func @step(%x: tensor<256x128xf32>) -> tensor<256x128xi1> {
  %w = arith.constant {tl.lowrank = 1.0e-3 : f64, tl.name = "Step"} dense<2.0> : tensor<128x128xf32>
  %r = ein.contract "ij,jk->ik" sum_product (%x, %w)
      : (tensor<256x128xf32>, tensor<128x128xf32>) -> tensor<256x128xf32>
  %s = ein.map "ij" (%r) : (tensor<256x128xf32>) -> tensor<256x128xi1> {
  ^bb0(%a: f32):
    %half = arith.constant 0.5 : f32
    %t = arith.cmpf ogt, %a, %half : f32
    ein.yield %t : i1
  }
  return %s : tensor<256x128xi1>
}

// CHECK: remark: low rank: 'ArgMax' stays dense: an argmax follows, which the smallest error may turn
func.func @argmax(%x: tensor<256x128xf32>) -> tensor<256x128xf32> {
  %w = arith.constant {tl.lowrank = 1.0e-3 : f64, tl.name = "ArgMax"} dense<2.0> : tensor<128x128xf32>
  %r = ein.contract "ij,jk->ik" sum_product (%x, %w)
      : (tensor<256x128xf32>, tensor<128x128xf32>) -> tensor<256x128xf32>
  %s = ein.map "ij" (%r) : (tensor<256x128xf32>) -> tensor<256x128xf32> {
  ^bb0(%a: f32):
    %t = math.tanh %a : f32
    ein.yield %t : f32
  }
  %m = ein.normalize argmax [1] (%s) : tensor<256x128xf32>
  return %m : tensor<256x128xf32>
}

// Whole numbers that meet whole numbers lie half a unit from the threshold.
// CHECK: remark: low rank: 'Exact' becomes matrix
func.func @exact(%facts: tensor<256x128xi1>) -> tensor<256x128xi1> {
  %w = arith.constant {tl.lowrank = 1.0e-3 : f64, tl.name = "Exact"} dense<1.0> : tensor<128x128xf32>
  %x = ein.map "ij" (%facts) : (tensor<256x128xi1>) -> tensor<256x128xf32> {
  ^bb0(%a: i1):
    %one = arith.constant 1.0 : f32
    %zero = arith.constant 0.0 : f32
    %t = arith.select %a, %one, %zero : f32
    ein.yield %t : f32
  }
  %r = ein.contract "ij,jk->ik" sum_product (%x, %w)
      : (tensor<256x128xf32>, tensor<128x128xf32>) -> tensor<256x128xf32>
  %s = ein.map "ij" (%r) : (tensor<256x128xf32>) -> tensor<256x128xi1> {
  ^bb0(%a: f32):
    %half = arith.constant 0.5 : f32
    %t = arith.cmpf ogt, %a, %half : f32
    ein.yield %t : i1
  }
  return %s : tensor<256x128xi1>
}

// CHECK: remark: low rank: 'Precise' stays dense: the error allowed is below what rounding to bf16 costs
func.func @precision(%x: tensor<256x128xbf16>) -> tensor<256x128xbf16> {
  %w = arith.constant {tl.lowrank = 1.0e-4 : f64, tl.name = "Precise"} dense<2.0> : tensor<128x128xbf16>
  %r = ein.contract "ij,jk->ik" sum_product (%x, %w)
      : (tensor<256x128xbf16>, tensor<128x128xbf16>) -> tensor<256x128xbf16>
  return %r : tensor<256x128xbf16>
}

// CHECK: remark: low rank: 'Whole' stays dense: its elements have no inverses
func.func @integers(%x: tensor<256x128xi32>) -> tensor<256x128xi32> {
  %w = arith.constant {tl.lowrank = 1.0e-3 : f64, tl.name = "Whole"} dense<2> : tensor<128x128xi32>
  %r = ein.contract "ij,jk->ik" sum_product (%x, %w)
      : (tensor<256x128xi32>, tensor<128x128xi32>) -> tensor<256x128xi32>
  return %r : tensor<256x128xi32>
}

// CHECK: remark: low rank: 'Paths' stays dense: no product with other tensors reads it
func.func @semiring(%x: tensor<256x128xf32>) -> tensor<256x128xf32> {
  %w = arith.constant {tl.lowrank = 1.0e-3 : f64, tl.name = "Paths"} dense<2.0> : tensor<128x128xf32>
  %r = ein.contract "ij,jk->ik" min_plus (%x, %w)
      : (tensor<256x128xf32>, tensor<128x128xf32>) -> tensor<256x128xf32>
  return %r : tensor<256x128xf32>
}
