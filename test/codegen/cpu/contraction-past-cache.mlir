// RUN: tl-opt --convert-ein-to-cpu='triple=x86_64-linux-gnu cpu=x86-64-v3' %s | FileCheck %s
// A result that is larger than the caches is written past them, if its address allows it; so that
// its lines are not read before.

// CHECK-LABEL: func.func @large(
// CHECK: llvm.ptrtoint
// CHECK: scf.if
// CHECK: llvm.store {{.*}} {alignment = 32 : i64, nontemporal} : vector<8xf32>
// CHECK: } else {
// CHECK-NOT: nontemporal
// CHECK: llvm.store {{.*}} {alignment = 4 : i64} : vector<8xf32>
func.func @large(%a: tensor<140000x8x2xf32>, %b: tensor<140000x2x8xf32>)
    -> tensor<140000x8x8xf32> {
  %c = ein.contract "bij,bjk->bik" sum_product (%a, %b)
      : (tensor<140000x8x2xf32>, tensor<140000x2x8xf32>) -> tensor<140000x8x8xf32>
  return %c : tensor<140000x8x8xf32>
}

// Small results stay in the cache; vectors of rows of 9 elements are not aligned.
// CHECK-LABEL: func.func @small(
// CHECK-NOT: nontemporal
func.func @small(%a: tensor<1400x8x2xf32>, %b: tensor<1400x2x8xf32>) -> tensor<1400x8x8xf32> {
  %c = ein.contract "bij,bjk->bik" sum_product (%a, %b)
      : (tensor<1400x8x2xf32>, tensor<1400x2x8xf32>) -> tensor<1400x8x8xf32>
  return %c : tensor<1400x8x8xf32>
}
func.func @odd(%a: tensor<140000x8x2xf32>, %b: tensor<140000x2x9xf32>)
    -> tensor<140000x8x9xf32> {
  %c = ein.contract "bij,bjk->bik" sum_product (%a, %b)
      : (tensor<140000x8x2xf32>, tensor<140000x2x9xf32>) -> tensor<140000x8x9xf32>
  return %c : tensor<140000x8x9xf32>
}
