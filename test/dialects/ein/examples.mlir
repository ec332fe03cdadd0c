// RUN: tl-opt %s | FileCheck %s
// Tests that the example in each operation's description is valid.

// CHECK-LABEL: @contract
func.func @contract(%a: tensor<8x16xf32>, %b: tensor<16x4xf32>) -> tensor<8x4xf32> {
  // CHECK: ein.contract "ij,jk->ik" sum_product (%{{.*}}, %{{.*}})
  %c = ein.contract "ij,jk->ik" sum_product (%a, %b)
      : (tensor<8x16xf32>, tensor<16x4xf32>) -> tensor<8x4xf32>
  return %c : tensor<8x4xf32>
}

// CHECK-LABEL: @map
func.func @map(%x: tensor<8x4xf32>, %bias: tensor<4xf32>) -> tensor<8x4xf32> {
  // CHECK: ein.map "ij,j" (%{{.*}}, %{{.*}}) : (tensor<8x4xf32>, tensor<4xf32>) -> tensor<8x4xf32> {
  %r = ein.map "ij,j" (%x, %bias) : (tensor<8x4xf32>, tensor<4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32, %b: f32):
    %s = arith.addf %a, %b : f32
    // CHECK: ein.yield %{{.*}} : f32
    ein.yield %s : f32
  }
  return %r : tensor<8x4xf32>
}

// CHECK-LABEL: @index
func.func @index() -> tensor<8xindex> {
  // CHECK: ein.map "->i" () : () -> tensor<8xindex> {
  %r = ein.map "->i" () : () -> tensor<8xindex> {
    // CHECK: ein.index 0
    %i = ein.index 0
    ein.yield %i : index
  }
  return %r : tensor<8xindex>
}

// CHECK-LABEL: @reduce
func.func @reduce(%x: tensor<8x4xf32>) -> tensor<8xf32> {
  // CHECK: ein.reduce max [1](%{{.*}}) : (tensor<8x4xf32>) -> tensor<8xf32>
  %m = ein.reduce max [1] (%x) : (tensor<8x4xf32>) -> tensor<8xf32>
  return %m : tensor<8xf32>
}

// CHECK-LABEL: @normalize
func.func @normalize(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  // CHECK: ein.normalize softmax [1](%{{.*}}) : tensor<8x4xf32>
  %s = ein.normalize softmax [1] (%x) : tensor<8x4xf32>
  return %s : tensor<8x4xf32>
}

// CHECK-LABEL: @gather
func.func @gather(%x: tensor<8xf32>) -> tensor<10xf32> {
  // CHECK: ein.gather %{{.*}} at #{{.*}} fill 0.000000e+00 : f32 : tensor<8xf32> -> tensor<10xf32>
  %p = ein.gather %x at affine_map<(d0) -> (d0 - 1)> fill 0.0 : f32
      : tensor<8xf32> -> tensor<10xf32>
  return %p : tensor<10xf32>
}

// CHECK-LABEL: @scatter
func.func @scatter(%x: tensor<8xf32>, %zero: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: ein.scatter add %{{.*}} into %{{.*}} at #{{.*}} : tensor<8xf32> into tensor<4xf32>
  %r = ein.scatter add %x into %zero at affine_map<(d0) -> (d0 floordiv 2)>
      : tensor<8xf32> into tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: @loop
func.func @loop(%c0: index, %c9: index, %init: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: ein.loop %[[I:.*]] = %{{.*}} to %{{.*}} (%[[X:.*]] = %{{.*}}) : tensor<4xf32> {
  %r = ein.loop %i = %c0 to %c9 (%x = %init) : tensor<4xf32> {
    %y = ein.map "i" (%x) : (tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%a: f32):
      %t = math.tanh %a : f32
      ein.yield %t : f32
    }
    ein.yield %y : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// CHECK-LABEL: @fixpoint
func.func @fixpoint(%edges: tensor<4x4xi1>) -> (tensor<4x4xi1>, tensor<i1>) {
  // CHECK: ein.fixpoint (%[[X:.*]] = %{{.*}}) : tensor<4x4xi1> {
  %r, %ok = ein.fixpoint (%x = %edges) : tensor<4x4xi1> {
    // CHECK: ein.contract "ij,jk->ik" or_and
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
