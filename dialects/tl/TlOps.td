//===- TlOps.td - programs, equations, expressions -----------*- tablegen -*-===//
//
// Three layers. A program holds tensors, a schedule, queries and writes; the schedule holds
// equations; an equation's region holds its right-hand side.
//
// Conventions. An equation numbers its index variables: variable k is dimension d<k> of
// every affine map inside it. The operations of its region are functions of the values of
// the variables: they have scalar types, and the variables they depend on are not operands.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_DIALECTS_TL_TLOPS_TD
#define TLC_DIALECTS_TL_TLOPS_TD

include "dialects/tl/TlAttrs.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Tl_Scalar : AnyTypeOf<[AnyInteger, AnyFloat, AnyComplex], "a number or a Boolean">;

//===----------------------------------------------------------------------===//
// The program
//===----------------------------------------------------------------------===//

def Tl_ProgramOp : Tl_Op<"program", [IsolatedFromAbove, SymbolTable, Symbol, NoTerminator,
                                     SingleBlock, NoRegionArguments]> {
  let summary = "a tensor logic program";
  let description = [{
    Tensors and symbol domains, then the schedule in the order of execution, then queries
    and writes.

    Example:

    ```mlir
    tl.program @main {
      tl.tensor input @X : tensor<8xf32> sum_product
      tl.tensor computed @Y : tensor<8xf32> sum_product {output}
      tl.evaluate @Y {
        tl.equation @Y affine_map<(d0) -> (d0)> over ("i" = 8) sum {
          %0 = tl.ref @X affine_map<(d0) -> (d0)> : f32
          tl.yield %0 : f32
        }
      }
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name attr-dict-with-keyword $body";
}

def Tl_DomainOp : Tl_Op<"domain", [Symbol, HasParent<"ProgramOp">]> {
  let summary = "the symbols of argument positions, in order of first appearance [R6]";
  let description = [{
    Example:

    ```mlir
    tl.domain @domain.Person ["Alice", "Bob"]
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrArrayAttr:$symbols);
  let assemblyFormat = "$sym_name $symbols attr-dict";
}

def Tl_TensorOp : Tl_Op<"tensor", [Symbol, HasParent<"ProgramOp">]> {
  let summary = "a tensor of the program";
  let description = [{
    `origin` says where the elements come from: the caller (`input`, `param`), a `file`,
    the text (`literal`, with `value`), or equations (`computed`; a `value` is then one
    more summand, the facts). `extents` names the run-time extents of the `?` positions in
    order: equal names are equal extents. `domains` names the symbol domain of each
    position, `unit` where there is none.

    Example:

    ```mlir
    tl.tensor input @X : tensor<8x?xf32> sum_product {extents = ["b"], output}
    tl.tensor literal @W : tensor<2xf32> sum_product {value = dense<[1.0, 2.0]> : tensor<2xf32>}
    ```
  }];
  let arguments = (ins
      Tl_OriginAttr:$origin, SymbolNameAttr:$sym_name, TypeAttrOf<AnyRankedTensor>:$type,
      Tl_SemiringAttr:$semiring, OptionalAttr<StrArrayAttr>:$extents,
      OptionalAttr<ElementsAttr>:$value, OptionalAttr<StrAttr>:$path,
      OptionalAttr<StrAttr>:$initializer, OptionalAttr<DenseF64ArrayAttr>:$initializer_arguments,
      OptionalAttr<F64Attr>:$lowrank, OptionalAttr<ArrayAttr>:$domains, UnitAttr:$output,
      UnitAttr:$relation);
  let assemblyFormat = "`` $origin $sym_name `:` $type `` $semiring attr-dict";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::RankedTensorType getTensorType() {
      return ::llvm::cast<::mlir::RankedTensorType>(getType());
    }
    /// The name of the run-time extent at a position, null where the extent is static.
    ::mlir::StringAttr getRuntimeExtent(unsigned position);
  }];
}

