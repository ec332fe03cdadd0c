#include "tlc/tlc.h"

#include "tlrt/io.h"
#include "tlrt/program.h"
#include "tlrt/tlrt.h"

int main() {
  float x[4] = {1, 2, 3, 4};
  tlc::Expected<tlc::Tensor> y =
      tlc::einsum("i,i->", {tlc::View::of(x, {4}), tlc::View::of(x, {4})});
  return y ? 0 : y.error().exitCode();
}
