// RUN: tl-opt %s | tl-opt | FileCheck %s
// RUN: tl-opt %s --mlir-print-op-generic | tl-opt | FileCheck %s
// Every operation of tl prints as it parses, with its optional parts.

// CHECK-LABEL: tl.program @everything
tl.program @everything {
  // CHECK: tl.domain @domain.Person ["Alice", "Bob"]
  tl.domain @domain.Person ["Alice", "Bob"]
  // CHECK: tl.tensor input @X : tensor<8x?xf32> sum_product {extents = ["b"]}
  tl.tensor input @X : tensor<8x?xf32> sum_product {extents = ["b"]}
  // CHECK: tl.tensor param @W : tensor<8x8xf32> sum_product {initializer = "normal", initializer_arguments = array<f64: 0.000000e+00, 2.000000e-02>}
  tl.tensor param @W : tensor<8x8xf32> sum_product {initializer = "normal", initializer_arguments = array<f64: 0.0, 0.02>}
  // CHECK: tl.tensor file @F : tensor<8xf32> sum_product {lowrank = 1.000000e-03 : f64, path = "f.npy"}
  tl.tensor file @F : tensor<8xf32> sum_product {path = "f.npy", lowrank = 1.0e-3}
  // CHECK: tl.tensor literal @R : tensor<2x2xi1> or_and {domains = [@domain.Person, unit], relation, value = dense
  tl.tensor literal @R : tensor<2x2xi1> or_and {relation, domains = [@domain.Person, unit], value = dense<[[false, true], [false, false]]> : tensor<2x2xi1>}
  tl.tensor computed @Y : tensor<8x?xf32> sum_product {extents = ["b"], output}
  tl.tensor computed @Z : tensor<9x8xf32> sum_product
  tl.tensor computed @S : tensor<2x2xi1> or_and {relation}
  // CHECK: tl.evaluate @Y {
  tl.evaluate @Y {
    // CHECK: tl.equation @Y #{{.*}} over ("i" = 8, "b" = ?"b", "j" = 8) sum {
    tl.equation @Y affine_map<(d0, d1, d2) -> (d0, d1)> over ("i" = 8, "b" = ?"b", "j" = 8) sum {
      // CHECK: tl.ref @W #{{.*}} : f32
      %0 = tl.ref @W affine_map<(d0, d1, d2) -> (d0, d2)> : f32
      %1 = tl.ref @X affine_map<(d0, d1, d2) -> (d2, d1)> : f32
      // CHECK: tl.product sum_product %{{.*}}, %{{.*}} : f32
      %2 = tl.product sum_product %0, %1 : f32
      // CHECK: tl.reduce sum sum_product [2] %{{.*}} : f32
      %3 = tl.reduce sum sum_product [2] %2 : f32
      // CHECK: tl.number 5.000000e-01 : f32
      %4 = tl.number 0.5 : f32
      // CHECK: tl.index #{{.*}} : f32
      %5 = tl.index affine_map<(d0, d1, d2) -> (d0 floordiv 2)> : f32
      // CHECK: tl.add sum_product %{{.*}}, %{{.*}}, %{{.*}} : f32
      %6 = tl.add sum_product %3, %4, %5 : f32
      // CHECK: tl.apply sig(%{{.*}}, %{{.*}}) : (f32, f32) -> f32
      %7 = tl.apply sig(%6, %4) : (f32, f32) -> f32
      // CHECK: tl.compare lt %{{.*}}, %{{.*}} : f32
      %8 = tl.compare lt %5, %7 : f32
      // CHECK: tl.convert sum_product %{{.*}} : i1 to f32
      %9 = tl.convert sum_product %8 : i1 to f32
      // CHECK: tl.normalize softmax [0] %{{.*}} : f32
      %10 = tl.normalize softmax [0] %9 : f32
      // CHECK: tl.yield %{{.*}} : f32
      tl.yield %10 : f32
    }
  }
  // CHECK: tl.loop 1 to 9 : i64 {
  tl.loop 1 to 9 {
    // CHECK: tl.slice @Z axis 0 attributes {offset = 2 : i64} initial {
    tl.slice @Z axis 0 attributes {offset = 2 : i64} initial {
      tl.equation @Z affine_map<(d0) -> (0, d0)> over ("i" = 8) sum {
        %0 = tl.ref @F affine_map<(d0) -> (d0)> : f32
        tl.yield %0 : f32
      }
    // CHECK: } step {
    } step {
      // CHECK: sum attributes {fire_lower = 1 : i64, fire_upper = [9, ["b", 1]], loop_shift = 1 : i64, loop_variable = 0 : i64} {
      tl.equation @Z affine_map<(d0, d1) -> (d0 + 1, d1)> over ("t" = 9, "i" = 8) sum attributes {loop_variable = 0 : i64, loop_shift = 1 : i64, fire_lower = 1 : i64, fire_upper = [9, ["b", 1]]} {
        %0 = tl.ref @Z affine_map<(d0, d1) -> (d0, d1)> : f32
        tl.yield %0 : f32
      }
    }
  }
  // CHECK: tl.loop 0 to "b" {
  tl.loop 0 to "b" {
  }
  // CHECK: tl.fixpoint tolerance 9.{{[0-9]*}}E-7 max_steps 10 {
  tl.fixpoint tolerance 1.0e-6 max_steps 10 {
    tl.evaluate @S {
      // CHECK: over ("x" = 2, "y" = 2) sum attributes {rule} {
      tl.equation @S affine_map<(d0, d1) -> (d0, d1)> over ("x" = 2, "y" = 2) sum attributes {rule} {
        %0 = tl.ref @R affine_map<(d0, d1) -> (d0, d1)> : i1
        tl.yield %0 : i1
      }
    }
  }
  // CHECK: tl.query @S [0, "y"] "S(Alice, y)"
  tl.query @S [0, "y"] "S(Alice, y)"
  // CHECK: tl.write @Y "y.npy"
  tl.write @Y "y.npy"
}

// CHECK-LABEL: tl.program @concatenation
tl.program @concatenation {
  tl.tensor input @A : tensor<2x3xf32> sum_product
  tl.tensor computed @Y : tensor<6xf32> sum_product
  tl.evaluate @Y {
    tl.equation @Y affine_map<(d0, d1, d2) -> (d2)> over ("i" = 2, "j" = 3, "k" = 6) sum {
      %0 = tl.ref @A affine_map<(d0, d1, d2) -> (d0, d1)> : f32
      // CHECK: tl.concat [0, 1] into 2 %{{.*}} : f32
      %1 = tl.concat [0, 1] into 2 %0 : f32
      tl.yield %1 : f32
    }
  }
}
