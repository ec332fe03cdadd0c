// RUN: tl-opt %s --ein-order-contractions --cse | FileCheck %s

// Tests that a step that one contraction makes is not made again by another.

// The gradients in three modes: two of the large products, not three.
// CHECK-LABEL: @modes
// CHECK-COUNT-2: ein.contract{{.*}}tensor<40x40x40xf32>
// CHECK-NOT:   ein.contract{{.*}}tensor<40x40x40xf32>
// CHECK:       return
func.func @modes(%x: tensor<40x40x40xf32>, %a: tensor<40x8xf32>, %b: tensor<40x8xf32>, %c: tensor<40x8xf32>)
    -> (tensor<40x8xf32>, tensor<40x8xf32>, tensor<40x8xf32>) {
  %0 = ein.contract "ijk,jr,kr->ir" sum_product (%x, %b, %c)
      : (tensor<40x40x40xf32>, tensor<40x8xf32>, tensor<40x8xf32>) -> tensor<40x8xf32>
  %1 = ein.contract "ijk,ir,kr->jr" sum_product (%x, %a, %c)
      : (tensor<40x40x40xf32>, tensor<40x8xf32>, tensor<40x8xf32>) -> tensor<40x8xf32>
  %2 = ein.contract "ijk,ir,jr->kr" sum_product (%x, %a, %b)
      : (tensor<40x40x40xf32>, tensor<40x8xf32>, tensor<40x8xf32>) -> tensor<40x8xf32>
  return %0, %1, %2 : tensor<40x8xf32>, tensor<40x8xf32>, tensor<40x8xf32>
}

// What the other contraction sums, this one needs.
// CHECK-LABEL: @different
// CHECK-COUNT-4: ein.contract
// CHECK:       return
func.func @different(%a: tensor<30x30xf32>, %b: tensor<30x30xf32>, %c: tensor<30x30xf32>)
    -> (tensor<30x30xf32>, tensor<30x30x30x30xf32>) {
  %0 = ein.contract "ij,jk,kl->il" sum_product (%a, %b, %c)
      : (tensor<30x30xf32>, tensor<30x30xf32>, tensor<30x30xf32>) -> tensor<30x30xf32>
  %1 = ein.contract "ij,jk,kl->ijkl" sum_product (%a, %b, %c)
      : (tensor<30x30xf32>, tensor<30x30xf32>, tensor<30x30xf32>) -> tensor<30x30x30x30xf32>
  return %0, %1 : tensor<30x30xf32>, tensor<30x30x30x30xf32>
}
