// Two layouts of one shape, made ready for loops: the part that copies, jobs and
// comparisons share.
#ifndef NBUF_CORE_COPY_PAIR_H
#define NBUF_CORE_COPY_PAIR_H

#include <atomic>

#include "copy.h"

namespace nbuf::core {

// A Side with arrays of its own, so that it may outlive the layout.
struct CopySide {
  char* first;
  int32_t level_count;
  int64_t stride[NBUF_MAX_NDIM];
  int32_t level[NBUF_MAX_NDIM];  // all 0 when there is one
  int64_t post[NBUF_MAX_NDIM];

  bool is_direct() const { return level_count == 1; }
  // Steps along this axis lead to other pointers.
  bool is_pointer_axis(int32_t axis) const {
    return level[axis] + 1 < level_count && stride[axis] != 0;
  }
};

// Only the first ndim entries of the arrays are set.
struct CopyPair {
  int32_t ndim;
  int32_t swap;  // bytes of each group that is reversed on the way; 0: none
  int64_t itemsize;
  int64_t bytes;  // of all elements
  int64_t shape[NBUF_MAX_NDIM];
  CopySide dst, src;

  bool is_direct() const { return dst.is_direct() && src.is_direct(); }
};

// Axes of one element are dropped. bytes is 0 when there is nothing to do; OUT_OF_RANGE
// when the shape overflows or the swap does not divide the item.
Status make_pair(int32_t ndim, const int64_t* shape, int64_t itemsize, int32_t swap,
                 const Side& dst, const Side& src, CopyPair* pair, Error* error);

// Drops the axes along which dst stands still: of all that is written there only the last
// stays, and the rest may be more than anybody can wait for.
void keep_last(CopyPair* pair);

// The address of an element: index has ndim entries.
char* locate(const CopySide& side, int32_t ndim, const int64_t* index);

// Calls use(dst piece, src piece) for every combination of the pointer axes of both sides
// that lies in the box, in C order, until it returns false. `inner` gets the other axes.
struct Box {
  int64_t start[NBUF_MAX_NDIM], extent[NBUF_MAX_NDIM];
};
Box whole_box(const CopyPair& pair);

struct InnerAxes {
  int32_t ndim;
  int64_t shape[NBUF_MAX_NDIM], dst[NBUF_MAX_NDIM], src[NBUF_MAX_NDIM];
};

class PieceWalk {
 public:
  PieceWalk(const CopyPair& pair, const Box& box);
  const InnerAxes& inner() const { return inner_; }
  char* dst() const { return locate(pair_.dst, pair_.ndim, index_); }
  char* src() const { return locate(pair_.src, pair_.ndim, index_); }
  bool next();

 private:
  const CopyPair& pair_;
  const Box& box_;
  InnerAxes inner_;
  int32_t outer_count_ = 0;
  int32_t outer_[NBUF_MAX_NDIM];
  int64_t index_[NBUF_MAX_NDIM];
};

// How the copy can be done.
enum class Way {
  nothing,    // every element is in its place already
  plain,      // in any order
  in_order,   // elements of dst share bytes: the last one in C order stays
  temporary,  // the sides may overlap
};
struct Relation {
  Way way;
  bool is_nested;  // no two elements of dst share bytes
};
// NOMEM never: what cannot be found out goes through a temporary.
Relation relate(const CopyPair& pair);

void copy_plain(const CopyPair& pair, const Box& box);
// Such a copy may take more steps than anybody can wait for, however little memory there
// is: it ends early, at some element, soon after *stop.
void copy_in_order(const CopyPair& pair, const std::atomic<bool>* stop = nullptr);

// One copy as two: pack src into bytes of its own, where it is not repeated, and from
// there to dst.
struct Detour {
  char* bytes = nullptr;
  CopyPair pack, unpack;

  Status prepare(const CopyPair& pair, Error* error);
  void finish();
};

}  // namespace nbuf::core

#endif  // NBUF_CORE_COPY_PAIR_H
