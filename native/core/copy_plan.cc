#include "copy_plan.h"

#include <algorithm>
#include <cstring>

namespace nbuf::core {
namespace {

template <typename Item>
void copy_items(char* dst, const char* src, int64_t count, int64_t dst_stride,
                int64_t src_stride) {
  for (int64_t i = 0; i < count; i++) {
    Item item;  // memcpy: any alignment
    std::memcpy(&item, src + i * src_stride, sizeof item);
    std::memcpy(dst + i * dst_stride, &item, sizeof item);
  }
}

struct Bytes16 {
  char bytes[16];
};

void copy_row(char* dst, const char* src, int64_t count, int64_t dst_stride,
              int64_t src_stride, int64_t run) {
  switch (run) {
    case 1:
      return copy_items<uint8_t>(dst, src, count, dst_stride, src_stride);
    case 2:
      return copy_items<uint16_t>(dst, src, count, dst_stride, src_stride);
    case 4:
      return copy_items<uint32_t>(dst, src, count, dst_stride, src_stride);
    case 8:
      return copy_items<uint64_t>(dst, src, count, dst_stride, src_stride);
    case 16:
      return copy_items<Bytes16>(dst, src, count, dst_stride, src_stride);
    default:
      for (int64_t i = 0; i < count; i++)
        std::memmove(dst + i * dst_stride, src + i * src_stride,  // may be identical
                     static_cast<size_t>(run));
  }
}

void swap_row(char* dst, int64_t count, int64_t stride, int64_t run, int32_t swap) {
  for (int64_t i = 0; i < count; i++, dst += stride)
    for (int64_t k = 0; k < run; k += swap) std::reverse(dst + k, dst + k + swap);
}

}  // namespace

void make_plan(int32_t ndim, const int64_t* shape, int64_t itemsize, int32_t swap,
               const int64_t* dst, const int64_t* src, Plan* plan) {
  plan->ndim = 0;
  plan->swap = swap > 1 ? swap : 0;
  plan->run = itemsize;
  for (int32_t i = ndim; i-- > 0;) {  // innermost first
    if (shape[i] == 1) continue;
    const int32_t outer = plan->ndim - 1;
    if (plan->ndim == 0 && dst[i] == plan->run && src[i] == plan->run) {
      plan->run *= shape[i];
    } else if (outer >= 0 && dst[i] == plan->dst[outer] * plan->shape[outer] &&
               src[i] == plan->src[outer] * plan->shape[outer]) {
      plan->shape[outer] *= shape[i];
    } else {
      plan->shape[plan->ndim] = shape[i];
      plan->dst[plan->ndim] = dst[i];
      plan->src[plan->ndim++] = src[i];
    }
  }
  if (plan->ndim > 0) return;
  plan->ndim = 1;
  plan->shape[0] = 1;
  plan->dst[0] = plan->src[0] = 0;
}

// An odometer over all axes but the innermost; pointers move by strides, never outside.
void run_plan(const Plan& plan, char* dst, const char* src) {
  int64_t index[NBUF_MAX_NDIM] = {0};
  for (;;) {
    copy_row(dst, src, plan.shape[0], plan.dst[0], plan.src[0], plan.run);
    if (plan.swap != 0) swap_row(dst, plan.shape[0], plan.dst[0], plan.run, plan.swap);
    int32_t axis = 1;
    for (; axis < plan.ndim; axis++) {
      if (++index[axis] < plan.shape[axis]) {
        dst += plan.dst[axis];
        src += plan.src[axis];
        break;
      }
      dst -= plan.dst[axis] * (plan.shape[axis] - 1);
      src -= plan.src[axis] * (plan.shape[axis] - 1);
      index[axis] = 0;
    }
    if (axis >= plan.ndim) return;
  }
}

}  // namespace nbuf::core
