//===- TlDialect.td - what the user wrote --------------------*- tablegen -*-===//

#ifndef TLC_DIALECTS_TL_TLDIALECT_TD
#define TLC_DIALECTS_TL_TLDIALECT_TD

include "mlir/IR/OpBase.td"

def Tl_Dialect : Dialect {
  let name = "tl";
  let cppNamespace = "::tlc::tl";
  let summary = "what the user wrote: equations over named indices, checked and scheduled";
  let description = [{
    A program is a list of tensors and a schedule of equations. An equation keeps the
    names of its index variables; its right-hand side is a region of operations on
    scalars, each a function of the variables' values, with every sum written out.
    A rule is an equation under `or_and`; there is no second construct.
  }];
  let dependentDialects = ["::tlc::ein::EinDialect"];
  let useDefaultAttributePrinterParser = 1;
  let extraClassDeclaration = [{
  private:
    void registerAttributes();
    void registerOperations();
  }];
}

class Tl_Op<string mnemonic, list<Trait> traits = []> : Op<Tl_Dialect, mnemonic, traits>;

#endif // TLC_DIALECTS_TL_TLDIALECT_TD
