#include <tlc/tlc.h>

#include <cstdio>

int main() {
  float a[] = {1, 2, 3, 4}, b[] = {5, 6, 7, 8};
  auto c = tlc::einsum("ij,jk->ik", {tlc::View::of(a, {2, 2}), tlc::View::of(b, {2, 2})});
  if (!c)
    return c.error().exitCode();
  std::printf("%s\n", c->str().c_str());
}
