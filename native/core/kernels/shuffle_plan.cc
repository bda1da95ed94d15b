// Which copies are constant permutations of bytes within a few vectors, and by what
// masks.
#include <algorithm>
#include <cstring>

#include "axes.h"
#include "kernels.h"

namespace nbuf::core {
namespace {

int64_t magnitude(int64_t stride) { return stride < 0 ? -stride : stride; }

// The lowest and highest element of an axis, from its first.
int64_t low_of(const PlanAxis& axis, int64_t extent) {
  return axis.src < 0 ? (extent - 1) * axis.src : 0;
}
int64_t high_of(const PlanAxis& axis, int64_t extent) {
  return axis.src > 0 ? (extent - 1) * axis.src : 0;
}

// One group: its elements along the row and of the channels.
struct Group {
  PlanAxis along, channel;
  bool planes_in, planes_out;  // each channel is an input, an output of its own
};

// Fills in the masks byte by byte. Inputs that are no planes are windows of 16 bytes from
// the group's lowest byte on; outputs that are none follow each other.
void fill_masks(const Grid& grid, const Group& group, Shuffle* shuffle) {
  for (int32_t i = 0; i < shuffle->outputs; i++)
    std::memset(shuffle->masks[i], 0x80, sizeof shuffle->masks[i]);
  for (int64_t p = 0; p < group.along.extent; p++)
    for (int64_t c = 0; c < group.channel.extent; c++) {
      const int64_t element = group.planes_out ? p : p * group.channel.extent + c;
      int64_t from = p * group.along.src - shuffle->in_low;
      if (!group.planes_in) from += c * group.channel.src;
      for (int64_t q = 0; q < grid.item; q++) {
        const int64_t in = from + (grid.swap != 0 ? grid.item - 1 - q : q);
        const int64_t out = element * grid.item + q;
        const int64_t i = group.planes_out ? c : out >> 4;
        const int64_t j = group.planes_in ? c : in >> 4;
        shuffle->masks[i][j][out & 15] = static_cast<uint8_t>(in & 15);
      }
    }
}

bool finish(Plan* plan, int32_t inputs) {
  const VectorKernels& kernels = vector_kernels();
  plan->kernel = kernels.shuffle(inputs);
  plan->shuffle.inputs = inputs;
  plan->shuffle.lanes = kernels.lanes;
  return true;
}

// One vector to one vector: byte swaps, reversals, the channels of short pixels in
// another order or fewer of them, single channels repeated.
bool plan_permutation(Axes* axes, Plan* plan) {
  Grid* grid = &plan->grid;
  const int64_t item = grid->item;
  const PlanAxis first = axes->axis[0];
  const bool pixels = axes->count > 1 && first.extent * item <= 16 &&
                      axes->axis[1].dst == first.extent * item;
  const PlanAxis channel = pixels ? first : PlanAxis{1, 0, 0};
  const PlanAxis along = pixels ? axes->axis[1] : first;
  const int64_t size = channel.extent * item;  // of the elements at one index of `along`
  const int64_t width =
      high_of(channel, channel.extent) - low_of(channel, channel.extent) + item;
  const int64_t step = magnitude(along.src);
  if (item > 8 && grid->swap == 0) return false;
  if (step == 0 || width > 16) return false;
  const int64_t group = std::min(16 / size, (16 - width) / step + 1);
  const int64_t used = group * size;
  if (group * channel.extent < 2 && (grid->swap == 0 || item < 16)) return false;
  if (used < 8 && group * channel.extent < 4) return false;
  if (axes->in_place && used < 16) return false;  // would write what is still to be read
  if (along.extent < 2 * group) return false;
  Shuffle* shuffle = &plan->shuffle;
  shuffle->outputs = 1;
  shuffle->group = static_cast<int32_t>(group);
  shuffle->along_across = pixels;
  shuffle->in_low = low_of(along, group) + low_of(channel, channel.extent);
  shuffle->in_gap = shuffle->out_gap = 0;
  shuffle->in_step = group * along.src;
  shuffle->out_step = used;
  finish(plan, 1);
  fill_masks(*grid, {{group, used, along.src}, channel, false, false}, shuffle);
  axes->take(0);
  if (pixels) axes->take(0);
  (pixels ? grid->inner : grid->across) = channel;
  (pixels ? grid->across : grid->inner) = along;
  return true;
}

// The axis of up to 4 channels that lie within `step` bytes of the source; -1: none.
int32_t find_channels(const Axes& axes, int64_t item, int64_t step) {
  for (int32_t i = 1; i < axes.count; i++) {
    const PlanAxis& axis = axes.axis[i];
    if (axis.extent <= 4 && axis.src != 0 &&
        (axis.extent - 1) * magnitude(axis.src) + item <= step)
      return i;
  }
  return -1;
}

// Every second, third or fourth item into one row, or each channel of pixels into its
// own.
bool plan_gather(Axes* axes, Plan* plan) {
  Grid* grid = &plan->grid;
  const int64_t item = grid->item;
  const PlanAxis along = axes->axis[0];
  const int64_t step = magnitude(along.src), inputs = step / item, group = 16 / item;
  if (step % item != 0 || inputs < 2 || inputs > 4) return false;
  const int32_t found = find_channels(*axes, item, step);
  const PlanAxis channel = found < 0 ? PlanAxis{1, 0, 0} : axes->axis[found];
  if (channel.extent == 1 && group <= inputs) return false;  // more loads than items
  if (along.extent < 2 * group) return false;
  Shuffle* shuffle = &plan->shuffle;
  shuffle->outputs = static_cast<int32_t>(channel.extent);
  shuffle->group = static_cast<int32_t>(group);
  shuffle->along_across = false;
  shuffle->in_low = low_of(along, group) + low_of(channel, channel.extent);
  shuffle->in_gap = 16;
  shuffle->in_step = group * along.src;
  shuffle->out_gap = channel.dst;
  shuffle->out_step = 16;
  finish(plan, static_cast<int32_t>(inputs));
  fill_masks(*grid, {{group, 16, along.src}, channel, false, true}, shuffle);
  if (found >= 0) axes->take(found);
  axes->take(0);
  grid->inner = along;
  grid->across = channel;
  return true;
}

// Planes of channels into pixels.
bool plan_interleave(Axes* axes, Plan* plan) {
  Grid* grid = &plan->grid;
  const int64_t item = grid->item;
  if (axes->count < 2 || axes->axis[0].extent > 4) return false;
  const PlanAxis channel = axes->axis[0], along = axes->axis[1];
  const int64_t group = 16 / item, pixel = channel.extent * item;
  if (along.dst != pixel || magnitude(along.src) != item) return false;
  if (along.extent < 2 * group) return false;
  Shuffle* shuffle = &plan->shuffle;
  shuffle->outputs = static_cast<int32_t>(channel.extent);
  shuffle->group = static_cast<int32_t>(group);
  shuffle->along_across = true;
  shuffle->in_low = low_of(along, group);
  shuffle->in_gap = channel.src;
  shuffle->in_step = group * along.src;
  shuffle->out_gap = 16;
  shuffle->out_step = 16 * channel.extent;
  finish(plan, static_cast<int32_t>(channel.extent));
  fill_masks(*grid, {{group, 16, along.src}, channel, true, false}, shuffle);
  axes->take(0);
  axes->take(0);
  grid->inner = channel;
  grid->across = along;
  return true;
}

}  // namespace

bool plan_shuffle(Axes* axes, Plan* plan) {
  const int64_t item = plan->grid.item;
  if (vector_kernels().shuffle(1) == nullptr) return false;
  if (axes->count == 0 || axes->axis[0].dst != item || item > 16) return false;
  const bool vectors = 16 % item == 0 && item <= 8;
  if (!(vectors && plan_interleave(axes, plan)) &&
      !(vectors && plan_gather(axes, plan)) && !plan_permutation(axes, plan))
    return false;
  bound_shuffle(plan);
  return true;
}

void bound_shuffle(Plan* plan) {
  const Grid& grid = plan->grid;
  Shuffle* shuffle = &plan->shuffle;
  const bool across = shuffle->along_across;
  const PlanAxis& along = across ? grid.across : grid.inner;
  const PlanAxis& channel = across ? grid.inner : grid.across;
  int64_t first = 0, end = along.extent / shuffle->group;
  const bool by_channel = shuffle->in_gap != 16 && shuffle->inputs > 1;
  if (!by_channel) {  // its inputs are exactly the items; others also read between items
    const int64_t window = 16 * shuffle->inputs, step = shuffle->in_step;
    const int64_t high =
        high_of(along, along.extent) + high_of(channel, channel.extent) + grid.item;
    const int64_t room = high - window - shuffle->in_low;  // group * step <= room
    if (step > 0)
      end = std::min(end, room < 0 ? 0 : room / step + 1);
    else if (room < 0)
      first = (-room - step - 1) / -step;
  }
  if (shuffle->outputs == 1 && shuffle->out_step < 16) {  // writes more than is used
    const int64_t room = along.extent / shuffle->group * shuffle->out_step - 16;
    end = std::min(end, room < 0 ? 0 : room / shuffle->out_step + 1);
  }
  shuffle->first = std::min(first, end);
  shuffle->count = std::max<int64_t>(0, end - first) / shuffle->lanes * shuffle->lanes;
}

}  // namespace nbuf::core
