// The inner, direct copy: a plan of loops over two strided layouts, and its execution.
#ifndef NBUF_CORE_COPY_PLAN_H
#define NBUF_CORE_COPY_PLAN_H

#include "status.h"

namespace nbuf::core {

// One loop nest over both sides, with axes dropped or merged where the memory allows it.
struct Plan {
  int32_t ndim;
  int32_t swap;  // bytes of each group that is reversed; 0: none
  int64_t run;   // bytes that are contiguous on both sides
  int64_t shape[NBUF_MAX_NDIM], dst[NBUF_MAX_NDIM], src[NBUF_MAX_NDIM];
};

// How dst[i] = src[i] is done for every index. No extent is 0; no two elements of dst
// share a byte, so that any order of the elements will do; the two sides are disjoint, or
// identical (then only the swap is left to do). `swap` divides `itemsize`.
void make_plan(int32_t ndim, const int64_t* shape, int64_t itemsize, int32_t swap,
               const int64_t* dst, const int64_t* src, Plan* plan);

// May run in several threads at once.
void run_plan(const Plan& plan, char* dst, const char* src);

}  // namespace nbuf::core

#endif  // NBUF_CORE_COPY_PLAN_H
