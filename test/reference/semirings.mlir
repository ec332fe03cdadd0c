// RUN: tl-opt %s --test-reference --split-input-file -o /dev/null | FileCheck %s
// Tests the semirings [S1] in the reference: sums, products, zero over nothing, absorption.

// sum_product wraps integers at their width; on bool it is or_and.
// CHECK: result 0: tensor<i8> -56
// CHECK-NEXT: result 1: tensor<bool> true
// CHECK-NEXT: result 2: tensor<c64> -5+10j
// CHECK-NEXT: result 3: tensor<2xf32> [0, 0]
func.func @main() -> (tensor<i8>, tensor<i1>, tensor<complex<f32>>, tensor<2xf32>) {
  %a = arith.constant dense<[100, 100]> : tensor<2xi8>
  %0 = ein.contract "i->" sum_product (%a) : (tensor<2xi8>) -> tensor<i8>
  %b = arith.constant dense<[true, true]> : tensor<2xi1>
  %1 = ein.contract "i->" sum_product (%b) : (tensor<2xi1>) -> tensor<i1>
  %c = arith.constant dense<(1.0, 2.0)> : tensor<1xcomplex<f32>>
  %d = arith.constant dense<(3.0, 4.0)> : tensor<1xcomplex<f32>>
  %2 = ein.contract "i,i->" sum_product (%c, %d)
      : (tensor<1xcomplex<f32>>, tensor<1xcomplex<f32>>) -> tensor<complex<f32>>
  %e = arith.constant dense<1.0> : tensor<2x0xf32>
  %3 = ein.contract "ij->i" sum_product (%e) : (tensor<2x0xf32>) -> tensor<2xf32>
  return %0, %1, %2, %3 : tensor<i8>, tensor<i1>, tensor<complex<f32>>, tensor<2xf32>
}

// -----

// CHECK: result 0: tensor<3x3xbool> {{\[\[}}false, false, true], [false, false, false], [false, false, false]]
func.func @main() -> tensor<3x3xi1> {
  %a = arith.constant dense<[[false, true, false], [false, false, true], [false, false, false]]>
      : tensor<3x3xi1>
  %0 = ein.contract "ij,jk->ik" or_and (%a, %a) : (tensor<3x3xi1>, tensor<3x3xi1>) -> tensor<3x3xi1>
  return %0 : tensor<3x3xi1>
}

// -----

// The zeros of max_plus and min_plus absorb: infinities, and the extreme integers.
// CHECK: result 0: tensor<f32> 5
// CHECK-NEXT: result 1: tensor<f32> 0
// CHECK-NEXT: result 2: tensor<i32> 2147483647
// CHECK-NEXT: result 3: tensor<i32> -2147483648
// CHECK-NEXT: result 4: tensor<f64> inf
// CHECK-NEXT: result 5: tensor<f64> nan
func.func @main() -> (tensor<f32>, tensor<f32>, tensor<i32>, tensor<i32>, tensor<f64>, tensor<f64>) {
  %a = arith.constant dense<[1.0, 2.0, 0xFF800000]> : tensor<3xf32>
  %b = arith.constant dense<[4.0, 3.0, 9.0]> : tensor<3xf32>
  %0 = ein.contract "i,i->" max_plus (%a, %b) : (tensor<3xf32>, tensor<3xf32>) -> tensor<f32>
  %c = arith.constant dense<[-4.0, 0x7F800000, -5.0]> : tensor<3xf32>
  %1 = ein.contract "i,i->" min_plus (%c, %b) : (tensor<3xf32>, tensor<3xf32>) -> tensor<f32>
  %d = arith.constant dense<[2147483647, 2147483647]> : tensor<2xi32>
  %e = arith.constant dense<[-1, 1]> : tensor<2xi32>
  %2 = ein.contract "i,i->" min_plus (%d, %e) : (tensor<2xi32>, tensor<2xi32>) -> tensor<i32>
  %f = arith.constant dense<-2147483648> : tensor<2xi32>
  %3 = ein.contract "i,i->" max_plus (%f, %e) : (tensor<2xi32>, tensor<2xi32>) -> tensor<i32>
  %g = arith.constant dense<1.0> : tensor<0xf64>
  %4 = ein.contract "i->" min_plus (%g) : (tensor<0xf64>) -> tensor<f64>
  %h = arith.constant dense<[1.0, 0x7FF8000000000000]> : tensor<2xf64>
  %5 = ein.contract "i->" max_plus (%h) : (tensor<2xf64>) -> tensor<f64>
  return %0, %1, %2, %3, %4, %5
      : tensor<f32>, tensor<f32>, tensor<i32>, tensor<i32>, tensor<f64>, tensor<f64>
}

