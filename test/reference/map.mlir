// RUN: tl-opt %s --test-reference --split-input-file -o /dev/null | FileCheck %s
// Tests maps in the reference: broadcasting, positions as values, scalar operations, rounding.

// CHECK: result 0: tensor<2x3xf32> {{\[\[}}11, 22, 33], [14, 25, 36]]
// CHECK-NEXT: result 1: tensor<3x2xf32> {{\[\[}}1, 4], [2, 5], [3, 6]]
// CHECK-NEXT: result 2: tensor<2xf32> [3, 6]
// CHECK-NEXT: result 3: tensor<2x3xi64> {{\[\[}}0, 1, 2], [10, 11, 12]]
func.func @main() -> (tensor<2x3xf32>, tensor<3x2xf32>, tensor<2xf32>, tensor<2x3xi64>) {
  %x = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %b = arith.constant dense<[10.0, 20.0, 30.0]> : tensor<3xf32>
  %0 = ein.map "ij,j" (%x, %b) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32> {
  ^bb0(%p: f32, %q: f32):
    %s = arith.addf %p, %q : f32
    ein.yield %s : f32
  }
  %1 = ein.map "ji" (%x) : (tensor<2x3xf32>) -> tensor<3x2xf32> {
  ^bb0(%p: f32):
    ein.yield %p : f32
  }
  %2 = ein.map maps [affine_map<(d0) -> (d0, 2)>] (%x) : (tensor<2x3xf32>) -> tensor<2xf32> {
  ^bb0(%p: f32):
    ein.yield %p : f32
  }
  %3 = ein.map "->ij" () : () -> tensor<2x3xi64> {
    %ten = arith.constant 10 : index
    %i = ein.index 0
    %j = ein.index 1
    %t = arith.muli %i, %ten : index
    %u = arith.addi %t, %j : index
    %v = arith.index_cast %u : index to i64
    ein.yield %v : i64
  }
  return %0, %1, %2, %3 : tensor<2x3xf32>, tensor<3x2xf32>, tensor<2xf32>, tensor<2x3xi64>
}

// -----

// Each operation rounds to its type, integers wrap, the bool true is 1 unsigned.
// CHECK: result 0: tensor<2xf16> [2048, 3]
// CHECK-NEXT: result 1: tensor<2xi8> [-126, 4]
// CHECK-NEXT: result 2: tensor<2xf32> [1, 0]
// CHECK-NEXT: result 3: tensor<2xi32> [-4, 2]
// CHECK-NEXT: result 4: tensor<2xi32> [2147483647, 0]
func.func @main() -> (tensor<2xf16>, tensor<2xi8>, tensor<2xf32>, tensor<2xi32>, tensor<2xi32>) {
  %x = arith.constant dense<[2048.0, 2.0]> : tensor<2xf16>
  %0 = ein.map "i" (%x) : (tensor<2xf16>) -> tensor<2xf16> {
  ^bb0(%p: f16):
    %one = arith.constant 1.0 : f16
    %s = arith.addf %p, %one : f16
    ein.yield %s : f16
  }
  %y = arith.constant dense<[127, 1]> : tensor<2xi8>
  %1 = ein.map "i" (%y) : (tensor<2xi8>) -> tensor<2xi8> {
  ^bb0(%p: i8):
    %three = arith.constant 3 : i8
    %s = arith.addi %p, %three : i8
    ein.yield %s : i8
  }
  %z = arith.constant dense<[true, false]> : tensor<2xi1>
  %2 = ein.map "i" (%z) : (tensor<2xi1>) -> tensor<2xf32> {
  ^bb0(%p: i1):
    %s = arith.uitofp %p : i1 to f32
    ein.yield %s : f32
  }
  %w = arith.constant dense<[-7, 5]> : tensor<2xi32>
  %3 = ein.map "i" (%w) : (tensor<2xi32>) -> tensor<2xi32> {
  ^bb0(%p: i32):
    %two = arith.constant 2 : i32
    %s = arith.floordivsi %p, %two : i32
    ein.yield %s : i32
  }
  %u = arith.constant dense<[1.0e20, 0x7FC00000]> : tensor<2xf32>
  %4 = ein.map "i" (%u) : (tensor<2xf32>) -> tensor<2xi32> {
  ^bb0(%p: f32):
    %s = arith.fptosi %p : f32 to i32
    ein.yield %s : i32
  }
  return %0, %1, %2, %3, %4
      : tensor<2xf16>, tensor<2xi8>, tensor<2xf32>, tensor<2xi32>, tensor<2xi32>
}

