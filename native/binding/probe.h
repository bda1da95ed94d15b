// Raw access to peers for `nbuf check`: addresses in, addresses out, nothing believed and
// nothing checked. What it finds is judged in lib/cli.
#ifndef NBUF_BINDING_PROBE_H
#define NBUF_BINDING_PROBE_H

#include <nbuf/nbuf_node.h>

#include <atomic>

#include "core/thread.h"

namespace nbuf::binding {

using AcquireFunction = nbuf_status (*)(nbuf_exporter*, const nbuf_request*,
                                        nbuf_provider**, nbuf_error*);
using EndFunction = void (*)(void*);

// What several threads do at once, and what they found.
struct Storm {
  // Either: acquire, compare with model, retain, unlock, release, `rounds` times ...
  AcquireFunction acquire = nullptr;
  nbuf_exporter* exporter = nullptr;
  const nbuf_request* request = nullptr;
  const nbuf_provider* model = nullptr;
  nbuf_provider** keep = nullptr;  // or keep what was acquired: rounds for each thread
  // ... or call(object), `rounds` times.
  EndFunction call = nullptr;
  void* object = nullptr;
  int64_t rounds = 0;
  std::atomic<int32_t> missing{0};  // threads that have not begun
  std::atomic<int64_t> done{0}, refused{0}, different{0};
  std::atomic<int32_t> status{0};  // the last refusal's
};

// nbuf_acquire_value, which is too large to be here twice.
nbuf_status ask_value(napi_env env, napi_value value, const nbuf_request* request,
                      nbuf_provider** out, nbuf_error* error);

// Runs it on that many threads, or here with 0; false when a thread could not be had.
bool run_storm(Storm* storm, int32_t threads);

// A page of its own with these bytes; NULL without memory. Never freed.
void* make_page(const void* bytes, size_t size);
// From now on nobody can read or write it.
bool seal_page(void* page);

}  // namespace nbuf::binding

#endif  // NBUF_BINDING_PROBE_H
