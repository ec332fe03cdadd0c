// RUN: tl-opt --convert-ein-to-cpu='triple=x86_64-linux-gnu cpu=x86-64-v3' --cpu-outline-parallel --cpu-to-llvm %s \
// RUN:   | mlir-translate --mlir-to-llvmir | llc -mtriple=x86_64-linux-gnu -mcpu=x86-64-v3 | FileCheck %s --check-prefix=AVX2
// RUN: tl-opt --convert-ein-to-cpu='triple=x86_64-linux-gnu cpu=x86-64-v4' --cpu-outline-parallel --cpu-to-llvm %s \
// RUN:   | mlir-translate --mlir-to-llvmir | llc -mtriple=x86_64-linux-gnu -mcpu=x86-64-v4 | FileCheck %s --check-prefix=AVX512
// RUN: tl-opt --convert-ein-to-cpu='triple=aarch64-linux-gnu cpu=neoverse-n1' --cpu-outline-parallel --cpu-to-llvm %s \
// RUN:   | mlir-translate --mlir-to-llvmir | llc -mtriple=aarch64-linux-gnu -mcpu=neoverse-n1 | FileCheck %s --check-prefix=NEON
// The accumulators of the innermost loop stay in registers: between its multiply-adds nothing
// is stored and nothing is loaded from the stack.

// AVX2-LABEL: tlc_multiply_f64_6x8:
// AVX2: vfmadd231pd
// AVX2-NOT: {{rsp|vmov.* .*, .*\(}}
// AVX2-COUNT-11: vfmadd231pd
// AVX2: j{{n?[a-z]+}} .LBB

// AVX512-LABEL: tlc_multiply_f64_8x24:
// AVX512: vfmadd231pd
// AVX512-NOT: rsp
// AVX512-COUNT-23: vfmadd231pd
// AVX512: j{{n?[a-z]+}} .LBB

// NEON-LABEL: tlc_multiply_f64_8x6:
// NEON: fmla
// NEON-NOT: sp
// NEON-COUNT-23: fmla
// NEON: b.{{[a-z]+}} .LBB
func.func @matrices(%a: tensor<512x512xf64>, %b: tensor<512x512xf64>) -> tensor<512x512xf64> {
  %c = ein.contract "ij,jk->ik" sum_product (%a, %b)
      : (tensor<512x512xf64>, tensor<512x512xf64>) -> tensor<512x512xf64>
  return %c : tensor<512x512xf64>
}
