// RUN: tl-opt --test-reference %s -o /dev/null > %t
// RUN: tl-opt --test-cpu="threads=2 force-lowering=nest" %s -o /dev/null | diff %t -
// RUN: tl-opt --test-cpu="threads=2 force-lowering=direct" %s -o /dev/null | diff %t -
// RUN: tl-opt --test-cpu="threads=2 force-lowering=packed" %s -o /dev/null | diff %t -
// RUN: tl-opt --test-cpu="threads=2 force-lowering=vector" %s -o /dev/null | diff %t -
// Epilogues with positions and operands of their own give the same with each way to lower contractions.

func.func @main() -> (tensor<70x300xf32>, tensor<2100xf32>) {
  %a = ein.map "->ab" () : () -> tensor<70x101xf32> {
    %i = ein.index 0
    %j = ein.index 1
    %p = arith.muli %i, %j : index
    %c9 = arith.constant 9 : index
    %m = arith.remui %p, %c9 : index
    %n = arith.index_cast %m : index to i32
    %v = arith.sitofp %n : i32 to f32
    ein.yield %v : f32
  }
  %b = ein.map "->ab" () : () -> tensor<101x300xf32> {
    %i = ein.index 0
    %j = ein.index 1
    %p = arith.addi %i, %j : index
    %c7 = arith.constant 7 : index
    %m = arith.remui %p, %c7 : index
    %n = arith.index_cast %m : index to i32
    %v = arith.sitofp %n : i32 to f32
    ein.yield %v : f32
  }
  %bias = ein.map "->a" () : () -> tensor<300xf32> {
    %i = ein.index 0
    %n = arith.index_cast %i : index to i32
    %v = arith.sitofp %n : i32 to f32
    ein.yield %v : f32
  }
  %c = ein.contract "ij,jk->ik" sum_product (%a, %b)
      epilogue "b->ab" (%bias : tensor<300xf32>) {
  ^bb0(%sum: f32, %x: f32):
    %i = ein.index 0
    %n = arith.index_cast %i : index to i32
    %v = arith.sitofp %n : i32 to f32
    %s = arith.subf %sum, %x : f32
    %t = arith.addf %s, %v : f32
    ein.yield %t : f32
  } : (tensor<70x101xf32>, tensor<101x300xf32>) -> tensor<70x300xf32>
  %x = ein.map "->a" () : () -> tensor<37xf32> {
    %i = ein.index 0
    %n = arith.index_cast %i : index to i32
    %v = arith.sitofp %n : i32 to f32
    ein.yield %v : f32
  }
  %y = ein.map "->ab" () : () -> tensor<37x2100xf32> {
    %i = ein.index 0
    %j = ein.index 1
    %p = arith.addi %i, %j : index
    %c7 = arith.constant 5 : index
    %m = arith.remui %p, %c7 : index
    %n = arith.index_cast %m : index to i32
    %v = arith.sitofp %n : i32 to f32
    ein.yield %v : f32
  }
  %d = ein.contract "i,ij->j" sum_product (%x, %y) epilogue {
  ^bb0(%sum: f32):
    %i = ein.index 0
    %n = arith.index_cast %i : index to i32
    %v = arith.sitofp %n : i32 to f32
    %s = arith.subf %sum, %v : f32
    ein.yield %s : f32
  } : (tensor<37xf32>, tensor<37x2100xf32>) -> tensor<2100xf32>
  return %c, %d : tensor<70x300xf32>, tensor<2100xf32>
}
