// RUN: tl-opt %s --split-input-file --verify-diagnostics
// Tests that each rule of the verifiers and of the text is enforced, with a message that says why.

func.func @label_is_no_letter(%a: tensor<2xf32>) {
  // expected-error @+1 {{expected a letter as an index in the equation, but found '1'}}
  %c = ein.contract "1->" sum_product (%a) : (tensor<2xf32>) -> tensor<f32>
  return
}

// -----

func.func @too_many_terms(%a: tensor<2xf32>) {
  // expected-error @+1 {{equation names 2 operands, but 1 are given}}
  %c = ein.contract "i,i->" sum_product (%a) : (tensor<2xf32>) -> tensor<f32>
  return
}

// -----

func.func @no_arrow(%a: tensor<2xf32>) {
  // expected-error @+1 {{expected '->' and the result's indices in the equation}}
  %c = ein.contract "i" sum_product (%a) : (tensor<2xf32>) -> tensor<f32>
  return
}

// -----

func.func @unknown_semiring(%a: tensor<2xf32>) {
  // expected-error @+1 {{unknown semiring 'max_max'}}
  %c = ein.contract "i->" max_max (%a) : (tensor<2xf32>) -> tensor<f32>
  return
}

// -----

func.func @no_operand() {
  // expected-error @+1 {{expected at least one operand}}
  %c = ein.contract maps [affine_map<() -> ()>] sum_product () : () -> tensor<f32>
  return
}

// -----

func.func @number_of_maps(%a: tensor<2xf32>) {
  // expected-error @+1 {{expected 2 maps, but 1 are given}}
  %c = ein.contract maps [affine_map<() -> ()>] sum_product (%a) : (tensor<2xf32>) -> tensor<f32>
  return
}

// -----

