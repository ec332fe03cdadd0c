// RUN: tl-opt --convert-ein-to-cpu="cpu=x86-64-v3" %s | FileCheck %s
// Tests the C interface of a converted function, its loops and its exit.

// CHECK: llvm.mlir.global private constant {{.*}}("A\00B\00\00")
// CHECK-LABEL: func.func @product(
// CHECK-SAME: %[[CONTEXT:.*]]: !llvm.ptr, %[[INPUTS:.*]]: !llvm.ptr, %[[OUTPUTS:.*]]: !llvm.ptr) -> i32
// CHECK: llvm.call @tlrt_bind_inputs(%[[CONTEXT]], %[[INPUTS]],
// CHECK: cf.cond_br
// CHECK: llvm.call @tlrt_bind_output(%[[CONTEXT]], %[[INPUTS]],
// CHECK: scf.for {{.*}} iter_args({{.*}}) -> (vector<8xf32>
// CHECK: arith.addf {{.*}} fastmath<contract> : vector<8xf32>
// CHECK: llvm.store {{.*}} : vector<8xf32>, !llvm.ptr
// CHECK: llvm.call @tlrt_finish_output(
// CHECK: llvm.call @tlrt_release(
// CHECK: return
func.func @product(%a: tensor<3x500xf32> {tl.name = "A"}, %b: tensor<500x24xf32> {tl.name = "B"})
    -> (tensor<3x24xf32> {tl.name = "C"}) {
  %c = ein.contract "ij,jk->ik" sum_product (%a, %b)
      : (tensor<3x500xf32>, tensor<500x24xf32>) -> tensor<3x24xf32>
  return %c : tensor<3x24xf32>
}

// Large work is cut into parts, whose number does not depend on the machine.
// CHECK-LABEL: func.func @large(
// CHECK: scf.parallel (%{{.*}}) = (%{{.*}}) to (%{{.*}})
func.func @large(%a: tensor<2000x3000xf32>) -> tensor<2000x3000xf32> {
  %c = ein.map "ij" (%a) : (tensor<2000x3000xf32>) -> tensor<2000x3000xf32> {
  ^bb0(%x: f32):
    %s = math.sqrt %x : f32
    ein.yield %s : f32
  }
  return %c : tensor<2000x3000xf32>
}

// Nothing is allocated for a history that is updated in place, and nothing inside the loop.
// CHECK-LABEL: func.func @scan(
// CHECK: llvm.call @tlrt_bind_output
// CHECK: llvm.call @tlrt_alloc
// CHECK-NOT: llvm.call @tlrt_alloc
// CHECK: return
func.func @scan(%x: tensor<64xf32>) -> tensor<10x64xf32> {
  %c0 = arith.constant 0 : index
  %c9 = arith.constant 9 : index
  %zero = arith.constant dense<0.0> : tensor<10x64xf32>
  %h = ein.scatter overwrite %x into %zero at affine_map<(d0) -> (0, d0)>
      : tensor<64xf32> into tensor<10x64xf32>
  %r = ein.loop %t = %c0 to %c9 (%s = %h) : tensor<10x64xf32> {
    %y = ein.gather %s at affine_map<(d0)[s0] -> (s0, d0)> symbols(%t) fill 0.0 : f32
        : tensor<10x64xf32> -> tensor<64xf32>
    %n = ein.scatter overwrite %y into %s at affine_map<(d0)[s0] -> (s0 + 1, d0)> symbols(%t)
        : tensor<64xf32> into tensor<10x64xf32>
    ein.yield %n : tensor<10x64xf32>
  }
  return %r : tensor<10x64xf32>
}
