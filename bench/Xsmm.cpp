//===- Xsmm.cpp - libxsmm, which compiles small products ------------------===//

#include "bench/Xsmm.h"
#include "bench/SharedLibrary.h"

#include <fmt/format.h>

namespace tlc::bench {

Xsmm::Xsmm(const std::string &library) {
  SharedLibrary opened(library);
  auto init = opened.function<void (*)()>("libxsmm_init");
  auto target = opened.function<const char *(*)()>("libxsmm_get_target_arch");
  if (!init || !target) {
    fmt::print(stderr, "tlc-bench: libxsmm is not installed; the tables do without\n");
    return;
  }
  init();
  text = fmt::format("libxsmm, compiles for {}", target());
  dispatchF32 = opened.function<Dispatch<float>>("libxsmm_smmdispatch");
  dispatchF64 = opened.function<Dispatch<double>>("libxsmm_dmmdispatch");
}

/// Its matrices are column-major: what is called with (b, a) there is c = a b here.
template <typename T> Xsmm::Kernel<T> Xsmm::squareProduct(int n) const {
  T alpha = 1, beta = 0;
  if constexpr (sizeof(T) == 4)
    return dispatchF32(n, n, n, &n, &n, &n, &alpha, &beta, nullptr, nullptr);
  else
    return dispatchF64(n, n, n, &n, &n, &n, &alpha, &beta, nullptr, nullptr);
}
template Xsmm::Kernel<float> Xsmm::squareProduct(int) const;
template Xsmm::Kernel<double> Xsmm::squareProduct(int) const;

} // namespace tlc::bench
