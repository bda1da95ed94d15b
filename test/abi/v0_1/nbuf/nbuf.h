/* nbuf.h - the C ABI of nbuf: exchange n-dimensional memory between independent addons.
 * SPDX-License-Identifier: MIT
 *
 * The model is PEP 3118's. An *exporter* owns a layout and knows its memory. A requestor
 * acquires a *provider* from it, with request flags; the provider describes memory and
 * layout until its last reference is released. While it lives, its memory stays valid, in
 * place and at its size (memory lock); until it is released or unlocked, the exporter
 * also keeps its layout (layout lock).
 *
 * Ownership. acquire returns one reference; ops->retain adds one, ops->release drops one.
 * The exporter allocates the provider; fields and arrays belong to the provider, are
 * constant while it lives, and are read only. A failing acquire sets *out = NULL.
 *
 * Locks belong to the provider, not to a reference to it. unlock_layout is idempotent.
 * Who needs a lock of their own acquires a provider of their own.
 *
 * Threads. Every function may be called from any thread, also from a GC finalizer. None
 * throws, calls JavaScript, or waits on I/O or on a lock that is held across user code.
 * (A provider flagged NBUF_BORROWED may be used only until control returns to
 * JavaScript.)
 *
 * Growth. struct_size, set by whoever allocates the struct, answers "may I touch this
 * member?" (NBUF_HAS). Members are only ever appended, at the old sizeof or later (tail
 * padding is covered by struct_size, too), and zero means "as before"; so zero a struct
 * before filling it. An unknown flag is refused. nbuf_block, without a struct_size,
 * never grows. A break of the ABI takes a new Node-API type tag (nbuf_node.h), so that
 * peers never meet.
 *
 * Errors are a status, with details in the caller's nbuf_error (may be NULL), which is
 * left alone on success.
 *
 * Header-only: C99, C++17, nothing to link. This page is the ABI; detail/ holds the
 * functions. Names that end in an underscore are internal.
 *
 * - nbuf_export_pointer: a pointer, a layout and a free function become an exporter
 * - nbuf_validate: checks a provider before its first use
 * - nbuf_negotiate, nbuf_locks_...: for exporters written by hand
 * - nbuf_api: copies, fills and comparisons, where the nbuf package is loaded
 */
#ifndef NBUF_H
#define NBUF_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- statuses: one list gives enumerators, names, JavaScript codes and messages ---- */

#define NBUF_STATUS_LIST(X)                                                           \
  X(LOCKED, 1, "ERR_NBUF_LOCKED", "locked by a live provider")                        \
  X(READONLY, 2, "ERR_NBUF_READONLY", "the memory is not writable")                   \
  X(CONTIGUITY, 3, "ERR_NBUF_CONTIGUITY", "the layout is not contiguous as required") \
  X(SUBOFFSETS, 4, "ERR_NBUF_SUBOFFSETS", "the layout needs suboffsets")              \
  X(STRIDES, 5, "ERR_NBUF_STRIDES", "the layout needs strides")                       \
  X(FORMAT, 6, "ERR_NBUF_FORMAT", "the format does not fit")                          \
  X(BOUNDS, 7, "ERR_NBUF_BOUNDS", "the layout leaves its memory")                     \
  X(RELEASED, 8, "ERR_NBUF_RELEASED", "already released")                             \
  X(DETACHED, 9, "ERR_NBUF_DETACHED", "the ArrayBuffer was detached")                 \
  X(EXTERNAL_FORBIDDEN, 10, "ERR_NBUF_EXTERNAL_FORBIDDEN",                            \
    "this runtime forbids external ArrayBuffers")                                     \
  X(NOT_EXPORTER, 11, "ERR_NBUF_NOT_EXPORTER", "the value does not export a buffer")  \
  X(ABI, 12, "ERR_NBUF_ABI", "the peer broke the nbuf ABI")                           \
  X(NOMEM, 13, "ERR_NBUF_NOMEM", "out of memory")                                     \
  X(IO, 14, "ERR_NBUF_IO", "input or output failed")                                  \
  X(UNSUPPORTED, 15, "ERR_NBUF_UNSUPPORTED", "not supported")                         \
  X(INVALID_ARG_TYPE, 16, "ERR_INVALID_ARG_TYPE", "an argument has the wrong type")   \
  X(OUT_OF_RANGE, 17, "ERR_OUT_OF_RANGE", "a value is out of range")

