// RUN: tl-opt --cpu-use-kernel-library='cpu=x86-64-v3' --convert-ein-to-cpu='cpu=x86-64-v3' %s | FileCheck %s --check-prefixes=LIBRARY,V3 --implicit-check-not='internal @tlc_'
// RUN: tl-opt --cpu-use-kernel-library='cpu=x86-64-v4' --convert-ein-to-cpu='cpu=x86-64-v4' %s | FileCheck %s --check-prefixes=LIBRARY,V4 --implicit-check-not='internal @tlc_'
// RUN: tl-opt --cpu-use-kernel-library='cpu=baseline' --convert-ein-to-cpu='cpu=baseline' %s | FileCheck %s --check-prefixes=LIBRARY,BASE --implicit-check-not='internal @tlc_'
// RUN: tl-opt --cpu-use-kernel-library='cpu=haswell' --convert-ein-to-cpu='cpu=haswell' %s | FileCheck %s --check-prefixes=LIBRARY,V3 --implicit-check-not='internal @tlc_'
// RUN: tl-opt --cpu-use-kernel-library='cpu=sandybridge' --convert-ein-to-cpu='cpu=sandybridge' %s | FileCheck %s --check-prefix=INLINE
// RUN: tl-opt --cpu-use-kernel-library='triple=aarch64-linux-gnu cpu=generic' --convert-ein-to-cpu='triple=aarch64-linux-gnu cpu=generic' %s | FileCheck %s --check-prefix=INLINE
// RUN: tl-opt --convert-ein-to-cpu='cpu=x86-64-v3' %s | FileCheck %s --check-prefix=INLINE
// A module for this process declares the kernels of the processor's level and defines none. Processors
// of no level or of another machine, and objects ahead of time, have kernels of their own.

// LIBRARY-LABEL: func.func @single(
// V3: llvm.call @tlc_multiply_f32_6x16(
// V4: llvm.call @tlc_multiply_f32_8x48(
// BASE: llvm.call @tlc_multiply_f32_6x8(
func.func @single(%a: tensor<768x768xf32>, %b: tensor<768x768xf32>) -> tensor<768x768xf32> {
  %c = ein.contract "ij,kj->ik" sum_product (%a, %b)
      : (tensor<768x768xf32>, tensor<768x768xf32>) -> tensor<768x768xf32>
  return %c : tensor<768x768xf32>
}

// LIBRARY-LABEL: func.func @double(
// V3: llvm.call @tlc_multiply_f64_6x8(
// V4: llvm.call @tlc_multiply_f64_8x24(
// BASE: llvm.call @tlc_multiply_f64_6x4(
func.func @double(%a: tensor<768x768xf64>, %b: tensor<768x768xf64>) -> tensor<768x768xf64> {
  %c = ein.contract "ij,kj->ik" sum_product (%a, %b)
      : (tensor<768x768xf64>, tensor<768x768xf64>) -> tensor<768x768xf64>
  return %c : tensor<768x768xf64>
}

// V3: llvm.func @tlc_multiply_f32_6x16(
// V4: llvm.func @tlc_multiply_f32_8x48(
// BASE: llvm.func @tlc_multiply_f32_6x8(
// INLINE: llvm.func internal @tlc_pack_f32_
// INLINE: llvm.func internal @tlc_multiply_f32_