// -----

// CHECK: result 0: tensor<f32> 0.5
// CHECK-NEXT: result 1: tensor<f32> 0
// CHECK-NEXT: result 2: tensor<f32> 4
// CHECK-NEXT: result 3: tensor<i64> 4
// CHECK-NEXT: result 4: tensor<f32> -inf
func.func @main() -> (tensor<f32>, tensor<f32>, tensor<f32>, tensor<i64>, tensor<f32>) {
  %a = arith.constant dense<[0.5, 0.25]> : tensor<2xf32>
  %b = arith.constant dense<[1.0, 1.5]> : tensor<2xf32>
  %0 = ein.contract "i,i->" max_times (%a, %b) : (tensor<2xf32>, tensor<2xf32>) -> tensor<f32>
  %none = arith.constant dense<1.0> : tensor<0xf32>
  %1 = ein.contract "i->" max_times (%none) : (tensor<0xf32>) -> tensor<f32>
  %c = arith.constant dense<[3.0, 9.0]> : tensor<2xf32>
  %d = arith.constant dense<[7.0, 4.0]> : tensor<2xf32>
  %2 = ein.contract "i,i->" max_min (%c, %d) : (tensor<2xf32>, tensor<2xf32>) -> tensor<f32>
  %e = arith.constant dense<[3, 9]> : tensor<2xi64>
  %f = arith.constant dense<[7, 4]> : tensor<2xi64>
  %3 = ein.contract "i,i->" max_min (%e, %f) : (tensor<2xi64>, tensor<2xi64>) -> tensor<i64>
  %4 = ein.contract "i->" max_min (%none) : (tensor<0xf32>) -> tensor<f32>
  return %0, %1, %2, %3, %4
      : tensor<f32>, tensor<f32>, tensor<f32>, tensor<i64>, tensor<f32>
}

// -----

// ln(e^1000 + e^1000) = 1000 + ln 2, without overflow.
// CHECK: result 0: tensor<f64> 1000.693147180559
// CHECK-NEXT: result 1: tensor<f32> -inf
// CHECK-NEXT: result 2: tensor<f32> -inf
// CHECK-NEXT: result 3: tensor<f32> inf
func.func @main() -> (tensor<f64>, tensor<f32>, tensor<f32>, tensor<f32>) {
  %a = arith.constant dense<1000.0> : tensor<2xf64>
  %0 = ein.contract "i->" log_sum_exp (%a) : (tensor<2xf64>) -> tensor<f64>
  %none = arith.constant dense<1.0> : tensor<0xf32>
  %1 = ein.contract "i->" log_sum_exp (%none) : (tensor<0xf32>) -> tensor<f32>
  %b = arith.constant dense<0xFF800000> : tensor<3xf32>
  %2 = ein.contract "i->" log_sum_exp (%b) : (tensor<3xf32>) -> tensor<f32>
  %c = arith.constant dense<0x7F800000> : tensor<3xf32>
  %3 = ein.contract "i->" log_sum_exp (%c) : (tensor<3xf32>) -> tensor<f32>
  return %0, %1, %2, %3 : tensor<f64>, tensor<f32>, tensor<f32>, tensor<f32>
}

// -----

// CHECK: result 0: tensor<i64> 11
func.func @main() -> tensor<i64> {
  %a = arith.constant dense<[1, 2]> : tensor<2xi64>
  %b = arith.constant dense<[3, 4]> : tensor<2xi64>
  %0 = ein.contract "i,i->" count (%a, %b) : (tensor<2xi64>, tensor<2xi64>) -> tensor<i64>
  return %0 : tensor<i64>
}

// -----

// Sums of i8 that are stored as i32 do not wrap around.
// CHECK: result 0: tensor<i32> 200
// CHECK-NEXT: result 1: tensor<i32> 20000
func.func @main() -> (tensor<i32>, tensor<i32>) {
  %a = arith.constant dense<[100, 100]> : tensor<2xi8>
  %0 = ein.contract "i->" sum_product (%a) : (tensor<2xi8>) -> tensor<i32>
  %1 = ein.contract "i,i->" sum_product (%a, %a) : (tensor<2xi8>, tensor<2xi8>) -> tensor<i32>
  return %0, %1 : tensor<i32>, tensor<i32>
}
