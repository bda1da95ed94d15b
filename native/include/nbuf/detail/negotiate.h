/* nbuf/detail/negotiate.h - what a request is granted, and why it is refused. Part of
 * nbuf.h. SPDX-License-Identifier: MIT */
#ifndef NBUF_DETAIL_NEGOTIATE_H
#define NBUF_DETAIL_NEGOTIATE_H

#include <string.h>

#include "layout.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NBUF_ASKS_(M) ((flags & (M)) == (M))

/* ---- why a request is refused ---- */

static inline int nbuf_is_indirect_(const nbuf_provider* full) {
  return full->suboffsets != NULL || full->level_count > 1;
}

/* The flags that must be there, whatever else is asked. */
static inline uint32_t nbuf_needed_(const nbuf_provider* full, uint32_t contiguity) {
  const uint32_t levels = full->suboffsets == NULL ? NBUF_LEVELS : 0;
  if (full->level_count > 1) return NBUF_INDIRECT | levels;
  if (nbuf_is_indirect_(full)) return NBUF_INDIRECT;
  return (contiguity & NBUF_IS_C_) == 0 ? NBUF_STRIDES : 0;
}

/* nbuf_error.unmet of a request; 0 exactly where nbuf_negotiate grants it. */
static inline uint32_t nbuf_unmet_(const nbuf_provider* full, uint32_t flags,
                                   uint32_t contiguity) {
  static const uint32_t lacking[] = {NBUF_ND, NBUF_STRIDES, NBUF_INDIRECT, NBUF_LEVELS};
  uint32_t needed = nbuf_needed_(full, contiguity), unmet = flags & ~NBUF_REQUEST_MASK;
  size_t i;
  if ((full->flags & NBUF_READONLY) != 0) unmet |= flags & NBUF_WRITABLE;
  if ((full->flags & NBUF_BORROWED) != 0) unmet |= flags & NBUF_REQUIRE_PINNED;
  if (NBUF_ASKS_(NBUF_C_CONTIGUOUS) && (contiguity & NBUF_IS_C_) == 0)
    unmet |= NBUF_OWN_BIT(NBUF_C_CONTIGUOUS);
  if (NBUF_ASKS_(NBUF_F_CONTIGUOUS) && (contiguity & NBUF_IS_F_) == 0)
    unmet |= NBUF_OWN_BIT(NBUF_F_CONTIGUOUS);
  if (NBUF_ASKS_(NBUF_ANY_CONTIGUOUS) && contiguity == 0)
    unmet |= NBUF_OWN_BIT(NBUF_ANY_CONTIGUOUS);
  if (NBUF_ASKS_(NBUF_FORMAT)) {
    needed |= NBUF_ND;
    if (!NBUF_ASKS_(NBUF_ND)) unmet |= NBUF_FORMAT;
  }
  for (i = 0; i < sizeof lacking / sizeof lacking[0]; i++)
    if ((needed & lacking[i]) == lacking[i] && !NBUF_ASKS_(lacking[i]))
      unmet |= NBUF_OWN_BIT(lacking[i]);
  return unmet;
}

/* nbuf_error.grantable of a request. Bits are independent but for three things: what the
 * layout needs comes first; FORMAT wants ND; and ND may turn lone high bits into a demand
 * of Fortran order. A demand of contiguity that cannot be met goes by its own bit. */
static inline uint32_t nbuf_grantable_(const nbuf_provider* full, uint32_t flags,
                                       uint32_t contiguity) {
  const uint32_t lone_f = NBUF_F_CONTIGUOUS & ~NBUF_ND;
  const int is_f = (contiguity & NBUF_IS_F_) != 0;
  flags = (flags & NBUF_REQUEST_MASK) | nbuf_needed_(full, contiguity);
  if ((full->flags & NBUF_READONLY) != 0) flags &= ~NBUF_WRITABLE;
  if ((full->flags & NBUF_BORROWED) != 0) flags &= ~NBUF_REQUIRE_PINNED;
  if (NBUF_ASKS_(NBUF_FORMAT) && !NBUF_ASKS_(NBUF_ND)) {
    if (NBUF_ASKS_(lone_f) && !is_f)
      flags &= ~NBUF_FORMAT; /* one bit instead of two */
    else
      flags |= NBUF_ND;
  }
  if (NBUF_ASKS_(NBUF_C_CONTIGUOUS) && (contiguity & NBUF_IS_C_) == 0)
    flags &= ~NBUF_OWN_BIT(NBUF_C_CONTIGUOUS);
  if (NBUF_ASKS_(NBUF_F_CONTIGUOUS) && !is_f) flags &= ~NBUF_OWN_BIT(NBUF_F_CONTIGUOUS);
  if (NBUF_ASKS_(NBUF_ANY_CONTIGUOUS) && contiguity == 0)
    flags &= ~NBUF_OWN_BIT(NBUF_ANY_CONTIGUOUS);
  return flags;
}