def Tl_QueryOp : Tl_Op<"query", [HasParent<"ProgramOp">]> {
  let summary = "prints a tensor, or the bindings of variables [Q1]";
  let description = [{
    `positions` holds, for each position of the tensor, a fixed position, or the name of a
    variable (empty in a bare query).

    Example:

    ```mlir
    tl.query @Ancestor [0, "x"] "Ancestor(Alice, x)"
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$tensor, ArrayAttr:$positions, StrAttr:$text);
  let assemblyFormat = "$tensor $positions $text attr-dict";
  let hasVerifier = 1;
}

def Tl_WriteOp : Tl_Op<"write", [HasParent<"ProgramOp">]> {
  let summary = "writes a tensor to a file";
  let description = [{
    Example:

    ```mlir
    tl.write @Y "out.npy"
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$tensor, StrAttr:$path);
  let assemblyFormat = "$tensor $path attr-dict";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// The schedule [F1]
//===----------------------------------------------------------------------===//

class Tl_ScheduleOp<string mnemonic, list<Trait> traits>
    : Tl_Op<mnemonic, !listconcat([NoTerminator, NoRegionArguments, SingleBlock], traits)>;

def Tl_EvaluateOp : Tl_ScheduleOp<"evaluate", [ParentOneOf<["ProgramOp", "FixpointOp"]>]> {
  let summary = "computes one tensor from all its equations [E2]";
  let description = [{
    The value is the sum of the equations, each with its own nonlinearity, or their
    combination by the one projection that all of them have; elements that no equation
    defines are zero.

    Example:

    ```mlir
    tl.evaluate @Y {
      tl.equation @Y affine_map<() -> ()> over () sum {
        %0 = tl.number 1.0 : f32
        tl.yield %0 : f32
      }
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$tensor);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$tensor attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

def Tl_LoopOp : Tl_ScheduleOp<"loop", [HasParent<"ProgramOp">]> {
  let summary = "computes tensors slice by slice [F1]";
  let description = [{
    For each position v = lower .. upper - 1 in order, each `tl.slice` of the body, in
    order, gets the sum of its equations that fire at v. `upper` is a number, or the name
    of a run-time extent, to which `upper_offset` is added.

    Example:

    ```mlir
    tl.loop 1 to 9 {
      tl.slice @X axis 1 initial {
      } step {
      }
    }
    ```
  }];
  let arguments = (ins I64Attr:$lower, AnyAttrOf<[I64Attr, StrAttr]>:$upper,
                       DefaultValuedAttr<I64Attr, "0">:$upper_offset);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$lower `to` $upper attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

def Tl_SliceOp : Tl_ScheduleOp<"slice", [HasParent<"LoopOp">]> {
  let summary = "a tensor that a loop computes";
  let description = [{
    Before the loop the tensor is the sum of the `initial` equations. In step v its slice at
    position v - `offset` of `axis` gets the sum of those `step` equations that fire; it stays
    what it is if none does. With axis -1 the tensor is virtual [E12]: it is its own slice,
    which each step replaces.

    Example: see `tl.loop`.
  }];
  let arguments = (ins FlatSymbolRefAttr:$tensor, I64Attr:$axis,
                       DefaultValuedAttr<I64Attr, "0">:$offset);
  let regions = (region SizedRegion<1>:$initial, SizedRegion<1>:$step);
  let assemblyFormat =
      "$tensor `axis` $axis attr-dict-with-keyword `initial` $initial `step` $step";
  let hasVerifier = 1;
}

def Tl_FixpointOp : Tl_ScheduleOp<"fixpoint", [HasParent<"ProgramOp">]> {
  let summary = "the least fixpoint of some tensors' equations, or an iteration [R3] [F1]";
  let description = [{
    Starts from zero; each round computes all tensors of the body from the values of the
    round before. Without `tolerance` and `max_steps` it ends when nothing changes.

    Example:

    ```mlir
    tl.fixpoint tolerance 1.0e-6 max_steps 100 {
    }
    ```
  }];
  let arguments = (ins OptionalAttr<F64Attr>:$tolerance, OptionalAttr<I64Attr>:$max_steps);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    (`tolerance` $tolerance^)? (`max_steps` $max_steps^)? attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
}

def Tl_EquationOp : Tl_Op<"equation", [SingleBlock, NoRegionArguments,
                                       ParentOneOf<["EvaluateOp", "SliceOp"]>]> {
  let summary = "tensor[map(variables)] (+)= expression; a rule is one under or_and";
  let description = [{
    For each value of the variables that occur in `map` or free in the expression. Elements
    at colliding positions combine by `projection`, after the expression. `rule` records
    that it was written with an arrow.

    In a loop, variable `loop_variable` is the loop's position minus `loop_shift`; with a
    `loop_variable` of -1 the equation fires at position `loop_shift` only. Else it fires at
    the positions from `fire_lower` on that are below each bound of `fire_upper`: numbers, or
    pairs of a run-time extent's name and an offset [E6].

    Example:

    ```mlir
    tl.equation @Y affine_map<(d0, d1) -> (d0)> over ("i" = 8, "j" = ?"n") sum {
      %0 = tl.ref @A affine_map<(d0, d1) -> (d0, d1)> : f32
      %1 = tl.ref @X affine_map<(d0, d1) -> (d1)> : f32
      %2 = tl.product sum_product %0, %1 : f32
      %3 = tl.reduce sum sum_product [1] %2 : f32
      tl.yield %3 : f32
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$tensor, AffineMapAttr:$map, Tl_VariablesAttr:$variables,
                       Tl_ProjectionAttr:$projection, OptionalAttr<I64Attr>:$loop_variable,
                       DefaultValuedAttr<I64Attr, "0">:$loop_shift,
                       DefaultValuedAttr<I64Attr, "0">:$fire_lower,
                       OptionalAttr<ArrayAttr>:$fire_upper, UnitAttr:$rule);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $tensor $map `over` custom<Variables>($variables) `` $projection attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    VariableAttr getVariable(unsigned number) {
      return ::llvm::cast<VariableAttr>(getVariables()[number]);
    }
    /// The value of the right-hand side.
    ::mlir::Value getRoot();
  }];
}

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

def Tl_RefOp : Tl_Op<"ref", [Pure]> {
  let summary = "an element of a tensor; outside the tensor its term is zero [E6]";
  let description = [{
    Example:

    ```mlir
    %0 = tl.ref @Image affine_map<(d0, d1) -> (d0 + d1)> : f32
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$tensor, AffineMapAttr:$map);
  let results = (outs Tl_Scalar:$result);
  let assemblyFormat = "$tensor $map attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Tl_NumberOp : Tl_Op<"number", [Pure]> {
  let summary = "a number";
  let description = [{
    Example:

    ```mlir
    %0 = tl.number 0.5 : f32
    ```
  }];
  let arguments = (ins F64Attr:$value);
  let results = (outs Tl_Scalar:$result);
  let assemblyFormat = "$value attr-dict `:` type($result)";
}

def Tl_IndexOp : Tl_Op<"index", [Pure]> {
  let summary = "the value of an index expression, as a number [E8]";
  let description = [{
    Example:

    ```mlir
    %0 = tl.index affine_map<(d0) -> (d0 floordiv 2)> : f32
    ```
  }];
  let arguments = (ins AffineMapAttr:$map);
  let results = (outs Tl_Scalar:$result);
  let assemblyFormat = "$map attr-dict `:` type($result)";
  let hasVerifier = 1;
}

class Tl_SemiringOp<string mnemonic> : Tl_Op<mnemonic, [Pure, SameOperandsAndResultType]> {
  let arguments = (ins Tl_SemiringAttr:$semiring, Variadic<Tl_Scalar>:$operands);
  let results = (outs Tl_Scalar:$result);
  let assemblyFormat = "`` $semiring $operands attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Tl_ProductOp : Tl_SemiringOp<"product"> {
  let summary = "the semiring's product of some factors";
  let description = [{
    Example:

    ```mlir
    %2 = tl.product min_plus %0, %1 : f32
    ```
  }];
}

def Tl_AddOp : Tl_SemiringOp<"add"> {
  let summary = "the semiring's sum of some terms";
  let description = [{
    Example:

    ```mlir
    %2 = tl.add sum_product %0, %1 : f32
    ```
  }];
}

def Tl_ApplyOp : Tl_Op<"apply", [Pure]> {
  let summary = "an elementwise function, always on numbers [E9]";
  let description = [{
    `not` is on Booleans; the first argument of `where` is a Boolean; all others have the
    result's type. `pow` is real exponentiation but for exponents that are integers.

    Example:

    ```mlir
    %1 = tl.apply relu(%0) : (f32) -> f32
    ```
  }];
  let arguments = (ins Tl_FunctionAttr:$function, Variadic<Tl_Scalar>:$operands);
  let results = (outs Tl_Scalar:$result);
  let assemblyFormat = "`` $function `(` $operands `)` attr-dict `:` functional-type($operands, $result)";
  let hasVerifier = 1;
}

def Tl_CompareOp : Tl_Op<"compare", [Pure, SameTypeOperands]> {
  let summary = "a comparison of numbers";
  let description = [{
    Example:

    ```mlir
    %2 = tl.compare lt %0, %1 : f32
    ```
  }];
  let arguments = (ins Tl_ComparisonAttr:$kind, Tl_Scalar:$lhs, Tl_Scalar:$rhs);
  let results = (outs I1:$result);
  let assemblyFormat = "`` $kind $lhs `,` $rhs attr-dict `:` type($lhs)";
}

def Tl_ConvertOp : Tl_Op<"convert", [Pure]> {
  let summary = "the same value in another type";
  let description = [{
    A number becomes a Boolean by `> 0` [R2]. A Boolean becomes one or zero of the
    semiring, so that a relation guards a product under any semiring [S1].

    Example:

    ```mlir
    %1 = tl.convert min_plus %0 : i1 to f32
    ```
  }];
  let arguments = (ins Tl_SemiringAttr:$semiring, Tl_Scalar:$operand);
  let results = (outs Tl_Scalar:$result);
  let assemblyFormat = "`` $semiring $operand attr-dict `:` type($operand) `to` type($result)";
}

def Tl_ReduceOp : Tl_Op<"reduce", [Pure, SameOperandsAndResultType]> {
  let summary = "a projection over some variables [E3] [E4]";
  let description = [{
    `sum` is the semiring's addition. `avg` divides by the number of combinations that are
    in range.

    Example:

    ```mlir
    %1 = tl.reduce sum sum_product [1, 2] %0 : f32
    ```
  }];
  let arguments = (ins Tl_ProjectionAttr:$kind, Tl_SemiringAttr:$semiring,
                       DenseI64ArrayAttr:$variables, Tl_Scalar:$operand);
  let results = (outs Tl_Scalar:$result);
  let assemblyFormat = "`` $kind `` $semiring $variables $operand attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Tl_NormalizeOp : Tl_Op<"normalize", [Pure, SameOperandsAndResultType]> {
  let summary = "softmax and norms over some variables [E9] [E10]";
  let description = [{
    Example:

    ```mlir
    %1 = tl.normalize softmax [1] %0 : f32
    ```
  }];
  let arguments = (ins Tl_NormalizeAttr:$kind, DenseI64ArrayAttr:$variables, Tl_Scalar:$operand);
  let results = (outs Tl_Scalar:$result);
  let assemblyFormat = "`` $kind $variables $operand attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Tl_ConcatOp : Tl_Op<"concat", [Pure, SameOperandsAndResultType]> {
  let summary = "variables flattened, row-major, into one [E11]";
  let description = [{
    The operand uses `variables`, everything outside uses `into`.

    Example:

    ```mlir
    %1 = tl.concat [1, 2] into 3 %0 : f32
    ```
  }];
  let arguments = (ins DenseI64ArrayAttr:$variables, I64Attr:$into, Tl_Scalar:$operand);
  let results = (outs Tl_Scalar:$result);
  let assemblyFormat = "$variables `into` $into $operand attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Tl_YieldOp : Tl_Op<"yield", [Pure, Terminator, ReturnLike, HasParent<"EquationOp">]> {
  let summary = "the value of the right-hand side";
  let description = [{
    Example:

    ```mlir
    tl.yield %0 : f32
    ```
  }];
  let arguments = (ins Tl_Scalar:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
  let hasVerifier = 1;
}

#endif // TLC_DIALECTS_TL_TLOPS_TD
