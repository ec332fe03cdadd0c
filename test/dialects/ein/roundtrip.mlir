// RUN: tl-opt %s | tl-opt | FileCheck %s
// RUN: tl-opt %s --mlir-print-op-generic | tl-opt | FileCheck %s
// Tests that the operations survive printing and parsing, in their own and in the generic form.

// CHECK-LABEL: @labels_are_numbered_alphabetically
func.func @labels_are_numbered_alphabetically(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>)
    -> tensor<2x4xf32> {
  // CHECK: "ik,kj->ij"
  %c = ein.contract "ac, cb -> ab" sum_product (%a, %b)
      : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return %c : tensor<2x4xf32>
}

// CHECK-LABEL: @diagonal_and_hyperedge
func.func @diagonal_and_hyperedge(%a: tensor<3x3xi64>, %b: tensor<3xi64>) -> tensor<i64> {
  // CHECK: ein.contract "ii,i,i->" count
  %c = ein.contract "ii,i,i->" count (%a, %b, %b)
      : (tensor<3x3xi64>, tensor<3xi64>, tensor<3xi64>) -> tensor<i64>
  return %c : tensor<i64>
}

// CHECK-LABEL: @convolution
func.func @convolution(%x: tensor<10xf32>, %w: tensor<3xf32>) -> tensor<8xf32> {
  // CHECK: ein.contract maps [#{{.*}}, #{{.*}}, #{{.*}}] sum_product
  %c = ein.contract maps [affine_map<(d0, d1) -> (d0 + d1)>, affine_map<(d0, d1) -> (d1)>,
                          affine_map<(d0, d1) -> (d0)>] sum_product (%x, %w)
      : (tensor<10xf32>, tensor<3xf32>) -> tensor<8xf32>
  return %c : tensor<8xf32>
}

// CHECK-LABEL: @extents_and_attributes
func.func @extents_and_attributes(%a: tensor<?xf32>, %n: index) -> tensor<?x?xf32> {
  // CHECK: ein.contract "i->ij" min_plus (%{{.*}}) extents(%{{.*}}) {note = 1 : i64} : (tensor<?xf32>) -> tensor<?x?xf32>
  %c = ein.contract "i->ij" min_plus (%a) extents(%n) {note = 1}
      : (tensor<?xf32>) -> tensor<?x?xf32>
  return %c : tensor<?x?xf32>
}

// CHECK-LABEL: @epilogue
func.func @epilogue(%a: tensor<4x4xf16>) -> tensor<4xi1> {
  // CHECK: ein.contract "ij->i" sum_product (%{{.*}}) epilogue {
  // CHECK-NEXT: ^bb0(%{{.*}}: f32):
  %c = ein.contract "ij->i" sum_product (%a) epilogue {
  ^bb0(%s: f32):
    %zero = arith.constant 0.0 : f32
    %t = arith.cmpf ogt, %s, %zero : f32
    ein.yield %t : i1
  } : (tensor<4x4xf16>) -> tensor<4xi1>
  return %c : tensor<4xi1>
}

// CHECK-LABEL: @epilogue_operands
func.func @epilogue_operands(%a: tensor<4x3xf32>, %x: tensor<3xf64>, %y: tensor<4x1x3xf32>, %n: index) -> tensor<?x4x3xf64> {
  // CHECK: ein.contract "ij->kij" sum_product (%{{.*}}) extents(%{{.*}}) epilogue "k->ijk" (%{{.*}} : tensor<3xf64>) {
  // CHECK-NEXT: ^bb0(%{{.*}}: f32, %{{.*}}: f64):
  %c = ein.contract "ij->kij" sum_product (%a) extents(%n) epilogue "k->ijk" (%x : tensor<3xf64>) {
  ^bb0(%s: f32, %v: f64):
    %t = arith.extf %s : f32 to f64
    %u = arith.addf %t, %v : f64
    ein.yield %u : f64
  } : (tensor<4x3xf32>) -> tensor<?x4x3xf64>
  // CHECK: epilogue maps [#{{.*}}] (%{{.*}} : tensor<4x1x3xf32>)
  %d = ein.contract "ij->ij" sum_product (%a)
      epilogue maps [affine_map<(d0, d1) -> (d0, 0, d1)>] (%y : tensor<4x1x3xf32>) {
  ^bb0(%s: f32, %v: f32):
    %i = ein.index 1
    ein.yield %v : f32
  } : (tensor<4x3xf32>) -> tensor<4x3xf32>
  return %c : tensor<?x4x3xf64>
}

