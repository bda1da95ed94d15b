// The inner, direct copy: a plan of loops over two strided layouts, and its execution.
#ifndef NBUF_CORE_COPY_PLAN_H
#define NBUF_CORE_COPY_PLAN_H

#include "status.h"

namespace nbuf::core {

struct PlanAxis {
  int64_t extent, dst, src;  // strides in bytes
};

// A row of groups, each a constant permutation of bytes within a few vectors of 16: input
// j of group g is read at g * in_step + j * in_gap, output i is made of all inputs by
// masks[i][j] (a byte of 0x80 or more: nothing), and written likewise.
struct Shuffle {
  int32_t inputs, outputs, lanes;  // lanes: groups done at once
  bool along_across;               // the axis of the grid that the groups are of
  int32_t group;                   // its elements in a group
  int64_t first,
      count;  // the groups that may be done by vectors; scalar code does the rest
  int64_t in_low, in_gap, in_step;  // in_low: group 0, from the row's first element
  int64_t out_gap, out_step;        // out_low is 0
  uint8_t masks[4][4][16];
};

// Two axes of items: what a kernel does.
struct Grid {
  int64_t item;            // bytes that are contiguous on both sides
  int32_t swap;            // 0, or `item`: its bytes are reversed
  PlanAxis inner, across;  // inner: the smallest destination stride
};

struct Plan;
using Kernel = void (*)(const Plan& plan, char* dst, const char* src);

// inner x across items; `pitch` is the stride of dst along across.
using TileKernel = void (*)(const Plan& plan, int64_t inner, int64_t across, char* dst,
                            int64_t pitch, const char* src);

// Rows from a buffer to dst + k * to, past the caches.
using StreamKernel = void (*)(int64_t rows, char* dst, int64_t to, const char* buffer);

struct Transpose {
  TileKernel tiles;
  StreamKernel stream;
  uint8_t mask_in[16], mask_out[16];  // of each vector read and written, where needed
};

// Outer loops around a kernel of two axes. Nothing to free.
struct Plan {
  Kernel kernel;
  Grid grid;
  bool stream;                    // more is written than caches hold
  int32_t ndim;                   // of the outer loops
  PlanAxis outer[NBUF_MAX_NDIM];  // by growing destination stride
  int64_t dst_first, src_first;   // where the loops start, from the sides' first elements
  Transpose transpose;            // only of a transpose
  Shuffle shuffle;                // only of a shuffle; inputs == 0 elsewhere
};

// How dst[i] = src[i] is done for every index. No extent is 0; no two elements of dst
// share a byte, so that any order of the elements will do; the two sides are disjoint, or
// identical (then only the swap is left to do). `swap` divides `itemsize`. `whole_bytes`:
// of the copy that this is a piece of, which decides what caches can hold.
void make_plan(int32_t ndim, const int64_t* shape, int64_t itemsize, int32_t swap,
               const int64_t* dst, const int64_t* src, Plan* plan,
               int64_t whole_bytes = 0);

// May run in several threads at once.
void run_plan(const Plan& plan, char* dst, const char* src);

}  // namespace nbuf::core

#endif  // NBUF_CORE_COPY_PLAN_H
