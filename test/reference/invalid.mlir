// RUN: tl-opt %s --test-reference --split-input-file --verify-diagnostics
// Tests that the reference refuses what has no meaning instead of inventing one.

// expected-error @+1 {{overflow in a sum of a 64-bit count}}
module {
  func.func @main() -> tensor<i64> {
    %a = arith.constant dense<9223372036854775807> : tensor<2xi64>
    %0 = ein.contract "i->" count (%a) : (tensor<2xi64>) -> tensor<i64>
    return %0 : tensor<i64>
  }
}

// -----

// expected-error @+1 {{overflow in a product of a 64-bit count}}
module {
  func.func @main() -> tensor<i64> {
    %a = arith.constant dense<4294967296> : tensor<1xi64>
    %0 = ein.contract "i,i->" count (%a, %a) : (tensor<1xi64>, tensor<1xi64>) -> tensor<i64>
    return %0 : tensor<i64>
  }
}

// -----

// expected-error @+1 {{fixpoint is not reached after 1000000 steps}}
module {
  func.func @main() -> tensor<i1> {
    %a = arith.constant dense<true> : tensor<i1>
    %b = arith.constant dense<false> : tensor<i1>
    %r:3 = ein.fixpoint (%x = %a, %y = %b) : tensor<i1>, tensor<i1> {
      ein.yield %y, %x : tensor<i1>, tensor<i1>
    }
    return %r#0 : tensor<i1>
  }
}

// -----

// expected-error @+1 {{dimension 1 has extent 2 in one tensor but 3 in another}}
module {
  func.func @main() -> tensor<2x2xf32> {
    %a = arith.constant dense<1.0> : tensor<2x2xf32>
    %b = arith.constant dense<1.0> : tensor<3x2xf32>
    %c = tensor.cast %b : tensor<3x2xf32> to tensor<?x2xf32>
    %0 = ein.contract "ij,jk->ik" sum_product (%a, %c)
        : (tensor<2x2xf32>, tensor<?x2xf32>) -> tensor<2x2xf32>
    return %0 : tensor<2x2xf32>
  }
}

// -----

// expected-error @+1 {{operand #0 is read outside its extents}}
module {
  func.func @main() -> tensor<3xf32> {
    %a = arith.constant dense<1.0> : tensor<3xf32>
    %b = tensor.cast %a : tensor<3xf32> to tensor<?xf32>
    %0 = ein.contract maps [affine_map<(d0) -> (d0 + 1)>, affine_map<(d0) -> (d0)>]
        sum_product (%b) : (tensor<?xf32>) -> tensor<3xf32>
    return %0 : tensor<3xf32>
  }
}

// -----

// expected-error @+1 {{integer division by zero}}
module {
  func.func @main() -> tensor<i32> {
    %a = arith.constant dense<0> : tensor<i32>
    %0 = ein.map "" (%a) : (tensor<i32>) -> tensor<i32> {
    ^bb0(%x: i32):
      %q = arith.divsi %x, %x : i32
      ein.yield %q : i32
    }
    return %0 : tensor<i32>
  }
}

// -----

// expected-error @+1 {{the reference cannot make a tensor with extents -1}}
module {
  func.func @main() -> tensor<?xi32> {
    %n = arith.constant -1 : index
    %0 = tensor.empty(%n) : tensor<?xi32>
    return %0 : tensor<?xi32>
  }
}

// -----

// expected-error @+1 {{reference cannot interpret this operation}}
module {
  func.func @main() -> tensor<i32> {
    %a = arith.constant dense<0> : tensor<i32>
    %0 = ein.map "" (%a) : (tensor<i32>) -> tensor<i32> {
    ^bb0(%x: i32):
      %q = math.ctpop %x : i32
      ein.yield %q : i32
    }
    return %0 : tensor<i32>
  }
}

// -----

// expected-error @+1 {{'main' takes 1 arguments, but 0 are given}}
module {
  func.func @main(%a: tensor<i32>) -> tensor<i32> {
    return %a : tensor<i32>
  }
}

// -----

// expected-error @+1 {{there is no function 'main' to interpret}}
module {
}
