// RUN: tl-opt --cpu-outline-parallel --split-input-file --verify-diagnostics %s
// Loops that are no plain loops over tasks, and functions without a context, are refused.

func.func @step(%context: !llvm.ptr) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c8 = arith.constant 8 : index
  // expected-error @below {{must be one loop from 0 in steps of 1 without results}}
  scf.parallel (%i) = (%c0) to (%c8) step (%c2) {
  }
  return
}

// -----

func.func @two(%context: !llvm.ptr) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  // expected-error @below {{must be one loop from 0 in steps of 1 without results}}
  scf.parallel (%i, %j) = (%c0, %c0) to (%c8, %c8) step (%c1, %c1) {
  }
  return
}

// -----

func.func @no_context(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-error @below {{must be in a function whose first argument is the context}}
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
  }
  return
}
