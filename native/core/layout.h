// Layout: shape, strides, format, itemsize and offset as an immutable, refcounted value.
#ifndef NBUF_CORE_LAYOUT_H
#define NBUF_CORE_LAYOUT_H

#include "format.h"
#include "status.h"

namespace nbuf::core {

struct Memory;

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
  int64_t offset = 0;                // bytes from block 0's base to the first element,
                                     // or to the first pointer of an indirect layout
  int64_t itemsize = 1;              // bytes
  const char* format = "B";
  Levels levels = {};
};

struct Layout {
  // Not atomic: counted inside the mutex of the exporter that has it, or by its one
  // owner.
  long refs;
  int32_t ndim;
  uint32_t contiguity;  // NBUF_IS_C_, NBUF_IS_F_
  int64_t bytes;        // product(shape) * itemsize
  int64_t offset;       // of the first element or pointer, from block 0's base
  int64_t itemsize;
  int64_t* shape;
  int64_t* strides;
  char* format;
  Levels levels;        // its arrays are the layout's
  int64_t* suboffsets;  // the same as PEP 3118 says it; NULL: direct, or it cannot

  bool is_indirect() const { return levels.count > 1; }
  LayoutSpec spec() const {
    return {ndim, shape, strides, offset, itemsize, format, levels};
  }
};

// Checks everything, also that every element lies inside a block of `block_size` bytes
// (BOUNDS); one allocation. The caller gets the only reference. Direct layouts only.
Status make_layout(const LayoutSpec& spec, int64_t block_size, Layout** out,
                   Error* error);

// The same over block 0 of `memory`; of an indirect layout, every pointer is followed and
// every element found inside a block of elements (BOUNDS). No element lies in a table.
Status make_layout(const LayoutSpec& spec, const Memory& memory, Layout** out,
                   Error* error);

// The steps of both: everything but the place, and a direct layout's place.
Status make_unplaced_layout(const LayoutSpec& spec, Layout** out, Error* error);
Status check_direct(const Layout& layout, int64_t block_size, Error* error);

// As make_layout, for a spec with strides that is used as it is: the format is not read,
// and no memory taken where no pointers are followed.
Status check_layout(const LayoutSpec& spec, int64_t block_size, Error* error);
Status check_layout(const LayoutSpec& spec, const Memory& memory, Error* error);

// NULL when memory is short.
Layout* copy_layout(const Layout& layout);

void free_layout(Layout* layout);

}  // namespace nbuf::core

#endif  // NBUF_CORE_LAYOUT_H
