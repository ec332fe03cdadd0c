//===- EinOps.td - contractions, maps, recursion -------------*- tablegen -*-===//
//
// Conventions. An operation has an iteration space of d0, d1, ... . `indexing_maps`
// gives, for each operand, its position as affine expressions of the iteration
// dimensions. The extent of a dimension is that of the operand or result position where
// it stands alone; every dimension must stand alone somewhere. Extents of the result
// that are `?` and stand alone in no operand are passed as `extents`, in order.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_DIALECTS_EIN_EINOPS_TD
#define TLC_DIALECTS_EIN_EINOPS_TD

include "dialects/ein/EinAttrs.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

//===----------------------------------------------------------------------===//
// Contraction, map, reduction, normalisation
//===----------------------------------------------------------------------===//

def Ein_ContractOp : Ein_Op<"contract", [Pure, AttrSizedOperandSegments]> {
  let summary = "sum of products over a semiring";
  let description = [{
    For operands T_1 .. T_n with maps m_1 .. m_n and the result map r:

        result[p] = (+)_{x : r(x) = p}  T_1[m_1(x)] (x) ... (x) T_n[m_n(x)]

    where `(+)` and `(x)` are the semiring's operations and x runs over the iteration
    space. `indexing_maps` holds n + 1 maps, the result's last. Operand maps are linear
    (no floordiv, no mod), so diagonals (`ii`), strides and convolutions (`x + dx`) are
    contractions; every position they can reach is inside the operand. The result map
    consists of distinct dimensions. The element type of the result may be wider than
    the operands' (f16 and bf16 accumulate in f32 whatever the result).

    `epilogue`, if not empty, is one block from the accumulated element to the stored
    one, applied once for each element of the result: a map over the result's axes, whose
    first argument is the sum. Its further arguments are the elements of
    `epilogue_inputs` E_1 .. E_m, placed by `epilogue_maps` e_1 .. e_m:

        result[p] = epilogue(sum[p], E_1[e_1(p)], ..., E_m[e_m(p)])

    The epilogue's maps (and `ein.index`) count the axes of the result, whatever the
    dimensions of the sum are called; like those of `ein.map` they consist of distinct
    dimensions and constants.

    Example, a layer with a bias and a residual:

    ```mlir
    %c = ein.contract "ij,jk->ik" sum_product (%a, %b)
        epilogue "j,ij" (%bias, %residual : tensor<4xf32>, tensor<8x4xf32>) {
    ^bb0(%sum: f32, %x: f32, %y: f32):
      %s = arith.addf %sum, %x : f32
      %t = arith.addf %s, %y : f32
      ein.yield %t : f32
    } : (tensor<8x16xf32>, tensor<16x4xf32>) -> tensor<8x4xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$inputs, Variadic<Index>:$extents,
                       Variadic<AnyRankedTensor>:$epilogue_inputs,
                       AffineMapArrayAttr:$indexing_maps, Ein_SemiringAttr:$semiring,
                       DefaultValuedAttr<AffineMapArrayAttr, "{}">:$epilogue_maps);
  let results = (outs AnyRankedTensor:$result);
  let regions = (region AnyRegion:$epilogue);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let builders = [
    OpBuilder<(ins "::mlir::RankedTensorType":$resultType, "::mlir::ValueRange":$inputs,
                   "::llvm::ArrayRef<::mlir::AffineMap>":$maps, "::tlc::ein::SemiringKind":$kind,
                   CArg<"::mlir::ValueRange", "{}">:$extents)>
  ];
  let extraClassDeclaration = [{
    ::llvm::SmallVector<::mlir::AffineMap> getInputMaps();
    ::mlir::AffineMap getResultMap();
    /// The maps of the epilogue's operands, from axes of the result.
    ::llvm::SmallVector<::mlir::AffineMap> getEpilogueInputMaps();
    /// Number of iteration dimensions.
    unsigned getNumDims() { return getResultMap().getNumDims(); }
    /// Static extent of each iteration dimension, kDynamic where known at run time.
    ::llvm::SmallVector<int64_t> getStaticExtents();
    /// "ij,jk->ik", where all maps consist of single dimensions; else an empty string.
    std::string getEquation();
  }];
}

def Ein_MapOp : Ein_Op<"map", [Pure, AttrSizedOperandSegments]> {
  let summary = "elementwise function of its operands";
  let description = [{
    result[p] = body(T_1[m_1(p)], ..., T_n[m_n(p)]), where the maps consist of distinct
    dimensions and constants (transposition and broadcasting). The body holds `arith`,
    `math` and `complex` operations and `ein.index`. Without operands it fills.

    Example:

    ```mlir
    %r = ein.map "ij,j" (%x, %bias) : (tensor<8x4xf32>, tensor<4xf32>) -> tensor<8x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %s = arith.addf %a, %b : f32
      ein.yield %s : f32
    }
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$inputs, Variadic<Index>:$extents,
                       AffineMapArrayAttr:$indexing_maps);
  let results = (outs AnyRankedTensor:$result);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let builders = [
    OpBuilder<(ins "::mlir::RankedTensorType":$resultType, "::mlir::ValueRange":$inputs,
                   "::llvm::ArrayRef<::mlir::AffineMap>":$maps,
                   "::llvm::function_ref<::mlir::Value(::mlir::OpBuilder &, ::mlir::Location, "
                   "::mlir::ValueRange)>":$body,
                   CArg<"::mlir::ValueRange", "{}">:$extents)>
  ];
  let extraClassDeclaration = [{
    ::llvm::SmallVector<::mlir::AffineMap> getInputMaps();
    /// Number of iteration dimensions: the result's rank.
    unsigned getNumDims() { return getResult().getType().getRank(); }
  }];
}

