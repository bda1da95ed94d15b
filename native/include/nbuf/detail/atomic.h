/* nbuf/detail/atomic.h - atomics, errors, checked arithmetic. Part of nbuf.h.
 * SPDX-License-Identifier: MIT */
#ifndef NBUF_DETAIL_ATOMIC_H
#define NBUF_DETAIL_ATOMIC_H

#include <stdarg.h>
#include <stdio.h>
#if !defined(_WIN32)
#include <sched.h>
#endif

#include "../nbuf.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Larger functions, one copy in each translation unit that uses them. An image with many
 * of those, all of C++ and of one version of these headers, may define this as `inline`:
 * the linker then keeps one copy, which has to be hidden from other images. */
#ifndef NBUF_INLINE_
#define NBUF_INLINE_ static inline
#endif

/* Only failures go here: kept apart, small, and not inlined. */
#if defined(__GNUC__)
#define NBUF_COLD_ __attribute__((cold))
#else
#define NBUF_COLD_
#endif

/* ---- atomics: four macros over compiler builtins, on nbuf_atomic ----
 * Orders: ADD is acquire-release, so that whoever drops a count to 0 sees every write
 * made by those who dropped it before (a separate fence would be invisible to
 * ThreadSanitizer). LOAD acquires what a STORE or SWAP released. Nothing here orders two
 * different atomics against each other, so sequential consistency is not needed.
 * On pointers: SWAP_PTR gives and takes what lies there, SET_PTR stores only where NULL
 * lies (true if it did); they publish what is put there, and SWAP_PTR sees all of what it
 * takes. HINT_PTR only says whether that is worth trying. */

typedef long nbuf_atomic;
#if defined(_MSC_VER) && !defined(__clang__)
long _InterlockedExchangeAdd(long volatile*, long);
long _InterlockedExchange(long volatile*, long);
void* _InterlockedExchangePointer(void* volatile*, void*);
void* _InterlockedCompareExchangePointer(void* volatile*, void*, void*);
#pragma intrinsic(_InterlockedExchangeAdd, _InterlockedExchange)
#pragma intrinsic(_InterlockedExchangePointer, _InterlockedCompareExchangePointer)
#define NBUF_ATOMIC_SWAP_PTR(p, v) _InterlockedExchangePointer((p), (v))
#define NBUF_ATOMIC_SET_PTR(p, v) \
  (_InterlockedCompareExchangePointer((p), (v), NULL) == NULL)
#define NBUF_ATOMIC_HINT_PTR(p) (*(void* volatile*)(p))
#define NBUF_ATOMIC_LOAD(p) _InterlockedExchangeAdd((p), 0)
#define NBUF_ATOMIC_STORE(p, v) ((void)_InterlockedExchange((p), (v)))
#define NBUF_ATOMIC_SWAP(p, v) _InterlockedExchange((p), (v))
#define NBUF_ATOMIC_ADD(p, v) (_InterlockedExchangeAdd((p), (v)) + (v))
#else
#define NBUF_ATOMIC_LOAD(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define NBUF_ATOMIC_STORE(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define NBUF_ATOMIC_SWAP(p, v) __atomic_exchange_n((p), (v), __ATOMIC_ACQ_REL)
#define NBUF_ATOMIC_ADD(p, v) \
  __atomic_add_fetch((p), (v), __ATOMIC_ACQ_REL) /* new value */
#define NBUF_ATOMIC_SWAP_PTR(p, v) __atomic_exchange_n((p), (v), __ATOMIC_ACQ_REL)
#define NBUF_ATOMIC_HINT_PTR(p) __atomic_load_n((p), __ATOMIC_RELAXED)
static inline int nbuf_atomic_set_ptr_(void** p, void* v) {
  void* expected = NULL; /* relaxed where it fails: nothing is taken then */
  return __atomic_compare_exchange_n(p, &expected, v, 0, __ATOMIC_RELEASE,
                                     __ATOMIC_RELAXED);
}
#define NBUF_ATOMIC_SET_PTR(p, v) nbuf_atomic_set_ptr_((p), (v))
#endif

/* Lets the holder of a guard run: with more threads than processors, spinning through a
 * whole time slice would keep it from leaving. */
