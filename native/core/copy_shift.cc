// In place: every element moves by the same number of bytes.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "copy_in_place.h"
#include "copy_plan.h"
#include "overlap.h"

namespace nbuf::core {
namespace {

constexpr int64_t kPatch = 16384;  // bytes on the stack

// All strides positive, the largest first. Elements are then in the order of their
// addresses, and each is read before another is written over it when the walk goes
// against the shift. So are patches of them: all elements along the inner axes and up to
// `step` along the axis before. How a patch is copied is a matter of its size only.
struct Shift {
  int32_t ndim = 0, swap;
  int64_t itemsize;
  char* dst;
  int64_t delta;  // bytes from an element of src to that of dst
  int64_t shape[NBUF_MAX_NDIM], stride[NBUF_MAX_NDIM];

  int32_t outer;  // axes that are walked one by one; the next is cut, the rest is whole
  int64_t step;
  enum { move, apart, packed } how;
};

bool find_shift(const CopyPair& pair, Shift* shift) {
  if (!std::equal(pair.dst.stride, pair.dst.stride + pair.ndim, pair.src.stride))
    return false;
  shift->swap = pair.swap;
  shift->itemsize = pair.itemsize;
  shift->dst = pair.dst.first;
  shift->delta = static_cast<int64_t>(reinterpret_cast<uintptr_t>(pair.dst.first) -
                                      reinterpret_cast<uintptr_t>(pair.src.first));
  int32_t order[NBUF_MAX_NDIM];
  sort_axes(pair.ndim, pair.dst.stride, order);
  for (int32_t k = pair.ndim; k-- > 0;) {
    const int64_t extent = pair.shape[order[k]], stride = pair.dst.stride[order[k]];
    shift->shape[shift->ndim] = extent;
    shift->stride[shift->ndim++] = std::abs(stride);
    if (stride < 0) shift->dst += (extent - 1) * stride;
  }
  return true;
}

// The longest patch that is one run of bytes, that lies apart from where it goes, or that
// fits on the stack: whichever has the most elements.
void choose_patch(Shift* s) {
  int64_t run = s->itemsize, items = 1;
  int32_t k = s->ndim;
  for (; k > 0 && s->stride[k - 1] == run; k--) run *= s->shape[k - 1];
  s->outer = k;
  s->step = 0;  // nothing is cut
  s->how = Shift::move;
  int64_t spread = s->itemsize, apart = 1;
  for (k = s->ndim; k > 0 && spread <= std::abs(s->delta); k--) {
    const int64_t extent = s->shape[k - 1], stride = s->stride[k - 1];
    const int64_t fit = std::min(extent, (std::abs(s->delta) - spread) / stride + 1);
    if (apart * fit * s->itemsize > run) {
      s->outer = k - 1;
      s->step = fit;
      s->how = Shift::apart;
    }
    apart *= fit;
    spread += (extent - 1) * stride;
  }
  if (std::max(apart * s->itemsize, run) >= kPatch / 4) return;
  for (k = s->ndim; k > 0; k--) {
    const int64_t fit = std::min(s->shape[k - 1], kPatch / (items * s->itemsize));
    if (fit < 1) break;
    s->outer = k - 1;
    s->step = fit;
    s->how = Shift::packed;
    if (fit < s->shape[k - 1]) break;
    items *= fit;
  }
}

void copy_patch(const Shift& s, int64_t count, char* dst) {
  int64_t shape[NBUF_MAX_NDIM], packed[NBUF_MAX_NDIM];
  const int32_t ndim = s.ndim - s.outer;
  const int64_t* strides = s.stride + s.outer;
  std::copy(s.shape + s.outer, s.shape + s.ndim, shape);
  if (s.step > 0) shape[0] = count;
  char *src = dst - s.delta, bytes[kPatch];
  Plan plan;
  if (s.how == Shift::packed) {
    nbuf_layout_c_strides_(ndim, shape, s.itemsize, packed);
    make_plan(ndim, shape, s.itemsize, s.swap, packed, strides, &plan);
    run_plan(plan, bytes, src);
    make_plan(ndim, shape, s.itemsize, 0, strides, packed, &plan);
    return run_plan(plan, dst, bytes);
  }
  if (s.how == Shift::apart) {
    make_plan(ndim, shape, s.itemsize, s.swap, strides, strides, &plan);
    return run_plan(plan, dst, src);
  }
  int64_t run = s.itemsize;
  for (int32_t i = 0; i < ndim; i++) run *= shape[i];
  std::memmove(dst, src, static_cast<size_t>(run));
  if (s.swap == 0) return;
  make_plan(0, nullptr, run, s.swap, nullptr, nullptr, &plan);
  run_plan(plan, dst, dst);
}

// All patches along the axis that is cut, from the side that the elements move to.
void copy_patches(const Shift& s, char* dst) {
  if (s.step == 0) return copy_patch(s, 0, dst);
  const int64_t extent = s.shape[s.outer], stride = s.stride[s.outer];
  for (int64_t done = 0; done < extent;) {
    const int64_t count = std::min(s.step, extent - done);
    const int64_t start = s.delta < 0 ? done : extent - done - count;
    copy_patch(s, count, dst + start * stride);
    done += count;
  }
}

void run_shift(const Shift& s) {
  const bool is_up = s.delta < 0;
  int64_t index[NBUF_MAX_NDIM] = {0};
  char* at = s.dst;
  for (int32_t i = 0; i < s.outer && !is_up; i++) at += (s.shape[i] - 1) * s.stride[i];
  for (;;) {
    copy_patches(s, at);
    int32_t i = s.outer;
    for (; i-- > 0;) {
      const int64_t step = is_up ? s.stride[i] : -s.stride[i];
      at += step;
      if (++index[i] < s.shape[i]) break;
      at -= step * s.shape[i];
      index[i] = 0;
    }
    if (i < 0) return;
  }
}

}  // namespace

bool copy_shifted(const CopyPair& pair) {
  Shift shift;
  if (!find_shift(pair, &shift)) return false;
  choose_patch(&shift);
  run_shift(shift);
  return true;
}

}  // namespace nbuf::core