def Ein_IndexOp : Ein_Op<"index", [Pure, ParentOneOf<["AttentionOp", "ContractOp", "MapOp"]>]> {
  let summary = "the position along one dimension of the enclosing map [E8]";
  let description = [{
    In the epilogue of a contraction, the position along one axis of its result; in the score
    of an attention, along one dimension of its iteration space.

    Example:

    ```mlir
    %i = ein.index 0
    ```
  }];
  let arguments = (ins I64Attr:$dim);
  let results = (outs Index:$result);
  let assemblyFormat = "$dim attr-dict";
  let hasVerifier = 1;
}

def Ein_ReduceOp : Ein_Op<"reduce", [Pure]> {
  let summary = "projection by an operator that need not be the semiring's own [E3]";
  let description = [{
    Combines the elements along `dims` (ascending) and drops those dimensions. Over no
    element, `add` gives 0, `multiply` 1, `or` false, `and` true; `max` and `min` give
    the type's lowest and highest value.

    Example:

    ```mlir
    %m = ein.reduce max [1] (%x) : (tensor<8x4xf32>) -> tensor<8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, Ein_CombineAttr:$kind, DenseI64ArrayAttr:$dims);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat =
      "custom<CombineKeyword>($kind) $dims `(` $input `)` attr-dict `:` functional-type($input, $result)";
  let hasVerifier = 1;
}

def Ein_NormalizeOp : Ein_Op<"normalize", [Pure, AllTypesMatch<["input", "result"]>]> {
  let summary = "stable softmax and norms over some dimensions [E9] [E10]";
  let description = [{
    With mean and sums taken over `dims`:

      softmax   exp(x - max) / sum(exp(x - max))
      lnorm     (x - mean) / sqrt(variance + epsilon)
      rmsnorm   x / sqrt(mean(x^2) + epsilon)
      l2norm    x / max(sqrt(sum(x^2)), epsilon)
      argmax    1 at the first maximum in row-major order, 0 elsewhere

    Example:

    ```mlir
    %s = ein.normalize softmax [1] (%x) : tensor<8x4xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, Ein_NormalizeAttr:$kind, DenseI64ArrayAttr:$dims,
                       DefaultValuedAttr<F64Attr, "1.0e-5">:$epsilon);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat =
      "custom<NormalizeKeyword>($kind) $dims `(` $input `)` attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def Ein_AttentionOp : Ein_Op<"attention", [Pure]> {
  let summary = "a mean of values, weighted by a softmax of scores";
  let description = [{
    For the operands Q, K, V, X_1 .. X_m with maps q, k, v, x_1 .. x_m and the result map r:

        s[p] = score(sum over depth of Q[q(p)] K[k(p)], X_1[x_1(p)], ..., X_m[x_m(p)])
        w    = softmax of s over the keys
        result[r(p)] = sum over the keys of w[p] V[v(p)]

    The dimensions are told apart by the tensors that have them: *depth* is in Q and K only,
    a *key* in K and V but neither in Q nor in the result, a *value* in V and the result only.
    There is one of each. All others are of the result and say which of its slices they are.
    `indexing_maps` holds the operands' maps, which consist of distinct dimensions and
    constants, and the result's, of distinct dimensions. X_1 .. X_m have no depth and no value.

    `score`, if not empty, is one block from the sum and the elements of X_1 .. X_m to the
    score: scales and masks. `ein.index` in it counts the dimensions of the operation. Sums and
    scores have the accumulator's type of the operands' elements, which are floats.

    Neither scores nor weights need to be stored: a softmax can be corrected whenever a new
    largest score is found, and so can the sum that it weights.

    Example, with h heads and a mask:

    ```mlir
    %o = ein.attention "hqd,hkd,hkv,qk->hqv" (%q, %k, %v, %mask) score {
    ^bb0(%s: f32, %m: f32):
      %x = arith.addf %s, %m : f32
      ein.yield %x : f32
    } : (tensor<2x8x4xf32>, tensor<2x9x4xf32>, tensor<2x9x5xf32>, tensor<8x9xf32>)
      -> tensor<2x8x5xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$inputs, AffineMapArrayAttr:$indexing_maps);
  let results = (outs AnyRankedTensor:$result);
  let regions = (region AnyRegion:$score);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let builders = [
    OpBuilder<(ins "::mlir::RankedTensorType":$resultType, "::mlir::ValueRange":$inputs,
                   "::llvm::ArrayRef<::mlir::AffineMap>":$maps)>
  ];
  let extraClassDeclaration = [{
    ::llvm::SmallVector<::mlir::AffineMap> getInputMaps();
    ::mlir::AffineMap getResultMap();
    /// Number of iteration dimensions.
    unsigned getNumDims() { return getResultMap().getNumDims(); }
    /// What each dimension is; nothing for one that is none of these.
    ::llvm::SmallVector<::std::optional<::tlc::ein::AttentionRole>> getRoles();
  }];
}

//===----------------------------------------------------------------------===//
// Moving elements
//===----------------------------------------------------------------------===//

def Ein_GatherOp : Ein_Op<"gather", [Pure, AttrSizedOperandSegments]> {
  let summary = "reads at affine positions, a fill value outside [E6] [E7]";
  let description = [{
    result[p] = source[map(p, symbols)] where that position is inside `source`, else
    `fill`. Padding, slices, shifts, floor division (`x floordiv 2`) and the current slice
    of a loop are gathers. `extents` holds the `?` extents of the result, in order.

    Example, padding a vector by one on both sides:

    ```mlir
    %p = ein.gather %x at affine_map<(d0) -> (d0 - 1)> fill 0.0 : f32
        : tensor<8xf32> -> tensor<10xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$source, Variadic<Index>:$symbols, Variadic<Index>:$extents,
                       AffineMapAttr:$map, TypedAttrInterface:$fill);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $source `at` $map (`symbols` `(` $symbols^ `)`)? (`extents` `(` $extents^ `)`)?
    `fill` custom<Element>($fill) attr-dict `:` type($source) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Ein_ScatterOp : Ein_Op<"scatter", [Pure, AllTypesMatch<["init", "result"]>]> {
  let summary = "writes at affine positions, combining collisions [E5]";
  let description = [{
    Starts from `init`; then, for each position p of `value` in row-major order,
    result[map(p, symbols)] = result[...] combined with value[p]. Positions outside the
    result are skipped. `overwrite` keeps the last.

    Example, sum-pooling by two:

    ```mlir
    %r = ein.scatter add %x into %zero at affine_map<(d0) -> (d0 floordiv 2)>
        : tensor<8xf32> into tensor<4xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$value, AnyRankedTensor:$init, Variadic<Index>:$symbols,
                       AffineMapAttr:$map, Ein_CombineAttr:$kind);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    custom<CombineKeyword>($kind) $value `into` $init `at` $map (`symbols` `(` $symbols^ `)`)?
    attr-dict `:` type($value) `into` type($init)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Recursion [F1]
//===----------------------------------------------------------------------===//

def Ein_LoopOp : Ein_Op<"loop", [RecursiveMemoryEffects, SingleBlock]> {
  let summary = "a scan: a counted loop that carries tensors";
  let description = [{
    Runs its body for iv = lower .. upper - 1 in order; block arguments are iv and the
    carried tensors, whose next values the body yields. The results are the last ones.

    Example:

    ```mlir
    %r = ein.loop %i = %c0 to %c9 (%x = %init) : tensor<4xf32> {
      %y = ein.map "i" (%x) : (tensor<4xf32>) -> tensor<4xf32> {
      ^bb0(%a: f32):
        %t = math.tanh %a : f32
        ein.yield %t : f32
      }
      ein.yield %y : tensor<4xf32>
    }
    ```
  }];
  let arguments = (ins Index:$lower, Index:$upper, Variadic<AnyRankedTensor>:$inits);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let builders = [
    OpBuilder<(ins "::mlir::Value":$lower, "::mlir::Value":$upper, "::mlir::ValueRange":$inits,
                   "::llvm::function_ref<::llvm::SmallVector<::mlir::Value>(::mlir::OpBuilder &, "
                   "::mlir::Location, ::mlir::Value, ::mlir::ValueRange)>":$body)>
  ];
}

def Ein_FixpointOp : Ein_Op<"fixpoint", [RecursiveMemoryEffects, SingleBlock]> {
  let summary = "iterates its body until nothing changes [R3] [F1]";
  let description = [{
    Starts from `inits`; the body maps the current tensors to the next ones. Stops when
    all are equal to their predecessors, or within `tolerance` (largest absolute
    difference), or after `max_steps`; `converged` says which. Without `max_steps` the
    body must be monotone over an idempotent semiring, which the front end checks.

    Example:

    ```mlir
    %r, %ok = ein.fixpoint (%x = %edges) : tensor<4x4xi1> {
      %p = ein.contract "xy,yz->xz" or_and (%x, %edges)
          : (tensor<4x4xi1>, tensor<4x4xi1>) -> tensor<4x4xi1>
      %n = ein.map "xz,xz" (%p, %edges) : (tensor<4x4xi1>, tensor<4x4xi1>) -> tensor<4x4xi1> {
      ^bb0(%a: i1, %b: i1):
        %o = arith.ori %a, %b : i1
        ein.yield %o : i1
      }
      ein.yield %n : tensor<4x4xi1>
    }
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$inits, OptionalAttr<F64Attr>:$tolerance,
                       OptionalAttr<I64Attr>:$max_steps);
  let results = (outs Variadic<AnyRankedTensor>:$results, 0DTensorOf<[I1]>:$converged);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let builders = [
    OpBuilder<(ins "::mlir::ValueRange":$inits, "::std::optional<double>":$tolerance,
                   "::std::optional<int64_t>":$maxSteps,
                   "::llvm::function_ref<::llvm::SmallVector<::mlir::Value>(::mlir::OpBuilder &, "
                   "::mlir::Location, ::mlir::ValueRange)>":$body)>
  ];
}

def Ein_YieldOp : Ein_Op<"yield", [Pure, Terminator, ReturnLike,
    ParentOneOf<["AttentionOp", "ContractOp", "MapOp", "LoopOp", "FixpointOp"]>]> {
  let summary = "ends the body of an ein operation";
  let description = [{
    Example:

    ```mlir
    ein.yield %x : f32
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

#endif // TLC_DIALECTS_EIN_EINOPS_TD
