/* nbuf/detail/api.h - the copy engine as a table of functions. Part of nbuf.h.
 * SPDX-License-Identifier: MIT
 *
 * The table comes from the `nbuf` package at run time (nbuf_get_api of nbuf_node.h);
 * declaring it here links nothing. It is static and immutable, and stays for the life of
 * the process.
 *
 * PROVIDERS  Any peer's, not only the package's. Each call checks its providers with
 * nbuf_validate before it touches their memory, reads what was not requested as
 * PEP 3118 says (no shape: one axis of len bytes, whatever the itemsize; no strides:
 * C-contiguous), and follows suboffsets and levels alike. The caller keeps its references
 * to them, and holds them until the call returns.
 *
 * FORMATS  are not looked at: elements are bytes, `itemsize` of them. Whether two formats
 * mean the same is the caller's to know, as is their byte order (`swap`).
 *
 * THREADS  Any thread, several at once; no function calls JavaScript or takes a lock of a
 * provider. A provider flagged NBUF_BORROWED is used on its JavaScript thread before
 * control returns there, as everywhere. Writing while others read the same elements is
 * the callers' affair. A call takes the time of its copy: nothing can interrupt it.
 *
 * OVERLAP  Every result is as if all of the source had been read before the first byte
 * was written. Where two indices of a destination name the same bytes, the last one in C
 * order stays.
 *
 * STATUSES  NBUF_ERR_READONLY for a destination with that flag; NBUF_ERR_OUT_OF_RANGE for
 * shapes and sizes that do not fit; NBUF_ERR_FORMAT for itemsizes that differ;
 * NBUF_ERR_INVALID_ARG_TYPE for a missing argument; NBUF_ERR_UNSUPPORTED for unknown
 * flags; NBUF_ERR_NOMEM where a temporary is needed and cannot be had; what nbuf_validate
 * answers (NBUF_ERR_ABI, NBUF_ERR_BOUNDS). After a failure nothing has been written.
 *
 * GROWTH  A later version appends functions: test those with NBUF_HAS. All that are here
 * now are there in every table that nbuf_get_api gives. */
#ifndef NBUF_DETAIL_API_H
#define NBUF_DETAIL_API_H

#include "../nbuf.h"

#ifdef __cplusplus
extern "C" {
#endif

/* NULL, or all zero but struct_size, is a plain copy. */
typedef struct {
  uint32_t struct_size, flags; /* flags: none so far, 0 */
  int32_t swap;     /* bytes of each group that is reversed on the way, a divisor of the
                       itemsize (2 for 'h', 8 for 'd' and for 'Zd'); 0 or 1: none */
  int32_t reserved; /* 0 */
} nbuf_copy_options;

/* How nbuf_api.equal takes elements. Numbers: an element is one or more of them in this
 * machine's byte order (those of b after `swap`), 0 equals -0, and a NaN equals nothing,
 * or with NBUF_NAN_EQUAL every NaN. */
#define NBUF_COMPARE_BYTES 0
#define NBUF_COMPARE_FLOAT16 1
#define NBUF_COMPARE_FLOAT32 2
#define NBUF_COMPARE_FLOAT64 3
#define NBUF_NAN_EQUAL 0x1u

/* NULL, or all zero but struct_size, compares bytes. */
typedef struct {
  uint32_t struct_size, flags; /* flags: NBUF_NAN_EQUAL */
  int32_t compare;             /* NBUF_COMPARE_... */
  int32_t swap; /* as nbuf_copy_options has it, of b; for numbers 0 or their size */
} nbuf_equal_options;

typedef struct {
  uint32_t struct_size, reserved;

  /* dst[...] = src[...], with src broadcast to dst's shape: aligned at the last axis, an
   * extent of 1 and a missing axis repeat. */
  nbuf_status (*copy)(const nbuf_provider* dst, const nbuf_provider* src,
                      const nbuf_copy_options* options, nbuf_error*);

  /* All elements of src, packed, into `size` == product(shape) * itemsize bytes; back
   * again with unpack. order: 'C', 'F', or 'A' for 'F' where the provider is Fortran- but
   * not C-contiguous and else 'C'. */
  nbuf_status (*pack)(const nbuf_provider* src, void* bytes, int64_t size, char order,
                      nbuf_error*);
  nbuf_status (*unpack)(const nbuf_provider* dst, const void* bytes, int64_t size,
                        char order, nbuf_error*);

  /* Every element becomes the one item of `size` == itemsize bytes, which may be an
   * element of dst itself. */
  nbuf_status (*fill)(const nbuf_provider* dst, const void* item, int64_t size,
                      nbuf_error*);

  /* *out = 1 where shapes, itemsizes and all elements are equal, else 0. No broadcasting.
   */
  nbuf_status (*equal)(const nbuf_provider* a, const nbuf_provider* b,
                       const nbuf_equal_options* options, int* out, nbuf_error*);
} nbuf_api;

#ifdef __cplusplus
}
#endif
#endif /* NBUF_DETAIL_API_H */
