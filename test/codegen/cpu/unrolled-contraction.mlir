// RUN: tl-opt --test-reference %s -o /dev/null > %t
// RUN: tl-opt --test-cpu="threads=2" %s -o /dev/null | diff %t -
// RUN: tl-opt --test-cpu="threads=1 cpu=x86-64" %s -o /dev/null | diff %t -
// RUN: tl-opt --convert-ein-to-cpu='triple=x86_64-linux-gnu cpu=x86-64-v3' %s | FileCheck %s
// Straight-line code for the elements of a sparse constant gives what the loops give: with lanes along
// a dimension whose elements are neighbours and along one whose are not, with a rest, with one other
// operand or two, with an epilogue, in f16, and for a single point.

// CHECK-LABEL: @main
// Two products for each of the six elements, one of them of x and y.
// CHECK: arith.mulf {{.*}} : vector<8xf32>

func.func @main() -> (tensor<37x5x3xf32>, tensor<3x37xf32>, tensor<37x3x3xf32>, tensor<19x3xf16>,
                      tensor<3xf64>) {
  %x = ein.map "->abc" () : () -> tensor<37x5x3xf32> {
    %i0 = ein.index 0
    %i1 = ein.index 1
    %i2 = ein.index 2
    %c1 = arith.constant 3 : index
    %m1 = arith.muli %i0, %c1 : index
    %s1 = arith.addi %m1, %i1 : index
    %c2 = arith.constant 4 : index
    %m2 = arith.muli %s1, %c2 : index
    %s2 = arith.addi %m2, %i2 : index
    %cm = arith.constant 11 : index
    %r = arith.remui %s2, %cm : index
    %n = arith.index_cast %r : index to i32
    %v = arith.sitofp %n : i32 to f32
    ein.yield %v : f32
  }
  %y = ein.map "->ab" () : () -> tensor<37x3xf32> {
    %i0 = ein.index 0
    %i1 = ein.index 1
    %c1 = arith.constant 3 : index
    %m1 = arith.muli %i0, %c1 : index
    %s1 = arith.addi %m1, %i1 : index
    %cm = arith.constant 7 : index
    %r = arith.remui %s1, %cm : index
    %n = arith.index_cast %r : index to i32
    %v = arith.sitofp %n : i32 to f32
    ein.yield %v : f32
  }
  %z = ein.map "->ab" () : () -> tensor<3x37xf32> {
    %i0 = ein.index 0
    %i1 = ein.index 1
    %c1 = arith.constant 3 : index
    %m1 = arith.muli %i0, %c1 : index
    %s1 = arith.addi %m1, %i1 : index
    %cm = arith.constant 5 : index
    %r = arith.remui %s1, %cm : index
    %n = arith.index_cast %r : index to i32
    %v = arith.sitofp %n : i32 to f32
    ein.yield %v : f32
  }
  %h = ein.map "->ab" () : () -> tensor<19x3xf16> {
    %i0 = ein.index 0
    %i1 = ein.index 1
    %c1 = arith.constant 3 : index
    %m1 = arith.muli %i0, %c1 : index
    %s1 = arith.addi %m1, %i1 : index
    %cm = arith.constant 5 : index
    %r = arith.remui %s1, %cm : index
    %n = arith.index_cast %r : index to i32
    %v = arith.sitofp %n : i32 to f16
    ein.yield %v : f16
  }
  %w = ein.map "->ab" () : () -> tensor<3x3xf64> {
    %i0 = ein.index 0
    %i1 = ein.index 1
    %c1 = arith.constant 3 : index
    %m1 = arith.muli %i0, %c1 : index
    %s1 = arith.addi %m1, %i1 : index
    %cm = arith.constant 5 : index
    %r = arith.remui %s1, %cm : index
    %n = arith.index_cast %r : index to i32
    %v = arith.sitofp %n : i32 to f64
    ein.yield %v : f64
  }
  %c = arith.constant dense<[
    [[0.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -2.0, 0.0]],
    [[0.0, 0.0, -1.0], [0.0, 0.0, 0.0], [3.0, 0.0, 0.0]],
    [[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]]> : tensor<3x3x3xf32>
  %ch = arith.constant dense<[
    [[0.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -2.0, 0.0]],
    [[0.0, 0.0, -1.0], [0.0, 0.0, 0.0], [3.0, 0.0, 0.0]],
    [[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]]> : tensor<3x3x3xf16>
  %cw = arith.constant dense<[
    [[0.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -2.0, 0.0]],
    [[0.0, 0.0, -1.0], [0.0, 0.0, 0.0], [3.0, 0.0, 0.0]],
    [[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]]> : tensor<3x3x3xf64>
  %bias = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %across = ein.contract "bci,bj,ijk->bck" sum_product (%x, %y, %c) {tlc.unroll = 2 : i64}
      : (tensor<37x5x3xf32>, tensor<37x3xf32>, tensor<3x3x3xf32>) -> tensor<37x5x3xf32>
  %along = ein.contract "ijk,ib,jb->kb" sum_product (%c, %z, %z)
      epilogue "i->ij" (%bias : tensor<3xf32>) {
  ^bb0(%sum: f32, %b: f32):
    %s = arith.addf %sum, %b : f32
    %i = ein.index 1
    %n = arith.index_cast %i : index to i32
    %v = arith.sitofp %n : i32 to f32
    %t = arith.addf %s, %v : f32
    ein.yield %t : f32
  } {tlc.unroll = 0 : i64}
      : (tensor<3x3x3xf32>, tensor<3x37xf32>, tensor<3x37xf32>) -> tensor<3x37xf32>
  %one = ein.contract "bi,ijk->bjk" sum_product (%y, %c) {tlc.unroll = 1 : i64}
      : (tensor<37x3xf32>, tensor<3x3x3xf32>) -> tensor<37x3x3xf32>
  %half = ein.contract "bi,bj,ijk->bk" sum_product (%h, %h, %ch) {tlc.unroll = 2 : i64}
      : (tensor<19x3xf16>, tensor<19x3xf16>, tensor<3x3x3xf16>) -> tensor<19x3xf16>
  %single = ein.contract "ij,ijk->k" sum_product (%w, %cw) {tlc.unroll = 1 : i64}
      : (tensor<3x3xf64>, tensor<3x3x3xf64>) -> tensor<3xf64>
  return %across, %along, %one, %half, %single
      : tensor<37x5x3xf32>, tensor<3x37xf32>, tensor<37x3x3xf32>, tensor<19x3xf16>, tensor<3xf64>
}