typedef int32_t nbuf_status;

/* NBUF_ERR_LOCKED ...: "ERR" keeps them apart from the flags NBUF_FORMAT, NBUF_STRIDES,
 * ... */
enum {
  NBUF_OK = 0,
#define NBUF_STATUS_ENUM_(name, value, code, text) NBUF_ERR_##name = value,
  NBUF_STATUS_LIST(NBUF_STATUS_ENUM_)
#undef NBUF_STATUS_ENUM_
      NBUF_LOCKED = NBUF_ERR_LOCKED /* the short name that the design text uses */
};

/* The JavaScript error code of a status, "" for NBUF_OK or an unknown one. */
static inline const char* nbuf_status_code(nbuf_status status) {
  switch (status) {
#define NBUF_STATUS_CODE_(name, value, code, text) \
  case value:                                      \
    return code;
    NBUF_STATUS_LIST(NBUF_STATUS_CODE_)
#undef NBUF_STATUS_CODE_
    default:
      return "";
  }
}

/* A generic English message for a status. */
static inline const char* nbuf_status_message(nbuf_status status) {
  switch (status) {
#define NBUF_STATUS_TEXT_(name, value, code, text) \
  case value:                                      \
    return text;
    NBUF_STATUS_LIST(NBUF_STATUS_TEXT_)
#undef NBUF_STATUS_TEXT_
    default:
      return status == NBUF_OK ? "ok" : "unknown status";
  }
}

/* ---- flags ---- */

/* Request flags with PEP 3118's values. Each test is (flags & M) == M, so that a lone
 * high bit (0x10, 0x20, 0x40, 0x80, 0x100) asks for nothing, as in CPython. */
#define NBUF_SIMPLE 0x0u
#define NBUF_WRITABLE 0x1u
#define NBUF_FORMAT 0x4u
#define NBUF_ND 0x8u
#define NBUF_STRIDES 0x18u
#define NBUF_C_CONTIGUOUS 0x38u
#define NBUF_F_CONTIGUOUS 0x58u
#define NBUF_ANY_CONTIGUOUS 0x98u
#define NBUF_INDIRECT 0x118u
#define NBUF_CONTIG (NBUF_ND | NBUF_WRITABLE)
#define NBUF_CONTIG_RO NBUF_ND
#define NBUF_STRIDED (NBUF_STRIDES | NBUF_WRITABLE)
#define NBUF_STRIDED_RO NBUF_STRIDES
#define NBUF_RECORDS (NBUF_STRIDES | NBUF_WRITABLE | NBUF_FORMAT)
#define NBUF_RECORDS_RO (NBUF_STRIDES | NBUF_FORMAT)
#define NBUF_FULL (NBUF_INDIRECT | NBUF_WRITABLE | NBUF_FORMAT)
#define NBUF_FULL_RO (NBUF_INDIRECT | NBUF_FORMAT)
/* nbuf's own request flags. */
#define NBUF_LAYOUT_SNAPSHOT 0x10000u /* do not take the layout lock */
#define NBUF_LEVELS 0x20000u          /* the consumer understands level_count > 1 */
#define NBUF_REQUIRE_PINNED \
  0x40000u /* refuse memory that JavaScript can free (BORROWED) */
#define NBUF_REQUEST_MASK \
  (0x1fdu | NBUF_LAYOUT_SNAPSHOT | NBUF_LEVELS | NBUF_REQUIRE_PINNED)

/* Provider flags. A provider without NBUF_READONLY is writable, also when nobody asked.
 */
