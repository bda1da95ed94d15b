// HostArray: the exporter that owns its memory and may re-assign its layout or size.
//
// Ownership rules
//   One mutex guards the counts, the current layout and memory, and the holders. Nothing
//   is allocated, freed or called out to inside it. `owners` are references to the
//   exporter; live providers count as holders of the memory lock. The array keeps its
//   memory until it is disposed or without owners, and nobody holds the memory lock; the
//   struct goes when both counts are 0.
#ifndef NBUF_CORE_HOST_ARRAY_H
#define NBUF_CORE_HOST_ARRAY_H

#include <mutex>

#include "layout.h"
#include "memory.h"
#include "provider.h"
#include "section_lock.h"
#include "spare_places.h"

namespace nbuf::core {

struct HostArray {
  nbuf_exporter pub;  // first
  SectionLock mutex;
  nbuf_locks locks;
  long owners;
  Layout* layout;
  Memory* memory;
  uint32_t epoch;  // counts layouts; never 0
  bool readonly;
  bool disposed;
  // Providers without a label that hold the layout lock, so that layout, memory and epoch
  // stay what they were; closed once disposed of or without owners.
  SparePlaces spares;
  uintptr_t previous_hidden, next_hidden;  // in the list of all arrays (holders.h)
};

// Takes over the memory's reference on success; the caller gets one owner's reference.
Status make_host_array(Memory* memory, const LayoutSpec& spec, bool readonly,
                       HostArray** out, Error* error);

HostArray* as_own(nbuf_exporter* exporter);  // NULL: not one of this copy's arrays

void release_owner(HostArray* array);

// As the ops table's acquire, but with our own type, and with the epoch of the layout.
Status acquire(HostArray* array, const nbuf_request* request, Provider** out,
               uint32_t* epoch, Error* error);

// Another layout over the same memory; needs the layout lock free. NULL members are kept:
// shape, format (then itemsize too). Strides default to C-contiguous. An indirect layout
// takes shape, strides and levels anew.
struct LayoutChange {
  const int32_t* ndim = nullptr;  // with shape
  const int64_t* shape = nullptr;
  const int64_t* strides = nullptr;
  int64_t offset = 0;
  const char* format = nullptr;  // with itemsize
  int64_t itemsize = 0;
  Levels levels = {};
};
Status set_layout(HostArray* array, const LayoutChange& change, Error* error);

// Needs both locks free and heap memory; keeps order and the common prefix of bytes in
// memory order, zero-fills the rest.
Status resize(HostArray* array, int32_t ndim, const int64_t* shape, Error* error);

// Later acquires fail with RELEASED; the memory goes with its last provider.
void dispose(HostArray* array);

// Bytes of its own on the heap; 0 once disposed of.
int64_t heap_bytes(HostArray* array);

Status flush(HostArray* array, Error* error);

// A consistent copy of the state, for showing. The layout's text and arrays are copied
// into the caller's hands by `visit`, which runs inside the mutex and must not call out.
struct ArrayState {
  int64_t memory_locks, layout_locks, capacity, address;
  bool disposed, readonly, is_heap;
  uint32_t epoch;
};
Status inspect(HostArray* array, ArrayState* state, Layout** copy, Error* error);

// Spare providers are nobody's: before the locks are asked for.
void drop_spares(HostArray* array);

// Parts of the provider that run inside its host's mutex.
void release_to_host(Provider* provider);
void unlock_layout_in_host(Provider* provider);
bool holds_layout_in_host(Provider* provider);
void relabel_in_host(Provider* provider, const char* static_label);
Status reexport_in_host(Provider* parent, const LayoutSpec& spec, uint32_t flags,
                        const nbuf_request* request, Provider** out, Error* error);

}  // namespace nbuf::core

#endif  // NBUF_CORE_HOST_ARRAY_H
