// set_layout and resize, the changes that the two locks guard; and inspect, which shows
// what they would find.
#include <cstring>

#include "host_array.h"

namespace nbuf::core {
namespace {

using Guard = std::lock_guard<SectionLock>;

// Inside the mutex: swaps the layout in and hands the old one out if nobody needs it.
Layout* swap_layout(HostArray* array, Layout* layout) {
  Layout* old = array->layout;
  array->layout = layout;
  array->epoch = array->epoch == UINT32_MAX ? 1 : array->epoch + 1;
  return --old->refs == 0 ? old : nullptr;
}

// A counted look at the current layout and memory.
struct Snapshot {
  Layout* layout;
  Memory* memory;
};

Status look(HostArray* array, Snapshot* out, Error* error) {
  Guard guard(array->mutex);
  if (array->disposed)
    return nbuf_fail(error, NBUF_ERR_RELEASED, "the array was disposed of");
  *out = {array->layout, array->memory};
  array->layout->refs++;
  retain(array->memory);
  return NBUF_OK;
}

void unlook(HostArray* array, const Snapshot& snapshot) {
  bool last;
  {
    Guard guard(array->mutex);
    last = --snapshot.layout->refs == 0;
  }
  if (last) free_layout(snapshot.layout);
  release(snapshot.memory);
}

LayoutSpec changed(const Layout& current, const LayoutChange& change) {
  LayoutSpec spec = current.spec();
  spec.strides = change.strides;
  spec.offset = change.offset;
  spec.levels = change.levels;
  if (change.shape != nullptr || change.ndim != nullptr) {
    spec.ndim = *change.ndim;
    spec.shape = change.shape;
  }
  if (change.format != nullptr) {
    spec.format = change.format;
    spec.itemsize = change.itemsize;
  }
  return spec;
}

Status someone_changed_it(Error* error) {
  return nbuf_fail(error, NBUF_ERR_LOCKED, "being changed by another thread: try again");
}

Status check_resizable(const HostArray* array, const Snapshot& now, Error* error) {
  if (is_indirect(*now.memory))
    return nbuf_fail(error, NBUF_ERR_UNSUPPORTED,
                     "memory of several blocks cannot be resized: make a new array");
  if (!now.memory->is_heap)
    return nbuf_fail(error, NBUF_ERR_UNSUPPORTED,
                     "adopted or mapped memory cannot be resized: allocate a new array");
  if (array->readonly)
    return nbuf_fail(error, NBUF_ERR_READONLY,
                     "the array is readonly, and a new size changes its contents");
  if (now.layout->offset != 0 || now.layout->contiguity == 0)
    return nbuf_fail(error, NBUF_ERR_CONTIGUITY,
                     "only a contiguous layout at offset 0 can be resized");
  return NBUF_OK;
}

// The new layout in the old one's order.
Status resized_layout(const Layout& old, int32_t ndim, const int64_t* shape, Layout** out,
                      Error* error) {
  LayoutSpec spec = old.spec();
  int64_t strides[NBUF_MAX_NDIM], step = old.itemsize;
  spec.ndim = ndim;
  spec.shape = shape;
  spec.strides = nullptr;
  const bool is_fortran = (old.contiguity & NBUF_IS_C_) == 0;
  if (is_fortran && ndim >= 0 && ndim <= NBUF_MAX_NDIM) {
    for (int32_t i = 0; i < ndim; i++) {
      strides[i] = step;
      if (shape[i] > 0 && !nbuf_mul_(step, shape[i], &step))
        return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE, "overflow in shape");
    }
    spec.strides = strides;
  }
  return make_layout(spec, INT64_MAX, out, error);
}

// Allocates outside the mutex, then copies and swaps in the exclusive state.
Status swap_memory(HostArray* array, const Snapshot& now, Layout* layout, Memory* memory,
                   Layout** dropped, Memory** old_memory, Error* error) {
  Memory* current;
  {
    Guard guard(array->mutex);
    if (array->layout != now.layout || array->disposed) return someone_changed_it(error);
    Status status = nbuf_locks_begin(&array->locks, NBUF_LOCK_MEMORY | NBUF_LOCK_LAYOUT,
                                     "resized", error);
    if (status != NBUF_OK) return status;
    current = array->memory;
  }
  const int64_t prefix =
      now.layout->bytes < layout->bytes ? now.layout->bytes : layout->bytes;
  // Nobody holds the memory lock and nobody gets it now: the bytes are ours alone.
  if (prefix > 0)
    std::memcpy(memory->block.base, current->block.base, static_cast<size_t>(prefix));
  Guard guard(array->mutex);
  nbuf_locks_end(&array->locks);
  *old_memory = array->memory;
  if (array->disposed) {  // meanwhile; dispose left the memory to us
    array->memory = nullptr;
    return nbuf_fail(error, NBUF_ERR_RELEASED, "the array was disposed of");
  }
  *dropped = swap_layout(array, layout);
  array->memory = memory;
  return NBUF_OK;
}

}  // namespace

