#include "copy.h"

#include <cstdlib>

#include "copy_plan.h"

namespace nbuf::core {
namespace {

struct Range {
  uintptr_t low, high;
};

Range reach(int32_t ndim, const int64_t* shape, int64_t itemsize, const Side& side) {
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
  Side src;

  Collapsed(int32_t ndim, const int64_t* from, const Side& dst, const Side& source)
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

Status copy_elements(int32_t ndim, const int64_t* all, int64_t itemsize, Side dst,
                     Side source, const CopyOptions& options, Error* error) {
  int64_t bytes;
  if (!nbuf_layout_bytes_(ndim, all, itemsize, &bytes))
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE, "overflow in shape");
  if (bytes == 0) return NBUF_OK;
  const Collapsed collapsed(ndim, all, dst, source);
  const int64_t* shape = collapsed.shape;
  const Side& src = collapsed.src;
  nbuf_layout_bytes_(ndim, shape, itemsize, &bytes);  // not more than before
  Plan plan;
  if (!may_overlap(reach(ndim, shape, itemsize, dst),
                   reach(ndim, shape, itemsize, src))) {
    make_plan(ndim, shape, itemsize, options.swap, dst.strides, src.strides, &plan);
    run_plan(plan, dst.first, src.first);
    return NBUF_OK;
  }
  char* packed = static_cast<char*>(std::malloc(static_cast<size_t>(bytes)));
  if (packed == nullptr)
    return nbuf_fail(error, NBUF_ERR_NOMEM, "%lld bytes for overlapping views",
                     static_cast<long long>(bytes));
  int64_t strides[NBUF_MAX_NDIM];
  nbuf_layout_c_strides_(ndim, shape, itemsize, strides);
  make_plan(ndim, shape, itemsize, options.swap, strides, src.strides, &plan);
  run_plan(plan, packed, src.first);
  make_plan(ndim, shape, itemsize, 0, dst.strides, strides, &plan);
  run_plan(plan, dst.first, packed);
  std::free(packed);
  return NBUF_OK;
}

Status fill_elements(int32_t ndim, const int64_t* shape, int64_t itemsize, Side dst,
                     const char* item, Error*) {
  for (int32_t i = 0; i < ndim; i++)
    if (shape[i] == 0) return NBUF_OK;
  const int64_t still[NBUF_MAX_NDIM] = {0};
  const Collapsed collapsed(ndim, shape, dst, {dst.first, still, {}});
  Plan plan;
  make_plan(ndim, collapsed.shape, itemsize, 0, dst.strides, still, &plan);
  run_plan(plan, dst.first, item);
  return NBUF_OK;
}

}  // namespace nbuf::core
