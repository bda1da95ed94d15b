/* pointer_fixture.h - shorthands over nbuf_export_pointer for the native tests. */
#ifndef NBUF_TEST_POINTER_FIXTURE_H
#define NBUF_TEST_POINTER_FIXTURE_H

#include "check.h"
#include "nbuf/nbuf.h"

/* Bytes of format "B"; NULL strides are C-contiguous. */
static inline nbuf_pointer_export describe(void* buf, int32_t ndim, const int64_t* shape,
                                           const int64_t* strides) {
  nbuf_pointer_export from;
  memset(&from, 0, sizeof from);
  from.struct_size = (uint32_t)sizeof from;
  from.buf = buf;
  from.itemsize = 1;
  from.ndim = ndim;
  from.shape = shape;
  from.strides = strides;
  return from;
}

static inline nbuf_error no_error(void) {
  nbuf_error error = NBUF_ERROR_INIT;
  return error;
}

static inline nbuf_status acquire(nbuf_exporter* exporter, uint32_t flags,
                                  const char* label, nbuf_provider** out,
                                  nbuf_error* error) {
  nbuf_request request;
  memset(&request, 0, sizeof request);
  request.struct_size = (uint32_t)sizeof request;
  request.flags = flags;
  request.label = label;
  return exporter->ops->acquire(exporter, &request, out, error);
}

/* Counts of each lock as memory * 100 + layout. */
static inline int64_t locks_of(nbuf_exporter* exporter) {
  int64_t memory, layout;
  nbuf_pointer_locks(exporter, &memory, &layout);
  return memory * 100 + layout;
}

#endif /* NBUF_TEST_POINTER_FIXTURE_H */
