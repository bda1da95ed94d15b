#include "holders.h"

#include <cstddef>
#include <cstring>

namespace nbuf::core {
namespace {

using Guard = std::lock_guard<SectionLock>;

// The list of all arrays. Lock order: this one, then an array's mutex. Links are stored
// inverted, so that leak checkers do not take an array that is merely listed for one that
// somebody still uses.
SectionLock list_lock;
uintptr_t first_hidden = ~uintptr_t{0};

HostArray* show(uintptr_t hidden) { return reinterpret_cast<HostArray*>(~hidden); }
uintptr_t hide(const HostArray* array) { return ~reinterpret_cast<uintptr_t>(array); }

Provider* provider_of(nbuf_holder* holder) {
  return reinterpret_cast<Provider*>(reinterpret_cast<char*>(holder) -
                                     offsetof(Provider, holder));
}

void copy_text(const char* from, char* to, size_t room) {
  size_t length = 0;
  while (length < room - 1 && from[length] != '\0') length++;
  if (from[length] != '\0') length = nbuf_utf8_cut_(from, length);
  std::memcpy(to, from, length);
  to[length] = '\0';
}

// Inside the mutex: a provider that is listed there is whole and stays.
void describe(nbuf_holder* holder, int64_t now, Holder* out) {
  const Provider* provider = provider_of(holder);
  const nbuf_provider& pub = provider->pub;
  out->provider = provider;
  out->age = now > holder->since ? now - holder->since : 0;
  out->bytes = pub.len;
  out->layout = holder->has_layout != 0;
  out->readonly = (pub.flags & NBUF_READONLY) != 0;
  out->has_shape = pub.shape != nullptr || pub.ndim == 0;
  out->has_format = pub.format != nullptr;
  out->ndim = pub.shape != nullptr ? pub.ndim : 0;
  for (int32_t i = 0; i < out->ndim; i++) out->shape[i] = pub.shape[i];
  copy_text(holder->label != nullptr ? holder->label : "", out->label, Holder::kLabel);
  copy_text(out->has_format ? pub.format : "", out->format, Holder::kFormat);
}

// False: it has neither an owner nor a provider any more and is about to be deleted.
bool retain_if_used(HostArray* array) {
  Guard guard(array->mutex);
  const bool is_used =
      array->owners > 0 || array->locks.memory > 0 || array->locks.changing != nullptr;
  if (is_used) array->owners++;
  return is_used;
}

}  // namespace

HolderCounts list_holders(HostArray* array, Holder* list, int64_t room) {
  drop_spares(array);
  Guard guard(array->mutex);
  const nbuf_locks& locks = array->locks;
  const int64_t now = locks.now();
  // Left there since: whoever takes one meanwhile is a holder, or is not, as it comes.
  const int64_t spares = array->spares.count();
  HolderCounts counts = {locks.memory - spares, locks.layout - spares, 0, 0, false};
  nbuf_holder* holder = locks.first;
  for (; holder != nullptr && counts.listed < room; holder = holder->next) {
    describe(holder, now, &list[counts.listed++]);
    counts.listed_layout += holder->has_layout;
  }
  counts.is_complete = holder == nullptr;
  return counts;
}

HostArray* next_array(HostArray* previous) {
  HostArray* next;
  {
    Guard guard(list_lock);
    next = show(previous != nullptr ? previous->next_hidden : first_hidden);
    while (next != nullptr && !retain_if_used(next)) next = show(next->next_hidden);
  }
  if (previous != nullptr) release_owner(previous);
  return next;
}

void list_array(HostArray* array) {
  Guard guard(list_lock);
  array->previous_hidden = hide(nullptr);
  array->next_hidden = first_hidden;
  if (HostArray* next = show(first_hidden)) next->previous_hidden = hide(array);
  first_hidden = hide(array);
}

void unlist_array(HostArray* array) {
  Guard guard(list_lock);
  HostArray *previous = show(array->previous_hidden), *next = show(array->next_hidden);
  if (previous != nullptr)
    previous->next_hidden = array->next_hidden;
  else
    first_hidden = array->next_hidden;
  if (next != nullptr) next->previous_hidden = array->previous_hidden;
}

}  // namespace nbuf::core
