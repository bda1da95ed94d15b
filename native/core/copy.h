// Element-wise copies, fills and comparisons of layouts of equal shape and item size.
#ifndef NBUF_CORE_COPY_H
#define NBUF_CORE_COPY_H

#include "layout.h"

namespace nbuf::core {

// Where elements are: all pointers and strides checked against their blocks before.
struct Side {
  char* first;             // element at index 0, ..., 0; with levels: of the first table
  const int64_t* strides;  // bytes
  Levels levels = {};
};

struct CopyOptions {
  int32_t swap =
      0;  // bytes of each group that is reversed, a divisor of itemsize; 0: none
};

// dst[i] = src[i] for every index in C order, as if through a temporary when they overlap
// (PEP 3118 leaves this open; CPython gets it wrong). NOMEM only when a temporary is
// needed and cannot be had.
Status copy_elements(int32_t ndim, const int64_t* shape, int64_t itemsize, Side dst,
                     Side src, const CopyOptions& options, Error* error);

// dst[i] = the one item of `itemsize` bytes at `item`, which is not part of dst.
Status fill_elements(int32_t ndim, const int64_t* shape, int64_t itemsize, Side dst,
                     const char* item, Error* error);

enum class Compare {
  bytes,
  // By value: -0 == 0, NaN equals nothing. An item may be several numbers.
  float16,
  float32,
  float64,
};
struct EqualOptions {
  Compare how = Compare::bytes;
  bool nan_equal = false;  // NaN == NaN, whatever their bits
  // As CopyOptions.swap, on the way from that side; of numbers: 0 or their size.
  int32_t swap_a = 0, swap_b = 0;
};

// Whether all elements are equal; stops at the first that are not. Takes no memory.
Status equal_elements(int32_t ndim, const int64_t* shape, int64_t itemsize, Side a,
                      Side b, const EqualOptions& options, bool* equal, Error* error);

}  // namespace nbuf::core

#endif  // NBUF_CORE_COPY_H