// CHECK-LABEL: @attention
func.func @attention(%q: tensor<2x8x4xf16>, %k: tensor<2x?x4xf16>, %v: tensor<2x?x5xf16>, %m: tensor<8x?xi1>) -> (tensor<2x8x5xf16>, tensor<8x5xf32>) {
  // CHECK: ein.attention "jli,jki,jkm,lk->jlm" (%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) score {
  // CHECK-NEXT: ^bb0(%{{.*}}: f32, %{{.*}}: i1):
  %o = ein.attention "hqd,hkd,hkv,qk->hqv" (%q, %k, %v, %m) score {
  ^bb0(%s: f32, %x: i1):
    %i = ein.index 4
    %low = arith.constant -1.0e9 : f32
    %t = arith.select %x, %s, %low : f32
    ein.yield %t : f32
  } : (tensor<2x8x4xf16>, tensor<2x?x4xf16>, tensor<2x?x5xf16>, tensor<8x?xi1>) -> tensor<2x8x5xf16>
  // CHECK: ein.attention maps [#{{.*}}, #{{.*}}, #{{.*}}, #{{.*}}] (%{{.*}}, %{{.*}}, %{{.*}}) : (
  %p = ein.attention maps [affine_map<(d0, d1, d2, d3) -> (1, d0, d1)>, affine_map<(d0, d1, d2, d3) -> (0, d2, d1)>,
                           affine_map<(d0, d1, d2, d3) -> (0, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d3)>]
      (%q, %k, %v) : (tensor<2x8x4xf16>, tensor<2x?x4xf16>, tensor<2x?x5xf16>) -> tensor<8x5xf32>
  return %o, %p : tensor<2x8x5xf16>, tensor<8x5xf32>
}

// CHECK-LABEL: @mixed_precision
func.func @mixed_precision(%a: tensor<4xbf16>, %b: tensor<4xf32>) -> (tensor<f32>, tensor<f16>) {
  // CHECK: (tensor<4xbf16>) -> tensor<f32>
  %c = ein.contract "i->" sum_product (%a) : (tensor<4xbf16>) -> tensor<f32>
  // CHECK: (tensor<4xf32>) -> tensor<f16>
  %d = ein.contract "i->" sum_product (%b) : (tensor<4xf32>) -> tensor<f16>
  return %c, %d : tensor<f32>, tensor<f16>
}

// CHECK-LABEL: @maps
func.func @maps(%x: tensor<2x3xf32>, %s: tensor<f32>, %n: index) -> tensor<?x2xf32> {
  // CHECK: ein.map "ji" (%{{.*}}) : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %t = ein.map "ji" (%x) : (tensor<2x3xf32>) -> tensor<3x2xf32> {
  ^bb0(%a: f32):
    ein.yield %a : f32
  }
  // CHECK: ein.map ",i" (%{{.*}}, %{{.*}}) : (tensor<f32>, tensor<2xf32>) -> tensor<2xf32>
  // CHECK: ein.map maps [#{{.*}}, #{{.*}}] (%{{.*}}, %{{.*}}) extents(%{{.*}}) :
  %z = ein.map "->i" () : () -> tensor<2xf32> {
    %zero = arith.constant 0.0 : f32
    ein.yield %zero : f32
  }
  %u = ein.map ",i" (%s, %z) : (tensor<f32>, tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%a: f32, %b: f32):
    ein.yield %b : f32
  }
  %v = ein.map maps [affine_map<(d0, d1) -> (d1, 2)>, affine_map<(d0, d1) -> (d1)>] (%x, %u)
      extents(%n) : (tensor<2x3xf32>, tensor<2xf32>) -> tensor<?x2xf32> {
  ^bb0(%a: f32, %b: f32):
    ein.yield %a : f32
  }
  return %v : tensor<?x2xf32>
}

