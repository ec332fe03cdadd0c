// RUN: tl-opt --convert-ein-to-cpu='triple=x86_64-linux-gnu cpu=cooperlake' %s | FileCheck %s --check-prefixes=CHECK,DOT
// RUN: tl-opt --convert-ein-to-cpu='triple=x86_64-linux-gnu cpu=x86-64-v4' %s | FileCheck %s --check-prefixes=CHECK,PLAIN
// RUN: tl-opt --convert-ein-to-cpu='triple=x86_64-linux-gnu cpu=x86-64-v3' %s | FileCheck %s --check-prefix=AVX2
// RUN: tl-opt --convert-ein-to-cpu='triple=x86_64-linux-gnu cpu=baseline' %s | FileCheck %s --check-prefix=SSE
// RUN: tl-opt --convert-ein-to-cpu='triple=aarch64-linux-gnu cpu=generic' %s | FileCheck %s --check-prefix=NEON
// RUN: tl-opt --convert-ein-to-cpu='triple=x86_64-linux-gnu cpu=cooperlake' --cpu-outline-parallel --cpu-to-llvm %s \
// RUN:   | mlir-translate --allow-unregistered-dialect --mlir-to-llvmir | llc -mtriple=x86_64-linux-gnu -mcpu=cooperlake | FileCheck %s --check-prefix=ASM
// Each type of operands and each semiring has panels and a step of its own, by what the processor can do.

// CHECK-LABEL: func.func @bf16(
// DOT: llvm.call @tlc_pack_bf16x2_48(
// DOT: llvm.call @tlc_multiply_bf16x2_8x48(
// PLAIN: llvm.call @tlc_pack_bf16_f32_48(
// PLAIN: llvm.call @tlc_multiply_f32_8x48(
// AVX2: llvm.call @tlc_multiply_f32_6x16(
// NEON: llvm.call @tlc_multiply_f32_8x12(
func.func @bf16(%a: tensor<512x512xbf16>, %b: tensor<512x512xbf16>) -> tensor<512x512xf32> {
  %c = ein.contract "ij,jk->ik" sum_product (%a, %b)
      : (tensor<512x512xbf16>, tensor<512x512xbf16>) -> tensor<512x512xf32>
  return %c : tensor<512x512xf32>
}

// Sums of half precision have memory of their own: they are rounded once.
// CHECK-LABEL: func.func @f16(
// CHECK: llvm.call @tlrt_alloc(
// CHECK: llvm.call @tlc_pack_f16_f32_48(
// CHECK: llvm.call @tlc_multiply_f32_8x48(
func.func @f16(%a: tensor<512x512xf16>, %b: tensor<512x512xf16>) -> tensor<512x512xf16> {
  %c = ein.contract "ij,jk->ik" sum_product (%a, %b)
      : (tensor<512x512xf16>, tensor<512x512xf16>) -> tensor<512x512xf16>
  return %c : tensor<512x512xf16>
}

// CHECK-LABEL: func.func @i8(
// DOT: llvm.call @tlc_pack_i8x4_48(
// DOT: llvm.call @tlc_pack_u8x4_8(
// DOT: llvm.call @tlc_multiply_i8x4_8x48(
// PLAIN: llvm.call @tlc_multiply_i8_i16x2_8x48(
// AVX2: llvm.call @tlc_multiply_i8_i16x2_6x16(
// SSE: llvm.call @tlc_multiply_i8_i16x2_6x8(
// NEON: llvm.call @tlc_multiply_i32_8x12(
func.func @i8(%a: tensor<512x512xi8>, %b: tensor<512x512xi8>) -> tensor<512x512xi32> {
  %c = ein.contract "ij,jk->ik" sum_product (%a, %b)
      : (tensor<512x512xi8>, tensor<512x512xi8>) -> tensor<512x512xi32>
  return %c : tensor<512x512xi32>
}

