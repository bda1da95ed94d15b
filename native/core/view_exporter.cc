#include "view_exporter.h"

#include <new>

namespace nbuf::core {

Lease* Lease::make(Provider* provider) { return new (std::nothrow) Lease(provider); }

Provider* Lease::borrow() {
  std::lock_guard<std::mutex> guard(mutex_);
  if (provider_ != nullptr) core::retain(provider_);
  return provider_;
}

void Lease::move_to(Provider* other) {
  std::lock_guard<std::mutex> guard(mutex_);
  provider_ = other;
}

namespace {

struct ViewExporter {
  nbuf_exporter pub;  // first
  std::atomic<long> refs;
  Lease* lease;
  Layout* layout;
  uint32_t extra_flags;
  ExportGuard guard;
};

ViewExporter* own(nbuf_exporter* exporter) {
  return reinterpret_cast<ViewExporter*>(exporter);
}

void retain_view(nbuf_exporter* exporter) {
  own(exporter)->refs.fetch_add(1, std::memory_order_relaxed);  // the caller has one
}

void release_view(nbuf_exporter* exporter) {
  ViewExporter* self = own(exporter);
  // Acquire-release: as Lease::release.
  if (self->refs.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  self->lease->release();
  free_layout(self->layout);
  if (self->guard.drop != nullptr) self->guard.drop(self->guard.context);
  delete self;
}

Status acquire_view(nbuf_exporter* exporter, const nbuf_request* request,
                    nbuf_provider** out, nbuf_error* error) {
  ViewExporter* self = own(exporter);
  *out = nullptr;
  if (self->guard.check != nullptr) {
    const Status status = self->guard.check(self->guard.context, error);
    if (status != NBUF_OK) return status;
  }
  Provider* parent = self->lease->borrow();
  if (parent == nullptr)
    return nbuf_fail(error, NBUF_ERR_RELEASED, "the view's provider was released");
  Provider* made;
  Status status =
      reexport(parent, self->layout->spec(), self->extra_flags, request, &made, error);
  release(parent);
  if (made != nullptr) *out = public_of(made);
  return status;
}

const nbuf_exporter_ops kOps = {sizeof(nbuf_exporter_ops), 0, retain_view, release_view,
                                acquire_view};

}  // namespace

Status make_view_exporter(Lease* lease, const LayoutSpec& spec, uint32_t extra_flags,
                          nbuf_exporter** out, Error* error, const ExportGuard& guard) {
  *out = nullptr;
  Provider* provider = lease->borrow();
  Status status;
  Layout* layout = nullptr;
  if (provider == nullptr) {
    status = nbuf_fail(error, NBUF_ERR_RELEASED, "the provider was released");
  } else {
    status = make_layout(spec, *provider->memory, &layout, error);
    release(provider);
  }
  auto* made = status == NBUF_OK ? new (std::nothrow) ViewExporter : nullptr;
  if (made == nullptr) {
    if (layout != nullptr) free_layout(layout);
    lease->release();
    if (guard.drop != nullptr) guard.drop(guard.context);
    return status == NBUF_OK ? out_of_memory(error) : status;
  }
  made->pub.ops = &kOps;
  made->refs.store(1, std::memory_order_relaxed);  // not yet shared
  made->lease = lease;
  made->layout = layout;
  made->extra_flags = extra_flags;
  made->guard = guard;
  *out = &made->pub;
  return NBUF_OK;
}

}  // namespace nbuf::core