// CHECK-LABEL: @scalar_map
func.func @scalar_map(%s: tensor<f32>) -> tensor<f32> {
  // CHECK: ein.map "" (%{{.*}}) : (tensor<f32>) -> tensor<f32>
  %t = ein.map "" (%s) : (tensor<f32>) -> tensor<f32> {
  ^bb0(%a: f32):
    ein.yield %a : f32
  }
  return %t : tensor<f32>
}

// CHECK-LABEL: @moves
func.func @moves(%x: tensor<?xi32>, %t: index, %n: index) -> tensor<?xi32> {
  // CHECK: ein.gather %{{.*}} at #{{.*}} symbols(%{{.*}}) extents(%{{.*}}) fill 7 : i32 : tensor<?xi32> -> tensor<?xi32>
  %g = ein.gather %x at affine_map<(d0)[s0] -> (d0 + s0)> symbols(%t) extents(%n) fill 7 : i32
      : tensor<?xi32> -> tensor<?xi32>
  // CHECK: ein.scatter overwrite %{{.*}} into %{{.*}} at #{{.*}} symbols(%{{.*}}) : tensor<?xi32> into tensor<?xi32>
  %s = ein.scatter overwrite %g into %x at affine_map<(d0)[s0] -> (d0 - s0)> symbols(%t)
      : tensor<?xi32> into tensor<?xi32>
  return %s : tensor<?xi32>
}

// CHECK-LABEL: @complex_fill
func.func @complex_fill(%x: tensor<3xcomplex<f32>>) -> tensor<4xcomplex<f32>> {
  // CHECK: fill (0.000000e+00, 1.000000e+00) : complex<f32> : tensor
  %g = ein.gather %x at affine_map<(d0) -> (d0)> fill (0.0, 1.0) : complex<f32>
      : tensor<3xcomplex<f32>> -> tensor<4xcomplex<f32>>
  return %g : tensor<4xcomplex<f32>>
}

// CHECK-LABEL: @fills
func.func @fills(%x: tensor<3xi64>, %y: tensor<3xf64>, %z: tensor<3xi1>) {
  // CHECK: fill -1 : i64 : tensor<3xi64>
  %0 = ein.gather %x at affine_map<(d0) -> (d0)> fill -1 : i64 : tensor<3xi64> -> tensor<4xi64>
  // CHECK: fill 0x7FF0000000000000 : f64 : tensor<3xf64>
  %1 = ein.gather %y at affine_map<(d0) -> (d0)> fill 0x7FF0000000000000 : f64
      : tensor<3xf64> -> tensor<4xf64>
  // CHECK: fill false : tensor<3xi1>
  %2 = ein.gather %z at affine_map<(d0) -> (d0)> fill false : tensor<3xi1> -> tensor<4xi1>
  return
}

// CHECK-LABEL: @epsilon
func.func @epsilon(%x: tensor<3xf32>) -> tensor<3xf32> {
  // CHECK: ein.normalize lnorm [0](%{{.*}}) {epsilon = 1.000000e-01 : f64} : tensor<3xf32>
  %n = ein.normalize lnorm [0] (%x) {epsilon = 0.1} : tensor<3xf32>
  return %n : tensor<3xf32>
}

// CHECK-LABEL: @recursion
func.func @recursion(%a: tensor<2xf32>, %b: tensor<i1>, %n: index) -> tensor<2xf32> {
  // CHECK: ein.loop %{{.*}} = %{{.*}} to %{{.*}} (%[[X:.*]] = %{{.*}}, %[[Y:.*]] = %{{.*}}) : tensor<2xf32>, tensor<i1> {
  // CHECK-NEXT: ein.yield %[[X]], %[[Y]] : tensor<2xf32>, tensor<i1>
  %r:2 = ein.loop %i = %n to %n (%x = %a, %y = %b) : tensor<2xf32>, tensor<i1> {
    ein.yield %x, %y : tensor<2xf32>, tensor<i1>
  }
  // CHECK: ein.fixpoint (%{{.*}} = %{{.*}}, %{{.*}} = %{{.*}}) tolerance 1.250000e-01 max_steps 9 : tensor<2xf32>, tensor<i1> {
  %f:3 = ein.fixpoint (%x = %r#0, %y = %r#1) tolerance 0.125 max_steps 9
      : tensor<2xf32>, tensor<i1> {
    ein.yield %x, %y : tensor<2xf32>, tensor<i1>
  }
  return %f#0 : tensor<2xf32>
}