// CHECK-LABEL: func.func @complex(
// CHECK: llvm.call @tlc_pack_f64_16(
// CHECK: llvm.call @tlc_multiply_c64_6x16(
// AVX2: llvm.call @tlc_multiply_c64_3x8(
func.func @complex(%a: tensor<512x512xcomplex<f32>>, %b: tensor<512x512xcomplex<f32>>) -> tensor<512x512xcomplex<f32>> {
  %c = ein.contract "ij,jk->ik" sum_product (%a, %b)
      : (tensor<512x512xcomplex<f32>>, tensor<512x512xcomplex<f32>>) -> tensor<512x512xcomplex<f32>>
  return %c : tensor<512x512xcomplex<f32>>
}

// CHECK-LABEL: func.func @booleans(
// CHECK: llvm.call @tlc_pack_bits_48(
// CHECK: llvm.call @tlc_multiply_bits_8x48(
func.func @booleans(%a: tensor<512x512xi1>, %b: tensor<512x512xi1>) -> tensor<512x512xi1> {
  %c = ein.contract "ij,jk->ik" or_and (%a, %b)
      : (tensor<512x512xi1>, tensor<512x512xi1>) -> tensor<512x512xi1>
  return %c : tensor<512x512xi1>
}

// CHECK-LABEL: func.func @shortest(
// CHECK: llvm.call @tlc_pack_f32_48(
// CHECK: llvm.call @tlc_multiply_min_plus_f32_8x48(
func.func @shortest(%a: tensor<512x512xf32>, %b: tensor<512x512xf32>) -> tensor<512x512xf32> {
  %c = ein.contract "ij,jk->ik" min_plus (%a, %b)
      : (tensor<512x512xf32>, tensor<512x512xf32>) -> tensor<512x512xf32>
  return %c : tensor<512x512xf32>
}

// A byte is too little to transpose; counts check each sum; a sum of exponentials takes two passes.
// CHECK-LABEL: func.func @bytes(
// CHECK-NOT: tlc_multiply
// CHECK-LABEL: func.func @counts(
// CHECK-NOT: tlc_multiply
// CHECK-LABEL: func.func @likelihood(
// CHECK-NOT: tlc_multiply
// CHECK: llvm.func internal
func.func @bytes(%a: tensor<512x512xi8>, %b: tensor<512x512xi8>) -> tensor<512x512xi8> {
  %c = ein.contract "ij,jk->ik" max_min (%a, %b)
      : (tensor<512x512xi8>, tensor<512x512xi8>) -> tensor<512x512xi8>
  return %c : tensor<512x512xi8>
}
func.func @counts(%a: tensor<512x512xi64>, %b: tensor<512x512xi64>) -> tensor<512x512xi64> {
  %c = ein.contract "ij,jk->ik" count (%a, %b)
      : (tensor<512x512xi64>, tensor<512x512xi64>) -> tensor<512x512xi64>
  return %c : tensor<512x512xi64>
}
func.func @likelihood(%a: tensor<512x512xf32>, %b: tensor<512x512xf32>) -> tensor<512x512xf32> {
  %c = ein.contract "ij,jk->ik" log_sum_exp (%a, %b)
      : (tensor<512x512xf32>, tensor<512x512xf32>) -> tensor<512x512xf32>
  return %c : tensor<512x512xf32>
}

// The sums of the inner loops stay in registers, and each step is an instruction.
// ASM-LABEL: tlc_multiply_bf16x2_8x48:
// ASM: vdpbf16ps
// ASM-NOT: rsp
// ASM-COUNT-23: vdpbf16ps
// ASM: j{{n?[a-z]+}} .LBB
// ASM-LABEL: tlc_multiply_i8x4_8x48:
// ASM: vpdpbusd
// ASM-NOT: rsp
// ASM-COUNT-23: vpdpbusd
// ASM: j{{n?[a-z]+}} .LBB
// ASM-LABEL: tlc_multiply_bits_8x48:
// ASM: vpternlogd
// ASM-NOT: rsp
// ASM-COUNT-23: vpternlogd
// ASM: j{{n?[a-z]+}} .LBB
