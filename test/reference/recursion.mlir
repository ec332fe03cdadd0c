// RUN: tl-opt %s --test-reference --split-input-file -o /dev/null | FileCheck %s
// Tests loops and fixpoints [F1] [R3] in the reference.

// A loop that carries two tensors and uses its position: Fibonacci, and the sum of 2 .. 5.
// CHECK: result 0: tensor<i32> 5
// CHECK-NEXT: result 1: tensor<i32> 8
// CHECK-NEXT: result 2: tensor<i64> 14
// CHECK-NEXT: result 3: tensor<i32> 0
func.func @main() -> (tensor<i32>, tensor<i32>, tensor<i64>, tensor<i32>) {
  %c2 = arith.constant 2 : index
  %c6 = arith.constant 6 : index
  %zero = arith.constant dense<0> : tensor<i32>
  %one = arith.constant dense<1> : tensor<i32>
  %0:2 = ein.loop %i = %c2 to %c6 (%a = %one, %b = %one) : tensor<i32>, tensor<i32> {
    %s = ein.map "," (%a, %b) : (tensor<i32>, tensor<i32>) -> tensor<i32> {
    ^bb0(%p: i32, %q: i32):
      %t = arith.addi %p, %q : i32
      ein.yield %t : i32
    }
    ein.yield %b, %s : tensor<i32>, tensor<i32>
  }
  %start = arith.constant dense<0> : tensor<i64>
  %1 = ein.loop %i = %c2 to %c6 (%a = %start) : tensor<i64> {
    %s = ein.map "" (%a) : (tensor<i64>) -> tensor<i64> {
    ^bb0(%p: i64):
      %q = arith.index_cast %i : index to i64
      %t = arith.addi %p, %q : i64
      ein.yield %t : i64
    }
    ein.yield %s : tensor<i64>
  }
  %2 = ein.loop %i = %c6 to %c2 (%a = %zero) : tensor<i32> {
    ein.yield %one : tensor<i32>
  }
  return %0#0, %0#1, %1, %2 : tensor<i32>, tensor<i32>, tensor<i64>, tensor<i32>
}

// -----

// The transitive closure of 0 -> 1 -> 2 -> 0 and 3.
// CHECK: result 0: tensor<4x4xbool> {{\[\[}}true, true, true, false], [true, true, true, false], [true, true, true, false], [false, false, false, false]]
// CHECK-NEXT: result 1: tensor<bool> true
func.func @main() -> (tensor<4x4xi1>, tensor<i1>) {
  %edges = arith.constant dense<[[false, true, false, false], [false, false, true, false],
                                 [true, false, false, false], [false, false, false, false]]>
      : tensor<4x4xi1>
  %r, %ok = ein.fixpoint (%x = %edges) : tensor<4x4xi1> {
    %p = ein.contract "xy,yz->xz" or_and (%x, %edges)
        : (tensor<4x4xi1>, tensor<4x4xi1>) -> tensor<4x4xi1>
    %n = ein.map "xz,xz" (%p, %edges) : (tensor<4x4xi1>, tensor<4x4xi1>) -> tensor<4x4xi1> {
    ^bb0(%a: i1, %b: i1):
      %o = arith.ori %a, %b : i1
      ein.yield %o : i1
    }
    ein.yield %n : tensor<4x4xi1>
  }
  return %r, %ok : tensor<4x4xi1>, tensor<i1>
}

// -----

// Halving: within 0.25 of the predecessor after 1, 0.5, 0.25; stopped earlier by two steps.
// CHECK: result 0: tensor<f32> 0.25
// CHECK-NEXT: result 1: tensor<bool> true
// CHECK-NEXT: result 2: tensor<f32> 0.5
// CHECK-NEXT: result 3: tensor<bool> false
// CHECK-NEXT: result 4: tensor<f32> nan
// CHECK-NEXT: result 5: tensor<bool> true
func.func @main() -> (tensor<f32>, tensor<i1>, tensor<f32>, tensor<i1>, tensor<f32>, tensor<i1>) {
  %two = arith.constant dense<2.0> : tensor<f32>
  %r, %ok = ein.fixpoint (%x = %two) tolerance 0.25 : tensor<f32> {
    %n = ein.map "" (%x) : (tensor<f32>) -> tensor<f32> {
    ^bb0(%a: f32):
      %half = arith.constant 0.5 : f32
      %h = arith.mulf %a, %half : f32
      ein.yield %h : f32
    }
    ein.yield %n : tensor<f32>
  }
  %s, %no = ein.fixpoint (%x = %two) tolerance 0.25 max_steps 2 : tensor<f32> {
    %n = ein.map "" (%x) : (tensor<f32>) -> tensor<f32> {
    ^bb0(%a: f32):
      %half = arith.constant 0.5 : f32
      %h = arith.mulf %a, %half : f32
      ein.yield %h : f32
    }
    ein.yield %n : tensor<f32>
  }
  %nan = arith.constant dense<0x7FC00000> : tensor<f32>
  %t, %same = ein.fixpoint (%x = %nan) : tensor<f32> {
    ein.yield %x : tensor<f32>
  }
  return %r, %ok, %s, %no, %t, %same
      : tensor<f32>, tensor<i1>, tensor<f32>, tensor<i1>, tensor<f32>, tensor<i1>
}
