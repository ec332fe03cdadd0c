// RUN: tl-opt --convert-ein-to-cpu='triple=x86_64-linux-gnu cpu=x86-64-v3' %s | FileCheck %s --check-prefixes=CHECK,AVX2
// RUN: tl-opt --convert-ein-to-cpu='triple=x86_64-linux-gnu cpu=x86-64-v4' %s | FileCheck %s --check-prefixes=CHECK,AVX512
// RUN: tl-opt --convert-ein-to-cpu='triple=aarch64-linux-gnu cpu=neoverse-n1' %s | FileCheck %s --check-prefixes=CHECK,NEON
// RUN: tl-opt --convert-ein-to-cpu='triple=x86_64-linux-gnu cpu=baseline' %s | FileCheck %s --check-prefixes=CHECK,SSE
// The register tile follows from the target's registers; kernels are shared by all contractions.

// CHECK: llvm.func @tlrt_workspace(!llvm.ptr, i32, i64) -> !llvm.ptr

// AVX2: llvm.call @tlc_pack_f32_16(
// AVX2: llvm.call @tlc_pack_f32_6(
// AVX2: llvm.call @tlc_multiply_f32_6x16(
func.func @square(%a: tensor<512x512xf32>, %b: tensor<512x512xf32>) -> tensor<512x512xf32> {
  %c = ein.contract "ij,jk->ik" sum_product (%a, %b)
      : (tensor<512x512xf32>, tensor<512x512xf32>) -> tensor<512x512xf32>
  return %c : tensor<512x512xf32>
}

// A second contraction of the same type needs no more kernels.
// AVX2: llvm.call @tlc_pack_f32_16(
// AVX2: llvm.call @tlc_pack_f32_6(
// AVX2: llvm.call @tlc_multiply_f32_6x16(
func.func @dims(%a: tensor<8x16x120x9xf32>, %b: tensor<9x240x16xf32>) -> tensor<8x120x240xf32> {
  %c = ein.contract "aeif,fje->aij" sum_product (%a, %b)
      : (tensor<8x16x120x9xf32>, tensor<9x240x16xf32>) -> tensor<8x120x240xf32>
  return %c : tensor<8x120x240xf32>
}

// Few rows: the matrix that they are multiplied with is not packed if its rows are whole vectors.
// CHECK-LABEL: func.func @rows(
// AVX512-NOT: llvm.call @tlc_pack_f32_48(
// AVX512: llvm.call @tlc_pack_f32_8(
// AVX512: llvm.call @tlc_multiply_f32_8x48_in_place(
// CHECK-LABEL: func.func @transposed(
// AVX512: llvm.call @tlc_pack_f32_48(
// AVX512: llvm.call @tlc_multiply_f32_8x48(
func.func @rows(%a: tensor<16x1024xf32>, %b: tensor<1024x4096xf32>) -> tensor<16x4096xf32> {
  %c = ein.contract "ij,jk->ik" sum_product (%a, %b)
      : (tensor<16x1024xf32>, tensor<1024x4096xf32>) -> tensor<16x4096xf32>
  return %c : tensor<16x4096xf32>
}
func.func @transposed(%a: tensor<16x1024xf32>, %b: tensor<4096x1024xf32>) -> tensor<16x4096xf32> {
  %c = ein.contract "ij,kj->ik" sum_product (%a, %b)
      : (tensor<16x1024xf32>, tensor<4096x1024xf32>) -> tensor<16x4096xf32>
  return %c : tensor<16x4096xf32>
}

