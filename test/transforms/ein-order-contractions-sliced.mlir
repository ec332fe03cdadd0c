// RUN: tl-opt %s --ein-order-contractions=memory=50000 | FileCheck %s
// RUN: tl-opt %s --ein-order-contractions=memory=66000 | FileCheck %s --check-prefix=ROOM

// Tests that a contraction with too large an intermediate is put into a loop over slices.

// CHECK-LABEL: @triangles
// CHECK:       %[[ZERO:.*]] = ein.map
// CHECK:       ein.loop %[[I:.*]] = %{{.*}} to %{{.*}} (%[[SUM:.*]] = %[[ZERO]])
// CHECK:         ein.gather
// CHECK-SAME:      symbols(%[[I]])
// CHECK:         ein.contract
// CHECK:         ein.scatter add %{{.*}} into %[[SUM]]
// ROOM-LABEL:  @triangles
// ROOM-NOT:    ein.loop
// ROOM:        return
func.func @triangles(%a: tensor<64x64xf32>, %b: tensor<64x64xf32>, %c: tensor<64x64xf32>) -> tensor<f32> {
  %0 = ein.contract "ij,jk,ki->" sum_product (%a, %b, %c)
      : (tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// The slices of an index of the result go to their places.
// CHECK-LABEL: @batch
// CHECK:       ein.loop
// CHECK:         ein.scatter
// CHECK-NOT:   symbols()
func.func @batch(%a: tensor<16x32x32xf16>, %b: tensor<16x32x32xf16>, %c: tensor<16x32x4xf16>) -> tensor<16x32x4xf16> {
  %0 = ein.contract "bij,bjk,bkl->bil" max_plus (%a, %b, %c)
      : (tensor<16x32x32xf16>, tensor<16x32x32xf16>, tensor<16x32x4xf16>) -> tensor<16x32x4xf16>
  return %0 : tensor<16x32x4xf16>
}
