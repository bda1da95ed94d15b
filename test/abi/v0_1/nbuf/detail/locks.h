/* nbuf/detail/locks.h - the two counted locks and their holders. Part of nbuf.h.
 * SPDX-License-Identifier: MIT */
#ifndef NBUF_DETAIL_LOCKS_H
#define NBUF_DETAIL_LOCKS_H

#include <string.h>
#include <time.h>

#include "atomic.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- lock counters ----
 * Both locks of one exporter and who holds them. Not synchronized: call these inside the
 * exporter's one bounded section (a mutex, or the guard above). They never allocate, and
 * no error text makes them look at more than NBUF_MAX_LOOKED_AT_ holders. */

#define NBUF_MAX_LOOKED_AT_ 1024

typedef struct nbuf_holder {
  struct nbuf_holder *prev, *next;
  const char* label;  /* owned by the holder's provider; NULL = unlabelled */
  int64_t since;      /* nbuf_locks.now() when it got its label */
  int32_t has_layout; /* holds the layout lock, besides the memory lock */
  int32_t is_held;    /* 1: only counted, 2: in the list, too, for its label */
} nbuf_holder;

typedef struct {
  int64_t memory, layout;    /* live holders of each lock */
  const char* changing;      /* not NULL: exclusive, says what is being done */
  nbuf_holder *first, *last; /* with a label, in order of acquisition */
  int64_t (*now)(void);      /* milliseconds; set by nbuf_locks_init */
} nbuf_locks;

static inline int64_t nbuf_now_ms_(void) {
#if defined(CLOCK_MONOTONIC)
  struct timespec t;
  if (clock_gettime(CLOCK_MONOTONIC, &t) == 0)
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
#elif defined(TIME_UTC)
  struct timespec t;
  if (timespec_get(&t, TIME_UTC) == TIME_UTC)
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
#endif
  return (int64_t)time(NULL) * 1000; /* strict C99 has nothing finer */
}

static inline void nbuf_locks_init(nbuf_locks* locks) {
  memset(locks, 0, sizeof *locks);
  locks->now = nbuf_now_ms_;
}

/* Gives a holder a label, since now. Only labelled holders are listed: whoever has none
 * cannot be named, and costs less. */
static inline void nbuf_locks_label(nbuf_locks* locks, nbuf_holder* holder,
                                    const char* label) {
  holder->label = label;
  holder->since = locks->now();
  if (holder->is_held != 1) return;
  holder->prev = locks->last;
  holder->next = NULL;
  if (locks->last != NULL)
    locks->last->next = holder;
  else
    locks->first = holder;
  locks->last = holder;
  holder->is_held = 2;
}

/* Takes the memory lock and, unless snapshot, the layout lock. */
static inline nbuf_status nbuf_locks_take(nbuf_locks* locks, nbuf_holder* holder,
                                          const char* label, int snapshot,
                                          nbuf_error* error) {
  if (locks->changing != NULL)
    return nbuf_fail(error, NBUF_ERR_LOCKED, "being %s", locks->changing);
  holder->label = NULL;
  holder->has_layout = !snapshot;
  holder->is_held = 1;
  locks->memory++;
  locks->layout += holder->has_layout;
  if (label != NULL) nbuf_locks_label(locks, holder, label);
  return NBUF_OK;
}

static inline void nbuf_locks_drop_layout(nbuf_locks* locks, nbuf_holder* holder) {
  locks->layout -= holder->has_layout;
  holder->has_layout = 0;
}

static inline void nbuf_locks_unlist_(nbuf_locks* locks, nbuf_holder* holder) {
  if (holder->prev != NULL)
    holder->prev->next = holder->next;
  else
    locks->first = holder->next;
  if (holder->next != NULL)
    holder->next->prev = holder->prev;
  else
    locks->last = holder->prev;
}

static inline void nbuf_locks_drop(nbuf_locks* locks, nbuf_holder* holder) {
  if (!holder->is_held) return;
  nbuf_locks_drop_layout(locks, holder);
  if (holder->is_held == 2) nbuf_locks_unlist_(locks, holder);
  holder->is_held = 0;
  locks->memory--;
}

/* "; 'encoder', 12 ms" into text[room], or 0 when it would leave less than 8 bytes. */
static inline size_t nbuf_holder_describe_(const nbuf_holder* holder, int64_t now,
                                           const char* separator, char* text,
                                           size_t room) {
  int64_t age = now > holder->since ? now - holder->since : 0;
  int n = snprintf(text, room, "%s'%s', %lld %s", separator, holder->label,
                   (long long)(age < 10000 ? age : age / 1000), age < 10000 ? "ms" : "s");
  if (n > 0 && (size_t)n + 8 < room) return (size_t)n;
  text[0] = '\0';
  return 0;
}

/* "2 providers ('encoder', 12 ms; 'viewer', 3 s)": count, then labels and ages as they
 * fit. */
static inline void nbuf_locks_describe_(const nbuf_locks* locks, int layout_only,
                                        char* text, size_t size) {
  const nbuf_holder* holder = locks->first;
  int64_t now, count = layout_only ? locks->layout : locks->memory;
  const char* separator = " (";
  int visits;
  size_t n, used = (size_t)snprintf(text, size, "%lld provider%s", (long long)count,
                                    count == 1 ? "" : "s");
  if (holder == NULL) return;
  now = locks->now();
  for (visits = 0; holder != NULL && visits < NBUF_MAX_LOOKED_AT_; visits++) {
    if (holder->label != NULL && (!layout_only || holder->has_layout)) {
      n = nbuf_holder_describe_(holder, now, separator, text + used, size - used);
      if (n == 0) break;
      used += n;
      separator = "; ";
    }
    holder = holder->next;
  }
  if (holder != NULL)
    used += (size_t)snprintf(text + used, size - used, "%s...", separator);
  if (holder != NULL || separator[0] == ';') snprintf(text + used, size - used, ")");
}

#define NBUF_LOCK_LAYOUT 1u
#define NBUF_LOCK_MEMORY 2u

/* Enters the exclusive state if the named locks are free, else fails and names the
 * holders. `doing` is a string literal such as "resized". Leave it with nbuf_locks_end.
 */
static inline nbuf_status nbuf_locks_begin(nbuf_locks* locks, uint32_t which,
                                           const char* doing, nbuf_error* error) {
  int memory = (which & NBUF_LOCK_MEMORY) != 0 && locks->memory > 0;
  if (locks->changing != NULL)
    return nbuf_fail(error, NBUF_ERR_LOCKED, "being %s", locks->changing);
  if (memory || ((which & NBUF_LOCK_LAYOUT) != 0 && locks->layout > 0)) {
    char who[192];
    if (error == NULL) return NBUF_ERR_LOCKED;
    nbuf_locks_describe_(locks, !memory, who, sizeof who);
    return nbuf_fail(error, NBUF_ERR_LOCKED, "the %s is locked by %s",
                     memory ? "memory" : "layout", who);
  }
  locks->changing = doing;
  return NBUF_OK;
}

static inline void nbuf_locks_end(nbuf_locks* locks) { locks->changing = NULL; }

/* Bytes of a label that are kept: at most NBUF_MAX_LABEL, not splitting a UTF-8
 * character. */
static inline size_t nbuf_label_length_(const char* label) {
  size_t n = 0;
  while (n < NBUF_MAX_LABEL && label[n] != '\0') n++;
  if (label[n] != '\0')
    while (n > 0 && ((unsigned char)label[n] & 0xc0u) == 0x80u) n--;
  return n;
}

#ifdef __cplusplus
}
#endif
#endif /* NBUF_DETAIL_LOCKS_H */
