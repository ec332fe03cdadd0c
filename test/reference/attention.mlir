// RUN: tl-opt %s --test-reference --split-input-file -o /dev/null | FileCheck %s
// Tests attention in the reference: softmax over the keys, scales, masks, large scores.

// Scores 0 and ln 3 weigh 1/4 and 3/4; equal scores weigh the same.
// CHECK: result 0: tensor<2x2xf32> {{\[\[}}7, 70], [6, 60]]
func.func @main() -> tensor<2x2xf32> {
  %q = arith.constant dense<[[1.0], [0.0]]> : tensor<2x1xf64>
  %k = arith.constant dense<[[0.0], [1.0986122886681098]]> : tensor<2x1xf64>
  %v = arith.constant dense<[[4.0, 40.0], [8.0, 80.0]]> : tensor<2x2xf64>
  %o = ein.attention "qd,kd,kv->qv" (%q, %k, %v)
      : (tensor<2x1xf64>, tensor<2x1xf64>, tensor<2x2xf64>) -> tensor<2x2xf64>
  %r = ein.map "ij" (%o) : (tensor<2x2xf64>) -> tensor<2x2xf32> {
  ^bb0(%x: f64):
    %t = arith.truncf %x : f64 to f32
    ein.yield %t : f32
  }
  return %r : tensor<2x2xf32>
}

// -----

// Two heads, one of them transposed; a mask that leaves one key, and scores far apart.
// CHECK: result 0: tensor<3x2x1xf32> {{\[\[\[}}1], [10]], {{\[\[}}2], [20]], {{\[\[}}3], [30]]]
func.func @main() -> tensor<3x2x1xf32> {
  %q = arith.constant dense<1.0> : tensor<2x3x2xf32>
  %k = arith.constant dense<[[100.0, 200.0, 300.0], [1000.0, 2000.0, -3000.0]]> : tensor<2x3xf32>
  %v = arith.constant dense<[[[1.0, 2.0, 3.0]], [[10.0, 20.0, 30.0]]]> : tensor<2x1x3xf32>
  %m = arith.constant dense<[[true, false, false], [false, true, false], [false, false, true]]> : tensor<3x3xi1>
  %o = ein.attention "hqd,dk,hvk,qk->qhv" (%q, %k, %v, %m) score {
  ^bb0(%s: f32, %x: i1):
    %low = arith.constant 0xFF800000 : f32
    %t = arith.select %x, %s, %low : f32
    ein.yield %t : f32
  } : (tensor<2x3x2xf32>, tensor<2x3xf32>, tensor<2x1x3xf32>, tensor<3x3xi1>) -> tensor<3x2x1xf32>
  return %o : tensor<3x2x1xf32>
}

// -----

// Only keys that are not behind the query, in half precision and with a `?` extent.
// CHECK: result 0: tensor<3x1xf16> {{\[\[}}1], [1.5], [2]]
func.func @main() -> tensor<?x1xf16> {
  %q = arith.constant dense<0.0> : tensor<3x1xf16>
  %v = arith.constant dense<[[1.0], [2.0], [3.0]]> : tensor<3x1xf16>
  %u = tensor.cast %q : tensor<3x1xf16> to tensor<?x1xf16>
  %o = ein.attention "ij,kj,kl->il" (%u, %v, %v) score {
  ^bb0(%s: f32):
    %i = ein.index 0
    %k = ein.index 2
    %seen = arith.cmpi ule, %k, %i : index
    %low = arith.constant -1.0e9 : f32
    %t = arith.select %seen, %s, %low : f32
    ein.yield %t : f32
  } : (tensor<?x1xf16>, tensor<3x1xf16>, tensor<3x1xf16>) -> tensor<?x1xf16>
  return %o : tensor<?x1xf16>
}