/* ---- and how an error says so ---- */

/* The names of a request's flags, or with is_unmet of single bits; the rest as a number.
 */
NBUF_COLD_ NBUF_INLINE_ void nbuf_flag_names_(uint32_t word, int is_unmet, char* text,
                                              size_t size) {
  static const struct {
    uint32_t flags;
    char name[16];
  } known[] = {{NBUF_WRITABLE, "WRITABLE"},
               {NBUF_FORMAT, "FORMAT"},
               {NBUF_ND, "ND"},
               {NBUF_STRIDES, "STRIDES"},
               {NBUF_C_CONTIGUOUS, "C_CONTIGUOUS"},
               {NBUF_F_CONTIGUOUS, "F_CONTIGUOUS"},
               {NBUF_ANY_CONTIGUOUS, "ANY_CONTIGUOUS"},
               {NBUF_INDIRECT, "INDIRECT"},
               {NBUF_LAYOUT_SNAPSHOT, "LAYOUT_SNAPSHOT"},
               {NBUF_LEVELS, "LEVELS"},
               {NBUF_REQUIRE_PINNED, "REQUIRE_PINNED"},
               {NBUF_RECORDS_RO, "RECORDS_RO"}, /* several flags: not for single bits */
               {NBUF_RECORDS, "RECORDS"},
               {NBUF_FULL_RO, "FULL_RO"},
               {NBUF_FULL, "FULL"}};
  const int single = 11, all = (int)(sizeof known / sizeof known[0]);
  uint32_t said = 0;
  size_t used = 0;
  int i;
  text[0] = '\0';
  for (i = 0; i < (is_unmet ? single : all) && used < size; i++) {
    const int k = is_unmet ? i : all - 1 - i;
    const uint32_t bits = is_unmet ? NBUF_OWN_BIT(known[k].flags) : known[k].flags;
    if ((word & bits) != bits || (bits & ~said) == 0) continue;
    used += (size_t)snprintf(text + used, size - used, "%s%s",
                             used == 0  ? ""
                             : is_unmet ? ", "
                                        : "|",
                             known[k].name);
    said |= bits;
  }
  word &= ~said;
  if (used < size && (word != 0 || used == 0))
    snprintf(text + used, size - used, word == 0 ? "%sSIMPLE" : "%s0x%lx",
             used == 0  ? ""
             : is_unmet ? ", "
                        : "|",
             (unsigned long)word);
}

/* Appends what fits as a whole. */
static inline void nbuf_append_(nbuf_error* error, const char* text) {
  const size_t used = strlen(error->message), length = strlen(text);
  if (used + length < sizeof error->message)
    memcpy(error->message + used, text, length + 1);
}

#define NBUF_UNMET_MARK_ "; unmet: "

/* Completes the error of a refusal: unmet, grantable, and both in the message. */
NBUF_COLD_ NBUF_INLINE_ void nbuf_tell_(nbuf_error* error, uint32_t unmet,
                                        uint32_t grantable) {
  char names[160], text[256];
  char* before;
  if (error == NULL || !NBUF_HAS(error, message)) return;
  nbuf_end_message_(error);
  if ((before = strstr(error->message, NBUF_UNMET_MARK_)) != NULL) *before = '\0';
  if (NBUF_HAS(error, grantable)) {
    error->unmet = unmet;
    error->grantable = grantable;
  }
  nbuf_flag_names_(unmet, 1, names, sizeof names);
  snprintf(text, sizeof text, NBUF_UNMET_MARK_ "%s", names);
  nbuf_append_(error, text);
  nbuf_flag_names_(grantable, 0, names, sizeof names);
  snprintf(text, sizeof text, "; would be granted: %s (0x%lx)", names,
           (unsigned long)grantable);
  nbuf_append_(error, text);
}

NBUF_COLD_ NBUF_INLINE_ nbuf_status nbuf_refuse_(const nbuf_provider* full,
                                                 uint32_t flags, uint32_t contiguity,
                                                 nbuf_error* error, nbuf_status status,
                                                 const char* text) {
  if (error == NULL) return status;
  nbuf_fail(error, status, "%s", text);
  nbuf_tell_(error, nbuf_unmet_(full, flags, contiguity),
             nbuf_grantable_(full, flags, contiguity));
  return status;
}