// Too little work, or operands that stay in the cache with vectors in the result's direction, or too
// narrow, or not floating point: loops.
// CHECK-LABEL: func.func @small(
// CHECK-NOT: tlc_multiply
// CHECK-LABEL: func.func @cached(
// CHECK-NOT: tlc_multiply
// CHECK-LABEL: func.func @vector(
// CHECK-NOT: tlc_multiply
// CHECK-LABEL: func.func @integers(
// CHECK-NOT: tlc_multiply
// CHECK-LABEL: func.func @maximum(
// CHECK: llvm.call @tlc_multiply_max_plus_f32_
// CHECK-LABEL: func.func @double(
func.func @small(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %c = ein.contract "ij,jk->ik" sum_product (%a, %b)
      : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  return %c : tensor<8x8xf32>
}
func.func @cached(%a: tensor<64x64xf32>, %b: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %c = ein.contract "ij,jk->ik" sum_product (%a, %b)
      : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
  return %c : tensor<64x64xf32>
}
func.func @vector(%a: tensor<512x512xf32>, %b: tensor<512xf32>) -> tensor<512xf32> {
  %c = ein.contract "ij,j->i" sum_product (%a, %b)
      : (tensor<512x512xf32>, tensor<512xf32>) -> tensor<512xf32>
  return %c : tensor<512xf32>
}
func.func @integers(%a: tensor<64x64xi32>, %b: tensor<64x64xi32>) -> tensor<64x64xi32> {
  %c = ein.contract "ij,jk->ik" sum_product (%a, %b)
      : (tensor<64x64xi32>, tensor<64x64xi32>) -> tensor<64x64xi32>
  return %c : tensor<64x64xi32>
}
func.func @maximum(%a: tensor<64x64xf32>, %b: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %c = ein.contract "ij,jk->ik" max_plus (%a, %b)
      : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
  return %c : tensor<64x64xf32>
}

// AVX2: llvm.call @tlc_multiply_f64_6x8(
// AVX512: llvm.call @tlc_multiply_f64_8x24(
// NEON: llvm.call @tlc_multiply_f64_8x6(
// SSE: llvm.call @tlc_multiply_f64_6x4(
func.func @double(%a: tensor<64x64xf64>, %b: tensor<64x64xf64>) -> tensor<64x64xf64> {
  %c = ein.contract "ij,kj->ik" sum_product (%a, %b)
      : (tensor<64x64xf64>, tensor<64x64xf64>) -> tensor<64x64xf64>
  return %c : tensor<64x64xf64>
}

// The right operand's neighbours are not the result's: squares of both dimensions, if they fill
// vectors, else element by element.
// AVX512-LABEL: func.func @across(
// AVX512: llvm.call @tlc_pack_across_f32_48(
// AVX512-LABEL: func.func @partial(
// AVX512: llvm.call @tlc_pack_f32_48(
func.func @across(%a: tensor<96x40x84x96xf32>, %b: tensor<24x40xf32>) -> tensor<96x24x84x96xf32> {
  %c = ein.contract "deca,be->abcd" sum_product (%a, %b)
      : (tensor<96x40x84x96xf32>, tensor<24x40xf32>) -> tensor<96x24x84x96xf32>
  return %c : tensor<96x24x84x96xf32>
}
func.func @partial(%a: tensor<90x40x84x90xf32>, %b: tensor<24x40xf32>) -> tensor<90x24x84x90xf32> {
  %c = ein.contract "deca,be->abcd" sum_product (%a, %b)
      : (tensor<90x40x84x90xf32>, tensor<24x40xf32>) -> tensor<90x24x84x90xf32>
  return %c : tensor<90x24x84x90xf32>
}

// AVX2: llvm.func internal @tlc_multiply_f32_6x16(
// AVX512: llvm.func internal @tlc_multiply_f32_8x48(
// NEON: llvm.func internal @tlc_multiply_f32_8x12(
// SSE: llvm.func internal @tlc_multiply_f32_6x8(
// AVX2-COUNT-12: vector.fma {{.*}} : vector<8xf32>
// AVX512-COUNT-24: vector.fma {{.*}} : vector<16xf32>
// NEON-COUNT-24: vector.fma {{.*}} : vector<4xf32>
// SSE-NOT: vector.fma
// SSE: arith.mulf {{.*}} : vector<4xf32>
