// Provider: the refcounted nbuf_provider over memory and a layout, for every exporter
// here.
//
// Ownership rules
//   A provider owns one reference of its layout and keeps its memory alive: through its
//   host (a HostArray keeps its memory while anyone holds the memory lock) or, without a
//   host, through a reference of its own. With a host, the host's mutex guards the holder
//   and the layout's count.
#ifndef NBUF_CORE_PROVIDER_H
#define NBUF_CORE_PROVIDER_H

#include <atomic>

#include "layout.h"
#include "memory.h"

namespace nbuf::core {

struct HostArray;

struct Provider {
  nbuf_provider pub;  // first
  std::atomic<long> refs;
  HostArray* host;
  Memory* memory;
  Layout* layout;
  nbuf_holder holder;
  uint32_t granted_flags;            // of the request that `pub` answers, with a host
  nbuf_provider* foreign;            // of an import; its reference is the memory's
  std::atomic<bool> foreign_layout;  // the import still holds the peer's layout lock

  const char* label() const { return holder.label; }
};

// Is this provider one of ours (of this copy of nbuf)? Only then may it be cast.
Provider* as_own(nbuf_provider* provider);
inline nbuf_provider* public_of(Provider* provider) { return &provider->pub; }

// Allocates a provider with its composed label ("label ← parent") and nothing else
// filled. NULL when memory is short.
Provider* allocate_provider(const char* label, const char* parent_label);
void free_provider(Provider* provider);

// Fills the public part from memory and layout (both already counted for it) and
// negotiates.
Status grant(Provider* provider, uint32_t extra_flags, const nbuf_request* request,
             Error* error);

Status check_request(const nbuf_request* request, Error* error);

void retain(Provider* provider);
void release(Provider* provider);
void unlock_layout(Provider* provider);
bool holds_layout(Provider* provider);

// A provider without host over `memory`, whose reference it takes over on success.
Status provide_memory(Memory* memory, const LayoutSpec& spec, uint32_t extra_flags,
                      const nbuf_request* request, const char* parent_label,
                      Provider** out, Error* error);

// A provider with its own layout over the parent's memory: takes the memory lock where
// the parent has a host, no layout lock, and is listed as "label ← parent's label".
Status reexport(Provider* parent, const LayoutSpec& spec, uint32_t extra_flags,
                const nbuf_request* request, Provider** out, Error* error);

// Verifies every field of a peer's provider and wraps it. Takes over one reference of it,
// also on failure.
Status import_provider(nbuf_provider* foreign, const nbuf_request* request,
                       Provider** out, Error* error);

}  // namespace nbuf::core

#endif  // NBUF_CORE_PROVIDER_H
