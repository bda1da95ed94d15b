// Which copies are constant permutations of bytes within a few vectors, and by what
// masks.
#include <algorithm>

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

// Where byte `b` of output `i` comes from, in bytes from the group's first element of
// channel 0; `channel`: the index along the axis that the groups are not of.
struct Origin {
  int64_t byte, channel;
};

// Fills in the masks from a rule (output, byte) -> Origin. Inputs are windows of 16 bytes
// from the group's lowest byte on, or (by_channel) one for each channel.
template <typename Rule>
void fill_masks(Shuffle* shuffle, int32_t used, bool by_channel, Rule rule) {
  for (int32_t i = 0; i < shuffle->outputs; i++)
    for (int32_t j = 0; j < shuffle->inputs; j++)
      for (int32_t b = 0; b < 16; b++) {
        uint8_t* mask = &shuffle->masks[i][j][b];
        *mask = 0x80;
        if (b >= used) continue;
        const Origin from = rule(i, b);
        const int64_t input = by_channel ? from.channel : from.byte / 16;
        if (input == j) *mask = static_cast<uint8_t>(from.byte % 16);
      }
}

int64_t swapped_byte(const Grid& grid, int64_t byte) {
  return grid.swap != 0 ? grid.item - 1 - byte : byte;
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
  fill_masks(shuffle, static_cast<int32_t>(used), false, [&](int64_t, int64_t b) {
    const int64_t p = b / size, c = b % size / item, q = swapped_byte(*grid, b % item);
    return Origin{p * along.src + c * channel.src + q - shuffle->in_low, 0};
  });
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
  fill_masks(shuffle, 16, false, [&](int64_t i, int64_t b) {
    const int64_t p = b / item, q = swapped_byte(*grid, b % item);
    return Origin{p * along.src + i * channel.src + q - shuffle->in_low, 0};
  });
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
  fill_masks(shuffle, 16, true, [&](int64_t i, int64_t b) {
    const int64_t at = 16 * i + b, q = swapped_byte(*grid, at % item);
    return Origin{at / pixel * along.src + q - shuffle->in_low, at % pixel / item};
  });
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
