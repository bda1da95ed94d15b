// One element's format: byte order, optional count, one type. Pure.
#ifndef NBUF_CORE_FORMAT_H
#define NBUF_CORE_FORMAT_H

#include "status.h"

namespace nbuf::core {

// What a format string says about one element. Record formats are longer than this; a
// layout keeps their text and itemsize, and its elements are opaque.
struct ElementFormat {
  char type = 0;            // 'd', 'B', 's', ...; 0 = opaque
  bool is_complex = false;  // Z before e, f, d or g
  bool swapped = false;     // byte order is not the machine's
  int64_t count = 1;        // of the units in s, p, u, w, x; else 1
  int64_t unit = 1;         // bytes of one number, character or byte
  int64_t size = 1;         // bytes in all
};

// Parses `[order][count]type` with PEP 3118's meaning (blanks around are skipped); FORMAT
// with the position and what was expected there otherwise.
Status parse_element(const char* format, ElementFormat* out, Error* error);

// Do two formats describe the same bytes? 'l', 'q' and '<q' do on LP64 little-endian.
bool same_element(const ElementFormat& a, const ElementFormat& b);

}  // namespace nbuf::core

#endif  // NBUF_CORE_FORMAT_H