#if defined(_WIN32)
__declspec(dllimport) int __stdcall SwitchToThread(void);
static inline void nbuf_yield_(void) { (void)SwitchToThread(); }
#else
static inline void nbuf_yield_(void) { (void)sched_yield(); }
#endif

/* A guard for short bounded sections: no allocation, no foreign code and no waiting
 * inside. Acquire on entry and release on exit order everything inside against the next
 * holder; no stronger order is needed. */
static inline void nbuf_guard_enter_(nbuf_atomic* guard) {
  int spins = 0;
  while (NBUF_ATOMIC_SWAP(guard, 1) != 0)
    while (NBUF_ATOMIC_LOAD(guard) != 0)
      if (++spins % 64 == 0) nbuf_yield_();
}
static inline void nbuf_guard_leave_(nbuf_atomic* guard) { NBUF_ATOMIC_STORE(guard, 0); }

/* A number below count that threads mostly do not share, by where the calling thread's
 * stack lies: stacks are some power of two from 128 KiB to 8 MiB apart. */
static inline unsigned nbuf_thread_place_(unsigned count) {
  char here;
  const uintptr_t stack = (uintptr_t)&here;
  return (unsigned)(((stack >> 23) + (stack >> 22) + (stack >> 20) + (stack >> 17)) %
                    count);
}

/* ---- errors ---- */

/* Bytes of text[0, length) without the UTF-8 character that the cut at length split. */
static inline size_t nbuf_utf8_cut_(const char* text, size_t length) {
  size_t lead = length, width = 1;
  while (lead > 0 && ((unsigned char)text[lead - 1] & 0xc0u) == 0x80u) lead--;
  if (lead == 0 || length - lead >= 4)
    return length; /* no UTF-8: nothing to keep whole */
  lead--;
  if (((unsigned char)text[lead] & 0xe0u) == 0xc0u) width = 2;
  if (((unsigned char)text[lead] & 0xf0u) == 0xe0u) width = 3;
  if (((unsigned char)text[lead] & 0xf8u) == 0xf0u) width = 4;
  return length - lead < width ? lead : length;
}

/* Fills the caller's error (NULL: nothing), all of it, and returns status. */
#if defined(__GNUC__)
__attribute__((__format__(__printf__, 3, 4)))
#endif
NBUF_COLD_ NBUF_INLINE_ nbuf_status
nbuf_fail(nbuf_error* error, nbuf_status status, const char* format, ...) {
  const size_t room = sizeof error->message;
  va_list args;
  int length;
  if (error == NULL || !NBUF_HAS(error, message)) return status;
  error->status = status;
  if (NBUF_HAS(error, grantable)) error->unmet = error->grantable = 0;
  va_start(args, format);
  length = vsnprintf(error->message, room, format, args);
  va_end(args);
  if (length < 0) error->message[0] = '\0';
  if (length >= (int)room)
    error->message[nbuf_utf8_cut_(error->message, room - 1)] = '\0';
  return status;
}

/* What a peer wrote may lack its end, as strncpy leaves it. */
static inline void nbuf_end_message_(nbuf_error* error) {
  if (error != NULL && NBUF_HAS(error, message))
    error->message[sizeof error->message - 1] = '\0';
}

/* ---- addresses and checked arithmetic: 0 on overflow ---- */

/* Not through intptr_t: a 32-bit block may lie across the 2 GiB line. */
static inline int64_t nbuf_address_(const void* p) {
  return (int64_t)(uint64_t)(uintptr_t)p;
}

static inline int nbuf_add_(int64_t a, int64_t b, int64_t* out) {
  if ((b > 0 && a > INT64_MAX - b) || (b < 0 && a < INT64_MIN - b)) return 0;
  *out = a + b;
  return 1;
}

static inline int nbuf_mul_(int64_t a, int64_t b, int64_t* out) {
  if (a > 0 && (b > INT64_MAX / a || b < INT64_MIN / a)) return 0;
  if (a < -1 && (b > INT64_MIN / a || b < INT64_MAX / a)) return 0;
  if (a == -1 && b == INT64_MIN) return 0;
  *out = a * b;
  return 1;
}

#ifdef __cplusplus
}
#endif
#endif /* NBUF_DETAIL_ATOMIC_H */