func.func @result_diagonal(%a: tensor<2xf32>) {
  // expected-error @+1 {{expected the result's map to consist of distinct dimensions}}
  %c = ein.contract "i->ii" sum_product (%a) : (tensor<2xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @result_rank(%a: tensor<2xf32>) {
  // expected-error @+1 {{map of the result has 0 positions, but the result has rank 1}}
  %c = ein.contract "i->" sum_product (%a) : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @operand_rank(%a: tensor<2xf32>) {
  // expected-error @+1 {{map of operand #0 has 2 positions, but the operand has rank 1}}
  %c = ein.contract "ij->" sum_product (%a) : (tensor<2xf32>) -> tensor<f32>
  return
}

// -----

func.func @map_dimensions(%a: tensor<2xf32>) {
  // expected-error @+1 {{map of operand #0 has 1 dimensions and 1 symbols, expected 1 and 0}}
  %c = ein.contract maps [affine_map<(d0)[s0] -> (d0)>, affine_map<(d0) -> ()>] sum_product (%a)
      : (tensor<2xf32>) -> tensor<f32>
  return
}

// -----

func.func @not_linear(%a: tensor<2xf32>) {
  // expected-error @+1 {{expected linear positions in the map of operand #0, which is affine_map<(d0) -> (d0 floordiv 2)>}}
  %c = ein.contract maps [affine_map<(d0) -> (d0 floordiv 2)>, affine_map<(d0) -> (d0)>]
      sum_product (%a) : (tensor<2xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @extents_disagree(%a: tensor<8x16xf32>, %b: tensor<17x4xf32>) {
  // expected-error @+1 {{index 'j' has extent 16 in operand #0 but 17 in operand #1}}
  %c = ein.contract "ij,jk->ik" sum_product (%a, %b)
      : (tensor<8x16xf32>, tensor<17x4xf32>) -> tensor<8x4xf32>
  return
}

// -----

func.func @result_extent(%a: tensor<8x16xf32>) {
  // expected-error @+1 {{index 'i' has extent 8 in operand #0 but 9 in the result}}
  %c = ein.contract "ij->i" sum_product (%a) : (tensor<8x16xf32>) -> tensor<9xf32>
  return
}

// -----

func.func @missing_extent(%a: tensor<?xf32>) {
  // expected-error @+1 {{expected 1 extents, but 0 are given}}
  %c = ein.contract "i->ij" sum_product (%a) : (tensor<?xf32>) -> tensor<?x?xf32>
  return
}

// -----

func.func @never_alone(%x: tensor<10xf32>) {
  // expected-error @+1 {{index 'j' stands alone in no operand and not in the result}}
  %c = ein.contract maps [affine_map<(d0, d1) -> (d0 + d1)>, affine_map<(d0, d1) -> (d0)>]
      sum_product (%x) : (tensor<10xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @reaches_outside(%x: tensor<10xf32>, %w: tensor<3xf32>) {
  // expected-error @+1 {{position 0 of operand #0 reaches from 0 to 10, outside its extent 10}}
  %c = ein.contract maps [affine_map<(d0, d1) -> (d0 + d1)>, affine_map<(d0, d1) -> (d1)>,
                          affine_map<(d0, d1) -> (d0)>] sum_product (%x, %w)
      : (tensor<10xf32>, tensor<3xf32>) -> tensor<9xf32>
  return
}

// -----

func.func @reaches_below(%x: tensor<?xf32>) {
  // expected-error @+1 {{position 0 of operand #0 reaches from -1 to 2, outside its extent ?}}
  %c = ein.contract maps [affine_map<(d0) -> (d0 - 1)>, affine_map<(d0) -> (d0)>]
      sum_product (%x) : (tensor<?xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @mixed_operands(%a: tensor<2xf32>, %b: tensor<2xf64>) {
  // expected-error @+1 {{expected operands of one element type, but operand #0 has 'f32' and operand #1 has 'f64'}}
  %c = ein.contract "i,i->" sum_product (%a, %b) : (tensor<2xf32>, tensor<2xf64>) -> tensor<f32>
  return
}

// -----

func.func @semiring_type(%a: tensor<2xcomplex<f32>>) {
  // expected-error @+1 {{semiring 'max_plus' does not support elements of type 'complex<f32>'}}
  %c = ein.contract "i->" max_plus (%a) : (tensor<2xcomplex<f32>>) -> tensor<complex<f32>>
  return
}

// -----

func.func @widening_of_three(%a: tensor<2xi8>) {
  // expected-error @+1 {{expected at most two operands where sums of 'i8' are 'i32', but it has 3}}
  %c = ein.contract "i,i,i->" sum_product (%a, %a, %a) : (tensor<2xi8>, tensor<2xi8>, tensor<2xi8>) -> tensor<i32>
  return
}

// -----

func.func @widening_semiring(%a: tensor<2xi8>) {
  // expected-error @+1 {{cannot store sums of 'i8' as 'i32' without an epilogue}}
  %c = ein.contract "i->" min_plus (%a) : (tensor<2xi8>) -> tensor<i32>
  return
}

// -----

func.func @stored_type(%a: tensor<2xf32>) {
  // expected-error @+1 {{cannot store sums of 'f32' as 'f64' without an epilogue}}
  %c = ein.contract "i->" sum_product (%a) : (tensor<2xf32>) -> tensor<f64>
  return
}

// -----

func.func @epilogue_argument(%a: tensor<2xf16>) {
  // expected-error @+1 {{expected the epilogue's arguments to have types ('f32'), but they have ('f16')}}
  %c = ein.contract "i->" sum_product (%a) epilogue {
  ^bb0(%s: f16):
    ein.yield %s : f16
  } : (tensor<2xf16>) -> tensor<f16>
  return
}

// -----

func.func @epilogue_yield(%a: tensor<2xf32>) {
  // expected-error @+1 {{expected its epilogue to yield ('f64'), but it yields ('f32')}}
  %c = ein.contract "i->" sum_product (%a) epilogue {
  ^bb0(%s: f32):
    ein.yield %s : f32
  } : (tensor<2xf32>) -> tensor<f64>
  return
}

// -----

func.func @epilogue_operand_type(%a: tensor<2xf32>, %b: tensor<2xi8>) {
  // expected-error @+1 {{expected the epilogue's arguments to have types ('f32', 'i8'), but they have ('f32', 'f32')}}
  %c = ein.contract "i->i" sum_product (%a) epilogue "i" (%b : tensor<2xi8>) {
  ^bb0(%s: f32, %t: f32):
    ein.yield %s : f32
  } : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @epilogue_operand_extent(%a: tensor<2xf32>, %b: tensor<3xf32>) {
  // expected-error @+1 {{index 'i' has extent 2 in the result but 3 in the epilogue's operand #0}}
  %c = ein.contract "i->i" sum_product (%a) epilogue "i" (%b : tensor<3xf32>) {
  ^bb0(%s: f32, %t: f32):
    ein.yield %s : f32
  } : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @epilogue_operand_rank(%a: tensor<2xf32>, %b: tensor<3xf32>) {
  // expected-error @+1 {{equation names 2 indices, but the result has rank 1}}
  %c = ein.contract "i->i" sum_product (%a) epilogue "j->ij" (%b : tensor<3xf32>) {
  ^bb0(%s: f32, %t: f32):
    ein.yield %s : f32
  } : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @epilogue_operand_map(%a: tensor<2xf32>, %b: tensor<3xf32>) {
  // expected-error @+1 {{expected the map of the epilogue's operand #0 to consist of distinct dimensions and constants}}
  %c = ein.contract "i->i" sum_product (%a) epilogue maps [affine_map<(d0) -> (d0 + 1)>] (%b : tensor<3xf32>) {
  ^bb0(%s: f32, %t: f32):
    ein.yield %s : f32
  } : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @epilogue_operand_outside(%a: tensor<2xf32>, %b: tensor<3xf32>) {
  // expected-error @+1 {{position 0 of the epilogue's operand #0 reaches from 5 to 5, outside its extent 3}}
  %c = ein.contract "i->i" sum_product (%a) epilogue maps [affine_map<(d0) -> (5)>] (%b : tensor<3xf32>) {
  ^bb0(%s: f32, %t: f32):
    ein.yield %s : f32
  } : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @epilogue_index(%a: tensor<2xf32>) {
  %c = ein.contract "i->i" sum_product (%a) epilogue {
  ^bb0(%s: f32):
    // expected-error @+1 {{dimension 1 is outside the result's rank 1}}
    %i = ein.index 1
    ein.yield %s : f32
  } : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @attention_operands(%q: tensor<4x2xf32>) {
  // expected-error @+1 {{expected at least three operands}}
  %o = ein.attention "qd,kd->qk" (%q, %q) : (tensor<4x2xf32>, tensor<4x2xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @attention_no_depth(%q: tensor<4xf32>, %k: tensor<3xf32>, %v: tensor<3x2xf32>) {
  // expected-error @+1 {{expected one index of the depth, but there are 0}}
  %o = ein.attention "q,k,kv->qv" (%q, %k, %v) : (tensor<4xf32>, tensor<3xf32>, tensor<3x2xf32>) -> tensor<4x2xf32>
  return
}

// -----

func.func @attention_two_keys(%q: tensor<4x2xf32>, %k: tensor<3x3x2xf32>) {
  // expected-error @+1 {{expected one index of the key, but there are 2}}
  %o = ein.attention "qd,jkd,jkv->qv" (%q, %k, %k) : (tensor<4x2xf32>, tensor<3x3x2xf32>, tensor<3x3x2xf32>) -> tensor<4x2xf32>
  return
}

// -----

func.func @attention_index_without_role(%q: tensor<4x3x2xf32>, %k: tensor<3x2xf32>) {
  // expected-error @+1 {{index 'j' is neither a depth nor a key nor in the result}}
  %o = ein.attention "qjd,kd,kv->qv" (%q, %k, %k) : (tensor<4x3x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<4x2xf32>
  return
}

// -----

func.func @attention_operand_of_the_score(%q: tensor<4x2xf32>, %k: tensor<3x2xf32>) {
  // expected-error @+1 {{index 'i' of operand #3 is not one of the scores'}}
  %o = ein.attention "qd,kd,kv,qd->qv" (%q, %k, %k, %q) score {
  ^bb0(%s: f32, %x: f32):
    ein.yield %s : f32
  } : (tensor<4x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>, tensor<4x2xf32>) -> tensor<4x2xf32>
  return
}

// -----

func.func @attention_without_score(%q: tensor<4x2xf32>, %k: tensor<3x2xf32>, %m: tensor<4x3xf32>) {
  // expected-error @+1 {{has operands of a score, but no score}}
  %o = ein.attention "qd,kd,kv,qk->qv" (%q, %k, %k, %m) : (tensor<4x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>, tensor<4x3xf32>) -> tensor<4x2xf32>
  return
}

// -----

func.func @attention_types(%q: tensor<4x2xf32>, %k: tensor<3x2xf64>) {
  // expected-error @+1 {{expected queries, keys and values of one element type, but operand #0 has 'f32' and operand #1 has 'f64'}}
  %o = ein.attention "qd,kd,kv->qv" (%q, %k, %k) : (tensor<4x2xf32>, tensor<3x2xf64>, tensor<3x2xf64>) -> tensor<4x2xf32>
  return
}

// -----

func.func @attention_of_integers(%q: tensor<4x2xi32>) {
  // expected-error @+1 {{cannot store means of 'i32' as 'i32'}}
  %o = ein.attention "qd,kd,kv->qv" (%q, %q, %q) : (tensor<4x2xi32>, tensor<4x2xi32>, tensor<4x2xi32>) -> tensor<4x2xi32>
  return
}

// -----

func.func @attention_score(%q: tensor<4x2xf16>) {
  // expected-error @+1 {{expected its score to yield ('f32'), but it yields ('f16')}}
  %o = ein.attention "qd,kd,kv->qv" (%q, %q, %q) score {
  ^bb0(%s: f32):
    %t = arith.truncf %s : f32 to f16
    ein.yield %t : f16
  } : (tensor<4x2xf16>, tensor<4x2xf16>, tensor<4x2xf16>) -> tensor<4x2xf16>
  return
}

// -----

func.func @attention_index(%q: tensor<4x2xf32>) {
  %o = ein.attention "qd,kd,kv->qv" (%q, %q, %q) score {
  ^bb0(%s: f32):
    // expected-error @+1 {{dimension 4 is outside the attention's 4}}
    %i = ein.index 4
    ein.yield %s : f32
  } : (tensor<4x2xf32>, tensor<4x2xf32>, tensor<4x2xf32>) -> tensor<4x2xf32>
  return
}

// -----

func.func @map_is_no_permutation(%x: tensor<4xf32>) {
  // expected-error @+1 {{expected the map of operand #0 to consist of distinct dimensions and constants}}
  %r = ein.map maps [affine_map<(d0) -> (d0 + 1)>] (%x) : (tensor<4xf32>) -> tensor<3xf32> {
  ^bb0(%a: f32):
    ein.yield %a : f32
  }
  return
}

// -----

func.func @map_repeats(%x: tensor<4x4xf32>) {
  // expected-error @+1 {{expected the map of operand #0 to consist of distinct dimensions and constants}}
  %r = ein.map "ii" (%x) : (tensor<4x4xf32>) -> tensor<4xf32> {
  ^bb0(%a: f32):
    ein.yield %a : f32
  }
  return
}

// -----

func.func @map_equation_rank(%x: tensor<4xf32>) {
  // expected-error @+1 {{equation names 1 indices, but the result has rank 2}}
  %r = ein.map "i" (%x) : (tensor<4xf32>) -> tensor<4x4xf32> {
  ^bb0(%a: f32):
    ein.yield %a : f32
  }
  return
}

// -----

func.func @map_result_order(%x: tensor<4x3xf32>) {
  // expected-error @+1 {{the result's indices of a map are all of them in alphabetical order}}
  %r = ein.map "ij->ji" (%x) : (tensor<4x3xf32>) -> tensor<3x4xf32> {
  ^bb0(%a: f32):
    ein.yield %a : f32
  }
  return
}

// -----

func.func @map_constant_outside(%x: tensor<4xf32>) {
  // expected-error @+1 {{position 0 of operand #0 reaches from 4 to 4, outside its extent 4}}
  %r = ein.map maps [affine_map<() -> (4)>] (%x) : (tensor<4xf32>) -> tensor<f32> {
  ^bb0(%a: f32):
    ein.yield %a : f32
  }
  return
}

// -----

func.func @map_body_arguments(%x: tensor<4xf32>) {
  // expected-error @+1 {{expected the body's arguments to have types ('f32'), but they have ()}}
  %r = ein.map "i" (%x) : (tensor<4xf32>) -> tensor<4xf32> {
    %zero = arith.constant 0.0 : f32
    ein.yield %zero : f32
  }
  return
}

// -----

func.func @map_without_yield() {
  // expected-error @+1 {{expected its body to end with 'ein.yield'}}
  %r = ein.map "->i" () : () -> tensor<4xf32> {
    %zero = arith.constant 0.0 : f32
  }
  return
}

// -----

func.func @map_body_tensor(%x: tensor<4xf32>, %i: index) {
  %r = ein.map "->i" () : () -> tensor<4xf32> {
    // expected-error @+1 {{cannot stand in the body of 'ein.map', which holds 'arith', 'math', 'complex' and 'ein.index'}}
    %e = tensor.extract %x[%i] : tensor<4xf32>
    ein.yield %e : f32
  }
  return
}

// -----

func.func @index_dimension() {
  %r = ein.map "->i" () : () -> tensor<4xindex> {
    // expected-error @+1 {{dimension 1 is outside the map's 1}}
    %i = ein.index 1
    ein.yield %i : index
  }
  return
}

// -----

func.func @unknown_kind(%x: tensor<4xf32>) {
  // expected-error @+1 {{unknown kind 'average'}}
  %r = ein.reduce average [0] (%x) : (tensor<4xf32>) -> tensor<f32>
  return
}

// -----

func.func @reduce_outside(%x: tensor<4xf32>) {
  // expected-error @+1 {{dimension 1 is outside the operand's rank 1}}
  %r = ein.reduce max [1] (%x) : (tensor<4xf32>) -> tensor<f32>
  return
}

// -----

func.func @reduce_order(%x: tensor<4x4xf32>) {
  // expected-error @+1 {{expected ascending dimensions, but 0 follows 1}}
  %r = ein.reduce max [1, 0] (%x) : (tensor<4x4xf32>) -> tensor<f32>
  return
}

// -----

func.func @reduce_overwrite(%x: tensor<4xf32>) {
  // expected-error @+1 {{'overwrite' is not a reduction}}
  %r = ein.reduce overwrite [0] (%x) : (tensor<4xf32>) -> tensor<f32>
  return
}

// -----

func.func @reduce_type(%x: tensor<4xcomplex<f32>>) {
  // expected-error @+1 {{'max' does not combine elements of type 'complex<f32>'}}
  %r = ein.reduce max [0] (%x) : (tensor<4xcomplex<f32>>) -> tensor<complex<f32>>
  return
}

// -----

func.func @reduce_result(%x: tensor<4x?xf32>) {
  // expected-error @+1 {{expected a result of type 'tensor<?xf32>', but it has type 'tensor<4xf32>'}}
  %r = ein.reduce max [0] (%x) : (tensor<4x?xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @normalize_type(%x: tensor<4xi32>) {
  // expected-error @+1 {{'softmax' does not normalize elements of type 'i32'}}
  %r = ein.normalize softmax [0] (%x) : tensor<4xi32>
  return
}

// -----

func.func @gather_dimensions(%x: tensor<4xf32>) {
  // expected-error @+1 {{expected a map of 2 dimensions, but it has 1}}
  %r = ein.gather %x at affine_map<(d0) -> (d0)> fill 0.0 : f32 : tensor<4xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @gather_symbols(%x: tensor<4xf32>) {
  // expected-error @+1 {{map has 1 symbols, but 0 are given}}
  %r = ein.gather %x at affine_map<(d0)[s0] -> (d0 + s0)> fill 0.0 : f32
      : tensor<4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @gather_positions(%x: tensor<4x4xf32>) {
  // expected-error @+1 {{expected a map to 2 positions, but it has 1}}
  %r = ein.gather %x at affine_map<(d0) -> (d0)> fill 0.0 : f32 : tensor<4x4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @gather_type(%x: tensor<4xf32>) {
  // expected-error @+1 {{cannot move elements between types 'f64' and 'f32'}}
  %r = ein.gather %x at affine_map<(d0) -> (d0)> fill 0.0 : f32 : tensor<4xf32> -> tensor<4xf64>
  return
}

// -----

func.func @gather_divisor(%x: tensor<4xf32>, %n: index) {
  // expected-error @+1 {{expected positive constant divisors in the map}}
  %r = ein.gather %x at affine_map<(d0)[s0] -> (d0 floordiv s0)> symbols(%n) fill 0.0 : f32
      : tensor<4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @gather_fill(%x: tensor<4xf32>) {
  // expected-error @+1 {{expected a fill value of type 'f32', but it has type 'i64'}}
  %r = ein.gather %x at affine_map<(d0) -> (d0)> fill 0 : i64 : tensor<4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @gather_complex_fill(%x: tensor<4xf32>) {
  // expected-error @+1 {{expected a complex number of floats}}
  %r = ein.gather %x at affine_map<(d0) -> (d0)> fill (0.0, 0.0) : complex<i32>
      : tensor<4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @gather_extents(%x: tensor<4xf32>) {
  // expected-error @+1 {{expected 1 extents, but 0 are given}}
  %r = ein.gather %x at affine_map<(d0) -> (d0)> fill 0.0 : f32 : tensor<4xf32> -> tensor<?xf32>
  return
}

// -----

func.func @scatter_kind(%x: tensor<4xf32>) {
  // expected-error @+1 {{'or' does not combine elements of type 'f32'}}
  %r = ein.scatter or %x into %x at affine_map<(d0) -> (d0)> : tensor<4xf32> into tensor<4xf32>
  return
}

// -----

func.func @loop_carries_nothing(%n: index) {
  // expected-error @+1 {{expected at least one carried tensor}}
  "ein.loop"(%n, %n) ({
  ^bb0(%i: index):
    ein.yield
  }) : (index, index) -> ()
  return
}

// -----

func.func @loop_results(%n: index, %x: tensor<4xf32>) {
  // expected-error @+1 {{expected results of the carried types ('tensor<4xf32>'), but they have ('tensor<5xf32>')}}
  %r = "ein.loop"(%n, %n, %x) ({
  ^bb0(%i: index, %y: tensor<4xf32>):
    ein.yield %y : tensor<4xf32>
  }) : (index, index, tensor<4xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @loop_yields(%n: index, %x: tensor<4xf32>) {
  // expected-error @+1 {{expected its body to yield ('tensor<4xf32>'), but it yields ()}}
  %r = ein.loop %i = %n to %n (%y = %x) : tensor<4xf32> {
    ein.yield
  }
  return
}

// -----

func.func @fixpoint_tolerance(%x: tensor<4xf32>) {
  // expected-error @+1 {{expected a finite tolerance from 0 on}}
  %r:2 = ein.fixpoint (%y = %x) tolerance -1.0 : tensor<4xf32> {
    ein.yield %y : tensor<4xf32>
  }
  return
}

// -----

func.func @fixpoint_steps(%x: tensor<4xf32>) {
  // expected-error @+1 {{expected at least one step, but max_steps is 0}}
  %r:2 = ein.fixpoint (%y = %x) max_steps 0 : tensor<4xf32> {
    ein.yield %y : tensor<4xf32>
  }
  return
}

// -----

func.func @yield_outside(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects parent op to be one of 'ein.attention, ein.contract, ein.map, ein.loop, ein.fixpoint'}}
  ein.yield %x : tensor<4xf32>
}
