// Element-wise copies between strided layouts of equal shape and item size.
#ifndef NBUF_CORE_COPY_H
#define NBUF_CORE_COPY_H

#include "layout.h"

namespace nbuf::core {

// Where elements are: all pointers and strides checked against their blocks before.
struct Strided {
  char* first;             // element at index 0, ..., 0
  const int64_t* strides;  // bytes
};

// dst[i] = src[i] for every index, as if through a temporary when they overlap (PEP 3118
// leaves this open; CPython gets it wrong). NOMEM only when that temporary cannot be had.
Status copy_strided(int32_t ndim, const int64_t* shape, int64_t itemsize, Strided dst,
                    Strided src, Error* error);

// dst[i] = the one item of `itemsize` bytes at `item`.
void fill_strided(int32_t ndim, const int64_t* shape, int64_t itemsize, Strided dst,
                  const char* item);

}  // namespace nbuf::core

#endif  // NBUF_CORE_COPY_H
