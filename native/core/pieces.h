// Elements behind pointers: one of them, or piece by piece what no pointer interrupts.
#ifndef NBUF_CORE_PIECES_H
#define NBUF_CORE_PIECES_H

#include "layout.h"

namespace nbuf::core {

// The pointer axes of a layout: bit k is set when stepping along axis k follows another
// pointer. That is, its level is not the last, its extent > 1, its stride not 0.
uint64_t pointer_axes(int32_t ndim, const int64_t* shape, const int64_t* strides,
                      const Levels& levels);

// The product of these axes' extents; must not overflow, as a checked layout's does not.
int64_t piece_count(int32_t ndim, const int64_t* shape, uint64_t axes);

// Steps through all combinations of some axes in C order, the others standing at index 0.
// With pointer_axes(...) (or more axes) the elements of every piece are `at()` plus index
// * stride of the axes that are left, whose pointers all lie behind them. Pointers are
// read, not checked: the layout is (make_layout), and has elements.
//
//   Pieces pieces(ndim, shape, strides, levels, first, pointer_axes(...));
//   do use(pieces.at()); while (pieces.next());
class Pieces {
 public:
  Pieces(int32_t ndim, const int64_t* shape, const int64_t* strides, const Levels& levels,
         char* first, uint64_t axes);

  char* at() const { return at_; }

  // False behind the last combination; then it stands at the first one again.
  bool next() {
    for (int32_t i = count_; i-- > 0;) {
      const Axis& axis = axes_[i];
      moved_[axis.level] += axis.stride;
      if (++index_[i] < axis.extent) {
        follow(lowest_[i]);
        return true;
      }
      moved_[axis.level] -= axis.stride * axis.extent;
      index_[i] = 0;
    }
    follow(0);
    return false;
  }

 private:
  struct Axis {
    int64_t extent, stride;
    int32_t level;
  };

  // From where `level` starts to where the last one does.
  void follow(int32_t level);

  int32_t count_ = 0, levels_;
  const int64_t* post_;
  char* at_;
  Axis axes_[NBUF_MAX_NDIM];
  int64_t index_[NBUF_MAX_NDIM];
  int32_t lowest_[NBUF_MAX_NDIM];  // level of this axis and of those behind it
  char* start_[NBUF_MAX_NDIM];     // of each level, its axes at index 0
  int64_t moved_[NBUF_MAX_NDIM];   // bytes in each level
};

// The address of one element of a checked layout.
char* locate(int32_t ndim, const int64_t* strides, const Levels& levels, char* first,
             const int64_t* index);

}  // namespace nbuf::core

#endif  // NBUF_CORE_PIECES_H
