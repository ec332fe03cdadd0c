// RUN: tl-opt --convert-ein-to-cpu='triple=x86_64-linux-gnu cpu=x86-64-v3' %s | FileCheck %s
// RUN: tl-opt --convert-ein-to-cpu='triple=x86_64-linux-gnu cpu=x86-64-v3 force-lowering=nest' %s | FileCheck %s --check-prefix=NEST
// RUN: tl-opt --convert-ein-to-cpu='triple=x86_64-linux-gnu cpu=x86-64-v3 force-lowering=packed' %s | FileCheck %s --check-prefix=PACKED
// Tests which lowering a contraction gets, and that a test can ask for another.

// Straight-line code: two rows of one vector, and no loop over what is summed.
// CHECK-LABEL: func.func @tiny(
// CHECK: scf.for
// CHECK-NOT: iter_args
// CHECK-COUNT-16: arith.mulf {{.*}} : vector<4xf32>
// CHECK-NOT: arith.mulf
// CHECK-LABEL: func.func @edges(
// PACKED-LABEL: func.func @tiny(
// PACKED: llvm.call @tlc_multiply_f32_6x16(
func.func @tiny(%a: tensor<10x4x4xf32>, %b: tensor<10x4x4xf32>) -> tensor<10x4x4xf32> {
  %c = ein.contract "bij,bjk->bik" sum_product (%a, %b)
      : (tensor<10x4x4xf32>, tensor<10x4x4xf32>) -> tensor<10x4x4xf32>
  return %c : tensor<10x4x4xf32>
}

// 12 columns are a vector of 8 and one of 4: nothing is computed twice.
// CHECK: llvm.store {{.*}} : vector<8xf32>
// CHECK: llvm.store {{.*}} : vector<4xf32>
// CHECK-LABEL: func.func @rows(
func.func @edges(%a: tensor<5x100xf32>, %b: tensor<100x12xf32>) -> tensor<5x12xf32> {
  %c = ein.contract "ij,jk->ik" sum_product (%a, %b)
      : (tensor<5x100xf32>, tensor<100x12xf32>) -> tensor<5x12xf32>
  return %c : tensor<5x12xf32>
}

// A matrix times a vector: four rows at a time, with two sums each.
// CHECK: :8 = scf.for {{.*}} -> (vector<8xf32>, {{.*}}) : i64
// CHECK-COUNT-8: arith.mulf {{.*}} : vector<8xf32>
// CHECK-LABEL: func.func @columns(
// NEST-LABEL: func.func @rows(
// NEST: :4 = scf.for {{.*}} -> (vector<8xf32>, {{.*}}) : i64
func.func @rows(%a: tensor<512x512xf32>, %b: tensor<512xf32>) -> tensor<512xf32> {
  %c = ein.contract "ij,j->i" sum_product (%a, %b)
      : (tensor<512x512xf32>, tensor<512xf32>) -> tensor<512xf32>
  return %c : tensor<512xf32>
}

// A vector times a matrix: eight rows are added at a time.
// CHECK-COUNT-8: llvm.load {{.*}} -> f32
// CHECK-COUNT-16: arith.maximumf {{.*}} : vector<8xf32>
// CHECK-LABEL: func.func @shortest(
func.func @columns(%a: tensor<512xf32>, %b: tensor<512x512xf32>) -> tensor<512xf32> {
  %c = ein.contract "i,ij->j" max_plus (%a, %b)
      : (tensor<512xf32>, tensor<512x512xf32>) -> tensor<512xf32>
  return %c : tensor<512xf32>
}

// Other semirings and integers have register tiles as well.
// CHECK: scf.for {{.*}} iter_args({{.*}}) -> (vector<8xf32>, vector<8xf32>,
// CHECK: arith.minimumf {{.*}} : vector<8xf32>
func.func @shortest(%a: tensor<64x64xf32>, %b: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %c = ein.contract "ij,jk->ik" min_plus (%a, %b)
      : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
  return %c : tensor<64x64xf32>
}