/* ---- negotiation ---- */

#define NBUF_REFUSE_(status, text) \
  nbuf_refuse_(full, flags, contiguity, error, NBUF_ERR_##status, text)

/* Who asked for levels gets levels, everybody else suboffsets, if these can say it. */
static inline nbuf_status nbuf_negotiate_levels_(nbuf_provider* full, uint32_t flags,
                                                 uint32_t contiguity, nbuf_error* error) {
  if (full->level_count < 2) return NBUF_OK;
  if (NBUF_ASKS_(NBUF_LEVELS)) {
    full->suboffsets = NULL;
    return NBUF_OK;
  }
  if (full->suboffsets == NULL)
    return NBUF_REFUSE_(SUBOFFSETS,
                        "suboffsets cannot describe this layout, and NBUF_LEVELS was not "
                        "requested");
  full->level_count = 0;
  full->axis_level = NULL;
  full->post_offsets = NULL;
  return NBUF_OK;
}

/* PEP 3118's request algorithm as memoryview has it. `full` describes everything, an
 * indirect layout by levels, by suboffsets, or by both where both can say it; contiguity
 * is nbuf_layout_contiguity_'s answer (0 when indirect). On success the members that were
 * not requested become NULL. The status of a refusal is that of the first flag that
 * CPython would refuse; unmet and grantable (nbuf_error) tell of all of them. Exporters
 * written by hand may use it too. */
static inline nbuf_status nbuf_negotiate(nbuf_provider* full, uint32_t flags,
                                         uint32_t contiguity, nbuf_error* error) {
  if ((flags & ~NBUF_REQUEST_MASK) != 0) {
    char text[48];
    snprintf(text, sizeof text, "unknown request flags 0x%lx",
             (unsigned long)(flags & ~NBUF_REQUEST_MASK));
    return NBUF_REFUSE_(UNSUPPORTED, text);
  }
  if (NBUF_ASKS_(NBUF_WRITABLE) && (full->flags & NBUF_READONLY) != 0)
    return NBUF_REFUSE_(READONLY, "the underlying memory is not writable");
  if (NBUF_ASKS_(NBUF_REQUIRE_PINNED) && (full->flags & NBUF_BORROWED) != 0)
    return NBUF_REFUSE_(UNSUPPORTED,
                        "JavaScript owns this memory and can free it, so it cannot be "
                        "pinned: copy it into host memory or a SharedArrayBuffer first");
  if (NBUF_ASKS_(NBUF_C_CONTIGUOUS) && (contiguity & NBUF_IS_C_) == 0)
    return NBUF_REFUSE_(CONTIGUITY, "the layout is not C-contiguous");
  if (NBUF_ASKS_(NBUF_F_CONTIGUOUS) && (contiguity & NBUF_IS_F_) == 0)
    return NBUF_REFUSE_(CONTIGUITY, "the layout is not Fortran-contiguous");
  if (NBUF_ASKS_(NBUF_ANY_CONTIGUOUS) && contiguity == 0)
    return NBUF_REFUSE_(CONTIGUITY, "the layout is not contiguous");
  if (!NBUF_ASKS_(NBUF_INDIRECT) && nbuf_is_indirect_(full))
    return NBUF_REFUSE_(SUBOFFSETS,
                        "the layout has pointers, but INDIRECT was not requested");
  if (!NBUF_ASKS_(NBUF_STRIDES)) {
    if ((contiguity & NBUF_IS_C_) == 0)
      return NBUF_REFUSE_(
          STRIDES, "the layout is not C-contiguous, but STRIDES was not requested");
    full->strides = NULL;
  }
  if (!NBUF_ASKS_(NBUF_ND)) {
    if (NBUF_ASKS_(NBUF_FORMAT))
      return NBUF_REFUSE_(FORMAT,
                          "FORMAT was requested without ND: bytes have no format");
    full->shape = NULL;
    full->ndim = 1;
  }
  if (!NBUF_ASKS_(NBUF_FORMAT)) full->format = NULL;
  return nbuf_negotiate_levels_(full, flags, contiguity, error);
}
#undef NBUF_REFUSE_
#undef NBUF_ASKS_

#ifdef __cplusplus
}
#endif
#endif /* NBUF_DETAIL_NEGOTIATE_H */
