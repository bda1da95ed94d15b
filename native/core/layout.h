// Layout: shape, strides, format, itemsize and offset as an immutable, refcounted value.
#ifndef NBUF_CORE_LAYOUT_H
#define NBUF_CORE_LAYOUT_H

#include "format.h"
#include "status.h"

namespace nbuf::core {

// How pointers are followed (DESIGN section 4): address = first; for every level L: +=
// index * stride of the axes whose axis_level is L; unless it is the last: dereference,
// += post[L] bytes. One level: direct, without arrays.
struct Levels {
  int32_t count = 1;
  const int32_t* axis_level = nullptr;  // [ndim]
  const int64_t* post = nullptr;        // [count - 1]
};

// What a layout is made from. Everything is copied.
struct LayoutSpec {
  int32_t ndim = 0;
  const int64_t* shape = nullptr;    // elements
  const int64_t* strides = nullptr;  // bytes; NULL = C-contiguous
  int64_t offset = 0;                // bytes from the block's base to the first element
  int64_t itemsize = 1;              // bytes
  const char* format = "B";
};

struct Layout {
  // Not atomic: counted inside the mutex of the exporter that has it, or by its one
  // owner.
  long refs;
  int32_t ndim;
  uint32_t contiguity;  // NBUF_IS_C_, NBUF_IS_F_
  int64_t bytes;        // product(shape) * itemsize
  int64_t offset;       // of the first element, from the block's base
  int64_t itemsize;
  int64_t* shape;
  int64_t* strides;
  char* format;

  LayoutSpec spec() const { return {ndim, shape, strides, offset, itemsize, format}; }
};

// Checks everything, also that every element lies inside a block of `block_size` bytes
// (BOUNDS); one allocation. The caller gets the only reference.
Status make_layout(const LayoutSpec& spec, int64_t block_size, Layout** out,
                   Error* error);

void free_layout(Layout* layout);

}  // namespace nbuf::core

#endif  // NBUF_CORE_LAYOUT_H
