/* nbuf/detail/format_code.h - what a provider's elements are, for a switch. Part of
 * nbuf.h. SPDX-License-Identifier: MIT */
#ifndef NBUF_DETAIL_ELEMENT_H
#define NBUF_DETAIL_ELEMENT_H

#include <string.h>

#include "../nbuf.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The code of an integer of so many bytes whose size no two machines disagree about. */
static inline char nbuf_integer_code_(size_t size, int is_signed) {
  switch (size) {
    case 1:
      return is_signed ? 'b' : 'B';
    case 2:
      return is_signed ? 'h' : 'H';
    case 4:
      return is_signed ? 'i' : 'I';
    default:
      return is_signed ? 'q' : 'Q';
  }
}

/* One item code becomes that of a fixed size, and its size; 0 for none such. */
static inline char nbuf_item_code_(char code, int is_standard, size_t* size) {
  static const char integers[] = "bBhHiIlLqQnN";
  static const size_t sizes[2][6] = {
      {1, sizeof(short), sizeof(int), sizeof(long), 8, sizeof(size_t)},
      {1, 2, 4, 4, 8, 0}};
  const char* found = code != '\0' ? strchr(integers, code) : NULL;
  if (found != NULL) {
    *size = sizes[is_standard][(found - integers) / 2];
    return *size == 0 ? '\0' : nbuf_integer_code_(*size, (found - integers) % 2 == 0);
  }
  *size = code == 'd' ? 8 : code == 'f' ? 4 : code == 'e' ? 2 : 1;
  if (code == 'g' && !is_standard) *size = sizeof(long double);
  if (code == 'c' || code == '?' || code == 'e' || code == 'f' || code == 'd')
    return code;
  return code == 'g' && !is_standard ? 'g' : '\0';
}

/* The one number that each element is, in this machine's byte order: 'b' 'B' 'h' 'H' 'i'
 * 'I' 'q' 'Q' for integers of 1, 2, 4, 8 bytes ('l' and 'n' become one of them), 'e' 'f'
 * 'd' 'g' for floating point, '?' for a byte that is 0 or not, 'c' for a character. 0 for
 * all else: records, several items, complex numbers, pointers, the other byte order.
 * Bytes without a format are 'B'. Elements may stand at any address: read them by memcpy.
 */
static inline char nbuf_format_code(const nbuf_provider* p) {
  const uint16_t one = 1;
  const int is_little = *(const unsigned char*)&one == 1;
  const char* format = p->format;
  int is_standard = 0, is_swapped = 0;
  size_t size;
  char code;
  if (format == NULL) /* no shape either: bytes, whatever the itemsize */
    return p->itemsize == 1 || (p->shape == NULL && p->ndim > 0) ? 'B' : '\0';
  if (*format == '<' || *format == '>' || *format == '!' || *format == '=') {
    is_standard = 1;
    if (*format != '=') is_swapped = (*format == '<') != is_little;
  }
  if (is_standard || *format == '@' || *format == '^') format++;
  if (format[0] == '\0' || format[1] != '\0') return '\0';
  code = nbuf_item_code_(format[0], is_standard, &size);
  if (p->itemsize != (int64_t)size || (is_swapped && size > 1)) return '\0';
  return code;
}

/* ---- where ---- */

static inline char* nbuf_follow_(const char* at, int64_t offset) {
  char* target;
  memcpy(&target, at, sizeof target);
  return target + offset;
}

/* The address of the element at index[ndim], whatever the layout: without strides
 * C-contiguous, through pointers where there are suboffsets or levels. Unchecked, as an
 * array's a[i][j]: nbuf_validate has been asked, and index is inside of shape. Where
 * there are neither suboffsets nor levels, stepping by strides is faster. */
static inline void* nbuf_element_at(const nbuf_provider* p, const int64_t* index) {
  char* at = (char*)p->buf;
  int64_t step = p->shape != NULL ? p->itemsize : 1;
  int32_t d, level;
  if (p->strides == NULL) {
    for (d = p->ndim; d-- > 0; step *= p->shape != NULL ? p->shape[d] : 1)
      at += index[d] * step;
    return at;
  }
  if (!NBUF_HAS(p, post_offsets) || p->level_count <= 1) {
    for (d = 0; d < p->ndim; d++) {
      at += index[d] * p->strides[d];
      if (p->suboffsets != NULL && p->suboffsets[d] >= 0)
        at = nbuf_follow_(at, p->suboffsets[d]);
    }
    return at;
  }
  for (level = 0; level < p->level_count; level++) {
    if (level > 0) at = nbuf_follow_(at, p->post_offsets[level - 1]);
    for (d = 0; d < p->ndim; d++)
      if (p->axis_level[d] == level) at += index[d] * p->strides[d];
  }
  return at;
}

#ifdef __cplusplus
}
#endif
#endif /* NBUF_DETAIL_ELEMENT_H */
