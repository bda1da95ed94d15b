/* future.h - a later nbuf.h, as it may come: every struct has members appended. */
#ifndef NBUF_TEST_FUTURE_H
#define NBUF_TEST_FUTURE_H

#include "nbuf/nbuf.h"

#define FUTURE_EXCLUSIVE 0x80000u /* a request flag that today's exporters refuse */

typedef struct {
  nbuf_request now;
  uint64_t purpose; /* 0 = as before */
  const char* tag;
} future_request;

typedef struct {
  nbuf_error now;
  int64_t detail;
} future_error;

typedef struct {
  nbuf_provider now;
  int32_t device, reserved; /* 0 = as before: main memory */
  int64_t epoch;
} future_provider;

typedef struct {
  nbuf_provider_ops now;
  int64_t (*refresh)(nbuf_provider*);
} future_provider_ops;

typedef struct {
  nbuf_exporter_ops now;
  int64_t (*count)(nbuf_exporter*);
} future_exporter_ops;

/* May this future member be touched? As NBUF_HAS, through the prefix of today. */
#define FUTURE_HAS(p, member) \
  ((p)->now.struct_size >= (size_t)((const char*)(&(p)->member + 1) - (const char*)(p)))

#endif /* NBUF_TEST_FUTURE_H */
