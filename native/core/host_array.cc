#include "host_array.h"

#include <cstddef>
#include <cstring>
#include <new>

#include "holders.h"

namespace nbuf::core {
namespace {

using Guard = std::lock_guard<SectionLock>;

HostArray* own(nbuf_exporter* exporter) { return reinterpret_cast<HostArray*>(exporter); }

// What a caller inside the mutex found to be dropped once outside it.
struct Dropped {
  Layout* layout = nullptr;
  Memory* memory = nullptr;
  HostArray* array = nullptr;
  Provider* spares[SparePlaces::kCount];
  unsigned spare_count = 0;

  void drop() const {
    if (layout != nullptr) free_layout(layout);
    release(memory);
    for (unsigned i = 0; i < spare_count; i++) free_provider(spares[i]);
    if (array == nullptr) return;
    unlist_array(array);
    delete array;
  }
};

void drop_layout(Layout* layout, Dropped* dropped) {
  if (--layout->refs == 0) dropped->layout = layout;
}

// Inside the mutex: gives up what nobody needs any more.
void settle(HostArray* array, Dropped* dropped) {
  if (array->locks.memory > 0 || array->locks.changing != nullptr) return;
  if (array->disposed || array->owners == 0) {
    dropped->memory = array->memory;
    array->memory = nullptr;
  }
  if (array->owners == 0) dropped->array = array;
}

// Inside the mutex: from here on no provider can wait for an acquire and hold the array.
void close_spares(HostArray* array, Dropped* dropped) {
  array->spares.empty(true, [&](Provider* spare) {
    nbuf_locks_drop(&array->locks, &spare->holder);
    spare->layout->refs--;  // the current one, of which the array has another
    dropped->spares[dropped->spare_count++] = spare;
  });
}

// Gives up what nobody holds any more.
void end_holder(Provider* provider) {
  HostArray* array = provider->host;
  Dropped dropped;
  Layout* layout = nullptr;
  {
    Guard guard(array->mutex);
    nbuf_locks_drop(&array->locks, &provider->holder);
    if (--provider->layout->refs == 0) layout = provider->layout;
    settle(array, &dropped);
    if (dropped.array != nullptr) drop_layout(array->layout, &dropped);
  }
  if (layout != nullptr) free_layout(layout);
  dropped.drop();
  free_provider(provider);
}

void retain_owner(nbuf_exporter* exporter) {
  HostArray* array = own(exporter);
  Guard guard(array->mutex);
  array->owners++;
}

Status acquire_public(nbuf_exporter* exporter, const nbuf_request* request,
                      nbuf_provider** out, nbuf_error* error) {
  Provider* provider;
  uint32_t epoch;
  Status status = acquire(own(exporter), request, &provider, &epoch, error);
  *out = provider != nullptr ? public_of(provider) : nullptr;
  return status;
}

const nbuf_exporter_ops kOps = {sizeof(nbuf_exporter_ops), 0, retain_owner,
                                [](nbuf_exporter* e) { release_owner(own(e)); },
                                acquire_public};

// Inside the mutex: current layout and memory become the provider's. Grants first: who is
// refused must not be seen as a holder, not even for a moment.
Status take(HostArray* array, Provider* provider, const nbuf_request* request,
            Error* error) {
  if (array->disposed)
    return nbuf_fail(error, NBUF_ERR_RELEASED, "the array was disposed of");
  provider->host = array;
  provider->memory = array->memory;
  provider->layout = array->layout;
  provider->granted_flags = request->flags;
  Status status = grant(provider, array->readonly ? NBUF_READONLY : 0, request, error);
  const bool snapshot = (request->flags & NBUF_LAYOUT_SNAPSHOT) != 0;
  if (status == NBUF_OK)
    status = nbuf_locks_take(&array->locks, &provider->holder, provider->label(),
                             snapshot, error);
  array->layout->refs += status == NBUF_OK;
  return status;
}

}  // namespace

Status make_host_array(Memory* memory, const LayoutSpec& spec, bool readonly,
                       HostArray** out, Error* error) {
  *out = nullptr;
  Layout* layout;
  Status status = make_layout(spec, *memory, &layout, error);
  if (status != NBUF_OK) return status;
  auto* made = new (std::nothrow) HostArray;
  if (made == nullptr) {
    free_layout(layout);
    return out_of_memory(error);
  }
  made->pub.ops = &kOps;
  nbuf_locks_init(&made->locks);
  made->owners = 1;
  made->layout = layout;
  made->memory = memory;
  made->epoch = 1;
  made->readonly = readonly;
  made->disposed = false;
  list_array(made);
  *out = made;
  return NBUF_OK;
}

HostArray* as_own(nbuf_exporter* exporter) {
  return exporter->ops == &kOps ? own(exporter) : nullptr;
}

void release_owner(HostArray* array) {
  Dropped dropped;
  {
    Guard guard(array->mutex);
    if (--array->owners == 0) close_spares(array, &dropped);
    settle(array, &dropped);
    if (dropped.array != nullptr) drop_layout(array->layout, &dropped);
  }
  dropped.drop();
}

namespace {

// A spare provider that answers such a request, or NULL.
Provider* take_spare(HostArray* array, const nbuf_request* request) {
  if (request->label != nullptr) return nullptr;
  Provider* spare = array->spares.take();
  if (spare == nullptr || spare->granted_flags == request->flags) return spare;
  end_holder(spare);
  return nullptr;
}

Status take_new(HostArray* array, const nbuf_request* request, Provider** out,
                uint32_t* epoch, Error* error) {
  Provider* made = allocate_provider(request->label, nullptr);
  if (made == nullptr) return out_of_memory(error);
  Status status;
  {
    Guard guard(array->mutex);
    status = take(array, made, request, error);
    *epoch = array->epoch;
  }
  if (status == NBUF_OK)
    *out = made;
  else
    free_provider(made);
  return status;
}

}  // namespace

Status acquire(HostArray* array, const nbuf_request* request, Provider** out,
               uint32_t* epoch, Error* error) {
  *out = nullptr;
  Status status = check_request(request, error);
  if (status != NBUF_OK) return status;
  Provider* made = take_spare(array, request);
  if (made != nullptr)
    *epoch = array->epoch;  // changes only while nobody holds the layout lock, as it does
  else
    status = take_new(array, request, &made, epoch, error);
  if (status != NBUF_OK) return status;
  if (made->memory->ops->check != nullptr)
    status = made->memory->ops->check(made->memory, error);
  if (status != NBUF_OK) {
    release_to_host(made);
    return status;
  }
  *out = made;
  return NBUF_OK;
}

int64_t heap_bytes(HostArray* array) {
  Guard guard(array->mutex);
  const Memory* memory = array->disposed ? nullptr : array->memory;
  return memory != nullptr && memory->is_heap ? memory->block.size : 0;
}

void dispose(HostArray* array) {
  Dropped dropped;
  {
    Guard guard(array->mutex);
    array->disposed = true;
    close_spares(array, &dropped);
    settle(array, &dropped);
  }
  dropped.drop();
}

Status flush(HostArray* array, Error* error) {
  Memory* memory;
  {
    Guard guard(array->mutex);
    if (array->disposed)
      return nbuf_fail(error, NBUF_ERR_RELEASED, "the array was disposed of");
    memory = array->memory;
    retain(memory);
  }
  Status status =
      memory->ops->flush != nullptr ? memory->ops->flush(memory, error) : NBUF_OK;
  release(memory);
  return status;
}

void drop_spares(HostArray* array) { array->spares.empty(false, end_holder); }

void release_to_host(Provider* provider) {
  // Nobody else refers to it, so its holder does not change.
  if (provider->holder.has_layout != 0 && provider->holder.label == nullptr) {
    provider->refs.store(1, std::memory_order_relaxed);  // published by leave()
    if (provider->host->spares.leave(provider)) return;
  }
  end_holder(provider);
}

void unlock_layout_in_host(Provider* provider) {
  Guard guard(provider->host->mutex);
  nbuf_locks_drop_layout(&provider->host->locks, &provider->holder);
}

bool holds_layout_in_host(Provider* provider) {
  Guard guard(provider->host->mutex);
  return provider->holder.has_layout != 0;
}

void relabel_in_host(Provider* provider, const char* static_label) {
  Guard guard(provider->host->mutex);
  nbuf_locks_label(&provider->host->locks, &provider->holder, static_label);
}

Status reexport_in_host(Provider* parent, const LayoutSpec& spec, uint32_t flags,
                        const nbuf_request* request, Provider** out, Error* error) {
  HostArray* array = parent->host;
  Memory* memory = parent->memory;
  // Labels are read under the mutex: a leaked provider is relabelled.
  const char* parent_label;
  {
    Guard guard(array->mutex);
    parent_label = parent->label();
  }
  // The parent's own memory lock keeps `memory` meanwhile, so it need not be counted.
  Status status = provide_memory(memory, spec, flags, request, parent_label, out, error);
  if (status != NBUF_OK) return status;
  Provider* made = *out;
  Guard guard(array->mutex);
  // Disposed of or not: the parent holds the memory lock, so its child may too. That lock
  // also rules out the exclusive state, so taking cannot fail.
  nbuf_locks_take(&array->locks, &made->holder, made->label(), 1, nullptr);
  made->host = array;
  return NBUF_OK;
}

}  // namespace nbuf::core
