#include "copy_plan.h"

#include <algorithm>
#include <cstring>

#include "kernels/axes.h"
#include "kernels/kernels.h"

namespace nbuf::core {
namespace {

// Drops axes of one element, turns axes so that the destination grows along them, sorts.
void collect(int32_t ndim, const int64_t* shape, const int64_t* dst, const int64_t* src,
             Axes* axes, Plan* plan) {
  for (int32_t i = 0; i < ndim; i++) {
    if (shape[i] == 1) continue;
    PlanAxis axis = {shape[i], dst[i], src[i]};
    axes->in_place = axes->in_place && axis.dst == axis.src;
    if (axis.dst < 0) {
      plan->dst_first += (axis.extent - 1) * axis.dst;
      plan->src_first += (axis.extent - 1) * axis.src;
      axis.dst = -axis.dst;
      axis.src = -axis.src;
    }
    int32_t at = axes->count++;
    for (; at > 0 && axes->axis[at - 1].dst > axis.dst; at--)
      axes->axis[at] = axes->axis[at - 1];
    axes->axis[at] = axis;
  }
}

// Splits items into the groups to swap; makes axes that continue each other one.
void merge(int64_t itemsize, int32_t swap, Axes* axes, Plan* plan) {
  Grid* grid = &plan->grid;
  grid->swap = swap > 1 ? swap : 0;
  grid->item = swap > 1 ? swap : itemsize;
  if (grid->item < itemsize) {
    for (int32_t i = axes->count++; i > 0; i--) axes->axis[i] = axes->axis[i - 1];
    axes->axis[0] = {itemsize / grid->item, grid->item, grid->item};
  }
  int32_t count = 0;
  for (int32_t i = 0; i < axes->count; i++) {
    const PlanAxis axis = axes->axis[i];
    PlanAxis* last = &axes->axis[count > 0 ? count - 1 : 0];
    if (count == 0 && grid->swap == 0 && axis.dst == grid->item &&
        axis.src == grid->item) {
      grid->item *= axis.extent;
    } else if (count > 0 && axis.dst == last->dst * last->extent &&
               axis.src == last->src * last->extent) {
      last->extent *= axis.extent;
    } else {
      axes->axis[count++] = axis;
    }
  }
  axes->count = count;
}

constexpr int64_t kLargePiece = 1 << 16;

int64_t magnitude(int64_t stride) { return stride < 0 ? -stride : stride; }

// The axis along which the source is read in the smallest steps, if they are smaller than
// those of the innermost axis; else the next one.
int32_t find_across(const Axes& axes) {
  int32_t best = 0;
  for (int32_t i = 1; i < axes.count; i++)
    if (axes.axis[i].src != 0 &&
        magnitude(axes.axis[i].src) < magnitude(axes.axis[best].src))
      best = i;
  return best > 0 ? best : 1;
}

// Turns the axis so that the source grows along it.
void turn(PlanAxis* axis, Plan* plan) {
  plan->dst_first += (axis->extent - 1) * axis->dst;
  plan->src_first += (axis->extent - 1) * axis->src;
  axis->dst = -axis->dst;
  axis->src = -axis->src;
}

// The two axes of the kernel, when it is no shuffle.
Kernel pick(Axes* axes, Plan* plan) {
  Grid* grid = &plan->grid;
  grid->inner = grid->across = {1, 0, 0};
  if (axes->count > 1) grid->across = axes->take(find_across(*axes));
  if (axes->count > 0) grid->inner = axes->take(0);
  if (grid->item >= 512 && plan->stream && grid->swap == 0) return stream_rows;
  if (grid->inner.src == 0 && grid->inner.dst == grid->item) return fill_rows;
  if (plan_transpose(plan)) {
    if (grid->across.src < 0) turn(&grid->across, plan);
    return plan->kernel;
  }
  const bool crossed =
      grid->across.src != 0 && magnitude(grid->across.src) < magnitude(grid->inner.src);
  return grid->item < 256 && (crossed || grid->inner.extent < 8) ? plain_blocks
                                                                 : plain_rows;
}

}  // namespace

void make_plan(int32_t ndim, const int64_t* shape, int64_t itemsize, int32_t swap,
               const int64_t* dst, const int64_t* src, Plan* plan, int64_t whole_bytes) {
  Axes axes;
  plan->dst_first = plan->src_first = 0;
  collect(ndim, shape, dst, src, &axes, plan);
  merge(itemsize, swap, &axes, plan);
  int64_t bytes = plan->grid.item;
  for (int32_t i = 0; i < axes.count; i++) bytes *= axes.axis[i].extent;
  plan->shuffle.inputs = 0;
  // Streams are ended piece by piece, which small pieces would feel.
  const bool is_large_piece = bytes >= kLargePiece && whole_bytes >= stream_bytes();
  plan->stream = is_large_piece || bytes >= stream_bytes();
  if (!plan_shuffle(&axes, plan)) plan->kernel = pick(&axes, plan);
  plan->ndim = axes.count;
  for (int32_t i = 0; i < axes.count; i++) plan->outer[i] = axes.axis[i];
}

// An odometer over the outer axes; pointers move by strides, never outside.
void run_plan(const Plan& plan, char* dst, const char* src) {
  int64_t index[NBUF_MAX_NDIM];
  std::fill(index, index + plan.ndim, 0);
  dst += plan.dst_first;
  src += plan.src_first;
  for (;;) {
    plan.kernel(plan, dst, src);
    int32_t i = 0;
    for (; i < plan.ndim; i++) {
      const PlanAxis& axis = plan.outer[i];
      if (++index[i] < axis.extent) {
        dst += axis.dst;
        src += axis.src;
        break;
      }
      dst -= axis.dst * (axis.extent - 1);
      src -= axis.src * (axis.extent - 1);
      index[i] = 0;
    }
    if (i >= plan.ndim) break;
  }
  if (plan.stream) end_stream();
}

}  // namespace nbuf::core
