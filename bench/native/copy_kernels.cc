// The core's plans as a C function, for bench/copy_kernels.py: the same arrays, the same
// process, the same round as NumPy and memcpy.
#include <cstring>
#include <ctime>

#include "core/copy_plan.h"
#include "core/kernels/kernels.h"

namespace {

// Of this thread only: a busy machine disturbs less.
double thread_time() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

template <typename Work>
double nanoseconds(int64_t times, Work work) {
  const double start = thread_time();
  for (int64_t i = 0; i < times; i++) work();
  return (thread_time() - start) / static_cast<double>(times);
}

}  // namespace

#define NBUF_BENCH extern "C" __attribute__((visibility("default")))

// Planned each time, as a copy from JavaScript is.
NBUF_BENCH double time_plan(int64_t times, int32_t ndim, const int64_t* shape,
                            int64_t itemsize, int32_t swap, char* dst, const int64_t* to,
                            const char* src, const int64_t* from) {
  return nanoseconds(times, [&] {
    nbuf::core::Plan plan;
    nbuf::core::make_plan(ndim, shape, itemsize, swap, to, from, &plan);
    nbuf::core::run_plan(plan, dst, src);
  });
}

NBUF_BENCH double time_memcpy(int64_t times, char* dst, const char* src, int64_t bytes) {
  return nanoseconds(times, [&] {
    std::memcpy(dst, src, static_cast<size_t>(bytes));
    asm volatile("" : : "r"(dst) : "memory");
  });
}

NBUF_BENCH void set_level(int32_t level, int64_t stream) {
  nbuf::core::set_kernel_level(static_cast<nbuf::core::KernelLevel>(level), stream);
}
