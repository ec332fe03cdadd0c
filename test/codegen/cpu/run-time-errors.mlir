// RUN: tl-opt --test-cpu --split-input-file --verify-diagnostics %s -o /dev/null
// Tests the errors that only the numbers of a call can show: each ends the function.

// expected-error @+1 {{status 3: extents differ: 3 at position 0 of an intermediate tensor, 4 at position 0 of an intermediate tensor}}
module {
  func.func @main() -> tensor<f32> {
    %a = arith.constant dense<1.0> : tensor<4xf32>
    %c3 = arith.constant 3 : index
    %short = ein.gather %a at affine_map<(d0) -> (d0)> extents(%c3) fill 0.0 : f32
        : tensor<4xf32> -> tensor<?xf32>
    %b = tensor.cast %a : tensor<4xf32> to tensor<?xf32>
    %0 = ein.contract "i,i->" sum_product (%short, %b)
        : (tensor<?xf32>, tensor<?xf32>) -> tensor<f32>
    return %0 : tensor<f32>
  }
}

// -----

// [S1]
// expected-error @+1 {{status 3: integer overflow in the count semiring}}
module {
  func.func @main() -> tensor<i64> {
    %a = arith.constant dense<4611686018427387904> : tensor<2xi64>
    %0 = ein.reduce count_add [0] (%a) : (tensor<2xi64>) -> tensor<i64>
    return %0 : tensor<i64>
  }
}

// -----

// [S1]
// expected-error @+1 {{status 3: integer overflow in the count semiring}}
module {
  func.func @main() -> tensor<i64> {
    %a = arith.constant dense<4294967296> : tensor<3xi64>
    %0 = ein.contract "i,i->" count (%a, %a) : (tensor<3xi64>, tensor<3xi64>) -> tensor<i64>
    return %0 : tensor<i64>
  }
}

// -----

// [F1]
// expected-error @+1 {{status 4: fixpoint is not reached after 1000000 steps}}
module {
  func.func @main() -> (tensor<f32>, tensor<i1>) {
    %a = arith.constant dense<1.0> : tensor<f32>
    %r, %ok = ein.fixpoint (%x = %a) : tensor<f32> {
      %n = ein.map "" (%x) : (tensor<f32>) -> tensor<f32> {
      ^bb0(%e: f32):
        %m = arith.negf %e : f32
        ein.yield %m : f32
      }
      ein.yield %n : tensor<f32>
    }
    return %r, %ok : tensor<f32>, tensor<i1>
  }
}
