// View algebra on layouts: the same operations as lib/layout.ts, lib/selection.ts and
// lib/reshape.ts, for native callers. Tested on one corpus with those.
#ifndef NBUF_CORE_LAYOUT_ALGEBRA_H
#define NBUF_CORE_LAYOUT_ALGEBRA_H

#include "status.h"

namespace nbuf::core {

// A layout by value: shape in elements, strides, offset and post-offsets in bytes. With
// levels, an axis keeps the one in which it moves.
struct Axes {
  int32_t ndim = 0;
  int64_t shape[NBUF_MAX_NDIM] = {0};
  int64_t strides[NBUF_MAX_NDIM] = {0};
  int64_t offset = 0;
  int64_t itemsize = 1;
  int32_t levels = 1;  // 1: direct, and the arrays are not looked at
  int32_t axis_level[NBUF_MAX_NDIM] = {0};
  int64_t post[NBUF_MAX_NDIM] = {0};

  // Without axes, and without elements.
  Axes frame() const {
    Axes made;
    made.offset = offset;
    made.itemsize = itemsize;
    made.levels = levels;
    for (int32_t i = 0; i + 1 < levels; i++) made.post[i] = post[i];
    return made;
  }
};

// One entry of a selection.
struct Select {
  enum class Kind { index, range, all, ellipsis, newaxis } kind;
  int64_t start = 0, stop = 0, step = 1;
  bool has_start = false, has_stop = false;  // else the default of the step's direction
};

// Python's slicing: clipped ranges, indices from the end, one ellipsis. What is cut off
// an axis moves the offset, or what is added behind the pointer of the level before its
// own; an empty result moves nothing. A new axis moves in the level of the one behind it,
// or in the last. OUT_OF_RANGE on a bad index, step 0, or too many entries.
Status slice(const Axes& from, const Select* selection, int32_t count, Axes* out,
             Error* error);

// `axes` has from.ndim entries, negative ones counting from the end; NULL reverses them
// all.
Status transpose(const Axes& from, const int32_t* axes, Axes* out, Error* error);

// Another shape of as many elements (one extent may be -1), without a copy: NumPy's rule,
// else CONTIGUITY. Only axes of one level become one.
Status reshape(const Axes& from, int32_t ndim, const int64_t* shape, Axes* out,
               Error* error);

// Axes of extent 1, and new leading ones, are repeated with stride 0; these in the level
// of the first axis.
Status broadcast(const Axes& from, int32_t ndim, const int64_t* shape, Axes* out,
                 Error* error);

}  // namespace nbuf::core

#endif  // NBUF_CORE_LAYOUT_ALGEBRA_H
