// RUN: tl-opt %s --ein-factorize-constants 2>&1 | FileCheck %s
// RUN: tl-opt %s --ein-factorize-constants=eps=1e-3 2>/dev/null | FileCheck %s --check-prefix=ALL

// Tests that constants that may be off are replaced by their factors where that pays [K1].

// A splat is of rank 1.
// CHECK-LABEL: func.func @matrix
// CHECK-SAME: tlc.lowrank = [{dense_elements = {{[^,]*}}, dense_flops = {{[^,]*}}, dense_seconds = {{[^,]*}}, elements = 2.560000e+02 : f64, eps = 1.000000e-03 : f64, error = {{[^,]*}}, factors = [array<i32: 0, 2>, array<i32: 2, 1>], flops = {{[^,]*}}, form = "matrix", largest_error = {{[^,]*}}, ranks = array<i64: 1>, seconds = {{[^,]*}}, tensor = "W"}]
// CHECK-DAG: %[[A:.*]] = arith.constant dense<{{.*}}> : tensor<128x1xf32>
// CHECK-DAG: %[[B:.*]] = arith.constant dense<{{.*}}> : tensor<1x128xf32>
// CHECK: ein.contract "ij,jk,kl->il" sum_product (%{{.*}}, %[[A]], %[[B]])
func.func @matrix(%x: tensor<256x128xf32>) -> tensor<256x128xf32> {
  %w = arith.constant {tl.lowrank = 1.0e-3 : f64, tl.name = "W"} dense<2.0> : tensor<128x128xf32>
  %r = ein.contract "ij,jk->ik" sum_product (%x, %w)
      : (tensor<256x128xf32>, tensor<128x128xf32>) -> tensor<256x128xf32>
  return %r : tensor<256x128xf32>
}

// What a convolution reads is multiplied with a factor before the window goes over it.
// CHECK-LABEL: func.func @convolution
// CHECK-SAME: form = "tucker"
// CHECK: %[[T:.*]] = ein.contract "ijk,kl->ijl" sum_product (%{{.*}}, %{{.*}}) : (tensor<66x66x32xf32>, tensor<32x1xf32>) -> tensor<66x66x1xf32>
// CHECK: ein.contract maps {{.*}} (%[[T]],
func.func @convolution(%x: tensor<66x66x32xf32>) -> tensor<64x64x32xf32> {
  %w = arith.constant {tl.lowrank = 1.0e-3 : f64, tl.name = "K"} dense<0.5> : tensor<3x3x32x32xf32>
  %r = ein.contract maps [affine_map<(d0, d1, d2, d3, d4, d5) -> (d0 + d3, d1 + d4, d5)>,
                          affine_map<(d0, d1, d2, d3, d4, d5) -> (d3, d4, d5, d2)>,
                          affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d2)>]
      sum_product (%x, %w)
      : (tensor<66x66x32xf32>, tensor<3x3x32x32xf32>) -> tensor<64x64x32xf32>
  return %r : tensor<64x64x32xf32>
}

// Complex numbers, in two contractions at once.
// CHECK-LABEL: func.func @complex
// CHECK: form = "matrix"
// CHECK-COUNT-2: ein.contract "ij,jk,kl->il"
func.func @complex(%x: tensor<64x64xcomplex<f64>>)
    -> (tensor<64x64xcomplex<f64>>, tensor<64x64xcomplex<f64>>) {
  %w = arith.constant {tl.lowrank = 1.0e-9 : f64, tl.name = "W"}
      dense<(1.0, 2.0)> : tensor<64x64xcomplex<f64>>
  %r = ein.contract "ij,jk->ik" sum_product (%x, %w)
      : (tensor<64x64xcomplex<f64>>, tensor<64x64xcomplex<f64>>) -> tensor<64x64xcomplex<f64>>
  %s = ein.contract "ij,jk->ik" sum_product (%r, %w)
      : (tensor<64x64xcomplex<f64>>, tensor<64x64xcomplex<f64>>) -> tensor<64x64xcomplex<f64>>
  return %r, %s : tensor<64x64xcomplex<f64>>, tensor<64x64xcomplex<f64>>
}

// With the option, constants that say nothing themselves, too.
// CHECK-LABEL: func.func @silent
// CHECK: ein.contract "ij,jk->ik"
// ALL-LABEL: func.func @silent
// ALL: ein.contract "ij,jk,kl->il"
func.func @silent(%x: tensor<256x128xf32>) -> tensor<256x128xf32> {
  %w = arith.constant {tl.name = "W"} dense<2.0> : tensor<128x128xf32>
  %r = ein.contract "ij,jk->ik" sum_product (%x, %w)
      : (tensor<256x128xf32>, tensor<128x128xf32>) -> tensor<256x128xf32>
  return %r : tensor<256x128xf32>
}

// Few elements that are not zero are written out.
// CHECK-LABEL: func.func @sparse
// CHECK: form = "sparse"
// CHECK: ein.contract "ij,ik,jkl->il" sum_product {{.*}} {tlc.unroll = 2 : i64}
func.func @sparse(%x: tensor<640x3xf32>, %y: tensor<640x3xf32>) -> tensor<640x3xf32> {
  %c = arith.constant {tl.lowrank = 1.0e-6 : f64, tl.name = "C"} dense<[
    [[0.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]],
    [[0.0, 0.0, -1.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]],
    [[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]]> : tensor<3x3x3xf32>
  %r = ein.contract "bi,bj,ijk->bk" sum_product (%x, %y, %c)
      : (tensor<640x3xf32>, tensor<640x3xf32>, tensor<3x3x3xf32>) -> tensor<640x3xf32>
  return %r : tensor<640x3xf32>
}
