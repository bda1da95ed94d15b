// Who holds the locks of an array, and all arrays of the process: for error messages and
// reports, at no cost to acquire and release.
#ifndef NBUF_CORE_HOLDERS_H
#define NBUF_CORE_HOLDERS_H

#include "host_array.h"

namespace nbuf::core {

// One labelled holder as it was when asked: holders without a label are only counted.
struct Holder {
  static constexpr size_t kLabel = 160, kFormat = 64;
  const Provider* provider;  // which one it is; it may be gone by now
  int64_t age;               // milliseconds
  int64_t bytes;
  bool layout, readonly;
  bool has_shape, has_format;  // were requested
  int32_t ndim;
  int64_t shape[NBUF_MAX_NDIM];
  char label[kLabel], format[kFormat];  // longer ones are cut
};

struct HolderCounts {
  int64_t memory, layout;  // spare providers are nobody's and do not count
  int64_t listed;          // labelled ones in the list
  int64_t listed_layout;   // of those, with the layout lock
  bool is_complete;        // no more labelled ones than the list has room for
};

// All at one time, inside the array's mutex. Looks at `room` holders at most.
HolderCounts list_holders(HostArray* array, Holder* list, int64_t room);

// The next of all arrays of the process that are in use, or NULL; NULL begins. It comes
// with an owner's reference, and `previous` gives its own back. Arrays that are made
// meanwhile may be missed.
HostArray* next_array(HostArray* previous);

// Once in an array's life each.
void list_array(HostArray* array);
void unlist_array(HostArray* array);

}  // namespace nbuf::core

#endif  // NBUF_CORE_HOLDERS_H