// -----

// CHECK: result 0: tensor<4xf32> [nan, 2, inf, 1]
// CHECK-NEXT: result 1: tensor<4xf32> [0, 2, inf, 1]
// CHECK-NEXT: result 2: tensor<4xbool> [true, false, false, false]
// CHECK-NEXT: result 3: tensor<4xi32> [2143289344, 1073741824, 2139095040, -1082130432]
func.func @main() -> (tensor<4xf32>, tensor<4xf32>, tensor<4xi1>, tensor<4xi32>) {
  %x = arith.constant dense<[0x7FC00000, 2.0, 0x7F800000, -1.0]> : tensor<4xf32>
  %y = arith.constant dense<[0.0, 1.0, -1.0, 1.0]> : tensor<4xf32>
  %0 = ein.map "i,i" (%x, %y) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%p: f32, %q: f32):
    %s = arith.maximumf %p, %q : f32
    ein.yield %s : f32
  }
  %1 = ein.map "i,i" (%x, %y) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%p: f32, %q: f32):
    %s = arith.maxnumf %p, %q : f32
    ein.yield %s : f32
  }
  %2 = ein.map "i" (%x) : (tensor<4xf32>) -> tensor<4xi1> {
  ^bb0(%p: f32):
    %s = arith.cmpf une, %p, %p : f32
    ein.yield %s : i1
  }
  %3 = ein.map "i" (%x) : (tensor<4xf32>) -> tensor<4xi32> {
  ^bb0(%p: f32):
    %s = arith.bitcast %p : f32 to i32
    ein.yield %s : i32
  }
  return %0, %1, %2, %3 : tensor<4xf32>, tensor<4xf32>, tensor<4xi1>, tensor<4xi32>
}

// -----

// CHECK: result 0: tensor<2xf64> [0, 3]
// CHECK-NEXT: result 1: tensor<1xc128> [-7+24j]
// CHECK-NEXT: result 2: tensor<1xf32> [5]
// CHECK-NEXT: result 3: tensor<3xi64> [16, 1, 0]
// CHECK-NEXT: result 4: tensor<2xf32> [2, -2]
func.func @main() -> (tensor<2xf64>, tensor<1xcomplex<f64>>, tensor<1xf32>, tensor<3xi64>, tensor<2xf32>) {
  %x = arith.constant dense<[1.0, 8.0]> : tensor<2xf64>
  %0 = ein.map "i" (%x) : (tensor<2xf64>) -> tensor<2xf64> {
  ^bb0(%p: f64):
    %s = math.log2 %p : f64
    ein.yield %s : f64
  }
  %z = arith.constant dense<(3.0, 4.0)> : tensor<1xcomplex<f64>>
  %1 = ein.map "i" (%z) : (tensor<1xcomplex<f64>>) -> tensor<1xcomplex<f64>> {
  ^bb0(%p: complex<f64>):
    %s = complex.mul %p, %p : complex<f64>
    ein.yield %s : complex<f64>
  }
  %w = arith.constant dense<(3.0, -4.0)> : tensor<1xcomplex<f32>>
  %2 = ein.map "i" (%w) : (tensor<1xcomplex<f32>>) -> tensor<1xf32> {
  ^bb0(%p: complex<f32>):
    %s = complex.abs %p : complex<f32>
    ein.yield %s : f32
  }
  %b = arith.constant dense<[2, -1, 5]> : tensor<3xi64>
  %e = arith.constant dense<[4, -2, -1]> : tensor<3xi64>
  %3 = ein.map "i,i" (%b, %e) : (tensor<3xi64>, tensor<3xi64>) -> tensor<3xi64> {
  ^bb0(%p: i64, %q: i64):
    %s = math.ipowi %p, %q : i64
    ein.yield %s : i64
  }
  %h = arith.constant dense<[2.5, -1.5]> : tensor<2xf32>
  %4 = ein.map "i" (%h) : (tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%p: f32):
    %s = math.roundeven %p : f32
    ein.yield %s : f32
  }
  return %0, %1, %2, %3, %4
      : tensor<2xf64>, tensor<1xcomplex<f64>>, tensor<1xf32>, tensor<3xi64>, tensor<2xf32>
}
