// RUN: tl-opt --convert-ein-to-cpu --split-input-file --verify-diagnostics %s
// Tests what has no code for CPUs.

func.func @unknown(%a: tensor<4xf32>) -> tensor<2x2xf32> {
  // expected-error @+1 {{has no code for CPUs}}
  %0 = tensor.expand_shape %a [[0, 1]] output_shape [2, 2] : tensor<4xf32> into tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}

// -----

// expected-error @+1 {{has an argument or result that is not a tensor}}
func.func @scalar(%a: f32) -> f32 {
  return %a : f32
}
