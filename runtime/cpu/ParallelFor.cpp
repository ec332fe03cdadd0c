//===- ParallelFor.cpp - tlrt_parallel_for --------------------------------===//
//
// A loop inside a loop runs in the thread that meets it: right in any case, and nothing ever waits
// for something that waits for it.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Context.h"
#include "runtime/cpu/Pool.h"

namespace {

/// The pool as the context knows it, from its first loop on. A forked child takes the pool of its
/// own process.
tlrt::Pool *poolOf(tlrt_context &context) {
  tlrt::Pool *pool = context.pool.load(std::memory_order_acquire);
  if (pool && !pool->isStale())
    return pool;
  tlrt::Pool *fresh = tlrt::Pool::acquire(context.threads - 1);
  if (context.pool.compare_exchange_strong(pool, fresh))
    return fresh;
  tlrt::Pool::release(fresh, context.threads - 1);
  return pool;
}

} // namespace

void tlrt_parallel_for(tlrt_context *context, void (*body)(void *argument, int64_t i),
                       void *argument, int64_t n) {
  bool outer = tlrt::insideLoop;
  bool done = false;
  if (n > 1 && context && context->threads > 1 && !outer) {
    tlrt::Pool *pool = poolOf(*context);
    tlrt::insideLoop = true;
    done = pool && pool->tryRun(body, argument, n, context->threads);
  }
  tlrt::insideLoop = true;
  for (int64_t i = 0; i < n && !done; ++i)
    body(argument, i);
  tlrt::insideLoop = outer;
}
