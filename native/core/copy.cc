#include "copy.h"

#include <cstdlib>
#include <cstring>

namespace nbuf::core {
namespace {

// One loop nest over both sides, with axes dropped or merged where the memory allows it.
struct Plan {
  int32_t ndim = 0;
  int64_t run;  // bytes that are contiguous on both sides
  int64_t shape[NBUF_MAX_NDIM], dst[NBUF_MAX_NDIM], src[NBUF_MAX_NDIM];
};

void make_plan(int32_t ndim, const int64_t* shape, int64_t itemsize, const int64_t* dst,
               const int64_t* src, Plan* plan) {
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
}

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
        std::memcpy(dst + i * dst_stride, src + i * src_stride, static_cast<size_t>(run));
  }
}

// An odometer over all axes but the innermost; pointers move by strides, never outside.
void run_plan(const Plan& plan, char* dst, const char* src) {
  if (plan.ndim == 0) {
    std::memcpy(dst, src, static_cast<size_t>(plan.run));
    return;
  }
  int64_t index[NBUF_MAX_NDIM] = {0};
  for (;;) {
    copy_row(dst, src, plan.shape[0], plan.dst[0], plan.src[0], plan.run);
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

struct Range {
  uintptr_t low, high;
};

Range reach(int32_t ndim, const int64_t* shape, int64_t itemsize, const Strided& side) {
  int64_t low = 0, high = 0;
  nbuf_layout_reach_(ndim, shape, side.strides, nullptr, 0, &low, &high);
  const auto first = reinterpret_cast<uintptr_t>(side.first);
  return {first + static_cast<uintptr_t>(low),
          first + static_cast<uintptr_t>(high + itemsize)};
}

bool may_overlap(const Range& a, const Range& b) {
  return a.low < b.high && b.low < a.high;
}

// Along an axis on which the destination stands still only the last item stays: the
// others need not be copied, and may be more than anybody can wait for.
struct Collapsed {
  int64_t shape[NBUF_MAX_NDIM];
  Strided src;

  Collapsed(int32_t ndim, const int64_t* from, const Strided& dst, const Strided& source)
      : src(source) {
    for (int32_t i = 0; i < ndim; i++) {
      shape[i] = from[i];
      if (from[i] < 2 || dst.strides[i] != 0) continue;
      src.first += (from[i] - 1) * source.strides[i];
      shape[i] = 1;
    }
  }
};

}  // namespace

Status copy_strided(int32_t ndim, const int64_t* all, int64_t itemsize, Strided dst,
                    Strided source, Error* error) {
  int64_t bytes;
  if (!nbuf_layout_bytes_(ndim, all, itemsize, &bytes))
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE, "overflow in shape");
  if (bytes == 0) return NBUF_OK;
  const Collapsed collapsed(ndim, all, dst, source);
  const int64_t* shape = collapsed.shape;
  const Strided& src = collapsed.src;
  nbuf_layout_bytes_(ndim, shape, itemsize, &bytes);  // not more than before
  Plan plan;
  if (!may_overlap(reach(ndim, shape, itemsize, dst),
                   reach(ndim, shape, itemsize, src))) {
    make_plan(ndim, shape, itemsize, dst.strides, src.strides, &plan);
    run_plan(plan, dst.first, src.first);
    return NBUF_OK;
  }
  char* packed = static_cast<char*>(std::malloc(static_cast<size_t>(bytes)));
  if (packed == nullptr)
    return nbuf_fail(error, NBUF_ERR_NOMEM, "%lld bytes for overlapping views",
                     static_cast<long long>(bytes));
  int64_t strides[NBUF_MAX_NDIM];
  nbuf_layout_c_strides_(ndim, shape, itemsize, strides);
  make_plan(ndim, shape, itemsize, strides, src.strides, &plan);
  run_plan(plan, packed, src.first);
  plan = Plan{};
  make_plan(ndim, shape, itemsize, dst.strides, strides, &plan);
  run_plan(plan, dst.first, packed);
  std::free(packed);
  return NBUF_OK;
}

void fill_strided(int32_t ndim, const int64_t* shape, int64_t itemsize, Strided dst,
                  const char* item) {
  for (int32_t i = 0; i < ndim; i++)
    if (shape[i] == 0) return;
  const int64_t still[NBUF_MAX_NDIM] = {0};
  const Collapsed collapsed(ndim, shape, dst, {dst.first, still});
  Plan plan;
  make_plan(ndim, collapsed.shape, itemsize, dst.strides, still, &plan);
  run_plan(plan, dst.first, item);
}

}  // namespace nbuf::core
