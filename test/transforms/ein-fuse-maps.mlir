// RUN: tl-opt %s --ein-fuse-maps --split-input-file | FileCheck %s

// Tests that chains of maps become one, and which do not.

// CHECK-LABEL: func.func @chain
//  CHECK-SAME:   (%[[X:.*]]: tensor<8x4xf32>, %[[B:.*]]: tensor<4xf32>)
//  CHECK-NEXT:   %[[R:.*]] = ein.map {{.*}} (%[[X]], %[[B]])
//       CHECK:     arith.addf
//       CHECK:     math.exp
//       CHECK:   return %[[R]]
func.func @chain(%x: tensor<8x4xf32>, %b: tensor<4xf32>) -> tensor<8x4xf32> {
  %t = ein.map "ij,j" (%x, %b) : (tensor<8x4xf32>, tensor<4xf32>) -> tensor<8x4xf32> {
  ^bb0(%p: f32, %q: f32):
    %s = arith.addf %p, %q : f32
    ein.yield %s : f32
  }
  %r = ein.map "ij" (%t) : (tensor<8x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%p: f32):
    %s = math.exp %p : f32
    ein.yield %s : f32
  }
  return %r : tensor<8x4xf32>
}

// -----

// Read transposed, the intermediate's dimension 0 is the reader's dimension 1.
// CHECK-LABEL: func.func @transposed_index
//       CHECK:   ein.map "ji"
//       CHECK:     ein.index 1
//   CHECK-NOT:   ein.map
func.func @transposed_index(%x: tensor<8x4xindex>) -> tensor<4x8xindex> {
  %t = ein.map "ij" (%x) : (tensor<8x4xindex>) -> tensor<8x4xindex> {
  ^bb0(%p: index):
    %i = ein.index 0
    %s = arith.addi %p, %i : index
    ein.yield %s : index
  }
  %r = ein.map "ji" (%t) : (tensor<8x4xindex>) -> tensor<4x8xindex> {
  ^bb0(%p: index):
    %s = arith.muli %p, %p : index
    ein.yield %s : index
  }
  return %r : tensor<4x8xindex>
}

// -----

// A fill of run-time extent is part of every reader, which gets its extent. What is constant is
// folded, inside the body.
// CHECK-LABEL: func.func @fill
//  CHECK-SAME:   %[[N:[a-z0-9]+]]: index
//       CHECK:   ein.map {{.*}} extents(%[[N]])
//  CHECK-NEXT:     %[[E:.*]] = arith.constant 2.718{{.*}} : f32
//  CHECK-NEXT:     ein.yield %[[E]]
//   CHECK-NOT:   ein.map
func.func @fill(%n: index) -> tensor<?xf32> {
  %t = ein.map "->i" () extents(%n) : () -> tensor<?xf32> {
    %c = arith.constant 1.0 : f32
    ein.yield %c : f32
  }
  %r = ein.map "i" (%t) : (tensor<?xf32>) -> tensor<?xf32> {
  ^bb0(%p: f32):
    %s = math.exp %p : f32
    ein.yield %s : f32
  }
  return %r : tensor<?xf32>
}

// -----

// An operand that is read twice at the same place is read once; then its map has one reader.
// CHECK-LABEL: func.func @square
//       CHECK:   ein.map "i" (%arg0)
//       CHECK:     %[[E:.*]] = math.exp
//       CHECK:     arith.mulf %[[E]], %[[E]]
//   CHECK-NOT:   ein.map
func.func @square(%x: tensor<8xf32>) -> tensor<8xf32> {
  %t = ein.map "i" (%x) : (tensor<8xf32>) -> tensor<8xf32> {
  ^bb0(%p: f32):
    %s = math.exp %p : f32
    ein.yield %s : f32
  }
  %r = ein.map "i,i" (%t, %t) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32> {
  ^bb0(%p: f32, %q: f32):
    %s = arith.mulf %p, %q : f32
    ein.yield %s : f32
  }
  return %r : tensor<8xf32>
}

// -----

// Four exponentials are better than thirty-two.
// CHECK-LABEL: func.func @broadcast_stays
// CHECK-COUNT-2: ein.map
func.func @broadcast_stays(%x: tensor<8x4xf32>, %b: tensor<4xf32>) -> tensor<8x4xf32> {
  %t = ein.map "i" (%b) : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%p: f32):
    %s = math.exp %p : f32
    ein.yield %s : f32
  }
  %r = ein.map "ij,j" (%x, %t) : (tensor<8x4xf32>, tensor<4xf32>) -> tensor<8x4xf32> {
  ^bb0(%p: f32, %q: f32):
    %s = arith.addf %p, %q : f32
    ein.yield %s : f32
  }
  return %r : tensor<8x4xf32>
}

// -----

// CHECK-LABEL: func.func @second_reader
// CHECK-COUNT-2: ein.map
func.func @second_reader(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %t = ein.map "i" (%x) : (tensor<8xf32>) -> tensor<8xf32> {
  ^bb0(%p: f32):
    %s = math.exp %p : f32
    ein.yield %s : f32
  }
  %r = ein.map "i" (%t) : (tensor<8xf32>) -> tensor<8xf32> {
  ^bb0(%p: f32):
    %s = math.exp %p : f32
    ein.yield %s : f32
  }
  return %t, %r : tensor<8xf32>, tensor<8xf32>
}
