// Format strings: struct's syntax with PEP 3118's additions, as a tree with offsets.
// Pure.
//
//   format := { blank | order | item }          order := @ = < > ! ^   (stays in force)
//   item   := [shape] [order] [count] type [name]
#ifndef NBUF_CORE_FORMAT_H
#define NBUF_CORE_FORMAT_H

#include "grow_array.h"
#include "status.h"

namespace nbuf::core {

constexpr int32_t kMaxFormatLength = 1 << 18;  // bytes of text
constexpr int32_t kMaxFormatItems = 1 << 16;
constexpr int32_t kMaxFormatDepth = 64;  // of T{...} and pointers in each other
// What a JavaScript number holds exactly; also larger than any address space.
constexpr int64_t kMaxFormatSize = (int64_t{1} << 53) - 1;

// One item. Indices are into the tree's arrays, -1 = none; sizes and offsets in bytes.
struct FormatNode {
  char type = 0;            // as written: 'd' 's' 'T' '&' 'X' 't' '[' ...
  bool is_complex = false;  // Z before e, f, d or g
  bool swapped = false;     // byte order is not the machine's
  bool aligns = true;       // '@' is in force behind it
  bool own_order = false;   // an order character stands directly before it, as in ctypes
  bool spelled = false;     // padding of several single x's, as in NumPy
  bool spread = false;      // its count repeats items of the list: no sub-array
  int8_t native_align = 1;  // of the type; records: see align
  uint8_t bit = 0;          // of 't': the first bit in its first byte
  int32_t begin = 0;        // of the type in the text
  int32_t name = -1, name_length = 0;
  int32_t first_dim = 0, ndim = 0;  // in dims
  int32_t child = -1, next = -1;
  int64_t count = 1;   // characters of s p u w, bytes of x, bits of t
  int64_t unit = 1;    // of one number, part or character
  int64_t repeat = 1;  // product of the dims
  // Found by lay_out:
  int64_t itemsize = 0;  // of one of `repeat`; of records with trailing padding
  int64_t offset = 0;    // from the start of the record, or of the element
  int64_t align = 1;
};

struct FormatTree {
  GrowArray<FormatNode, 4> nodes;
  GrowArray<int64_t, 4> dims;
  int32_t first = -1;
  bool all_marked = false;   // each leaf has its own < or >, as ctypes writes them
  bool has_padding = false;  // of any spelling; ctypes has it since Python 3.12
  bool has_bare = false;     // all but some B are marked: ctypes hides a structure there
  bool has_spelled = false;  // padding of single x's
  int64_t size = 0, align = 1;  // up to the end of the last item
  int64_t itemsize = 0;         // with the trailing padding of a lone record
};

// Reads the syntax. FORMAT with the position (in UTF-16 units) and what was expected
// there; NOMEM.
Status read_format(const char* text, FormatTree* out, Error* error);

// Computes sizes and offsets. `itemsize` is what the exporter says, 0 = unknown; it
// decides where writers disagree about padding. FORMAT when the items do not fit in it.
Status lay_out(FormatTree* tree, const char* text, int64_t itemsize, Error* error);

// Both; the tree is laid out.
Status parse_format(const char* text, int64_t itemsize, FormatTree* out, Error* error);

// Is a format that can be read small enough for its itemsize? What cannot be read is
// opaque here: it may be shared and copied.
Status check_format(const char* text, int64_t itemsize, Error* error);

}  // namespace nbuf::core

#endif  // NBUF_CORE_FORMAT_H
