// Whether strided layouts share bytes: exactly, up to a bound on the work.
#ifndef NBUF_CORE_OVERLAP_H
#define NBUF_CORE_OVERLAP_H

#include "status.h"

namespace nbuf::core {

enum class Overlap { none, some, maybe };  // maybe: the work bound was reached

// Elements of one direct side; no extent is 0, all strides and spans were checked.
struct Extent {
  uintptr_t low, high;  // bytes [low, high)

  bool meets(const Extent& other) const { return low < other.high && other.low < high; }
};
Extent extent_of(int32_t ndim, const int64_t* shape, int64_t itemsize,
                 const int64_t* strides, const char* first);

// Whether an element of `a` and one of `b` have a byte in common. Finding that out is a
// bounded linear Diophantine equation, in general NP-hard; `max_work` bounds the steps
// (some ten nanoseconds each). Equations of real layouts take no search.
Overlap find_overlap(int32_t a_ndim, const int64_t* a_shape, const int64_t* a_strides,
                     const char* a, int32_t b_ndim, const int64_t* b_shape,
                     const int64_t* b_strides, const char* b, int64_t itemsize,
                     int64_t max_work);

// Whether the axes nest, each one's stride reaching past all elements of those with
// smaller strides: then no two elements share a byte. False says nothing.
bool is_nested(int32_t ndim, const int64_t* shape, int64_t itemsize,
               const int64_t* strides);

// Axes in ascending order of |stride|.
void sort_axes(int32_t ndim, const int64_t* strides, int32_t* order);

}  // namespace nbuf::core

#endif  // NBUF_CORE_OVERLAP_H
