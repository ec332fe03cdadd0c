// RUN: tl-opt %s --split-input-file --verify-diagnostics
// Each operation of tl refuses what has no meaning.

tl.program @main {
  // expected-error@+1 {{names 0 run-time extents but its type has 1}}
  tl.tensor input @X : tensor<?xf32> sum_product
}

// -----

tl.program @main {
  // expected-error@+1 {{cannot hold or_and in elements of type 'f32'}}
  tl.tensor input @X : tensor<4xf32> or_and
}

// -----

tl.program @main {
  // expected-error@+1 {{is a literal without a value}}
  tl.tensor literal @X : tensor<4xf32> sum_product
}

// -----

tl.program @main {
  // expected-error@+1 {{comes from a file without a path}}
  tl.tensor file @X : tensor<4xf32> sum_product
}

// -----

tl.program @main {
  // expected-error@+1 {{has type 'tensor<4xf32>' but a value of type 'tensor<2xf32>'}}
  tl.tensor literal @X : tensor<4xf32> sum_product {value = dense<1.0> : tensor<2xf32>}
}

// -----

tl.program @main {
  tl.tensor input @X : tensor<4xf32> sum_product
  // expected-error@+1 {{has 2 positions but @X has rank 1}}
  tl.query @X [0, "y"] "X[0, y]"
}

// -----

tl.program @main {
  // expected-error@+1 {{names the unknown tensor @X}}
  tl.write @X "x.npy"
}

// -----

tl.program @main {
  tl.tensor computed @Y : tensor<4xf32> sum_product
  tl.evaluate @Y {
    // expected-error@+1 {{has 1 variables but a map of 2 dimensions}}
    tl.equation @Y affine_map<(d0, d1) -> (d0)> over ("i" = 4) sum {
      %0 = tl.number 1.0 : f32
      tl.yield %0 : f32
    }
  }
}

// -----

tl.program @main {
  tl.tensor computed @Y : tensor<4xf32> sum_product
  tl.evaluate @Y {
    // expected-error@+1 {{has 2 positions on the left but @Y has rank 1}}
    tl.equation @Y affine_map<(d0) -> (d0, d0)> over ("i" = 4) sum {
      %0 = tl.number 1.0 : f32
      tl.yield %0 : f32
    }
  }
}

// -----

// Rule E3: one projection for all equations of a tensor.
tl.program @main {
  tl.tensor computed @Y : tensor<f32> sum_product
  tl.evaluate @Y {
    tl.equation @Y affine_map<() -> ()> over () sum {
      %0 = tl.number 1.0 : f32
      tl.yield %0 : f32
    }
    // expected-error@+1 {{combines by max, another equation of @Y by sum}}
    tl.equation @Y affine_map<() -> ()> over () max {
      %0 = tl.number 1.0 : f32
      tl.yield %0 : f32
    }
  }
}

// -----

tl.program @main {
  tl.tensor computed @Y : tensor<4xf32> sum_product
  tl.tensor input @X : tensor<4xf32> sum_product
  tl.evaluate @Y {
    tl.equation @Y affine_map<(d0) -> (d0)> over ("i" = 4) sum {
      // expected-error@+1 {{has type 'f64' but @X has elements of type 'f32'}}
      %0 = tl.ref @X affine_map<(d0) -> (d0)> : f64
      tl.yield %0 : f64
    }
  }
}

// -----

tl.program @main {
  tl.tensor computed @Y : tensor<4xf32> sum_product
  tl.evaluate @Y {
    tl.equation @Y affine_map<(d0) -> (d0)> over ("i" = 4) sum {
      %0 = tl.number 1.0 : f32
      // expected-error@+1 {{has no variable 3, the equation has 1}}
      %1 = tl.reduce sum sum_product [3] %0 : f32
      tl.yield %1 : f32
    }
  }
}

// -----

tl.program @main {
  tl.tensor computed @Y : tensor<4xf32> sum_product
  tl.evaluate @Y {
    tl.equation @Y affine_map<(d0) -> (d0)> over ("i" = 4) sum {
      %0 = tl.number 1.0 : f32
      // expected-error@+1 {{sub takes 2 arguments, not 1}}
      %1 = tl.apply sub(%0) : (f32) -> f32
      tl.yield %1 : f32
    }
  }
}

// -----

tl.program @main {
  tl.tensor computed @Y : tensor<4xf32> sum_product
  tl.evaluate @Y {
    tl.equation @Y affine_map<(d0) -> (d0)> over ("i" = 4) sum {
      %0 = tl.number 1.0 : f64
      // expected-error@+1 {{yields 'f64' but @Y has elements of type 'f32'}}
      tl.yield %0 : f64
    }
  }
}

// -----

tl.program @main {
  tl.tensor computed @Y : tensor<4xf32> sum_product
  tl.loop 0 to 4 {
    // expected-error@+1 {{has axis 1 but @Y has rank 1}}
    tl.slice @Y axis 1 initial {
    } step {
    }
  }
}

// -----

tl.program @main {
  // expected-error@+1 {{needs at least one step}}
  tl.fixpoint max_steps 0 {
  }
}
