// Re-exporting: a view, or a whole ArrayBuffer, as an exporter that ends with its
// provider.
#ifndef NBUF_CORE_VIEW_EXPORTER_H
#define NBUF_CORE_VIEW_EXPORTER_H

#include <mutex>

#include "provider.h"

namespace nbuf::core {

// A weak hold on a provider: whoever owns the provider closes the lease before releasing
// it; until then anyone on any thread may borrow a reference.
class Lease {
 public:
  static Lease* make(Provider* provider);
  void retain() {
    // Relaxed: the caller holds a reference.
    refs_.fetch_add(1, std::memory_order_relaxed);
  }
  void release() {
    // Acquire-release: the deleting thread sees the others' last use.
    if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }
  Provider* borrow();             // one reference, or NULL once closed
  void move_to(Provider* other);  // NULL closes it

 private:
  explicit Lease(Provider* provider) : provider_(provider) {}
  std::atomic<long> refs_{1};
  std::mutex mutex_;  // provider_ and its retain happen together
  Provider* provider_;
};

// Asked at each acquire whether the memory is still there; `drop` ends the context, on
// any thread.
struct ExportGuard {
  Status (*check)(void* context, Error*) = nullptr;
  void (*drop)(void* context) = nullptr;
  void* context = nullptr;
};

// Takes over one reference of the lease, and the guard, also on failure. The layout is
// checked against the provider's block, now and at each acquire.
Status make_view_exporter(Lease* lease, const LayoutSpec& spec, uint32_t extra_flags,
                          nbuf_exporter** out, Error* error,
                          const ExportGuard& guard = {});

}  // namespace nbuf::core

#endif  // NBUF_CORE_VIEW_EXPORTER_H