Status set_layout(HostArray* array, const LayoutChange& change, Error* error) {
  Snapshot now{};
  Status status = look(array, &now, error);
  if (status != NBUF_OK) return status;
  drop_spares(array);
  Layout *layout, *dropped;
  status = make_layout(changed(*now.layout, change), *now.memory, &layout, error);
  if (status == NBUF_OK) {
    dropped = layout;
    Guard guard(array->mutex);
    if (array->layout != now.layout || array->disposed)
      status = someone_changed_it(error);
    else
      status = nbuf_locks_begin(&array->locks, NBUF_LOCK_LAYOUT, "given a layout", error);
    if (status == NBUF_OK) {
      dropped = swap_layout(array, layout);
      nbuf_locks_end(&array->locks);
    }
  } else {
    dropped = nullptr;
  }
  if (dropped != nullptr) free_layout(dropped);
  unlook(array, now);
  return status;
}

Status resize(HostArray* array, int32_t ndim, const int64_t* shape, Error* error) {
  Snapshot now{};
  Status status = look(array, &now, error);
  if (status != NBUF_OK) return status;
  drop_spares(array);
  Layout *layout = nullptr, *dropped = nullptr;
  Memory *memory = nullptr, *old_memory = nullptr;
  status = check_resizable(array, now, error);
  if (status == NBUF_OK)
    status = resized_layout(*now.layout, ndim, shape, &layout, error);
  if (status == NBUF_OK)
    status = make_heap_memory(layout->bytes, now.memory->align, &memory, error);
  if (status == NBUF_OK)
    status = swap_memory(array, now, layout, memory, &dropped, &old_memory, error);
  if (status != NBUF_OK) {
    if (layout != nullptr) free_layout(layout);
    release(memory);
  }
  if (dropped != nullptr) free_layout(dropped);
  release(old_memory);
  unlook(array, now);
  return status;
}

Status inspect(HostArray* array, ArrayState* state, Layout** copy, Error* error) {
  *copy = nullptr;
  Layout* layout;
  drop_spares(array);
  {
    Guard guard(array->mutex);
    const Memory* memory = array->memory;
    state->memory_locks = array->locks.memory;
    state->layout_locks = array->locks.layout;
    state->capacity = memory != nullptr ? memory->capacity() : 0;
    state->address =
        memory != nullptr ? reinterpret_cast<intptr_t>(memory->block.base) : 0;
    state->disposed = array->disposed;
    state->is_heap = memory != nullptr && memory->is_heap;
    state->readonly = array->readonly || (memory != nullptr &&
                                          (memory->provider_flags & NBUF_READONLY) != 0);
    state->epoch = array->epoch;
    layout = array->layout;
    layout->refs++;
  }
  *copy = copy_layout(*layout);
  bool last;
  {
    Guard guard(array->mutex);
    last = --layout->refs == 0;
  }
  if (last) free_layout(layout);
  return *copy != nullptr ? NBUF_OK : out_of_memory(error);
}

}  // namespace nbuf::core