#define NBUF_READONLY 0x1u
#define NBUF_BORROWED \
  0x2u /* JavaScript's memory: valid until control returns to JavaScript */
#define NBUF_ENV_BOUND \
  0x4u /* released on its environment's thread; usable in its async work */
#define NBUF_PROVIDER_FLAGS_ (NBUF_READONLY | NBUF_BORROWED | NBUF_ENV_BOUND)

/* Block flags. */
#define NBUF_TABLE \
  0x1u /* a pointer table: no element lies in it, constant while provided */

#define NBUF_MAX_NDIM 64
#define NBUF_MAX_LABEL 63 /* bytes of a label that are kept */

/* ---- structs ---- */

typedef struct nbuf_exporter nbuf_exporter;
typedef struct nbuf_provider nbuf_provider;

/* Details of a failure. The caller allocates it and sets struct_size. */
typedef struct {
  uint32_t struct_size;
  nbuf_status status;
  char message[248]; /* UTF-8, zero-terminated */
} nbuf_error;
#define NBUF_ERROR_INIT                    \
  {                                        \
    (uint32_t)sizeof(nbuf_error), 0, { 0 } \
  }

typedef struct {
  uint32_t struct_size, flags;
  const char*
      label; /* UTF-8, names the holder in lock errors; borrowed for the call; or NULL */
} nbuf_request;

/* The extent of one allocation in which an element or a pointer table lies. */
typedef struct {
  void* base;
  int64_t size; /* bytes */
  uint64_t id;  /* unique in the process while the block lives; 0 = unknown */
  uint32_t flags, reserved;
} nbuf_block;

/* Static and immutable. */
typedef struct {
  uint32_t struct_size, reserved;
  void (*retain)(nbuf_provider*);
  void (*release)(nbuf_provider*);
  void (*unlock_layout)(nbuf_provider*);
} nbuf_provider_ops;

/* What was not requested is NULL, with PEP 3118's meaning: no format = unsigned bytes, no
 * shape = one axis of len bytes, no strides = C-contiguous, no suboffsets = no
 * indirection. */
struct nbuf_provider {
  uint32_t struct_size, flags;
  const nbuf_provider_ops* ops; /* the members so far are frozen: any peer can release */
  void* buf;                    /* first element; NULL is allowed iff len == 0 */
  int64_t len, itemsize;        /* bytes; len = product(shape) * itemsize */
  int32_t ndim, block_count;
  const char* format;
  const int64_t* shape;      /* elements */
  const int64_t* strides;    /* bytes */
  const int64_t* suboffsets; /* bytes, < 0: no pointer */
  const nbuf_block* blocks;
  /* Only where NBUF_LEVELS was requested and the layout is indirect, else 0 and NULL:
   * axis_level[ndim] says in which level an axis moves; after all axes of level L < last
   * have moved, the pointer found there is followed and post_offsets[L] (signed bytes)
   * added. */
  int32_t level_count, reserved;
  const int32_t* axis_level;
  const int64_t* post_offsets;
};

typedef struct {
  uint32_t struct_size, reserved;
  void (*retain)(nbuf_exporter*);
  void (*release)(nbuf_exporter*);
  nbuf_status (*acquire)(nbuf_exporter*, const nbuf_request*, nbuf_provider** out,
                         nbuf_error*);
} nbuf_exporter_ops;

/* Embed it first in your own struct. */
struct nbuf_exporter {
  const nbuf_exporter_ops* ops;
};

/* May this member be touched? True when the struct behind p is long enough to have it. */
#define NBUF_HAS(p, member) \
  ((p)->struct_size >= (size_t)((const char*)(&(p)->member + 1) - (const char*)(p)))

#ifdef __cplusplus
}
#endif

#include "detail/api.h"
#include "detail/atomic.h"
#include "detail/layout.h"
#include "detail/locks.h"
#include "detail/pointer.h"
#include "detail/validate.h"

#endif /* NBUF_H */
